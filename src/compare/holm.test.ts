import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holm } from './holm.ts';

test('steps down as in the textbook', () => {
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holm([])).toEqual([]);
});

test('lies between p and what Bonferroni makes of it, in the same order', () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(chance, { minLength: 1, maxLength: 20 }), (ps) => {
      const adjusted = holm(ps);
      ps.forEach((p, at) => {
        expect(adjusted[at]).toBeGreaterThanOrEqual(p);
        expect(adjusted[at]).toBeLessThanOrEqual(Math.min(1, p * ps.length));
        ps.forEach((other, one) => {
          if (p < other) expect(adjusted[at]).toBeLessThanOrEqual(adjusted[one] ?? 1);
        });
      });
    }),
  );
});
