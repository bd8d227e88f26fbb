// How many runs, and how many samples of a percentile, there have to be before anything is said.
import type { Line } from './line.ts';

/**
 * So many runs a side make the run the unit: with three on both the least p of a U test is 0.1, with three
 * and four 0.057.
 */
export const runsMin = 4;

/**
 * In each run. Where runs are compared with runs, what varies between them is seen; within one run a percentile
 * needs five samples beyond it, and the p99 as many in any case.
 */
const leastSamples = {
  runs: { 50: 5, 95: 20, 99: 500 },
  seconds: { 50: 20, 95: 100, 99: 500 },
} as const;

/** Why a line has too few samples, with how many would do; undefined where it has enough. */
export function samplesMin(line: Line, unit: 'runs' | 'seconds'): string | undefined {
  if (line.kind !== 'latency') return undefined;
  const least = leastSamples[unit][line.percentile];
  const counts = [...line.base, ...line.with].flatMap((run) =>
    run.value === null ? [] : run.count,
  );
  const fewest = Math.min(...counts);
  if (counts.length === 0 || fewest >= least) return undefined;
  return `a run has ${fewest} of them; a p${line.percentile} needs ${least}`;
}
