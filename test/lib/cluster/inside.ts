// Programs in the namespaces of a node: for short, or for as long as the node is there.
import { type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
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

export interface Service extends SpawnOptions {
  /** File name of the log, default the program's last name. */
  readonly name?: string;
}

/** Starts a program on the node, which ends with it; what it says goes to a file of `logs`. */
export function startService(
  { pid, logs }: Place & { readonly logs: string },
  program: string,
  words: readonly string[],
  { name = program, ...options }: Service = {},
): string {
  mkdirSync(logs, { recursive: true });
  const log = join(logs, `${name}.log`);
  const file = openSync(log, 'a');
  const all = ['--target', String(pid), '--net', '--mount', '--pid', '--', program, ...words];
  const child = spawn('nsenter', all, {
    ...options,
    stdio: ['ignore', file, file],
    env: { ...process.env, PATH: systemPath(), ...options.env },
  });
  child.on('error', () => undefined);
  child.unref();
  closeSync(file);
  return log;
}
