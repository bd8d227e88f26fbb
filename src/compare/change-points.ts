// Where a series of runs changed: the cut at which the runs before and after it differ most by the U test,
// held against what chance makes of the same values in any order; then within the two halves again.
import { medianOf } from '../lib/median.ts';
import { randomFrom } from '../lib/random.ts';
import { shiftOf } from './shift.ts';
import { leastP } from './u-test.ts';

export interface ChangePoint {
  /** The first run after the change, from 0. */
  readonly at: number;
  /** Medians of the stretches before and after it. */
  readonly before: number;
  readonly after: number;
  /** after / before and its bounds; null where the values before are 0. */
  readonly ratio: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** How seldom chance makes such a cut anywhere in such a stretch. */
  readonly p: number;
}

/** Chance of a false alarm in a series without a change. */
export const seriesAlpha = 0.02;
/** Runs on each side of a change. */
const stretchMin = 3;
/** With fewer runs no change can stand out from chance. */
export const seriesRunsMin = leastRuns();
const orders = 1999;
/** Runs of a series, and changes in it. */
const runsMax = 2000;
const changesMax = 50;
const boundsTail = 0.03;

/**
 * One value a run, in the order of time; null for runs that have none. The same series and seed give the
 * same changes. Series of more than 2,000 runs: the last ones.
 */
export function changePoints(values: readonly (number | null)[], seed: number): ChangePoint[] {
  const skipped = Math.max(0, values.length - runsMax);
  const known = values
    .slice(skipped)
    .flatMap((value, at) => (value === null ? [] : { value, at: at + skipped }));
  const series = known.map(({ value }) => value);
  const found = new Map<number, number>();
  const random = randomFrom(seed);
  const open: (readonly [from: number, to: number])[] = [[0, series.length]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [from, to] = next;
    const cut = bestCut(series.slice(from, to), random);
    if (cut === undefined || found.size >= changesMax) continue;
    found.set(from + cut.at, cut.p);
    open.push([from, from + cut.at], [from + cut.at, to]);
  }
  const cuts = [...found].sort(([a], [b]) => a - b);
  return cuts.map(([at, p], index) => {
    const before = series.slice(cuts[index - 1]?.[0] ?? 0, at);
    const after = series.slice(at, cuts[index + 1]?.[0] ?? series.length);
    return {
      at: known[at]?.at ?? at,
      before: medianOf(before),
      after: medianOf(after),
      ratio: ratioOf(before, after),
      p,
    };
  });
}

function leastRuns(): number {
  let n = 2 * stretchMin;
  while (leastP(n >> 1, n - (n >> 1)) > seriesAlpha) n++;
  return n;
}

/** Undefined where chance makes as good a cut in more than one of fifty orders. */
function bestCut(
  values: readonly number[],
  random: () => number,
): { at: number; p: number } | undefined {
  const n = values.length;
  if (n < seriesRunsMin) return undefined;
  const ranks = ranksOf(values);
  const scales = scalesOf(n);
  const seen = furthest(ranks, scales);
  if (seen.off === 0) return undefined;
  let asFar = 1;
  const asFarMax = seriesAlpha * (orders + 1);
  const shuffled = Float64Array.from(ranks);
  for (let order = 0; order < orders; order++) {
    shuffle(shuffled, random);
    if (furthest(shuffled, scales).off >= seen.off - 1e-9 && ++asFar > asFarMax) return undefined;
  }
  return { at: placed(values, seen.at), p: asFar / (orders + 1) };
}

/** Ranks tell that there is a cut; where it is by a few runs, the values tell: they lie closest to two levels. */
function placed(values: readonly number[], near: number): number {
  let best = { at: near, off: Number.POSITIVE_INFINITY };
  const last = Math.min(values.length - stretchMin, near + placesAside);
  for (let at = Math.max(stretchMin, near - placesAside); at <= last; at++) {
    const off = offMedian(values.slice(0, at)) + offMedian(values.slice(at));
    if (off < best.off) best = { at, off };
  }
  return best.at;
}
const placesAside = 4;

function offMedian(values: readonly number[]): number {
  const level = medianOf(values);
  return values.reduce((sum, value) => sum + Math.abs(value - level), 0);
}

/** Less their mean, so that what lies before a cut sums up to how far it is off. */
function ranksOf(values: readonly number[]): Float64Array {
  const order = values.map((_, at) => at).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let from = 0, to = 0; from < order.length; from = to) {
    const value = values[order[from] as number];
    while (to < order.length && values[order[to] as number] === value) to++;
    for (let at = from; at < to; at++) {
      ranks[order[at] as number] = (from + to + 1) / 2 - (values.length + 1) / 2;
    }
  }
  return ranks;
}

/** By cut: what U is divided by to be comparable with that of other cuts. */
function scalesOf(n: number): Float64Array {
  return Float64Array.from(
    { length: n },
    (_, at) => Math.sqrt((at * (n - at) * (n + 1)) / 12) || 1,
  );
}

function furthest(ranks: Float64Array, scales: Float64Array): { at: number; off: number } {
  let sum = 0;
  let best = { at: 0, off: 0 };
  for (let at = 1; at <= ranks.length - stretchMin; at++) {
    sum += ranks[at - 1] as number;
    if (at < stretchMin) continue;
    const off = Math.abs(sum) / (scales[at] as number);
    if (off > best.off) best = { at, off };
  }
  return best;
}

function shuffle(values: Float64Array, random: () => number): void {
  for (let at = values.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    const kept = values[at] as number;
    values[at] = values[other] as number;
    values[other] = kept;
  }
}

function ratioOf(before: readonly number[], after: readonly number[]): ChangePoint['ratio'] {
  if (Math.min(...before, ...after) <= 0) return null;
  const { value, low, high } = shiftOf(before.map(Math.log), after.map(Math.log), boundsTail);
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) };
}
