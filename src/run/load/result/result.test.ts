import { describe, expect, test } from 'vitest';
import type { K6Plan } from '../../../../scenarios/lib/plan.ts';
import { requestOf } from '../../../../test/lib/request.ts';
import { PullFailure } from '../../../protocol/failure.ts';
import { failureHints } from '../../../protocol/failure-hints.ts';
import { Timeline } from '../timeline/timeline.ts';
import { examplesOf } from './errors.ts';
import { failedSetUp, fromStock, fromTimeline } from './result.ts';

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

const noFacts = { examples: new Map<string, string>(), busy: 0, aborted: false };

describe('fromTimeline', () => {
  const timeline = timelineOf([
    { series: 'hop', t: 1, phase: 'layer', hop: 'edge', host: 'cdn', status: '200' },
    { series: 'none', firstMs: 1000, lastMs: 5000 },
    count('pull_started', 12),
    count('pull_ok', 8),
    count('pull_failed', 1, { class: 'tls' }),
    count('pull_failed', 2, { class: 'made-up' }),
  ]);
  const facts = { examples: new Map([['tls', 'bad certificate']]), busy: 0.1, aborted: false };
  const load = fromTimeline(timeline, plan, k6, facts);

  test('rates are over the window in which something happened', () => {
    expect(load.seconds).toBe(4);
    expect(load.pulls).toEqual({ ok: 8, failed: 4, dropped: 0, perSecond: 2 });
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
    expect(empty.pulls).toEqual({ ok: 0, failed: 0, dropped: 0, perSecond: 0 });
    expect(empty.bottleneck).toBe('none');
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
  expect(load.pulls).toEqual({ ok: 6, failed: 4, dropped: 0, perSecond: 3 });
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
  expect(load.errors).toMatchObject([{ class: 'manifest-unknown', example: 'not there' }]);
});

test('examples are the first of each class in the log of k6', () => {
  const line = (pullFailure: string, message: string) =>
    JSON.stringify({ level: 'error', msg: JSON.stringify({ pullFailure, message }) });
  const log = [
    line('tls', 'one'),
    line('tls', 'two'),
    'no JSON',
    '{"level":"warning","msg":"Request Failed"}',
    '{"msg":7}',
    line('dns', 'three'),
    line('reset', 'cut off').slice(0, 30),
  ].join('\n');
  expect([...examplesOf(log)]).toEqual([
    ['tls', 'one'],
    ['dns', 'three'],
  ]);
});
