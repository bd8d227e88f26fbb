// A child process of the bench: run to its end within a limit, with its processor time and its peak
// memory as Linux counts them in /proc. It knows nothing of what it runs.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Whose figures are wanted: the child's own, or those of the children that it starts. */
  readonly watch?: 'itself' | 'children';
  readonly secondsMax: number;
  readonly signal: AbortSignal;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Largest resident set of the watched process (VmHWM); 0 when it could not be seen. */
  readonly peakBytes: number;
  /** User and system time of the watched process. */
  readonly cpuSeconds: number;
}

const sampleMs = 100;
/** A child that was interrupted may write its files for this long; then it is killed. */
const interruptMsMax = 20_000;
const outputCharsMax = 1_000_000;
/** Linux counts processor time in these for every program (USER_HZ). */
const ticksPerSecond = 100;

/** Runs a program. Rejects when it cannot be started, or when `signal` is aborted. */
export async function runChild(
  path: string,
  words: readonly string[],
  { env, cwd, watch, secondsMax, signal }: ChildOptions,
): Promise<Ended> {
  signal.throwIfAborted();
  const child = spawn(path, words, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C reaches us alone, and we pass it on once.
    detached: true,
    ...(cwd !== undefined && { cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout = (stdout + chunk).slice(-outputCharsMax);
  });
  child.stderr.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-outputCharsMax);
  });
  const watcher = new Watcher(child.pid, watch);
  const sampling = setInterval(() => watcher.sample(), sampleMs);
  let killing: NodeJS.Timeout | undefined;
  const interrupt = () => {
    child.kill('SIGINT');
    killing ??= setTimeout(() => child.kill('SIGKILL'), interruptMsMax);
  };
  const limit = setTimeout(interrupt, secondsMax * 1000);
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit) => resolve(exit ?? 137));
    });
    signal.throwIfAborted();
    return { code, stdout, stderr, ...watcher.figures() };
  } finally {
    clearInterval(sampling);
    clearTimeout(limit);
    clearTimeout(killing);
    signal.removeEventListener('abort', interrupt);
  }
}

/** Samples processes while they live; of several, the one that took the most memory counts. */
class Watcher {
  readonly #pid: number | undefined;
  readonly #watch: ChildOptions['watch'];
  readonly #seen = new Map<number, { peakBytes: number; cpuSeconds: number }>();

  constructor(pid: number | undefined, watch: ChildOptions['watch']) {
    this.#pid = pid;
    this.#watch = watch;
  }

  sample(): void {
    for (const pid of this.#pids()) {
      const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`))?.[1];
      // utime and stime are fields 14 and 15; field 2, the name, may hold spaces.
      const fields = readProc(`${pid}/stat`)
        .replace(/^.*\) /s, '')
        .split(' ');
      const ticks = Number(fields[11]) + Number(fields[12]);
      if (peak === undefined || Number.isNaN(ticks)) continue;
      this.#seen.set(pid, { peakBytes: Number(peak) * 1024, cpuSeconds: ticks / ticksPerSecond });
    }
  }

  figures(): { peakBytes: number; cpuSeconds: number } {
    let largest = { peakBytes: 0, cpuSeconds: 0 };
    for (const one of this.#seen.values()) if (one.peakBytes > largest.peakBytes) largest = one;
    return largest;
  }

  #pids(): number[] {
    if (this.#pid === undefined || this.#watch === undefined) return [];
    if (this.#watch === 'itself') return [this.#pid];
    const children = readProc(`${this.#pid}/task/${this.#pid}/children`);
    return children.split(' ').filter(Boolean).map(Number);
  }
}

/** '' for a process that is gone. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return '';
  }
}
