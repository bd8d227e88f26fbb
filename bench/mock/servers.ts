// Servers in processes of their own: the mock as a user runs it, and the bare one. Linux's /proc tells their
// peak memory.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../src/run/package-root.ts';
import { builtLauncher } from '../launcher.ts';

export interface Server {
  /** Origin. */
  readonly registry: string;
  readonly password: string;
  /** Resident bytes now, workers not included. */
  residentBytes(): number;
  stop(): Promise<void>;
}

const startMsMax = 300_000;

export function startBare(reply: object): Promise<Server> {
  return start([join(packageRoot, 'bench', 'mock', 'bare-server.ts'), JSON.stringify(reply)]);
}

/**
 * `pullproof mock` on free ports, as it is installed.
 * @throws UserError exit 2 when it has not been built
 */
export async function startMock(words: readonly string[]): Promise<Server> {
  const launcher = builtLauncher();
  return await start([launcher, 'mock', '--port', '0', '--cdn-port', '0', '--quiet', ...words]);
}

async function start(words: readonly string[]): Promise<Server> {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${words[0]} ended before it listened`);
  });
  ended.catch(() => undefined);
  try {
    const lines = createInterface({ input: child.stdout });
    const signal = AbortSignal.timeout(startMsMax);
    const [line] = (await Promise.race([once(lines, 'line', { signal }), ended])) as [string];
    const { registry, password = '' } = JSON.parse(line);
    const residentBytes = () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
    };
    return { registry, password, residentBytes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
