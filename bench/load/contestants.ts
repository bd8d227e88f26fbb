// The two that are compared: the bare Go loop, and `pullproof load` as a user runs it, in a process of
// its own. Both give the same figures, and a pull that failed or was not verified ends the bench.
import { join } from 'node:path';
import type { LoadResult } from '../../reports/results.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { runChild } from '../child.ts';
import { runLoadCommand } from './command.ts';
import { type ImageName, repository } from './fixture.ts';

interface Task {
  readonly registryUrl: string;
  readonly image: ImageName;
  readonly vus: number;
  readonly seconds: number;
  /** Ends after this many pulls instead. */
  readonly pulls?: number;
}

export interface Measured {
  readonly pulls: number;
  readonly requests: number;
  /** Of configs and layers, all verified by digest. */
  readonly bytes: number;
  readonly seconds: number;
  readonly peakBytes: number;
  readonly cpuSeconds: number;
}

export interface Contestant {
  readonly name: string;
  run(task: Task, signal: AbortSignal): Promise<Measured>;
}

const buildSecondsMax = 900;
/** Beyond the duration: start, the pulls under way at the end, the report. */
const overheadSecondsMax = 120;

/**
 * Builds the loop into `folder`.
 * @throws UserError `go-missing`, `go-loop-failed` (exit 3)
 */
export async function buildGoLoop(folder: string, signal: AbortSignal): Promise<Contestant> {
  const binary = join(folder, 'go-loop');
  const built = await runChild('go', ['build', '-trimpath', '-o', binary, '.'], {
    cwd: join(packageRoot, 'bench', 'load', 'go-loop'),
    env: { CGO_ENABLED: '0', GOWORK: 'off' },
    secondsMax: buildSecondsMax,
    signal,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    const hint = 'Install Go 1.25 or newer; the bench compares with a loop written in Go.';
    throw new UserError('go-missing', 'no Go on the PATH', hint, 3);
  });
  if (built.code !== 0) {
    const message = `the Go loop does not build: ${built.stderr.trim().slice(-600)}`;
    throw new UserError('go-loop-failed', message, 'It needs Go 1.25 or newer.', 3);
  }
  return { name: 'bare Go loop', run: (task, stop) => runGoLoop(binary, task, stop) };
}

async function runGoLoop(binary: string, task: Task, signal: AbortSignal): Promise<Measured> {
  const { registryUrl, image, vus, seconds, pulls = 0 } = task;
  const words = ['-registry', registryUrl, '-repository', repository, '-tag', image];
  words.push('-users', `${vus}`, '-seconds', `${seconds}`, '-pulls', `${pulls}`);
  const ended = await runChild(binary, words, {
    watch: 'itself',
    secondsMax: seconds + overheadSecondsMax,
    signal,
  });
  if (ended.code !== 0) throw new Error(`the Go loop ended with ${ended.code}: ${ended.stderr}`);
  const said = JSON.parse(ended.stdout);
  if (said.bad > 0) throw new Error(`the Go loop: ${said.bad} bad pulls, ${said.firstProblem}`);
  return { ...said, peakBytes: ended.peakBytes, cpuSeconds: ended.cpuSeconds };
}

export const pullproofLoad: Contestant = { name: 'pullproof load', run: runLoad };

async function runLoad(task: Task, signal: AbortSignal): Promise<Measured> {
  const { registryUrl, image, vus, seconds, pulls } = task;
  const target = `${registryUrl}/${repository}:${image}`;
  const words = [target, '--client', 'containerd', '--vus', `${vus}`, '--duration', `${seconds}s`];
  if (pulls !== undefined) words.push('--iterations', `${pulls}`);
  // The first run may have to build k6.
  const secondsMax = seconds + overheadSecondsMax + (pulls === undefined ? 0 : buildSecondsMax);
  const { load, code, peakBytes, cpuSeconds } = await runLoadCommand(words, secondsMax, signal);
  return { ...wholeLoad(code, load), peakBytes, cpuSeconds };
}

/** @throws Error when a pull failed or was not verified */
function wholeLoad(code: number, load: LoadResult) {
  const { pulls, requests, bytes, seconds } = load;
  if (code !== 0 || pulls.ok === 0 || pulls.failed > 0 || load.errors.length > 0) {
    const first = load.errors[0];
    throw new Error(`load ended with ${code}: ${pulls.failed} failed pulls, ${first?.example}`);
  }
  if (bytes.verified !== bytes.total) {
    throw new Error(`load verified ${bytes.verified} of ${bytes.total} bytes`);
  }
  return { pulls: pulls.ok, requests: requests.total, bytes: bytes.total, seconds };
}
