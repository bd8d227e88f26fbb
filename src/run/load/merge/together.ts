// How much at once the runs were that were joined: when each began to ask, and when it ended.
import type { Merged } from '../../../../reports/results.ts';
import type { Tallied } from './limit.ts';

/** Milliseconds since 1970. */
interface Span {
  readonly firstStart: number;
  readonly lastStart: number;
  readonly firstEnd: number;
}

export function togetherOf(
  tallied: readonly Tallied[],
): Pick<Merged, 'togetherSeconds' | 'startsWithinSeconds'> {
  const spans = tallied.filter(({ tally }) => tally.firstMs > 0).map(spanOf);
  if (spans.length === 0) return { togetherSeconds: 0 };
  const lastStart = Math.max(...spans.map((span) => span.lastStart));
  const firstStart = Math.min(...spans.map((span) => span.firstStart));
  const firstEnd = Math.min(...spans.map((span) => span.firstEnd));
  // Who asked for nothing was not there.
  const together = spans.length < tallied.length ? 0 : Math.max(0, firstEnd - lastStart);
  return {
    togetherSeconds: together / 1000,
    startsWithinSeconds: (lastStart - firstStart) / 1000,
  };
}

/** Of what was joined before, as it says itself: its timeline has only the first start and the last end. */
function spanOf({ part, tally: { firstMs, lastMs } }: Tallied): Span {
  const { merged } = part.results.load;
  if (merged?.startsWithinSeconds === undefined) {
    return { firstStart: firstMs, lastStart: firstMs, firstEnd: lastMs };
  }
  const lastStart = firstMs + Math.round(1000 * merged.startsWithinSeconds);
  const firstEnd = lastStart + Math.round(1000 * merged.togetherSeconds);
  return { firstStart: firstMs, lastStart, firstEnd };
}
