// Programs in the namespaces of a node: for short, or for as long as the node is there.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { systemPath } from './needs.ts';

/** By which a node's namespaces are found: its first process, as this machine numbers it. */
export interface Place {
  readonly pid: number;
}

/**
 * Program and words that run the program in the node's network alone: files, processes and the working folder are
 * this machine's, and signals reach the program itself.
 */
export function inNetworkOf(
  { pid }: Place,
  program: string,
  words: readonly string[],
): [string, string[]] {
  return ['nsenter', ['--target', String(pid), '--net', '--', program, ...words]];
}

/**
 * Starts a program on the node, which ends with it; what it says goes to a file of `logs`. Of the environment here it
 * gets nothing: whoever starts it, it may outlive that one's folders.
 */
export function startService(
  { pid, logs }: Place & { readonly logs: string },
  program: string,
  words: readonly string[],
): void {
  mkdirSync(logs, { recursive: true });
  const log = openSync(join(logs, `${basename(program)}.log`), 'a');
  const all = ['--target', String(pid), '--net', '--mount', '--pid', '--', program, ...words];
  const child = spawn('nsenter', all, {
    stdio: ['ignore', log, log],
    env: { PATH: systemPath(), HOME: homedir() },
  });
  child.on('error', () => undefined);
  child.unref();
  closeSync(log);
}
