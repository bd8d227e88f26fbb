import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  binomialAtMost,
  logGamma,
  normalBelow,
  normalQuantile,
  studentBelow,
  studentQuantile,
} from './distributions.ts';

test.each([
  [normalBelow(-1.959963985), 0.025],
  [normalBelow(1), 0.8413447461],
  [normalBelow(-6), 9.865876e-10],
  [normalQuantile(0.975), 1.959963985],
  [studentQuantile(0.975, 6), 2.446911851],
  [studentQuantile(0.995, 1), 63.65674],
  [binomialAtMost(2, 10, 0.3), 0.3827827864],
  [binomialAtMost(0, 5, 0.5), 1 / 32],
  [logGamma(5), Math.log(24)],
  [logGamma(0.5), Math.log(Math.PI) / 2],
])('%d is %d, as in the tables', (value, wanted) => {
  expect(value / wanted).toBeCloseTo(1, 6);
});

test('quantiles are where the chance is', () => {
  const chance = fc.double({ min: 0.5, max: 0.9999, noNaN: true });
  fc.assert(
    fc.property(chance, fc.integer({ min: 1, max: 3000 }), (wanted, freedom) => {
      expect(normalBelow(normalQuantile(wanted))).toBeCloseTo(wanted, 9);
      const t = studentQuantile(wanted, freedom);
      if (freedom <= 2000) expect(studentBelow(t, freedom)).toBeCloseTo(wanted, 6);
      expect(t).toBeGreaterThanOrEqual(normalQuantile(wanted) - 1e-6);
    }),
  );
});

test('the two ways to a tail meet', () => {
  expect(normalBelow(-3 - 1e-9)).toBeCloseTo(normalBelow(-3), 10);
});
