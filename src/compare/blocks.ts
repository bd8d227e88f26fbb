// A run as blocks of seconds, to be drawn anew: seconds that follow each other resemble each other, so that
// whole blocks are drawn, not seconds. Percentiles and rates of any drawing are read off cheaply.
import { classLog, type SecondCounts, type SecondHistogram } from './seconds.ts';

/** What a line saw of one run, by block. */
export interface Blocks {
  /** How many there are. */
  readonly count: number;
  /** The figure as a logarithm, each block taken so often; without weights as it was. NaN where nothing is left. */
  logOf(weights?: Float64Array): number;
  /** How far each block pulls the figure up (more) or down, in an arbitrary unit. */
  pulls(): number[];
}

/** Cumulated counts, class after class: of class k and block b at k × blocks + b. */
interface Cumulated {
  readonly blocks: number;
  readonly logs: readonly number[];
  readonly sums: Float64Array;
}

/** The blocks of a percentile; `cells` of the histogram make one. */
export function percentileBlocks(
  histogram: SecondHistogram,
  cells: number,
  percentile: number,
): Blocks {
  const cumulated = cumulate(histogram, cells);
  const part = percentile / 100;
  const count = cumulated.blocks;
  const ones = new Float64Array(count).fill(1);
  return {
    count,
    logOf: (weights = ones) => percentileLog(cumulated, weights, part),
    pulls() {
      const at = classAt(cumulated, ones, part);
      const last = cumulated.logs.length - 1;
      return Array.from({ length: count }, (_, block) => {
        const all = cumulated.sums[last * count + block] ?? 0;
        return all * part - (cumulated.sums[at * count + block] ?? 0);
      });
    },
  };
}

/** The blocks of a rate. */
export function rateBlocks(seconds: SecondCounts, cells: number): Blocks {
  const sums = gather(seconds.counts, cells);
  const lengths = gather(Float64Array.from(seconds.lengths), cells);
  const rateOf = (weights?: Float64Array) => {
    let events = 0;
    let length = 0;
    for (let at = 0; at < sums.length; at++) {
      const weight = weights?.[at] ?? 1;
      events += weight * (sums[at] as number);
      length += weight * (lengths[at] as number);
    }
    return events / length;
  };
  return {
    count: sums.length,
    logOf: (weights) => Math.log(rateOf(weights)),
    pulls: () => [...sums].map((sum, at) => sum - rateOf() * (lengths[at] ?? 0)),
  };
}

/** Sums of so many neighbours; what is left at the end goes to the last. */
export function gather(values: Float64Array, cells: number): Float64Array {
  const count = Math.max(1, Math.floor(values.length / cells));
  const sums = new Float64Array(count);
  for (let at = 0; at < values.length; at++) {
    const block = Math.min(count - 1, Math.floor(at / cells));
    sums[block] = (sums[block] as number) + (values[at] as number);
  }
  return sums;
}

const known = new WeakMap<SecondHistogram, { cells: number; cumulated: Cumulated }>();

/** Once for all percentiles of a histogram. */
function cumulate(histogram: SecondHistogram, cells: number): Cumulated {
  const before = known.get(histogram);
  if (before?.cells === cells) return before.cumulated;
  const classes = histogram.classes();
  const blocks = Math.max(1, Math.floor(histogram.cells / cells));
  const sums = new Float64Array(Math.max(1, classes.length) * blocks);
  let place = 0;
  for (const { counts } of classes) {
    const own = gather(counts, cells);
    for (let block = 0; block < blocks; block++, place++) {
      const below = place < blocks ? 0 : (sums[place - blocks] as number);
      sums[place] = below + (own[block] as number);
    }
  }
  const cumulated = { blocks, logs: classes.map(({ log }) => log), sums };
  known.set(histogram, { cells, cumulated });
  return cumulated;
}

function sumAt({ blocks, sums }: Cumulated, at: number, weights: Float64Array): number {
  let sum = 0;
  const from = at * blocks;
  for (let block = 0; block < blocks; block++) {
    sum += (weights[block] as number) * (sums[from + block] as number);
  }
  return sum;
}

/** The class that holds the percentile. */
function classAt(cumulated: Cumulated, weights: Float64Array, part: number): number {
  const last = cumulated.logs.length - 1;
  const target = part * sumAt(cumulated, Math.max(0, last), weights);
  let from = 0;
  let to = Math.max(0, last);
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sumAt(cumulated, middle, weights) >= target) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Within a class values are taken to lie evenly. */
function percentileLog(cumulated: Cumulated, weights: Float64Array, part: number): number {
  const last = cumulated.logs.length - 1;
  if (last < 0) return Number.NaN;
  const total = sumAt(cumulated, last, weights);
  if (total === 0) return Number.NaN;
  const at = classAt(cumulated, weights, part);
  const below = at === 0 ? 0 : sumAt(cumulated, at - 1, weights);
  const own = sumAt(cumulated, at, weights) - below;
  return (cumulated.logs[at] ?? 0) + (classLog * (part * total - below)) / own;
}

/**
 * How many values that follow each other tell as much as one alone: 1 where they do not resemble each other.
 * Sums of neighbouring pairs of autocorrelations, as long as they are positive (Geyer 1992).
 */
export function correlationLength(values: readonly number[]): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const off = values.map((value) => value - mean);
  const variance = off.reduce((sum, value) => sum + value * value, 0);
  if (n < 4 || variance === 0) return 1;
  const at = (lag: number) => {
    let sum = 0;
    for (let one = lag; one < n; one++) sum += (off[one] as number) * (off[one - lag] as number);
    return sum / variance;
  };
  let length = -1;
  for (let lag = 0; lag + 1 < n / 2; lag += 2) {
    const pair = at(lag) + at(lag + 1);
    if (pair <= 0) break;
    length += 2 * pair;
  }
  return Math.max(1, length);
}
