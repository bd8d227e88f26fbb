import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { correlationLength, gather, percentileBlocks, rateBlocks } from './blocks.ts';
import { SecondCounts, SecondHistogram } from './seconds.ts';

const length = fc.integer({ min: 1, max: 4000 });

test('nothing is lost, however long the run, and wherever a second lies', () => {
  fc.assert(
    fc.property(length, fc.array(fc.integer({ min: -5, max: 9000 })), (seconds, at) => {
      const counts = new SecondCounts(seconds);
      for (const second of at) counts.add(second, 2);
      const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
      expect(sum(counts.counts)).toBe(2 * at.length);
      expect(sum(counts.lengths)).toBe(seconds);
      expect(counts.counts.length).toBeLessThanOrEqual(120);
      expect(sum(gather(counts.counts, 7))).toBe(2 * at.length);
    }),
  );
});

describe('a percentile of blocks', () => {
  const values = fc.array(fc.integer({ min: 1, max: 3_600_000_000 }), {
    minLength: 1,
    maxLength: 60,
  });

  test('is that of the values, to a class', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(50, 95, 99), (all, percentile) => {
        const histogram = new SecondHistogram(60);
        all.forEach((value, at) => {
          histogram.add(at, [value], [1]);
        });
        const wanted = [...all].sort((a, b) => a - b)[
          Math.ceil((percentile / 100) * all.length) - 1
        ];
        const found = percentileBlocks(histogram, 5, percentile).logOf();
        expect(Math.abs(found - Math.log(wanted ?? 0))).toBeLessThan(0.0101);
      }),
    );
  });

  test('is that of the blocks that were drawn', () => {
    const histogram = new SecondHistogram(20);
    for (let second = 0; second < 20; second++)
      histogram.add(second, [second < 10 ? 100 : 900], [5]);
    const blocks = percentileBlocks(histogram, 10, 50);
    expect(blocks.count).toBe(2);
    expect(blocks.logOf(Float64Array.of(2, 0))).toBeCloseTo(Math.log(100), 1);
    expect(blocks.logOf(Float64Array.of(0, 2))).toBeCloseTo(Math.log(900), 1);
    expect(blocks.logOf(Float64Array.of(0, 0))).toBeNaN();
    expect(percentileBlocks(new SecondHistogram(20), 1, 50).logOf()).toBeNaN();
  });
});

test('a rate is that of the seconds that were drawn', () => {
  const counts = new SecondCounts(4);
  [10, 10, 30, 30].forEach((count, second) => {
    counts.add(second, count);
  });
  const blocks = rateBlocks(counts, 2);
  expect(blocks.logOf()).toBeCloseTo(Math.log(20), 10);
  expect(blocks.logOf(Float64Array.of(0, 2))).toBeCloseTo(Math.log(30), 10);
  expect(blocks.pulls()).toEqual([-20, 20]);
});

test('seconds that resemble each other are seen to', () => {
  const steps = Array.from({ length: 200 }, (_, at) => (at * 7919) % 101);
  expect(correlationLength(steps)).toBeLessThan(2);
  expect(correlationLength(steps.map((_, at) => steps[at - (at % 10)] ?? 0))).toBeGreaterThan(4);
  expect(correlationLength([1, 1, 1, 1, 1])).toBe(1);
  expect(correlationLength([])).toBe(1);
});
