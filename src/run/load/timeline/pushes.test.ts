// Pushes in a timeline: counted apart from pulls, in both directions.
import { expect, test } from 'vitest';
import type { K6Plan } from '../../../../scenarios/lib/plan.ts';
import { pushesOf } from '../push/push.ts';
import { nothingTold } from '../result/told.ts';
import { Timeline } from './timeline.ts';

const hop = (phase: string, changes: object = {}) =>
  JSON.stringify({
    ...{ series: 'hop', t: 100, phase, hop: 'registry', host: 'h', status: '200', count: 2 },
    ...{ failed: 1, bytes: 10, firstMs: 100_000, lastMs: 102_000, ...changes },
  });
const metric = (name: string, sum: number, tags: object = {}) =>
  JSON.stringify({ series: 'metric', metric: name, t: 100, sum, tags });

function timelineOf(...lines: readonly string[]): Timeline {
  const timeline = new Timeline();
  for (const line of lines) timeline.add(line);
  return timeline;
}

const lines = [
  ...['push-ping', 'push-token', 'upload-check', 'upload-start', 'upload-chunk'].map((phase) =>
    hop(phase),
  ),
  ...[hop('upload-finish'), hop('manifest-put', { lastMs: 104_000 })],
  ...[
    metric('push_started', 9, { scenario: 'push' }),
    metric('push_ok', 6),
    metric('push_bytes', 600),
  ],
  ...[metric('push_failed', 2, { class: 'denied' }), metric('push_known', 3)],
  metric('dropped_iterations', 4, { scenario: 'push' }),
];

const plan = {
  push: { registryUrl: 'https://h.example', repository: 'load/x', run: 'abc', vus: 3 },
} as unknown as K6Plan;

test('nothing of a push is in the figures of pulls', () => {
  const { requests, requestsFailed, dropped, firstMs, lastMs, ...timeline } = timelineOf(...lines);
  expect({ requests, requestsFailed, dropped, firstMs, lastMs }).toEqual({
    ...{ requests: 0, requestsFailed: 0, dropped: 0, firstMs: 0, lastMs: 0 },
  });
  const { pullsOk, pullsStarted, blobBytes } = timeline;
  expect({ pullsOk, pullsStarted, blobBytes }).toEqual({
    pullsOk: 0,
    pullsStarted: 0,
    blobBytes: 0,
  });
  const whole = timelineOf(...lines);
  expect([whole.phases(), whole.hops(), whole.hosts(), whole.seconds(), whole.statuses()]).toEqual([
    ...[{}, {}, {}, [], []],
  ]);
});

test('nothing of a pull is in the figures of pushes', () => {
  const { pushes } = timelineOf(
    ...[
      hop('layer'),
      hop('token'),
      metric('pull_ok', 5),
      metric('pull_failed', 1, { class: 'dns' }),
    ],
    metric('dropped_iterations', 4, { scenario: 'pull' }),
  );
  expect([pushes.requests, pushes.ok, pushes.failed, pushes.dropped]).toEqual([0, 0, 0, 0]);
});

test('what was measured of pushes, those that never ended included', () => {
  const { pushes } = timelineOf(...lines);
  const told = nothingTold();
  told.pushFailure.add({ class: 'denied', message: 'no' });
  const result = pushesOf(pushes, plan, 0, { told, aborted: false }).pushes;
  expect(result).toMatchObject({
    ...{ repository: 'h.example/load/x', vus: 3, ok: 6, failed: 3, dropped: 4, known: 3 },
    ...{ perSecond: 1.5, requests: { total: 14, failed: 7 }, bytes: { sent: 600, perSecond: 150 } },
    left: [{ prefix: 'pullproof-abc-', tags: 6 }],
  });
  expect(result?.errors).toMatchObject([
    { class: 'denied', count: 2, example: 'no' },
    { class: 'interrupted', count: 1 },
  ]);
  // Stopped by the user: those under way have not failed.
  expect(pushesOf(pushes, plan, 0, { told, aborted: true }).pushes?.failed).toBe(2);
  // The load goes on for longer than its pushes.
  expect(pushesOf(pushes, plan, 112_000, { told, aborted: true }).pushes?.perSecond).toBe(0.5);
});
