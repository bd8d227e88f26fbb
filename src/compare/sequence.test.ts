import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sequenceP } from './sequence.ts';

const sizes = { a: 4, b: 4 };
const apart = [1, 1.01, 1.02, 1.03, 1.21, 1.22, 1.23, 1.24];
const together = [1, 1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 1.07];

test('a line that shows nothing hides those behind it', () => {
  const lines = [
    { pooled: apart, sizes, p: 0.5 },
    { pooled: apart.map((value) => 1.5 * value), sizes, p: 0.02, lead: 0 },
    { pooled: together, sizes, p: 0.01 },
  ];
  expect(sequenceP(lines, 0.1)).toEqual([0.5, 0.02, 0.5]);
});

test('a line that leads comes first only where it may have changed by as much as counts', () => {
  const close = [1, 1.001, 1.002, 1.003, 1.12, 1.121, 1.122, 1.123];
  const lines = [
    { pooled: close, sizes, p: 0.9, lead: 0 },
    { pooled: apart, sizes, p: 0.02 },
  ];
  expect(sequenceP(lines, 0.1)).toEqual([0.9, 0.9]);
  expect(sequenceP(lines, 0.15)).toEqual([0.9, 0.02]);
});

test('a line that leads does not where its heaps run into each other', () => {
  const noisy = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7];
  const lines = [
    { pooled: noisy, sizes, p: 0.9, lead: 0 },
    { pooled: apart, sizes, p: 0.02 },
  ];
  expect(sequenceP(lines, 0.1)).toEqual([0.9, 0.02]);
});

test('the order does not know which run is of which side', () => {
  const value = fc.double({ min: 1, max: 3, noNaN: true });
  const line = fc.record({
    pooled: fc.array(value, { minLength: 8, maxLength: 8 }),
    p: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), order, (lines, places) => {
      const dealt = lines.map(({ pooled, p }) => ({
        ...{ p, sizes },
        pooled: places.map((place) => pooled[place] ?? 0),
      }));
      const as = sequenceP(
        lines.map((one) => ({ ...one, sizes })),
        0.1,
      );
      expect(sequenceP(dealt, 0.1)).toEqual(as);
    }),
  );
});
