// How many requests and bytes a server sends in a second: by wrk, and HEAD by ab, because wrk waits for a body
// after HEAD.
import { UserError } from '../../src/lib/user-error.ts';
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
/** ab ends at a number of requests too, and its default is small. */
const requestsMax = 100_000_000;

/** @throws UserError exit 3 without the tool */
export async function measure(asked: Asked, signal: AbortSignal): Promise<Sent> {
  const isHead = asked.method === 'HEAD';
  const tool = isHead ? 'ab' : 'wrk';
  const words = isHead ? abWords(asked) : wrkWords(asked);
  const { code, stdout, stderr } = await run(tool, words, asked.seconds, signal);
  const requests = /^Requests(?:\/sec:| per second:)\s+([\d.]+)/m.exec(stdout)?.[1];
  const [, amount = 0, unit = 'B'] = /^Transfer\/sec:\s+([\d.]+)(\w+)/m.exec(stdout) ?? [];
  // ab tells failures whenever there are none, too; wrk calls redirects fine and ab does not.
  const failed = /^(?:Failed requests:\s+|\s*Non-2xx or 3xx responses: )([1-9]\d*)/m.exec(stdout);
  if (code !== 0 || requests === undefined || failed !== null) {
    throw new Error(`${tool} ${asked.url}: ${stdout.slice(-400)}${stderr.slice(-400)}`);
  }
  const bytesPerSecond = Number(amount) * (factors[unit] ?? Number.NaN);
  return { requestsPerSecond: Number(requests), bytesPerSecond };
}

async function run(tool: string, words: readonly string[], seconds: number, signal: AbortSignal) {
  try {
    return await runChild(tool, words, { secondsMax: seconds + 60, signal });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const hint = 'Debian: apt-get install wrk apache2-utils.';
    throw new UserError(`${tool}-missing`, `no ${tool} on the PATH`, hint, 3);
  }
}

function wrkWords({ url, headers = [], connections, seconds }: Asked): string[] {
  const lines = headers.flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  return ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '60s', ...lines, url];
}

function abWords({ url, headers = [], connections, seconds }: Asked): string[] {
  const lines = headers.flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const limits = ['-c', `${connections}`, '-t', `${seconds}`, '-n', `${requestsMax}`];
  // ab wants a path.
  const target = new URL(url).href;
  return ['-q', '-i', '-k', ...limits, ...lines, target];
}
