// Latencies and rates where a side has fewer than four runs: by what varied within the runs.
import { medianOfKnown } from '../lib/median.ts';
import { ratioBounds } from './bootstrap.ts';
import { decideRatio, tooFew } from './decide.ts';
import { samplesMin } from './enough.ts';
import { type Decision, type MeasuredLine, measuresAlpha, type TableOptions } from './line.ts';

/** Fewer cannot be cut into blocks that tell how much seconds vary. */
const secondsMin = 10;

/** In the order of the lines. */
export function judgeBySeconds(
  lines: readonly MeasuredLine[],
  options: TableOptions,
): { decisions: Decision[]; sentences: string[] } {
  const judged = lines.map((line) => ({ line, why: shortOf(line) }));
  const whole = judged.flatMap(({ line, why }) => (why === undefined ? line : []));
  const bounds = ratioBounds(whole, measuresAlpha, options.seed);
  const byLine = new Map(whole.map((line, at) => [line, bounds[at]]));
  const decisions = judged.map(({ line, why }) => {
    const told = { base: sideOf(line, 'base'), with: sideOf(line, 'with') };
    const found = byLine.get(line);
    if (found === undefined) return tooFew(line, told, why ?? '');
    return decideRatio(line, told, found, found.low > 0 || found.high < 0, options);
  });
  return { decisions, sentences: whole.length === 0 ? [] : sentences };
}

const sentences = [
  'A side has fewer than four runs, so that the noise between runs is unknown: bounds are of what varied within the runs, by a block bootstrap over their seconds, for all lines at once. What differs between runs for other reasons is not in them; four runs a side would tell.',
];

function sideOf(line: MeasuredLine, side: 'base' | 'with'): number | null {
  return medianOfKnown(line[side].map(({ value }) => value));
}

/** Why nothing can be said; undefined where something can. */
function shortOf(line: MeasuredLine): string | undefined {
  const runs = [...line.base, ...line.with];
  if (line.base.length === 0 || line.with.length === 0) return 'a side has no run';
  if (runs.some(({ value }) => value === null || !(value > 0))) return 'a run has none of it';
  const lengths = runs.map(lengthOf);
  if (lengths.some((length) => length === undefined)) {
    return 'a run does not tell how it went over time; four runs a side would do without';
  }
  const shortest = Math.min(...lengths.flatMap((length) => length ?? []));
  if (shortest < secondsMin) {
    return `a run lasted ${shortest} seconds; ${secondsMin} are needed`;
  }
  return samplesMin(line, 'seconds');
}

function lengthOf({ seconds }: MeasuredLine['base'][number]): number | undefined {
  if (seconds === undefined) return undefined;
  return 'cells' in seconds ? seconds.cells : seconds.counts.length;
}
