import { describe, expect, test } from 'vitest';
import type { K6Plan } from '../../../../scenarios/lib/plan.ts';
import { requestOf } from '../../../../test/lib/request.ts';
import { PullFailure } from '../../../protocol/failure.ts';
import { failureHints } from '../../../protocol/failure-hints.ts';
import { Timeline } from '../timeline/timeline.ts';
import { failedSetUp, fromStock, fromTimeline } from './result.ts';
import { nothingTold } from './told.ts';

const plan: K6Plan = {
  client: 'containerd',
  profiles: {},
  images: [
    {
      registryUrl: 'https://registry.example',
      repository: 'team/app',
      reference: 'latest',
      credentials: { username: 'u', password: 'never-shown-1' },
      resolvesTo: 'index',
    },
  ],
  platform: { os: 'linux', architecture: 'amd64' },
  shape: { kind: 'vus', vus: 7, durationSeconds: 2 },
  verify: 'all',
  timeoutMs: 1000,
  insecure: false,
};
const k6 = { path: 'k6', engine: 'built', version: '2.2.0' } as const;

function timelineOf(lines: readonly Record<string, unknown>[]): Timeline {
  const timeline = new Timeline();
  for (const line of lines) timeline.add(JSON.stringify(line));
  return timeline;
}

const count = (metric: string, sum: number, tags = {}) => ({ series: 'metric', metric, sum, tags });

const noFacts = { told: nothingTold(), busy: 0, aborted: false };

describe('fromTimeline', () => {
  const timeline = timelineOf([
    { series: 'hop', t: 1, phase: 'layer', hop: 'edge', host: 'cdn', status: '200' },
    { series: 'none', firstMs: 1000, lastMs: 5000 },
    count('pull_started', 12),
    count('pull_ok', 8),
    count('pull_failed', 1, { class: 'tls' }),
    count('pull_failed', 2, { class: 'made-up' }),
  ]);
  const facts = { told: nothingTold(), busy: 0.1, aborted: false };
  facts.told.pullFailure.add({ class: 'tls', message: 'bad certificate' });
  const load = fromTimeline(timeline, plan, k6, facts);

  test('rates are over the window in which something happened', () => {
    expect(load.seconds).toBe(4);
    expect(load.pulls).toEqual({ ok: 8, failed: 4, dropped: 0, perSecond: 2, retried: 0 });
  });

  test('errors come with an example and a way out, the most frequent first', () => {
    expect(load.errors.map((error) => [error.class, error.count])).toEqual([
      ['made-up', 2],
      ['tls', 1],
      ['interrupted', 1],
    ]);
    expect(load.errors[1]).toMatchObject({ example: 'bad certificate', hint: failureHints.tls });
    for (const { hint } of load.errors) expect(hint).not.toBe('');
  });

  test('what was asked for is told, credentials are not', () => {
    const expected = { client: 'containerd', shape: 'vus', engine: 'built', vus: 7, verify: 'all' };
    expect(load).toMatchObject(expected);
    expect(JSON.stringify(load)).not.toContain('never-shown');
  });

  test('nothing happened: no division by zero', () => {
    const empty = fromTimeline(new Timeline(), plan, k6, noFacts);
    expect(JSON.stringify(empty)).not.toContain('null');
    expect(empty.pulls).toEqual({ ok: 0, failed: 0, dropped: 0, perSecond: 0, retried: 0 });
    expect(empty.bottleneck).toBe('unknown');
  });
});

test('pulls cut off by the user are no failures of the registry', () => {
  const started = timelineOf([count('pull_started', 5), count('pull_ok', 3)]);
  const load = fromTimeline(started, plan, k6, { ...noFacts, aborted: true });
  expect(load.pulls).toMatchObject({ ok: 3, failed: 0 });
  expect(load.errors).toEqual([]);
});

test('fromStock counts pulls that never ended as failed', () => {
  const values = (n: number) => ({ values: { count: n } });
  const metrics = {
    pull_started: values(10),
    pull_ok: values(6),
    'pull_failed{class:stalled}': values(1),
  };
  const text = JSON.stringify({ metrics, state: { testRunDurationMs: 2000 } });
  const load = fromStock(text, plan, { ...k6, engine: 'stock' }, noFacts);
  expect(load.pulls).toEqual({ ok: 6, failed: 4, dropped: 0, perSecond: 3, retried: 0 });
  expect(load.errors.map((error) => [error.class, error.count])).toEqual([
    ['interrupted', 3],
    ['stalled', 1],
  ]);
});

test('a set-up that failed is one failed pull', () => {
  const request = requestOf({ url: 'http://h/v2/', phase: 'manifest' });
  const failure = new PullFailure('manifest-unknown', request, 404, 'not there');
  const { shape, verify } = plan;
  const load = failedSetUp(
    { client: 'podman', engine: 'auto', images: [], shape, verify },
    failure,
  );
  expect(load.pulls).toMatchObject({ ok: 0, failed: 1 });
  const where = { hop: 'registry', host: 'h', phase: 'manifest', status: 404 };
  const evidence = { method: 'GET', url: 'http://h/v2/', bytes: 0 };
  expect(load.errors).toMatchObject([
    { class: 'manifest-unknown', example: 'not there', ...where, evidence },
  ]);
  expect(load.bottleneck).toBe('pulls-fail');
});

