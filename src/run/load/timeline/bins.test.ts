// That bins lose nothing but what is within 1 % of each value, and that percentiles are those of the values.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addBins, binOf, binsMax, leastOf, OpenBins, percentileOf } from './bins.ts';

const anyUs = fc.integer({ min: 1, max: 3_600_000_000 });

function binsOf(values: readonly number[]) {
  const open = new OpenBins();
  open.add({ values, counts: values.map(() => 1) });
  return open.take();
}

describe('classes', () => {
  test('hold the value, and are narrow', () => {
    fc.assert(
      fc.property(anyUs, (us) => {
        const bin = binOf(us);
        expect(bin).toBeLessThan(binsMax);
        expect(leastOf(bin)).toBeLessThanOrEqual(us);
        expect(leastOf(bin + 1)).toBeGreaterThan(us);
        expect(leastOf(bin + 1) - leastOf(bin)).toBeLessThanOrEqual(Math.max(1, us / 64));
      }),
      { examples: [[1], [63], [64], [65], [127], [128], [2 ** 31], [3_600_000_000]] },
    );
  });
});

describe('percentiles', () => {
  test('are within 1 % of the exact ones', () => {
    fc.assert(
      fc.property(
        fc.array(anyUs, { minLength: 1, maxLength: 300 }),
        fc.constantFrom(50, 90, 95, 99),
        (values, percentile) => {
          const sorted = values.toSorted((a, b) => a - b);
          const rank = Math.max(1, Math.floor((percentile / 100) * values.length + 0.5));
          const exactMs = (sorted[rank - 1] as number) / 1000;
          const told = percentileOf(binsOf(values), percentile) as number;
          expect(Math.abs(told - exactMs)).toBeLessThanOrEqual(Math.max(0.001, exactMs * 0.01));
        },
      ),
    );
  });

  test('there are none of nothing', () => {
    expect(percentileOf(undefined, 50)).toBeNull();
    expect(new OpenBins().take()).toBeUndefined();
  });
});

test('bins together are those of all values', () => {
  const some = fc.array(anyUs, { maxLength: 50 });
  fc.assert(
    fc.property(some, some, (a, b) => {
      expect(addBins(binsOf(a), binsOf(b))).toEqual(binsOf([...a, ...b]));
    }),
  );
});

test('what was taken is counted no more', () => {
  const open = new OpenBins();
  open.add({ values: [5, 700], counts: [2, 1] });
  open.take();
  open.add({ values: [70], counts: [3] });
  expect(open.take()).toEqual(binsOf([70, 70, 70]));
});
