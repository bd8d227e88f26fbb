// Which hop takes the time of a pull: told by typical pulls where a run keeps some, else by medians.
import { count, duration, rate } from './figures.ts';
import { hopWord, inPullOrder, limitSentence } from './load-words.ts';
import type { LatencySummary, LoadResult, PullSample, SampledRequest } from './results.ts';

/** How many times slower than the next one a hop is to stand out. */
const evenly = 1.25;

/** Part of a pull that is worth a word where no request is under way: pauses, and what the client does with what came. */
const toldRest = 0.1;

/** Undefined where nothing was measured. */
export function timeSentence(load: LoadResult): string | undefined {
  const typical = typicalOf(load);
  return typical.length > 0 ? bySamples(typical) : byMedians(load);
}

/** What limited the load, and where a pull passes its time. */
export function limitWords(load: LoadResult): string {
  return [limitSentence(load), timeSentence(load)].filter((one) => one !== undefined).join(' ');
}

/** The hop that pulls wait for longest; undefined where none stands out. */
export function slowestHop(load: LoadResult): string | undefined {
  const [first, second] = hopsByTime(typicalOf(load));
  if (first !== undefined) return first[1] < evenly * (second?.[1] ?? 0) ? undefined : first[0];
  const [slowest, next] = hopsByMedian(load);
  const isAlone = slowest !== undefined && slowest[1].p50 >= evenly * (next?.[1].p50 ?? 0);
  return isAlone ? slowest[0] : undefined;
}

function typicalOf({ pullSamples = [] }: LoadResult): PullSample[] {
  return pullSamples.filter(({ kind }) => kind === 'typical');
}

/** ms that the samples wait for each hop, the longest first. */
function hopsByTime(samples: readonly PullSample[]): [hop: string, ms: number][] {
  const byHop = new Map<string, number>();
  for (const { requests } of samples) {
    for (const [hop, ms] of timeByHop(requests)) byHop.set(hop, (byHop.get(hop) ?? 0) + ms);
  }
  return [...byHop].sort(([, a], [, b]) => b - a);
}

function hopsByMedian({ hops }: LoadResult): [hop: string, figures: LatencySummary][] {
  return inPullOrder(hops)
    .filter(([, hop]) => hop.count > 0 && hop.p50 > 0)
    .sort(([, a], [, b]) => b.p50 - a.p50);
}

function bySamples(samples: readonly PullSample[]): string | undefined {
  const whole = samples.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const sorted = hopsByTime(samples);
  if (whole <= 0 || sorted.length === 0) return undefined;
  const told = sorted
    .map(([hop, ms]) => [hop, Math.floor((ms / whole) * 100)] as const)
    .filter(([, percent]) => percent > 0)
    .map(([hop, percent]) => `${hopWord(hop)} for ${count(percent)} %`);
  const waited = sorted.reduce((sum, [, ms]) => sum + ms, 0);
  const rest = waited < whole * (1 - toldRest) ? ' The rest of it passes in the client.' : '';
  const waits = told.length > 0 ? ` and waits for ${told.join(', ')} of that` : '';
  return `A typical pull takes ${duration(whole / samples.length)}${waits}.${rest}`;
}

/** A request of a pull, as far as it is told here. */
export type HopSpan = Pick<SampledRequest, 'hop' | 'startMs' | 'totalMs'>;

/**
 * How long a pull waited for each hop, ms. Time in which it waited for several is shared out evenly among these, so that
 * all together are the time in which any request was under way.
 */
export function timeByHop(spans: readonly HopSpan[]): Map<string, number> {
  const edges = spans
    .flatMap(({ hop, startMs, totalMs }) => [
      { hop, atMs: startMs, step: 1 },
      { hop, atMs: startMs + totalMs, step: -1 },
    ])
    .sort((a, b) => a.atMs - b.atMs);
  const under = new Map<string, number>();
  const waited = new Map<string, number>();
  let beforeMs = 0;
  for (const { hop, atMs, step } of edges) {
    const waiting = [...under].filter(([, requests]) => requests > 0);
    for (const [one] of waiting) {
      waited.set(one, (waited.get(one) ?? 0) + (atMs - beforeMs) / waiting.length);
    }
    under.set(hop, (under.get(hop) ?? 0) + step);
    beforeMs = atMs;
  }
  return waited;
}

function byMedians(load: LoadResult): string | undefined {
  const sorted = hopsByMedian(load);
  const [slowest, next] = sorted;
  if (slowest === undefined || next === undefined) return undefined;
  const times = rate(slowest[1].p50 / next[1].p50);
  if (slowest[1].p50 < evenly * next[1].p50) {
    const all = sorted.map(([hop, { p50 }]) => `${hopWord(hop)} ${duration(p50)}`).join(', ');
    return `No hop stands out (p50 of a request: ${all}).`;
  }
  const figures = `${duration(slowest[1].p50)} against ${duration(next[1].p50)}`;
  return `A request to ${hopWord(slowest[0])} takes ${times} times as long as one to ${hopWord(next[0])} (p50 ${figures}).`;
}
