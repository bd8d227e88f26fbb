// Which hop takes the time of a pull: told by typical pulls where a run keeps some, else by medians.
import { count, duration, rate } from './figures.ts';
import { hopWord, inPullOrder } from './load-words.ts';
import type { LoadResult, PullSample } from './results.ts';

/** How many times slower than the next one a hop is to stand out. */
const evenly = 1.25;

/** Undefined where nothing was measured. */
export function timeSentence(load: LoadResult): string | undefined {
  const typical = (load.pullSamples ?? []).filter(({ kind }) => kind === 'typical');
  return typical.length > 0 ? bySamples(typical) : byMedians(load);
}

function bySamples(samples: readonly PullSample[]): string | undefined {
  const whole = samples.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const byHop = new Map<string, number>();
  for (const { requests } of samples) {
    for (const hop of new Set(requests.map((request) => request.hop))) {
      const spans = requests.filter((request) => request.hop === hop);
      byHop.set(hop, (byHop.get(hop) ?? 0) + coveredMs(spans));
    }
  }
  const sorted = [...byHop].sort(([, a], [, b]) => b - a);
  if (whole <= 0 || sorted.length === 0) return undefined;
  const told = sorted
    .map(([hop, ms]) => `${hopWord(hop)} for ${count((ms / whole) * 100)} %`)
    .join(', ');
  return `A typical pull takes ${duration(whole / samples.length)} and waits for ${told} of that.`;
}

/** Time in which at least one of them was under way: side by side counts once. */
export function coveredMs(spans: readonly { startMs: number; totalMs: number }[]): number {
  let covered = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { startMs, totalMs } of [...spans].sort((a, b) => a.startMs - b.startMs)) {
    const from = Math.max(startMs, end);
    end = Math.max(end, startMs + totalMs);
    covered += Math.max(0, end - from);
  }
  return covered;
}

function byMedians({ hops }: LoadResult): string | undefined {
  const measured = inPullOrder(hops).filter(([, hop]) => hop.count > 0 && hop.p50 > 0);
  if (measured.length < 2) return undefined;
  const sorted = [...measured].sort(([, a], [, b]) => b.p50 - a.p50);
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
