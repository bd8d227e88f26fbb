// The U test of Mann and Whitney: whether the values of one side tend to be greater than those of the other,
// by ranks alone. Exact where that can be counted, with ties too.
import { normalBelow } from './distributions.ts';

export interface UTest {
  /** Pairs in which the value of `b` is the greater one; ties count half. */
  readonly u: number;
  /** Two-sided. */
  readonly p: number;
}

/** Up to so many values a side the distribution is counted, without and with ties; as benchstat does. */
const exactMax = { untied: 50, tied: 25 } as const;

/**
 * Two-sided: how likely U is to lie at least as far from its middle if the sides were drawn by lot. p is 1
 * where a side is empty or all values are the same: nothing was seen that speaks for a difference.
 */
export function uTest(a: readonly number[], b: readonly number[]): UTest {
  const { groups, rankSumB } = ranked(a, b);
  const pairs = a.length * b.length;
  const u = rankSumB - (b.length * (b.length + 1)) / 2;
  if (pairs === 0 || groups.length === 1) return { u, p: 1 };
  const isTied = groups.length < a.length + b.length;
  const limit = isTied ? exactMax.tied : exactMax.untied;
  const isExact = a.length <= limit && b.length <= limit;
  return { u, p: isExact ? exactP(u, a.length, b.length, groups) : normalP(u, pairs, groups) };
}

/** The least p that two sides of these sizes can have: with every value of one side above the other. */
export function leastP(a: number, b: number): number {
  return a === 0 || b === 0 ? 1 : Math.min(1, 2 / choose(a + b, b));
}

/**
 * Chance that U of untied sides is at most u: what the bounds of a shift are made of. Sides beyond 50 values
 * by the normal distribution.
 */
export function chanceOfAtMost(u: number, a: number, b: number): number {
  if (u < 0) return 0;
  if (a > exactMax.untied || b > exactMax.untied) {
    const pairs = a * b;
    return normalBelow((u + 0.5 - pairs / 2) / Math.sqrt((pairs * (a + b + 1)) / 12));
  }
  const counts = untiedCounts(a, b);
  const least = b * (b + 1);
  return sumOf(counts, (twice) => twice - least <= 2 * u) / choose(a + b, b);
}

interface Ranked {
  /** How many values are the same, from the least on. */
  readonly groups: readonly number[];
  /** Values that are the same share the mean of their ranks. */
  readonly rankSumB: number;
}

function ranked(a: readonly number[], b: readonly number[]): Ranked {
  const all = [
    ...a.map((value) => ({ value, ofB: 0 })),
    ...b.map((value) => ({ value, ofB: 1 })),
  ].sort((one, other) => one.value - other.value);
  const groups: number[] = [];
  let rankSumB = 0;
  for (let from = 0, to = 0; from < all.length; from = to) {
    let ofB = 0;
    for (; to < all.length && all[to]?.value === all[from]?.value; to++) ofB += all[to]?.ofB ?? 0;
    groups.push(to - from);
    rankSumB += (ofB * (from + 1 + to)) / 2;
  }
  return { groups, rankSumB };
}

/** Both tails: with ties and sides of unequal size the distribution need not be symmetric. */
function exactP(u: number, a: number, b: number, groups: readonly number[]): number {
  const isTied = groups.length < a + b;
  const counts = isTied ? rankSumCounts(groups, b) : untiedCounts(a, b);
  const middle = (a * b) / 2;
  const off = Math.abs(u - middle);
  const least = b * (b + 1);
  const extreme = sumOf(counts, (twice) => Math.abs((twice - least) / 2 - middle) >= off - 1e-9);
  return Math.min(1, extreme / choose(a + b, b));
}

const untiedKnown = new Map<string, Float64Array>();

function untiedCounts(a: number, b: number): Float64Array {
  const key = `${a} ${b}`;
  const known = untiedKnown.get(key);
  if (known !== undefined) return known;
  const counts = rankSumCounts(new Array<number>(a + b).fill(1), b);
  untiedKnown.set(key, counts);
  return counts;
}

/**
 * In how many ways `take` of all values have which sum of ranks; by twice that sum, so that mean ranks are
 * whole. Group after group: of each some are taken.
 */
function rankSumCounts(groups: readonly number[], take: number): Float64Array {
  const total = groups.reduce((sum, size) => sum + size, 0);
  const width = 2 * take * total + 1;
  const ways = Array.from({ length: take + 1 }, () => new Float64Array(width));
  (ways[0] as Float64Array)[0] = 1;
  let before = 0;
  let reach = 0;
  for (const size of groups) {
    const twiceRank = 2 * before + 1 + size;
    before += size;
    reach = Math.min(width - 1, reach + twiceRank * Math.min(size, take));
    // From the most taken down, so that each group is used once.
    for (let taken = Math.min(take, before); taken > 0; taken--) {
      const into = ways[taken] as Float64Array;
      for (let some = 1; some <= Math.min(size, taken); some++) {
        const from = ways[taken - some] as Float64Array;
        const factor = choose(size, some);
        for (let twice = some * twiceRank; twice <= reach; twice++) {
          into[twice] =
            (into[twice] as number) + factor * (from[twice - some * twiceRank] as number);
        }
      }
    }
  }
  return ways[take] as Float64Array;
}

function sumOf(counts: Float64Array, isWanted: (at: number) => boolean): number {
  let sum = 0;
  for (let at = 0; at < counts.length; at++) if (isWanted(at)) sum += counts[at] as number;
  return sum;
}

/** Of n things k; as a number with fractions beyond 2^53. */
export function choose(n: number, k: number): number {
  let ways = 1;
  for (let at = 1; at <= Math.min(k, n - k); at++) ways = (ways * (n - at + 1)) / at;
  return ways < 2 ** 53 ? Math.round(ways) : ways;
}

/** With the correction for ties, and the half step between two values of U. */
function normalP(u: number, pairs: number, groups: readonly number[]): number {
  const n = groups.reduce((sum, size) => sum + size, 0);
  const ties = groups.reduce((sum, size) => sum + size ** 3 - size, 0);
  const deviation = Math.sqrt((pairs * (n + 1 - ties / (n * (n - 1)))) / 12);
  const off = Math.max(0, Math.abs(u - pairs / 2) - 0.5);
  return Math.min(1, 2 * normalBelow(-off / deviation));
}
