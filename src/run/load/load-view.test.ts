// What the view of a load run holds, from the start of k6 to the end of its grace period.
import { expect, test } from 'vitest';
import type { K6Plan, PlannedShape } from '../../../scenarios/lib/plan.ts';
import { loadView } from './load-view.ts';
import { Timeline } from './timeline/timeline.ts';

const startMs = 1_000_000;
const firstMs = startMs + 1000;
const planOf = (shape: PlannedShape) =>
  ({
    client: 'podman',
    images: [{ registryUrl: 'http://registry.example', repository: 'team/app', reference: '1' }],
    shape,
  }) as unknown as K6Plan;
const vus: PlannedShape = { kind: 'vus', vus: 20, durationSeconds: 30 };

/** Seconds of ten pulls and one failure each. */
function timelineOf(seconds: number): Timeline {
  const timeline = new Timeline();
  const add = (line: object) => timeline.add(JSON.stringify(line));
  const metric = (t: number, name: string, sum: number, tags = {}) =>
    add({ series: 'metric', metric: name, t, sum, tags, firstMs, lastMs: firstMs + t * 1000 });
  for (let second = 0; second < seconds; second++) {
    metric(1000 + second, 'pull_started', second === 0 ? 14 : 11);
    metric(1000 + second, 'pull_ok', 10);
    metric(1000 + second, 'pull_failed', 1, { class: 'dns', hop: 'edge', host: 'cdn' });
    metric(1000 + second, 'pull_retried', 2, { class: 'reset', hop: 'registry', host: 'r' });
    metric(1000 + second, 'pull_with_retry', 1);
  }
  return timeline;
}

const viewAt = (
  second: number,
  shape: PlannedShape = vus,
  timeline = timelineOf(12),
  missed: string[] = [],
) => loadView(timeline, planOf(shape), missed, startMs, firstMs + second * 1000);
const rowsOf = (view: ReturnType<typeof viewAt>) =>
  Object.fromEntries(view.rows.map(({ label, text }) => [label, text]));

test('has what, how far, what is left, pace, failures with class and hop, and what was tried again', () => {
  const view = viewAt(12);
  expect(view.title).toMatch(/registry\.example\/team\/app:1.*podman.*20 users/);
  expect(view.place).toEqual({ share: 0.4, words: '12 s of 30 s, 18 s left' });
  const rows = rowsOf(view);
  expect(rows.pulls).toMatch(/^10\/s, 132 ended, 3 under way/);
  expect(rows.failed).toBe('12: dns at edge 12');
  expect(rows.healed).toBe('24 retries in 12 pulls');
  expect(rows.latency).toBe('none yet');
  expect(view.rows[0]?.values).toEqual(Array(12).fill(10));
  expect(view.line).toContain('12 s of 30 s');
});

test('keeps the last minute', () => {
  const view = viewAt(100, { kind: 'vus', vus: 20, durationSeconds: 600 }, timelineOf(100));
  expect(view.rows[0]?.values).toHaveLength(60);
  expect(view.place?.words).toContain('8 min 20 s left');
});

test('tells objectives that are missed, and pulls that found nobody', () => {
  const timeline = timelineOf(3);
  timeline.add(JSON.stringify({ series: 'metric', metric: 'dropped_iterations', t: 1001, sum: 4 }));
  const rows = rowsOf(viewAt(3, vus, timeline, ['pull.p95<2s, observed 3000 ms']));
  expect(rows.missed).toContain('pull.p95<2s');
  expect(rows.dropped).toContain('4 pulls');
});

test('before the first pull it says that k6 starts', () => {
  const view = loadView(new Timeline(), planOf(vus), [], startMs, startMs + 4000);
  expect(view.place).toEqual({ share: 0, words: 'k6 starts, 4 s' });
  expect(rowsOf(view).failed).toBe('none');
});

test('after the end it says what is waited for', () => {
  expect(viewAt(33).place).toEqual({
    share: 1,
    words: 'waiting for 3 pulls under way, 3 s of 30 s',
  });
});

test.each([
  [
    { kind: 'iterations', iterations: 264, vus: 5, durationSecondsMax: 600 },
    '132 of 264 pulls ended',
  ],
  [{ kind: 'herd', vus: 264, durationSecondsMax: 600 }, '132 of 264 pulls ended'],
] as [PlannedShape, string][])(
  'what ends with its last pull has a count, and about so much left',
  (shape, words) => {
    const { place } = viewAt(12, shape);
    expect(place?.share).toBe(0.5);
    expect(place?.words).toContain(words);
    expect(place?.words).toContain('about 12 s left');
  },
);
