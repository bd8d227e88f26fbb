// By how much one side lies above the other, with bounds that suppose nothing of how values spread: they come
// of the U test turned round.
import { medianOf } from '../lib/median.ts';
import type { Interval } from './line.ts';
import { chanceOfAtMost } from './u-test.ts';

/**
 * b − a: the difference of the medians, and bounds that each lie on the wrong side with a chance of at most
 * `tail`. Values may be logarithms, so that the shift is that of a ratio. Sides have a value at least.
 */
export function shiftOf(a: readonly number[], b: readonly number[], tail: number): Interval {
  const differences = b.flatMap((with_) => a.map((base) => with_ - base)).sort((x, y) => x - y);
  const at = boundAt(a.length, b.length, tail);
  const value = medianOf(b) - medianOf(a);
  if (at < 0) return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const low = differences[at] ?? Number.NaN;
  const high = differences[differences.length - 1 - at] ?? Number.NaN;
  return { value, low: Math.min(low, value), high: Math.max(high, value) };
}

/** Which of the ordered differences is the bound, from 0; -1 where even the outermost is none. */
function boundAt(a: number, b: number, tail: number): number {
  let at = -1;
  while (chanceOfAtMost(at + 1, a, b) <= tail) at++;
  return at;
}
