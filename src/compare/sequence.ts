// Many lines and few runs: with four a side the least p of a U test is 0.029, so that no correction for many
// tests leaves anything to find. In its place the lines are tested one after the other, each at the full
// chance, until the first that shows nothing. That keeps the chance of a false alarm where the order does
// not know which run is of which side (Kropf and Läuter 2002): it is a function of the values in one heap.

export interface Sequenced {
  /** Of all runs: logarithms of latencies, or shares. */
  readonly pooled: readonly number[];
  /** How many of them each side has. */
  readonly sizes: { readonly a: number; readonly b: number };
  /** p of its own test. */
  readonly p: number;
  /** Tested before all others that may have changed by as much as counts; the least first. */
  readonly lead?: number | undefined;
}

/**
 * p adjusted for the lines before it: the greatest of them and of its own.
 * `least` is the least change that counts, in the scale of the values.
 */
export function sequenceP(lines: readonly Sequenced[], least: number): number[] {
  const adjusted = new Array<number>(lines.length).fill(1);
  let most = 0;
  for (const at of orderOf(lines, least)) {
    most = Math.max(most, lines[at]?.p ?? 1);
    adjusted[at] = most;
  }
  return adjusted;
}

/**
 * First the lines that fall into two heaps of the sizes of the sides, so far apart as counts: of them those
 * that lead and stand clearly apart, then those that stand furthest apart for how they spread. Then the rest, as they stand apart.
 */
function orderOf(lines: readonly Sequenced[], least: number): number[] {
  const heaps = lines.map(heapsOf);
  const clear = (at: number) => heaps[at]?.clear ?? 0;
  const rank = (at: number) => {
    const isApart = (heaps[at]?.apart ?? 0) >= least;
    const isLeading = clear(at) >= leadClearMin;
    return isApart ? ((isLeading ? lines[at]?.lead : undefined) ?? leadMax) : leadMax + 1;
  };
  return lines.map((_, at) => at).sort((x, y) => rank(x) - rank(y) || clear(y) - clear(x) || x - y);
}
const leadMax = 1000;
/**
 * A line leads where its heaps stand apart by so many times what they spread. One run out of place would else let a
 * noisy p95 hide all that is clear behind it.
 */
const leadClearMin = 2.75;

/** Some noise that every line has, as a part of its values: what is still by chance is not taken for sharp. */
const noiseMin = 0.02;

/** Cut in order, where the cut leaves the sizes of the sides: how far apart the means lie, and how clearly. */
function heapsOf({ pooled, sizes: { a, b } }: Sequenced): { apart: number; clear: number } {
  const sorted = [...pooled].sort((x, y) => x - y);
  let best = { apart: 0, clear: 0 };
  for (const cut of new Set([a, b])) {
    const low = sorted.slice(0, cut);
    const high = sorted.slice(cut);
    if (low.length === 0 || high.length === 0) continue;
    const apart = meanOf(high) - meanOf(low);
    const within = Math.sqrt((squaresOf(low) + squaresOf(high)) / Math.max(1, sorted.length - 2));
    const clear = apart / (within + noiseMin);
    if (clear > best.clear) best = { apart, clear };
  }
  return best;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function squaresOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
