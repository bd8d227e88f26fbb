// wrk, the load tool: how many requests and bytes a server sends in a second.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../src/protocol/user-error.ts';
import { runChild } from '../child.ts';

export interface Asked {
  readonly url: string;
  readonly method: 'GET' | 'HEAD';
  readonly headers?: readonly (readonly [string, string])[];
  readonly connections: number;
  readonly seconds: number;
}

export interface Sent {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
}

const factors: Readonly<Record<string, number>> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 };

/** `folder` is for its script. @throws UserError exit 3 without wrk */
export async function runWrk(asked: Asked, folder: string, signal: AbortSignal): Promise<Sent> {
  const { url, method, headers = [], connections, seconds } = asked;
  const script = join(folder, `${method}.lua`);
  await writeFile(script, `wrk.method = "${method}"\n`);
  const words = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '60s', '-s', script];
  for (const [name, value] of headers) words.push('-H', `${name}: ${value}`);
  const ended = await runChild('wrk', [...words, url], { secondsMax: seconds + 60, signal }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      throw new UserError('wrk-missing', 'no wrk on the PATH', 'Debian: apt-get install wrk.', 3);
    },
  );
  const requests = /^Requests\/sec:\s+([\d.]+)/m.exec(ended.stdout)?.[1];
  const [, amount, unit = ''] = /^Transfer\/sec:\s+([\d.]+)(\w+)/m.exec(ended.stdout) ?? [];
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(ended.stdout)?.[1];
  if (ended.code !== 0 || requests === undefined || failed !== undefined) {
    throw new Error(`wrk ${url}: ${ended.stdout.slice(-400)}${ended.stderr.slice(-400)}`);
  }
  const bytesPerSecond = Number(amount) * (factors[unit] ?? Number.NaN);
  return { requestsPerSecond: Number(requests), bytesPerSecond };
}
