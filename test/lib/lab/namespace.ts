// A program in namespaces of its own: network, mounts and processes. With the program, which is the first process
// in there, everything in there ends; and the program ends with us, whatever ends us, as its end of a pipe closes.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const attemptsMax = 200;

export class Namespace {
  readonly process: ChildProcess;
  /** Of the program, as this machine counts. */
  readonly pid: number;

  private constructor(child: ChildProcess, pid: number) {
    this.process = child;
    this.pid = pid;
  }

  /** The program must end when its standard input, or its channel to us, closes. */
  static async open(program: string, words: readonly string[]): Promise<Namespace> {
    const apart = ['--net', '--mount', '--pid', '--fork', '--mount-proc'];
    const child = spawn('unshare', [...apart, program, ...words], {
      stdio: ['pipe', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, PATH: pathWithSystemTools() },
    });
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said = (said + chunk).slice(-1000);
    });
    child.on('error', (error) => {
      said = error.message;
    });
    for (let attempt = 0; attempt < attemptsMax && child.exitCode === null; attempt++) {
      const pid = firstChildOf(child.pid);
      if (pid !== undefined && isApart(pid)) return new Namespace(child, pid);
      await sleep(10);
    }
    child.kill('SIGKILL');
    throw new Error(`${program}: no namespaces: ${said}`);
  }

  /** Program and words that run the program in here. */
  inside(program: string, words: readonly string[]): [string, string[]] {
    return [
      'nsenter',
      ['--target', String(this.pid), '--net', '--mount', '--pid', '--', program, ...words],
    ];
  }

  /** Runs it to its end, at once, where processes are numbered as for us. @throws Error with what it said */
  run(program: string, words: readonly string[], input = ''): void {
    const all = ['--target', String(this.pid), '--net', '--mount', '--', program, ...words];
    const env = { ...process.env, PATH: pathWithSystemTools() };
    const { status, stderr, error } = spawnSync('nsenter', all, { input, encoding: 'utf8', env });
    if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${error ?? stderr}`);
  }

  /** Where a path of its mounts is for us. */
  path(path: string): string {
    return join('/proc', String(this.pid), 'root', path);
  }

  async close(): Promise<void> {
    const { process: child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    // The first process of a namespace takes all others with it.
    try {
      process.kill(this.pid, 'SIGKILL');
    } catch {}
    await ended;
  }
}

function firstChildOf(pid: number | undefined): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? undefined : Number(text.split(' ')[0]);
  } catch {
    return undefined;
  }
}

/** Its own /proc is mounted by the time that it is the program. */
function isApart(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('unshare');
  } catch {
    return false;
  }
}

function pathWithSystemTools(): string {
  return [process.env.PATH, '/usr/sbin', '/sbin'].join(':');
}
