import { expect, test } from 'vitest';
import type { PlannedShape } from '../../../../scenarios/lib/plan.ts';
import { endOfLoad } from './window.ts';

const vus: PlannedShape = { kind: 'vus', vus: 1, durationSeconds: 30 };
const rate: PlannedShape = { kind: 'rate', perSecond: 1, vus: 9, durationSeconds: 30 };
const herd: PlannedShape = { kind: 'herd', vus: 9, durationSecondsMax: 600 };
const window = { firstMs: 1000, lastMs: 9000, endMs: 31_500 };

test.each<[string, typeof window, PlannedShape, number]>([
  ['a load of a duration lasts for that', window, vus, 31_000],
  ['at a rate as well', window, rate, 31_000],
  ['and longer when pulls do', { ...window, lastMs: 40_000, endMs: 41_000 }, rate, 40_000],
  ['but not longer than k6', { ...window, endMs: 12_000 }, vus, 12_000],
  ['a number of pulls ends with the last', window, herd, 9000],
  [
    'of a k6 that was killed nothing is known but what it wrote',
    { ...window, endMs: 0 },
    vus,
    9000,
  ],
])('%s', (_what, given, shape, expected) => {
  expect(endOfLoad(given, shape)).toBe(expected);
});
