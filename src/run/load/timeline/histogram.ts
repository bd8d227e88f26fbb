// Histograms as the timeline holds them: made, added to from a line, and summed up in milliseconds.
import * as hdr from 'hdr-histogram-js';
import type { LatencySummary } from '../../../../reports/results.ts';
import type { Counts } from './histogram-counts.ts';

export { type Counts, readCounts as decode } from './histogram-counts.ts';

/** Microseconds to milliseconds, rounded to what the histograms resolve. */
export const toMs = (us: number) => Math.round(us) / 1000;

const valueUsMax = 3_600_000_000;

/** Microseconds up to an hour, to three significant digits. */
export class Histogram {
  /** Not `packed`: that takes a tenth of the memory, but 4 ms for one percentile. */
  readonly #values = hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: valueUsMax,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
  });

  /** Exact: each count goes where it was. */
  add({ values, counts }: Counts): void {
    for (let at = 0; at < values.length; at++) {
      this.#values.recordValueWithCount(values[at] as number, counts[at] as number);
    }
  }

  get totalCount(): number {
    return this.#values.totalCount;
  }

  get mean(): number {
    return this.#values.mean;
  }

  get maxValue(): number {
    return this.#values.maxValue;
  }

  getValueAtPercentile(percentile: number): number {
    return this.#values.getValueAtPercentile(percentile);
  }
}

export function newHistogram(): Histogram {
  return new Histogram();
}

export function summarize(histogram: Histogram): LatencySummary {
  const at = (percentile: number) => toMs(histogram.getValueAtPercentile(percentile));
  const count = histogram.totalCount;
  if (count === 0) return { count: 0, p50: 0, p90: 0, p95: 0, p99: 0, max: 0 };
  return {
    count,
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    max: toMs(histogram.maxValue),
  };
}
