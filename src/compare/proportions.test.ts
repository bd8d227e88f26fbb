import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binomial } from '../../test/lib/compare-worlds.ts';
import { randomFrom } from '../lib/random.ts';
import { compareShares } from './proportions.ts';

const side = (events: number, of: number) => [{ events, of }];

test('none against some is counted exactly', () => {
  // Fisher: 0 of 10 against 5 of 10 is (10 choose 5) / (20 choose 5), twice.
  expect(compareShares(side(0, 10), side(5, 10), 0.025).p).toBeCloseTo((2 * 252) / 15_504, 6);
  const found = compareShares(side(0, 1000), side(12, 1000), 0.025);
  expect(found.p).toBeLessThan(0.001);
  expect(found.ratio).toBeNull();
  expect(found.difference?.low).toBeGreaterThan(0);
});

test('none on both sides, and a side without anything, say nothing', () => {
  expect(compareShares(side(0, 500), side(0, 500), 0.025).p).toBe(1);
  expect(compareShares(side(0, 0), side(3, 500), 0.025)).toMatchObject({
    base: null,
    p: 1,
    difference: null,
    ratio: null,
  });
});

test('events in heaps say less than as many that come alone', () => {
  const even = compareShares(
    [
      { events: 10, of: 1000 },
      { events: 11, of: 1000 },
      { events: 9, of: 1000 },
    ],
    [
      { events: 20, of: 1000 },
      { events: 21, of: 1000 },
      { events: 22, of: 1000 },
    ],
    0.025,
  );
  const heaped = compareShares(
    [
      { events: 0, of: 1000 },
      { events: 30, of: 1000 },
      { events: 0, of: 1000 },
    ],
    [
      { events: 63, of: 1000 },
      { events: 0, of: 1000 },
      { events: 0, of: 1000 },
    ],
    0.025,
  );
  expect(even.dispersion).toBe(1);
  expect(even.p).toBeLessThan(0.001);
  expect(heaped.dispersion).toBeGreaterThan(10);
  expect(heaped.p).toBeGreaterThan(0.2);
});

test('the bounds hold what was seen, and turn with the sides', () => {
  const part = fc
    .tuple(fc.nat(400), fc.integer({ min: 1, max: 400 }))
    .map(([events, more]) => side(events, events + more));
  fc.assert(
    fc.property(part, part, (a, b) => {
      const there = compareShares(a, b, 0.025);
      const back = compareShares(b, a, 0.025);
      expect(back.p).toBeCloseTo(there.p, 9);
      for (const interval of [there.difference, there.ratio]) {
        if (interval === null) continue;
        expect(interval.low).toBeLessThanOrEqual(interval.value + 1e-12);
        expect(interval.high).toBeGreaterThanOrEqual(interval.value - 1e-12);
      }
      expect(back.difference?.low).toBeCloseTo(-(there.difference?.high ?? 0), 9);
    }),
  );
});

test.each([0.002, 0.03, 0.5])(
  'of a share of %d the p and the bounds are as rare as they say',
  (share) => {
    const random = randomFrom(21);
    const repeats = 600;
    let alarms = 0;
    let wrong = 0;
    for (let at = 0; at < repeats; at++) {
      const draw = () => side(binomial(1000, share, random), 1000);
      const { p, difference } = compareShares(draw(), draw(), 0.025);
      if (p <= 0.05) alarms++;
      if (difference === null || difference.low > 0 || difference.high < 0) wrong++;
    }
    const most = (0.05 + 3 * Math.sqrt((0.05 * 0.95) / repeats)) * repeats;
    expect(alarms).toBeLessThan(most);
    expect(wrong).toBeLessThan(most);
  },
);
