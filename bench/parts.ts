// A bench of several parts that run one after the other in a folder of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchSettings, Say } from './bench.ts';
import type { Verdict } from './figures.ts';

/** What a part is given, and where it puts what it found. */
export interface Run extends BenchSettings {
  readonly folder: string;
  readonly say: Say;
  readonly signal: AbortSignal;
  readonly verdicts: Verdict[];
  readonly figures: Record<string, unknown>;
}

/** `--only` chooses among the parts by name. */
export function benchOfParts(
  name: string,
  parts: Readonly<Record<string, (run: Run) => Promise<void>>>,
): Bench {
  return {
    name,
    async run(settings, say, signal) {
      const folder = await mkdtemp(join(tmpdir(), 'pullproof-bench-'));
      const run: Run = { ...settings, folder, say, signal, verdicts: [], figures: {} };
      try {
        for (const [part, measure] of Object.entries(parts)) {
          if (settings.only === undefined || settings.only === part) await measure(run);
        }
        return run;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
