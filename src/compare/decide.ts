// From figures to words: what one line comes to.
import type {
  Decision,
  Interval,
  LatencyLine,
  Line,
  LineVerdict,
  RateLine,
  TableOptions,
} from './line.ts';

/** What is known of a line before it is judged. */
export type Told = Pick<Decision, 'base' | 'with'> & { readonly p?: NonNullable<Decision['p']> };

/** A line of which nothing can be said, and why. */
export function tooFew(line: Line, told: Told, why: string): Decision {
  return {
    id: line.id,
    ...told,
    ratio: null,
    difference: null,
    verdict: 'too few',
    regression: false,
    why,
  };
}

/** A latency or a rate, by its ratio; `logs`: with / base and its bounds as logarithms. */
export function decideRatio(
  line: LatencyLine | RateLine,
  told: Told,
  logs: Interval,
  isShown: boolean,
  { minEffect, floorMs }: TableOptions,
): Decision {
  const base = told.base ?? Number.NaN;
  const ratio = {
    value: (told.with ?? Number.NaN) / base,
    low: Math.exp(logs.low),
    high: Math.exp(logs.high),
  };
  const isLatency = line.kind === 'latency';
  const verdict = verdictOf(isShown, isLatency ? logs.value : -logs.value);
  const worseBy = isLatency ? ratio.low : 1 / ratio.high;
  const isFar = !isLatency || (ratio.low - 1) * base > floorMs || floorMs === 0;
  return {
    id: line.id,
    ...told,
    ratio,
    difference: {
      value: base * (ratio.value - 1),
      low: base * (ratio.low - 1),
      high: base * (ratio.high - 1),
    },
    verdict,
    regression: verdict === 'slower' && isFar && worseBy > leastFactor(line, minEffect),
  };
}

/** Which factor a line must be worse by to count. */
export function leastFactor({ noise = 1 }: Line, minEffect: number): number {
  return Math.max(1 + minEffect, noise);
}

/** `worse`: above 0 where it is. */
export function verdictOf(isShown: boolean, worse: number): LineVerdict {
  if (!isShown || worse === 0) return 'no evidence';
  return worse > 0 ? 'slower' : 'faster';
}
