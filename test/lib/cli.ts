// Runs the built command line as a user does: another process, its streams and its exit code.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Results } from '../../reports/results.ts';
import { packageRoot } from '../../src/run/package-root.ts';

const launcher = join(packageRoot, 'dist', 'src', 'cli', 'launcher.js');

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Working directory, default a new folder. */
  readonly cwd?: string;
  /** What is run in the end, when the program and its words are not run by themselves. */
  readonly by?: (program: string, words: readonly string[]) => [string, string[]];
  /** Called with the running child, for tests that interrupt it. */
  readonly onStart?: (child: ChildProcess) => void;
}

export function cli(words: readonly string[], options: CliOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const whole = [launcher, ...words];
    const [program, all] = options.by?.(process.execPath, whole) ?? [process.execPath, whole];
    const child = spawn(program, all, {
      env: { ...process.env, ...homeless(), NO_COLOR: '1', ...options.env },
      cwd: options.cwd ?? scratch(),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code: code ?? (signal === null ? -1 : -2), stdout, stderr });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    options.onStart?.(child);
  });
}

/** No test may use, or meet, what the developer's own files say: logins, certificates, registries.conf. */
export function homeless(): Record<string, string | undefined> {
  emptyHome ??= scratch();
  return {
    HOME: emptyHome,
    XDG_RUNTIME_DIR: emptyHome,
    XDG_CONFIG_HOME: undefined,
    DOCKER_CONFIG: undefined,
    DOCKER_AUTH_CONFIG: undefined,
    REGISTRY_AUTH_FILE: undefined,
    CONTAINERS_REGISTRIES_CONF: undefined,
    // The k6 that was built, and what Go builds it from, stay where they are.
    GOPATH: process.env.GOPATH || join(homedir(), 'go'),
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  };
}
let emptyHome: string | undefined;

/** A new folder under the system's temporary one. */
export function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'pullproof-test-'));
}

export function readResults(dir: string): Results {
  return JSON.parse(readFileSync(join(dir, 'results.json'), 'utf8'));
}
