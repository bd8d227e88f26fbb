// `pullproof load` as it is installed, in a process of its own with a folder of its own; what it measured is
// read from its results.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadResult, Results } from '../../reports/results.ts';
import { runChild } from '../child.ts';
import { builtLauncher } from '../launcher.ts';

interface LoadEnded {
  readonly load: LoadResult;
  readonly code: number;
  readonly stderr: string;
  /** Of k6. */
  readonly peakBytes: number;
  readonly cpuSeconds: number;
}

/** @throws Error when it left no results */
export async function runLoadCommand(
  words: readonly string[],
  secondsMax: number,
  signal: AbortSignal,
): Promise<LoadEnded> {
  const out = await mkdtemp(join(tmpdir(), 'pullproof-bench-out-'));
  try {
    const launcher = builtLauncher();
    const always = ['--quiet', '--engine', 'built', '--format', 'json', '--out', out];
    const ended = await runChild(process.execPath, [launcher, 'load', ...words, ...always], {
      watch: 'children',
      secondsMax,
      signal,
    });
    const text = await readFile(join(out, 'results.json'), 'utf8').catch(() => '{}');
    const { load } = JSON.parse(text) as Partial<Results>;
    if (load === undefined)
      throw new Error(`load ended with ${ended.code}: ${ended.stderr.trim()}`);
    return { ...ended, load };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
