import fc from 'fast-check';
import * as hdr from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { decode, newHistogram, summarize } from './histogram.ts';
import { writeCounts } from './histogram-counts.ts';

const shape = {
  lowestDiscernibleValue: 1,
  highestTrackableValue: 3_600_000_000,
  numberOfSignificantValueDigits: 3 as const,
};

function histogramOf(valuesUs: readonly number[]): hdr.Histogram {
  const histogram = hdr.build(shape);
  for (const value of valuesUs) histogram.recordValue(value);
  return histogram;
}

test('adding what a line holds says what the library itself says of its histograms', () => {
  const anyUs = fc.oneof(
    fc.integer({ min: 1, max: 5000 }),
    fc.integer({ min: 1, max: 3_600_000_000 }),
  );
  const batches = fc.array(fc.array(anyUs, { minLength: 1, maxLength: 30 }), { maxLength: 5 });
  fc.assert(
    fc.property(batches, (parts) => {
      const ours = newHistogram();
      const theirs = hdr.build(shape);
      for (const values of parts) {
        const encoded = hdr.encodeIntoCompressedBase64(histogramOf(values));
        const counts = decode(encoded);
        if (counts === undefined) throw new Error('not read');
        ours.add(counts);
        theirs.add(hdr.decodeFromCompressedBase64(encoded) as hdr.Histogram);
      }
      expect(ours.totalCount).toBe(theirs.totalCount);
      expect(ours.mean).toBeCloseTo(theirs.mean, 3);
      if (theirs.totalCount === 0) return;
      expect(ours.maxValue).toBe(theirs.maxValue);
      for (const percentile of [0, 1, 50, 90, 95, 99, 99.9, 100]) {
        expect(ours.getValueAtPercentile(percentile)).toBe(theirs.getValueAtPercentile(percentile));
      }
    }),
  );
});

test('what is encoded again is read as before, by the library too', () => {
  const anyUs = fc.oneof(
    fc.integer({ min: 1, max: 5000 }),
    fc.integer({ min: 1, max: 3_600_000_000 }),
  );
  const anyCount = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 40 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(anyUs, anyCount), { maxLength: 30 }), (pairs) => {
      const recorded = hdr.build({ ...shape, bitBucketSize: 64 });
      for (const [value, count] of pairs) recorded.recordValueWithCount(value, count);
      const encoded = hdr.encodeIntoCompressedBase64(recorded);
      const histogram = hdr.decodeFromCompressedBase64(encoded, 64) as hdr.Histogram;
      const counts = decode(encoded);
      if (counts === undefined) throw new Error('not read');
      const again = writeCounts(counts);
      expect(decode(again)).toEqual(counts);
      const theirs = hdr.decodeFromCompressedBase64(again, 64) as hdr.Histogram;
      expect(theirs.totalCount).toBe(histogram.totalCount);
      expect(theirs.maxValue).toBe(histogram.maxValue);
      expect(theirs.getValueAtPercentile(50)).toBe(histogram.getValueAtPercentile(50));
    }),
  );
});

test('large counts are read whole', () => {
  const histogram = hdr.build(shape);
  histogram.recordValueWithCount(1234, 123_456_789);
  const counts = decode(hdr.encodeIntoCompressedBase64(histogram));
  expect(counts).toEqual({ values: [1234], counts: [123_456_789] });
});

test('what is no such histogram is nothing, however it is damaged', () => {
  const good = Buffer.from(hdr.encodeIntoCompressedBase64(histogramOf([5, 70_000])), 'base64');
  const other = hdr.build({ ...shape, numberOfSignificantValueDigits: 2 });
  for (const wrong of [undefined, 7, '', 'x', hdr.encodeIntoCompressedBase64(other)]) {
    expect(decode(wrong)).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const damaged = Buffer.from(good);
      damaged[at] = byte;
      const counts = decode(damaged.toString('base64'));
      if (counts !== undefined) expect(() => summarize(added(counts))).not.toThrow();
    }),
  );
});

function added(counts: NonNullable<ReturnType<typeof decode>>) {
  const histogram = newHistogram();
  histogram.add(counts);
  return histogram;
}
