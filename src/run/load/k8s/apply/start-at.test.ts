import { expect, test } from 'vitest';
import { startOf } from './start-at.ts';

const nowMs = Date.UTC(2026, 0, 1);
const herd = { kind: 'herd', vus: 8, durationSecondsMax: 3600 } as const;
const long = { kind: 'vus', vus: 8, durationSeconds: 600 } as const;
const start = (plan: object, runners = 2, aheadMs?: number) =>
  startOf({ shape: herd, ...plan } as Parameters<typeof startOf>[0], runners, aheadMs, nowMs);

test('herds, numbers of pulls and short loads have a common start, later with more runners', () => {
  expect(start({})).toBe('2026-01-01T00:01:01.000Z');
  expect(start({}, 200)).toBe('2026-01-01T00:02:40.000Z');
  expect(start({ shape: { ...long, durationSeconds: 60 } })).toBeDefined();
  const counted = { kind: 'iterations', iterations: 9, vus: 2, durationSecondsMax: 3600 };
  expect(start({ shape: counted })).toBeDefined();
  expect(start({ shape: long })).toBeUndefined();
});

test('a wish wins, for any load', () => {
  expect(start({ shape: long }, 2, 5000)).toBe('2026-01-01T00:00:05.000Z');
  const startAt = '2026-01-01T09:00:00Z';
  expect(start({ startAt }, 2, 5000)).toBe('2026-01-01T00:00:05.000Z');
});

test('a time in the plan counts while it is to come', () => {
  const startAt = '2026-01-01T09:00:00Z';
  expect(start({ startAt, shape: long })).toBe(startAt);
  expect(start({ startAt: '2025-12-31T23:00:00Z' })).toBe('2026-01-01T00:01:01.000Z');
});
