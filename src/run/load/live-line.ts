// The line of logs that says where a load run is: how far, how fast, what is under way, what fails.

import {
  durationSecondsOf,
  gracefulStopSeconds,
  type K6Plan,
} from '../../../scenarios/lib/plan.ts';
import { plural } from '../../lib/plural.ts';
import { lastsSoLong } from './result/window.ts';
import type { Timeline } from './timeline/timeline.ts';

/** What it needs to know of a timeline. */
export type LiveFigures = Pick<
  Timeline,
  'pullsStarted' | 'pullsOk' | 'pullsFailed' | 'retries' | 'errors' | 'firstMs' | 'latest'
> & { readonly pushes: Pick<Timeline['pushes'], 'started' | 'ok' | 'failed' | 'latest'> };

/** A second without any event is told as such after so many. */
const staleSeconds = 3;

/** While the load waits for its start. */
export function waitWords(startedMs: number, nowMs: number): string {
  const left = Math.ceil((startedMs - nowMs) / 1000);
  return `waits for its start at ${new Date(startedMs).toISOString()}, ${left} s left`;
}

/** `startedMs` is when k6 was started, or when the load is to begin; `nowMs` now. */
export function liveLine(
  timeline: LiveFigures,
  { shape }: Pick<K6Plan, 'shape'>,
  startedMs: number,
  nowMs: number,
): string {
  const isReplay = shape.kind === 'replay';
  const noun = isReplay ? 'request' : 'pull';
  if (timeline.firstMs === 0 && timeline.pullsStarted === 0) {
    if (nowMs < startedMs) return waitWords(startedMs, nowMs);
    return `k6 starts, ${seconds(nowMs - startedMs)} s; no ${noun} has begun yet`;
  }
  // Until a first request has ended, what began is known by k6's own start.
  const elapsed = seconds(nowMs - (timeline.firstMs || startedMs));
  const ended = timeline.pullsOk + timeline.pullsFailed;
  const underWay = Math.max(0, timeline.pullsStarted - ended);
  const told = totals(timeline, noun, shape);
  const total = durationSecondsOf(shape);
  if (lastsSoLong(shape) && elapsed >= total) {
    const over = Math.min(elapsed - total, gracefulStopSeconds);
    const grace = `${over} s of ${gracefulStopSeconds} s`;
    if (underWay > 0) return `waiting for ${plural(underWay, noun)} under way, ${grace}; ${told}`;
    return `the load has ended, k6 closes its connections, ${grace}; ${told}`;
  }
  const { pulls, bytes, p95 } = paceOf(timeline, elapsed);
  const pace = `${pulls} ${noun}s/s, ${(bytes / 1e6).toFixed(1)} MB/s`;
  const latency = pulls > 0 && p95 > 0 ? `, p95 ${Math.round(p95)} ms` : '';
  const place = lastsSoLong(shape) ? `${elapsed} s of ${total} s` : `${elapsed} s`;
  // What fails comes first: a terminal may cut off what comes last.
  return `${place}: ${told}; ${underWay} under way, ${pace}${latency}${pushed(timeline)}`;
}

/** Of the latest second, `elapsed` seconds after the first: what is of long ago is no pace. */
export function paceOf(timeline: Pick<LiveFigures, 'latest'>, elapsed: number) {
  const last = timeline.latest();
  if (last === undefined || elapsed - last.second > staleSeconds) {
    return { pulls: 0, bytes: 0, p95: 0 };
  }
  return last;
}

function totals(
  { pullsOk, pullsFailed, errors, retries }: LiveFigures,
  noun: string,
  shape: K6Plan['shape'],
): string {
  const of = 'iterations' in shape ? ` of ${shape.iterations}` : ofHerd(shape);
  const done = `${pullsOk + pullsFailed}${of} ${noun}s ended`;
  const [top] = [...errors].sort(([, a], [, b]) => b - a);
  const why = top === undefined || pullsFailed === 0 ? '' : ` (${top[0]})`;
  const failed = pullsFailed === 0 ? 'none failed' : `${pullsFailed} failed${why}`;
  return `${done}, ${failed}${retries === 0 ? '' : `, ${plural(retries, 'retry', 'retries')}`}`;
}

function ofHerd(shape: K6Plan['shape']): string {
  return shape.kind === 'herd' ? ` of ${shape.vus}` : '';
}

function pushed({ pushes }: LiveFigures): string {
  if (pushes.started === 0) return '';
  return `; ${pushes.latest.ok} pushes/s (${pushes.ok} done, ${pushes.failed} failed)`;
}

function seconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000));
}
