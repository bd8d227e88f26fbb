import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normal } from '../../test/lib/compare-worlds.ts';
import { randomFrom } from '../lib/random.ts';
import { shiftOf } from './shift.ts';

const side = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), {
  minLength: 4,
  maxLength: 12,
});

test('the bounds hold the shift between them, and turn with the sides', () => {
  fc.assert(
    fc.property(side, side, (a, b) => {
      const there = shiftOf(a, b, 0.03);
      const back = shiftOf(b, a, 0.03);
      expect(there.low).toBeLessThanOrEqual(there.value);
      expect(there.high).toBeGreaterThanOrEqual(there.value);
      expect(back.low).toBeCloseTo(-there.high, 10);
      expect(back.high).toBeCloseTo(-there.low, 10);
    }),
  );
});

test('sides that are too small for a bound have none', () => {
  expect(shiftOf([1, 2], [3, 4], 0.03)).toMatchObject({ low: -Infinity, high: Infinity });
});

test.each([
  [4, 4],
  [5, 8],
  [12, 12],
])('%d and %d values: each bound is wrong as seldom as it says', (a, b) => {
  const random = randomFrom(11);
  const repeats = 1500;
  let wrong = 0;
  for (let at = 0; at < repeats; at++) {
    const draw = (n: number, by: number) => Array.from({ length: n }, () => by + normal(random));
    const { low, high } = shiftOf(draw(a, 0), draw(b, 1), 0.03);
    if (low > 1 || high < 1) wrong++;
  }
  // Two bounds of 3 % each, and three standard errors of the simulation.
  expect(wrong / repeats).toBeLessThan(0.06 + 3 * Math.sqrt((0.06 * 0.94) / repeats));
});
