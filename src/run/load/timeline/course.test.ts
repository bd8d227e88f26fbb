// How a run went, step by step: of short runs and of long ones, of objectives, and of the end.
import fc from 'fast-check';
import * as hdr from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import type { Course } from '../../../../reports/results.ts';
import { Timeline } from './timeline.ts';

function encode(valuesUs: readonly number[]): string {
  const histogram = hdr.build({
    ...{ lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000 },
    numberOfSignificantValueDigits: 3,
  });
  for (const value of valuesUs) histogram.recordValue(value);
  return hdr.encodeIntoCompressedBase64(histogram);
}

type Line = Record<string, unknown>;

const metric = (t: number, name: string, sum: number, more: Line = {}): Line => ({
  ...{ series: 'metric', t, metric: name, sum, count: sum },
  ...more,
});
const durations = (t: number, valuesUs: readonly number[], name = 'pull_duration') =>
  metric(t, name, 0, { hdr: encode(valuesUs) });
const hop = (t: number, name: string, valuesUs: readonly number[], more: Line = {}): Line => ({
  ...{ series: 'hop', t, hop: name, host: 'h:1', phase: 'layer', status: '200' },
  ...{ count: valuesUs.length, bytes: 100, duration: encode(valuesUs), ttfb: encode(valuesUs) },
  ...more,
});

function timelineOf(lines: readonly Line[], watched: readonly string[] = []): Timeline {
  const timeline = new Timeline(watched);
  for (const line of lines) timeline.add(JSON.stringify(line));
  return timeline;
}

const start = 1_800_000_000;
const whole = (seconds: number) => ({
  ...{ firstMs: start * 1000, lastMs: (start + seconds) * 1000, isCounted: false },
});

function courseOf(lines: readonly Line[], seconds: number): Course {
  const course = timelineOf(lines).course(whole(seconds));
  if (course === undefined) throw new Error('no course');
  return course;
}

const sumOf = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

describe('counts', () => {
  test('stand in the second in which they were, gaps included', () => {
    const course = courseOf(
      [
        metric(start, 'pull_ok', 3),
        metric(start + 2, 'pull_failed', 2, { tags: { class: 'tls' } }),
        metric(start + 2, 'pull_retried', 4, { tags: { class: 'status' } }),
        metric(start + 3, 'dropped_iterations', 5),
        hop(start + 3, 'edge', [1000]),
      ],
      4,
    );
    expect(course).toMatchObject({
      ...{ stepSeconds: 1, steps: 4 },
      ...{ pulls: [3, 0, 0, 0], failed: [0, 0, 2, 0], dropped: [0, 0, 0, 5] },
      ...{ bytes: [0, 0, 0, 100], p50: [null, null, null, null] },
      failedBy: [{ class: 'tls', counts: [0, 0, 2, 0] }],
      retriedBy: [{ class: 'status', counts: [0, 0, 4, 0] }],
    });
    expect(Object.keys(course.hops)).toEqual(['edge']);
  });

  test('of any run are as many as in its lines, in at most 600 steps', () => {
    const anyLines = fc.array(
      fc.record({
        after: fc.integer({ min: 0, max: 90_000 }),
        sum: fc.integer({ min: 0, max: 9 }),
      }),
      { minLength: 1, maxLength: 100 },
    );
    fc.assert(
      fc.property(anyLines, (all) => {
        const lines = all.toSorted((a, b) => a.after - b.after);
        const course = courseOf(
          lines.flatMap(({ after, sum }) => [
            metric(start + after, 'pull_ok', sum),
            metric(start + after, 'pull_failed', 1, { tags: { class: `c${sum}` } }),
          ]),
          90_000,
        );
        expect(course.steps).toBeLessThanOrEqual(600);
        const seconds = (lines.at(-1)?.after ?? 0) - (lines[0]?.after ?? 0) + 1;
        expect(course.steps).toBe(Math.ceil(seconds / course.stepSeconds));
        expect(sumOf(course.pulls)).toBe(sumOf(lines.map(({ sum }) => sum)));
        expect(sumOf(course.failedBy.flatMap(({ counts }) => counts))).toBe(lines.length);
      }),
      { numRuns: 50 },
    );
  });

  test('classes beyond those that are shown are one', () => {
    const lines = Array.from({ length: 80 }, (_, at) =>
      metric(start, 'pull_failed', 80 - at, { tags: { class: `c${at}` } }),
    );
    const { failedBy } = courseOf(lines, 1);
    expect(failedBy).toHaveLength(12);
    expect(failedBy.at(-1)?.class).toBe('other');
    expect(failedBy[0]).toEqual({ class: 'c0', counts: [80] });
    expect(sumOf(failedBy.map(({ counts }) => counts[0] ?? 0))).toBe((80 * 81) / 2);
  });

  test('a line of another time makes no steps', () => {
    const lines = [metric(start, 'pull_ok', 1), metric(start * 2, 'pull_ok', 1)];
    expect(courseOf(lines, 1)).toMatchObject({ steps: 1, stepSeconds: 1, pulls: [1] });
  });
});

