import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NoiseShape, noises } from '../../test/lib/compare-worlds.ts';
import { randomFrom } from '../lib/random.ts';
import { changePoints, seriesAlpha } from './change-points.ts';

const wave = (length: number, level: number) =>
  Array.from({ length }, (_, at) => level * (1 + 0.02 * Math.sin(7 * at)));

test('a step is found where it is, with the levels on both sides', () => {
  const [change, ...others] = changePoints([...wave(12, 100), ...wave(9, 130)], 1);
  expect(others).toEqual([]);
  expect(change?.at).toBe(12);
  expect(change?.before).toBeCloseTo(100, -1);
  expect(change?.after).toBeCloseTo(130, -1);
  expect(change?.ratio?.low).toBeGreaterThan(1.2);
});

test('two steps are found, and runs without a value are passed over', () => {
  const values = [...wave(15, 100), ...wave(15, 150), ...wave(15, 90)].flatMap((value) => [
    value,
    null,
  ]);
  expect(changePoints(values, 1).map(({ at }) => at)).toEqual([30, 60]);
});

test('values around 0 have no ratio', () => {
  const [change] = changePoints([0, 0, 0, 0, 0, 0, 0, 3, 4, 3, 5, 3, 4, 4], 1);
  expect(change).toMatchObject({ at: 7, ratio: null });
});

test('short, equal and empty series have no change; the same seed says the same', () => {
  expect(changePoints([], 1)).toEqual([]);
  expect(changePoints([1, 1, 1, 5, 5, 5], 1)).toEqual([]);
  expect(changePoints(new Array<number>(100).fill(7), 1)).toEqual([]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 }), (values) => {
      const found = changePoints(values, 3);
      expect(changePoints(values, 3)).toEqual(found);
      const places = found.map(({ at }) => at);
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      for (const at of places) expect(values[at]).toBeDefined();
    }),
    { numRuns: 30 },
  );
});

describe('how often it is wrong', () => {
  const repeats = 150;
  test.each<NoiseShape>(['normal', 'heavy', 'humps'])('%s noise', (shape) => {
    const random = randomFrom(61);
    const series = (length: number, step: number) =>
      Array.from({ length }, (_, at) => {
        return 100 * (at >= step ? 1.2 : 1) * Math.exp(0.03 * noises[shape](random));
      });
    let alarms = 0;
    let found = 0;
    for (let at = 0; at < repeats; at++) {
      if (changePoints(series(25, 25), at).length > 0) alarms++;
      if (changePoints(series(10, 5), at).some((change) => change.at === 5)) found++;
    }
    const grace = 3 * Math.sqrt((seriesAlpha * (1 - seriesAlpha)) / repeats);
    expect(alarms / repeats).toBeLessThan(seriesAlpha + grace);
    expect(found / repeats).toBeGreaterThan(0.9 - 3 * Math.sqrt(0.09 / repeats));
  });
});
