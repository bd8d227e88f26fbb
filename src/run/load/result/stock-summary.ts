// Reads the summary that scenarios/pull-stock.ts leaves, into the same figures as the timeline.
import type { HopSummary, LatencySummary, LoadResult } from '../../../../reports/results.ts';
import { asObject, type JsonObject, parseJson } from '../../../lib/json.ts';
import { Failures } from '../timeline/failures.ts';

export interface StockFigures {
  readonly requests: { total: number; failed: number };
  readonly bytes: number;
  readonly verifiedBytes: number;
  readonly pullsStarted: number;
  readonly pullsOk: number;
  readonly dropped: number;
  readonly failures: Failures;
  readonly retried: Failures;
  readonly pullsRetried: number;
  /** Of the clients' own pauses. */
  readonly waitMs: number;
  readonly pullMs: LatencySummary;
  readonly phases: Record<string, LatencySummary>;
  readonly hops: Record<string, HopSummary>;
  readonly hosts: LoadResult['hosts'];
  readonly seconds: number;
}

/** Undefined when the text is no summary of k6: it may be cut off, or not have been written. */
export function readStockSummary(text: string): StockFigures | undefined {
  const summary = asObject(parseJson(text));
  const metrics = asObject(summary?.metrics);
  if (metrics === undefined) return undefined;
  const value = (metric: string, name: string): number => {
    const found = asObject(asObject(metrics[metric])?.values)?.[name];
    return typeof found === 'number' ? found : 0;
  };
  const latency = (metric: string): LatencySummary => ({
    count: value(metric, 'count'),
    p50: value(metric, 'med'),
    p90: value(metric, 'p(90)'),
    p95: value(metric, 'p(95)'),
    p99: value(metric, 'p(99)'),
    max: value(metric, 'max'),
  });
  const cut = (name: string): HopSummary => ({
    ...latency(`http_req_duration{${name}}`),
    failed: failedOf(value, name),
    bytes: 0,
    ttfb: latency(`http_req_waiting{${name}}`),
  });
  const cuts = (tag: string) =>
    namesOf(metrics, tag).filter((name) => value(`http_reqs{${tag}:${name}}`, 'count') > 0);
  const failures = new Failures();
  const retried = new Failures();
  for (const metric of Object.keys(metrics)) {
    const [, what, kind] = /^pull_(failed|retried)\{class:(.*)\}$/.exec(metric) ?? [];
    const count = value(metric, 'count');
    if (kind === undefined || count === 0) continue;
    (what === 'failed' ? failures : retried).count({ class: kind }, count);
  }
  const total = value('http_reqs', 'count');
  const state = asObject(summary?.state);
  return {
    requests: { total, failed: Math.round(value('http_req_failed', 'rate') * total) },
    bytes: value('pull_bytes', 'count'),
    verifiedBytes: value('pull_verified_bytes', 'count'),
    pullsStarted: value('pull_started', 'count'),
    pullsOk: value('pull_ok', 'count'),
    dropped: value('dropped_iterations', 'count'),
    failures,
    retried,
    pullsRetried: value('pull_with_retry', 'count'),
    waitMs: value('pull_wait', 'count'),
    pullMs: latency('pull_duration'),
    phases: record(cuts('phase'), (name) => latency(`http_req_duration{phase:${name}}`)),
    hops: record(cuts('hop'), (name) => cut(`hop:${name}`)),
    hosts: record(cuts('host'), (name) => ({ ...cut(`host:${name}`), role: 'registry' })),
    seconds: (typeof state?.testRunDurationMs === 'number' ? state.testRunDurationMs : 0) / 1000,
  };
}

function failedOf(value: (metric: string, name: string) => number, cut: string): number {
  return Math.round(value(`http_req_failed{${cut}}`, 'rate') * value(`http_reqs{${cut}}`, 'count'));
}

function namesOf(metrics: JsonObject, tag: string): string[] {
  const pattern = new RegExp(`^http_reqs\\{${tag}:(.*)\\}$`);
  return Object.keys(metrics).flatMap((metric) => pattern.exec(metric)?.[1] ?? []);
}

function record<T>(names: readonly string[], make: (name: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}