describe('failures at several places', () => {
  const at = (host: string, status: string, phase = 'layer') => ({
    ...{ class: 'server-error', hop: 'edge', host, status, phase, client: 'podman' },
  });
  const timeline = timelineOf([
    count('pull_started', 20),
    count('pull_ok', 10),
    count('pull_failed', 3, at('cdn-a', '503')),
    count('pull_failed', 1, at('cdn-a', '503', 'config')),
    count('pull_failed', 2, at('cdn-b', '503')),
    count('pull_failed', 1, at('cdn-a', '500')),
    count('pull_retried', 7, { class: 'short-body', hop: 'edge', host: 'cdn-a', status: '200' }),
    count('pull_with_retry', 5),
    { ...count('pull_wait', 9000, { why: 'retry-after' }), count: 3 },
    { ...count('pull_wait', 500, { why: 'back-off' }), count: 1 },
  ]);
  const facts = { told: nothingTold(), busy: 0.1, aborted: false };
  facts.told.pullFailure.add({
    ...{ class: 'server-error', hop: 'edge', host: 'cdn-a', status: 503, message: 'HTTP 503' },
    evidence: {
      ...{ method: 'GET', url: 'http://cdn-a/x', words: 'w', address: '192.0.2.1:80' },
      ...{ contentType: 'text/html', body: '<html>', bytes: 6, bytesAnnounced: 1000 },
      bytesExpected: 70_000,
    },
  });
  const load = fromTimeline(timeline, plan, k6, facts);

  test('are one error each, with what there is to show', () => {
    const told = load.errors.map(({ count: failed, host, status, phase, example }) => [
      ...[failed, host, status, phase, example],
    ]);
    expect(told).toEqual([
      [4, 'cdn-a', 503, 'layer', 'HTTP 503'],
      [3, undefined, undefined, undefined, ''],
      [2, 'cdn-b', 503, 'layer', ''],
      [1, 'cdn-a', 500, 'layer', ''],
    ]);
    expect(load.errors[0]?.evidence).toEqual({
      ...{ method: 'GET', url: 'http://cdn-a/x', address: '192.0.2.1:80' },
      ...{ contentType: 'text/html', body: '<html>', bytes: 6, bytesExpected: 1000 },
    });
    expect(load.pulls.failed).toBe(10);
  });

  test('what was tried again, and what was waited for, stand beside them', () => {
    expect(load.pulls.retried).toBe(5);
    expect(load.retried).toMatchObject([{ class: 'short-body', count: 7, host: 'cdn-a' }]);
    expect(load.retried?.[0]?.clientSays).toBeUndefined();
    expect(load.waits).toEqual([
      { why: 'retry-after', count: 3, seconds: 9 },
      { why: 'back-off', count: 1, seconds: 0.5 },
    ]);
  });
});

describe('pulls that never end', () => {
  const drip = {
    ...{ series: 'pending', t: 40, phase: 'layer', hop: 'edge', host: 'cdn:1' },
    ...{ remote: '192.0.2.1:1', count: 4, pulls: 2, bytes: 24_576, bytesExpected: 10_485_760 },
    ...{ totalUs: 124_800_000, firstMs: 8000, lastMs: 40_000 },
    longest: {
      ...{ method: 'GET', url: 'http://cdn:1/blob', bytes: 12_288, bytesExpected: 5_242_880 },
      ...{ seconds: 31.2, status: 200 },
    },
  };
  const timeline = timelineOf([
    { series: 'none', firstMs: 5000, lastMs: 9000 },
    count('pull_started', 5),
    count('pull_ok', 1),
    { ...count('pull_wait', 60_000, { why: 'retry-after' }), count: 1 },
    drip,
    {
      series: 'waiting',
      t: 40,
      why: 'retry-after',
      count: 1,
      leftUs: 25_000_000,
      lastMs: 40_000,
      ...{ class: 'rate-limited', hop: 'registry', host: 'reg:1' },
    },
  ]);
  const load = fromTimeline(timeline, plan, k6, { ...noFacts, told: nothingTold() });

  test('are located by what was under way', () => {
    expect(load.unfinished).toEqual([
      {
        ...{ phase: 'layer', hop: 'edge', host: 'cdn:1', address: '192.0.2.1:1', requests: 4 },
        ...{ bytes: 24_576, bytesExpected: 10_485_760, seconds: 31.2 },
      },
    ]);
    const where = { hop: 'edge', host: 'cdn:1', phase: 'layer' };
    const example = 'GET http://cdn:1/blob: 12,288 of 5,242,880 bytes after 31.2 s';
    expect(load.errors).toMatchObject([
      { class: 'interrupted', count: 2, ...where, example, evidence: { bytes: 12_288 } },
      {
        ...{ class: 'interrupted', count: 1, hop: 'registry', host: 'reg:1' },
        example: expect.stringMatching(/rate-limited.*Retry-After/),
      },
      { class: 'interrupted', count: 1 },
    ]);
  });

  test('their host and server are among the others', () => {
    expect(load.hosts['cdn:1']).toMatchObject({ role: 'edge', unfinished: 4, bytes: 24_576 });
    const [server] = load.servers ?? [];
    expect(server).toMatchObject({ host: 'cdn:1', address: '192.0.2.1:1', unfinished: 4 });
    expect(server?.bytesPerSecond).toBeCloseTo(24_576 / 124.8);
  });

  test('their time counts, and so does what of their pauses had passed', () => {
    expect(load.seconds).toBe(35);
    expect(load.waits).toEqual([{ why: 'retry-after', count: 1, seconds: 35 }]);
    expect(load.bottleneck).toBe('pulls-fail');
  });

  test('stopped by the user they are no failures, and located all the same', () => {
    const facts = { ...noFacts, told: nothingTold(), aborted: true };
    const stopped = fromTimeline(timeline, plan, k6, facts);
    expect(stopped.errors).toEqual([]);
    expect(stopped.unfinished).toHaveLength(1);
  });
});
