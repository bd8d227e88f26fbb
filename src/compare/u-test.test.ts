import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chanceOfAtMost, choose, leastP, uTest } from './u-test.ts';

/** Every way to deal the values to the sides: what the p is by its definition. */
function byHand(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b];
  const uOf = (taken: readonly boolean[]) => {
    let u = 0;
    all.forEach((x, i) => {
      if (!taken[i]) return;
      all.forEach((y, j) => {
        if (!taken[j]) u += x > y ? 1 : x === y ? 0.5 : 0;
      });
    });
    return u;
  };
  const middle = (a.length * b.length) / 2;
  const seen = Math.abs(uOf(all.map((_, i) => i >= a.length)) - middle);
  let ways = 0;
  let extreme = 0;
  for (let mask = 0; mask < 1 << all.length; mask++) {
    const taken = all.map((_, i) => ((mask >> i) & 1) === 1);
    if (taken.filter(Boolean).length !== b.length) continue;
    ways++;
    if (Math.abs(uOf(taken) - middle) >= seen - 1e-9) extreme++;
  }
  return extreme / ways;
}

const few = (max: number) => fc.array(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 5 });

test.each([3, 1000])('says what counting all deals says, of values up to %d', (max) => {
  fc.assert(
    fc.property(few(max), few(max), (a, b) => {
      expect(uTest(a, b).p).toBeCloseTo(byHand(a, b), 10);
    }),
    { numRuns: 60 },
  );
});

test('does not mind which side is which, nor the scale', () => {
  const values = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(values, values, (a, b) => {
      const { p } = uTest(a, b);
      expect(uTest(b, a).p).toBeCloseTo(p, 12);
      expect(uTest(a.map(Math.log), b.map(Math.log)).p).toBe(p);
      expect(p).toBeGreaterThan(0);
      expect(p).toBeLessThanOrEqual(1);
    }),
  );
});

test('goes over to the normal distribution without a step', () => {
  const side = (n: number, shift: number) =>
    Array.from({ length: n }, (_, i) => i + shift + 0.5 * (shift > 0 ? 1 : 0));
  const exact = uTest(side(50, 0), side(50, 10)).p;
  const close = uTest(side(51, 0), side(51, 10)).p;
  expect(Math.abs(exact - close)).toBeLessThan(0.02);
});

test('says nothing of nothing', () => {
  expect(uTest([], [1]).p).toBe(1);
  expect(uTest([2, 2, 2, 2], [2, 2, 2, 2]).p).toBe(1);
});

test('the least p is that of sides that do not overlap', () => {
  expect(leastP(4, 4)).toBeCloseTo(2 / 70, 12);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (a, b) => {
      const low = Array.from({ length: a }, (_, i) => i);
      const high = Array.from({ length: b }, (_, i) => 100 + i);
      expect(uTest(low, high).p).toBeCloseTo(leastP(a, b), 10);
    }),
  );
});

test('chances of U add up, and are half below the middle', () => {
  expect(chanceOfAtMost(-1, 4, 4)).toBe(0);
  expect(chanceOfAtMost(1, 4, 4)).toBeCloseTo(2 / 70, 12);
  expect(chanceOfAtMost(16, 4, 4)).toBeCloseTo(1, 12);
  expect(chanceOfAtMost(60 * 30, 60, 60)).toBeCloseTo(0.5, 2);
  expect(choose(50, 25)).toBeCloseTo(126_410_606_437_752, -3);
});
