import { expect, test } from 'vitest';
import type { K6Plan } from '../../../../scenarios/lib/plan.ts';
import { fromStock } from './result.ts';
import { readStockSummary } from './stock-summary.ts';
import { nothingTold } from './told.ts';

const trend = { count: 4, med: 5, 'p(90)': 9, 'p(95)': 9.5, 'p(99)': 9.9, max: 10 };
const none = { count: 0, med: 0, 'p(90)': 0, 'p(95)': 0, 'p(99)': 0, max: 0 };
const latency = { count: 4, p50: 5, p90: 9, p95: 9.5, p99: 9.9, max: 10 };

const summary = JSON.stringify({
  state: { testRunDurationMs: 2500 },
  metrics: {
    http_reqs: { values: { count: 40 } },
    http_req_failed: { values: { rate: 0.1 } },
    'http_reqs{phase:layer}': { values: { count: 4 } },
    'http_req_duration{phase:layer}': { values: trend },
    'http_reqs{phase:ping}': { values: { count: 0 } },
    'http_req_duration{phase:ping}': { values: none },
    'http_reqs{hop:registry}': { values: { count: 20 } },
    'http_req_failed{hop:registry}': { values: { rate: 0.25 } },
    'http_req_duration{hop:registry}': { values: trend },
    'http_req_waiting{hop:registry}': { values: { ...trend, max: 8 } },
    'http_reqs{host:[::1]:5000}': { values: { count: 20 } },
    'http_req_duration{host:[::1]:5000}': { values: trend },
    pull_started: { values: { count: 10 } },
    pull_ok: { values: { count: 6 } },
    'pull_failed{class:stalled}': { values: { count: 3 } },
    'pull_failed{class:tls}': { values: { count: 0 } },
    'pull_retried{class:reset}': { values: { count: 5 } },
    pull_with_retry: { values: { count: 4 } },
    pull_wait: { values: { count: 700 } },
    pull_duration: { values: trend },
    pull_bytes: { values: { count: 1000 } },
    pull_verified_bytes: { values: { count: 100 } },
    dropped_iterations: { values: { count: 2 } },
  },
});

const plan: K6Plan = {
  client: 'podman',
  profiles: {},
  images: [],
  platform: { os: 'linux', architecture: 'amd64' },
  shape: { kind: 'vus', vus: 3, durationSeconds: 2 },
  verify: 'sample',
  timeoutMs: 1000,
  insecure: false,
};
const k6 = { path: 'k6', engine: 'stock', version: '2.2.0' } as const;

test('the figures of a summary', () => {
  const figures = readStockSummary(summary);
  expect(figures).toMatchObject({
    requests: { total: 40, failed: 4 },
    bytes: 1000,
    verifiedBytes: 100,
    pullsStarted: 10,
    pullsOk: 6,
    dropped: 2,
    pullMs: latency,
    phases: { layer: latency },
    hops: { registry: { ...latency, failed: 5, ttfb: { ...latency, max: 8 } } },
    seconds: 2.5,
  });
  expect(Object.keys(figures?.phases ?? {})).toEqual(['layer']);
  expect(Object.keys(figures?.hosts ?? {})).toEqual(['[::1]:5000']);
  expect([...(figures?.failures.byClass() ?? [])]).toEqual([['stalled', 3]]);
  expect([...(figures?.retried.byClass() ?? [])]).toEqual([['reset', 5]]);
  expect(figures).toMatchObject({ pullsRetried: 4, waitMs: 700 });
});

test.each(['', 'null', '[]', '{}', '{"metrics":7}', summary.slice(0, 300)])(
  'is no summary: %s',
  (text) => {
    expect(readStockSummary(text)).toBeUndefined();
    const load = fromStock(text, plan, k6, { told: nothingTold(), busy: 0, aborted: false });
    expect(load).toMatchObject({ engine: 'stock', vus: 3, pulls: { ok: 0, failed: 0 } });
  },
);

test('a metric that was never emitted is zero', () => {
  expect(readStockSummary('{"metrics":{}}')).toMatchObject({
    requests: { total: 0, failed: 0 },
    pullsOk: 0,
    phases: {},
    seconds: 0,
  });
});
