// A real server as a child process: started, waited for, ended.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const attemptsMax = 100;

export interface ServerWait {
  /** Whether the answer is of a server that is ready; default any. */
  readonly isUp?: (reply: Response) => boolean;
  /** Of the environment, beside ours. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * Resolves when something answers at the URL, by whatever protocol, or when `ready` says so; to what ends the
 * server.
 */
export async function startServer(
  program: string,
  words: readonly string[],
  ready: string | (() => Promise<boolean>),
  options: ServerWait = {},
): Promise<() => Promise<void>> {
  const path = [process.env.PATH, '/usr/sbin'].join(':');
  const { isUp = () => true, variables } = options;
  const env = { ...process.env, PATH: path, ...variables };
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], env });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-1000);
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    child.kill();
    await exited;
  };
  for (let attempt = 0; attempt < attemptsMax && child.exitCode === null; attempt++) {
    const up =
      typeof ready === 'string' ? await fetch(ready).then(isUp, () => false) : await ready();
    if (up) return stop;
    await sleep(100);
  }
  await stop();
  throw new Error(`${program} did not start: ${said}`);
}
