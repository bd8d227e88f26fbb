// How much at once the runs were that were joined: when each began to ask, and when it ended.
import { basename } from 'node:path';
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

/** Who starts runners by hand may do it one after the other. */
const apartMsMax = 30_000;

/**
 * Runners of one TestRun are all there before any begins. One that ended long before another was started is of another
 * run, as what was left in a volume, or has another time. In a sentence; undefined where all is well.
 */
export function strangersOf(tallied: readonly Tallied[]): string | undefined {
  const lives = tallied.filter(({ part }) => part.isBare).map(lifeOf);
  const first = lives.reduce((a, b) => (b.endMs < a.endMs ? b : a), lives[0] ?? noLife);
  const last = lives.reduce((a, b) => (b.startMs > a.startMs ? b : a), lives[0] ?? noLife);
  if (!(first.endMs + apartMsMax < last.startMs)) return undefined;
  return `${first.name} ended before ${last.name} was started: they are of different runs, or the clocks of the two differ; the folder may hold the timelines of one run only.`;
}

interface Life {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

const noLife: Life = { name: '', startMs: 0, endMs: 0 };

/** By the registry's clock where that is known. */
function lifeOf({ part, tally: { startedMs, endMs, lastMs, skewMs } }: Tallied): Life {
  const ahead = Number.isNaN(skewMs) ? 0 : skewMs;
  const ended = Math.max(endMs, lastMs);
  return {
    name: basename(part.timeline),
    startMs: (Number.isNaN(startedMs) ? 0 : startedMs) - ahead,
    // One that was cut before it told anything says nothing of its end.
    endMs: ended === 0 ? Number.POSITIVE_INFINITY : ended - ahead,
  };
}