describe('latencies', () => {
  const anySteps = fc.array(
    fc.array(fc.integer({ min: 1, max: 100_000_000 }), { minLength: 1, maxLength: 20 }),
    { minLength: 1, maxLength: 1400 },
  );

  test('of a step are those of its pulls within 1 %, also after steps were joined', () => {
    fc.assert(
      fc.property(anySteps, (seconds) => {
        const lines = seconds.map((values, at) => durations(start + at, values));
        const { p95, stepSeconds, steps } = courseOf(lines, seconds.length);
        for (let step = 0; step < steps; step++) {
          const all = seconds.slice(step * stepSeconds, (step + 1) * stepSeconds).flat();
          all.sort((a, b) => a - b);
          const exactMs = (all[Math.max(1, Math.floor(all.length * 0.95 + 0.5)) - 1] ?? 0) / 1000;
          const error = Math.abs((p95[step] as number) - exactMs);
          expect(error).toBeLessThanOrEqual(Math.max(0.002, exactMs * 0.01));
        }
      }),
      { numRuns: 20 },
    );
  });

  test('are counted by bands, few enough to be drawn, none lost', () => {
    fc.assert(
      fc.property(anySteps, (seconds) => {
        const lines = seconds.map((values, at) => durations(start + at, values));
        const { latency } = courseOf(lines, seconds.length);
        expect(latency.boundsMs.length).toBeLessThanOrEqual(60);
        expect(latency.boundsMs).toEqual(latency.boundsMs.toSorted((a, b) => a - b));
        const told = latency.counts.flatMap((step) => step.filter((_, at) => at % 2 === 1));
        expect(sumOf(told)).toBe(seconds.flat().length);
        const mostMs = Math.max(...seconds.flat()) / 1000;
        expect(latency.boundsMs.at(-1)).toBeGreaterThan(mostMs);
      }),
      { numRuns: 20 },
    );
  });
});

describe('objectives', () => {
  const lines = [
    ...[metric(start, 'pull_started', 4), metric(start, 'pull_ok', 3)],
    metric(start, 'pull_failed', 1, { tags: { class: 'tls' } }),
    ...[durations(start, [50_000]), hop(start, 'token', [2000], { phase: 'token' })],
    ...[
      hop(start, 'edge', [7000]),
      { series: 'step', t: start, phase: 'layer', duration: encode([9000]) },
    ],
    ...[metric(start, 'push_ok', 2), durations(start, [80_000], 'push_duration')],
    metric(start + 1, 'pull_ok', 8),
    ...[metric(start + 1, 'pull_bytes', 200), metric(start + 1, 'pull_verified_bytes', 100)],
    metric(start + 1, 'pull_with_retry', 2),
  ];
  const near = (value: number) => expect.closeTo(value, value < 1 ? 2 : -Math.log10(value / 50));

  test.each<[string, unknown]>([
    ['errors', [25, 0]],
    ['retried', [0, 25]],
    ['verified', [null, 50]],
    ['pulls', [3, 8]],
    ['pushes', [2, 0]],
    ['push.errors', [0, null]],
    ['pull.p95', [near(50), null]],
    ['push.p50', [near(80), null]],
    ['layer.p90', [near(9), null]],
    ['edge.p99', [near(7), null]],
    ['edge.ttfb.p99', [near(7), null]],
    // There is no whole step of it in these lines: the hop of the name is meant.
    ['token.p50', [near(2), null]],
    ['pull.max', undefined],
  ])('%s is told for each step', (name, told) => {
    const timeline = timelineOf(lines, [name]);
    const course = timeline.course({ ...whole(2), isCounted: true });
    expect(course && timeline.observed(name, course)).toEqual(told);
  });
});

describe('the end', () => {
  const lines = [0, 1, 2].flatMap((after) => [
    metric(start + after, 'pull_started', 10),
    metric(start + after, 'pull_ok', 10),
  ]);
  const window = { firstMs: start * 1000 + 500, lastMs: start * 1000 + 4100 };
  // What was under way at the end of the load, and was waited for.
  const late = [metric(start + 3, 'pull_ok', 1), metric(start + 4, 'pull_ok', 1)];

  test('rates are over the part of a step in which pulls were begun', () => {
    const timeline = timelineOf([...lines, ...late], ['pulls']);
    const course = timeline.course({ ...window, isCounted: false }) as Course;
    expect(course.window).toEqual({ from: 0.5, begunUntil: 3, to: 4.1 });
    expect(timeline.observed('pulls', course)).toEqual([20, 10, 10, null, null]);
  });

  test('a load of so many pulls goes on to its last', () => {
    const timeline = timelineOf([...lines, ...late], ['pulls']);
    const course = timeline.course({ ...window, isCounted: true }) as Course;
    expect(course.window?.begunUntil).toBe(4.1);
    expect(timeline.observed('pulls', course)).toEqual([20, 10, 10, 1, null]);
  });
});

test('nothing told, no course', () => {
  expect(new Timeline().course({ ...whole(1) })).toBeUndefined();
});
