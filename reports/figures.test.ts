import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes, count, duration, moment, plural, rate } from './figures.ts';

test.each([
  [count(18010.4), '18,010'],
  [count(Number.NaN), '–'],
  [plural(1, 'error'), '1 error'],
  [plural(0, 'query', 'queries'), '0 queries'],
  [rate(0.3141), '0.314'],
  [rate(1602.4), '1,602'],
  [rate(Number.POSITIVE_INFINITY), '–'],
  [duration(0), '0 ms'],
  [duration(0.4218), '0.422 ms'],
  [duration(182.4), '182 ms'],
  [duration(999.6), '1 s'],
  [duration(1250), '1.25 s'],
  [duration(59_960), '1 min'],
  [duration(200_000), '3 min 20 s'],
  [bytes(999), '999 B'],
  [bytes(999.9), '1 kB'],
  [bytes(1_900_000_000), '1.9 GB'],
  [bytes(5e18), '5,000 PB'],
  [moment('2026-03-01T09:30:00.123Z'), '2026-03-01 09:30:00 UTC'],
  [moment('<b>'), '<b>'],
])('%s', (shown, expected) => {
  expect(shown).toBe(expected);
});

test('any number is shown in a few characters', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (value) => {
      for (const show of [count, rate, bytes]) {
        expect(show(value)).toMatch(/^[\d.,e+-]+( [kMGTP]?B)?$/);
        expect(show(value).length).toBeLessThan(26);
      }
    }),
  );
});
