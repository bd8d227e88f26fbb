// `pullproof`: the verbs that make results, as a library for Node: each run is a process of its own, that of the command line.
import './refuse-old-node.ts';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Results } from '../../reports/results.ts';
import { UserError } from '../lib/user-error.ts';
import { packageRoot } from './package-root.ts';

export type {
  CheckResult,
  DocumentResult,
  Exchange,
  Finding,
  Results,
  Verdict,
} from '../../reports/results.ts';
export { NodeDriver, type NodeDriverOptions, type Recording } from '../drivers/node.ts';
export { UserError } from '../lib/user-error.ts';
export { type ValidateOptions, validate } from './validate/library.ts';
export { version } from './version.ts';

export interface RunOptions {
  /** Ends the run, as Ctrl-C does: what was measured until then is in the results. */
  readonly signal?: AbortSignal | undefined;
  /** Told each line that the command line would say on standard error: progress, hints, errors. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Working folder: what relative paths are relative to. Default that of this process. */
  readonly cwd?: string | undefined;
  /** Environment variables in place of those of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Folder that keeps the run's files (results.json, report.html …). Default: nothing is kept. */
  readonly out?: string | undefined;
}

export interface Run {
  /** 0 everything held, 1 something is broken, 130 stopped by the signal. */
  readonly exitCode: number;
  readonly results: Results;
}

const launcher = join(packageRoot, 'dist', 'src', 'cli', 'launcher.js');
/** Of standard error, the end, for the message of a run without results. */
const saidCharsMax = 4_000;

/**
 * Runs `conform`, `load`, `doctor` or `validate` by the words of the command line, without `--out` and `--format`:
 * `run('conform', ['--read-only', 'registry.example/team/app:1.2'])`.
 *
 * What is wrong with the target is in the results; nothing is thrown for it.
 * @throws UserError `run-failed` where there are no results: wrong words, a target out of reach, with what the
 * command line said
 */
export async function run(
  verb: Results['verb'],
  words: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  const { signal, cwd, env = process.env } = options;
  const folder = options.out ?? mkdtempSync(join(tmpdir(), 'pullproof-run-'));
  try {
    const all = [launcher, verb, '--out', folder, ...words];
    const stdio = ['ignore', 'ignore', 'pipe'] as const;
    const child = spawn(process.execPath, all, { stdio: [...stdio], env: { ...env }, cwd });
    const stop = () => child.kill('SIGINT');
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop);
    const { exitCode, said } = await ended(child, options.onLine).finally(() =>
      signal?.removeEventListener('abort', stop),
    );
    const path = resolve(cwd ?? process.cwd(), folder, 'results.json');
    if (exitCode === 4) throw new Error(`a defect of pullproof: ${said}`);
    if (exitCode === 2 || !existsSync(path)) throw failed(verb, exitCode, said);
    return { exitCode, results: JSON.parse(readFileSync(path, 'utf8')) as Results };
  } finally {
    if (options.out === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

interface Ended {
  readonly exitCode: number;
  /** The end of what it said on standard error. */
  readonly said: string;
}

/** Waits for a child; rejects where it cannot be started. */
function ended(child: ChildProcess, onLine: RunOptions['onLine']): Promise<Ended> {
  let said = '';
  let open = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-saidCharsMax);
    const lines = (open + text).split('\n');
    open = (lines.pop() ?? '').slice(-saidCharsMax);
    for (const line of lines) onLine?.(line);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (open !== '') onLine?.(open);
      resolve({ exitCode: code ?? 130, said });
    });
  });
}

function failed(verb: string, exitCode: number, said: string): UserError {
  const [, message = `${verb} ended with exit code ${exitCode}, without results`] =
    /^error: (.*)$/m.exec(said) ?? [];
  const [, hint = 'See `onLine` for all that it said.'] = /^ {2}hint: (.*)$/m.exec(said) ?? [];
  return new UserError('run-failed', message, hint, exitCode === 3 ? 3 : 2);
}
