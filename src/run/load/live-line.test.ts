// What the live line says from the start of k6 to the end of its grace period.
import { expect, test } from 'vitest';
import type { PlannedShape } from '../../../scenarios/lib/plan.ts';
import { type LiveFigures, liveLine } from './live-line.ts';

const startMs = 1_000_000;
const none = { started: 0, ok: 0, failed: 0, latest: { ok: 0 } } as LiveFigures['pushes'];
const figures: LiveFigures = {
  pullsStarted: 312,
  pullsOk: 300,
  pullsFailed: 7,
  retries: 12,
  errors: new Map([
    ['dns', 2],
    ['redirect-denied', 5],
  ]),
  firstMs: startMs + 2000,
  latest: () => ({ second: 11, pulls: 48, failed: 1, bytes: 12_300_000, p95: 121.7 }),
  pushes: none,
};
const vus: PlannedShape = { kind: 'vus', vus: 20, durationSeconds: 30 };
const at = (second: number, given = figures, shape: PlannedShape = vus) =>
  liveLine(given, { shape }, startMs, startMs + 2000 + second * 1000);

test('has place, pace, what is under way, what fails, and what was tried again', () => {
  const line = at(12);
  for (const part of ['12 s of 30 s', '48 pulls/s', '12.3 MB/s', 'p95 122 ms', '5 under way']) {
    expect(line).toContain(part);
  }
  for (const part of ['7 failed (redirect-denied)', '12 retries']) expect(line).toContain(part);
});

test('says that nothing has begun', () => {
  const nothing = { ...figures, firstMs: 0, pullsStarted: 0 };
  const line = liveLine(nothing, { shape: vus }, startMs, startMs + 4000);
  expect(line).toContain('4 s');
  expect(line).not.toContain('pulls/s');
});

test('says that it waits for a start that all have in common', () => {
  const nothing = { ...figures, firstMs: 0, pullsStarted: 0 };
  const line = liveLine(nothing, { shape: vus }, startMs, startMs - 41_500);
  expect(line).toContain('1970-01-01T00:16:40');
  expect(line).toContain('42 s');
});

test('pulls whose first request hangs have begun', () => {
  const none = { ...figures, firstMs: 0, pullsStarted: 3, pullsOk: 0, pullsFailed: 0 };
  const line = liveLine(none, { shape: vus }, startMs, startMs + 4000);
  expect(line).toContain('4 s of');
  expect(line).toContain('3 under way');
});

test('in the grace period it says what is waited for, and for how long at most', () => {
  const line = at(42);
  for (const part of ['waiting for 5 pulls', '12 s of 30 s', '7 failed']) {
    expect(line).toContain(part);
  }
  expect(line).not.toContain('0 pulls/s');
  expect(at(42, { ...figures, pullsStarted: 307 })).not.toContain('waiting');
});

test('a pace of long ago is none', () => {
  expect(at(25)).toContain('0 pulls/s');
});

test.each([
  [
    'iterations',
    { kind: 'iterations', iterations: 500, vus: 5, durationSecondsMax: 600 },
    '307 of 500',
  ],
  ['herd', { kind: 'herd', vus: 400, durationSecondsMax: 600 }, '307 of 400'],
] as const)('what ends with its last pull has no time but a count: %s', (_name, shape, words) => {
  const line = at(40, figures, shape);
  expect(line).toContain(words);
  expect(line).not.toMatch(/of 600 s|waiting/);
});
