// What is compared: lines of a table, each with what was seen in every run of two sides; and what comes of it.
import type { SecondCounts, SecondHistogram } from './seconds.ts';

export type Line = MeasuredLine | ShareLine;

export type MeasuredLine = LatencyLine | RateLine;

/** A percentile of latencies. */
export interface LatencyLine extends Sides<LatencyRun> {
  readonly kind: 'latency';
  readonly percentile: Percentile;
}

export type Percentile = 50 | 95 | 99;

/** How many a second. */
export interface RateLine extends Sides<RateRun> {
  readonly kind: 'rate';
}

/** A part of all. */
export interface ShareLine extends Sides<ShareRun> {
  readonly kind: 'share';
  /** Whether more of it is `worse` (failures, drops, retries) or `better` (hits of a cache). */
  readonly more: 'worse' | 'better';
}

export interface Sides<Run> {
  /** Told back with what comes of the line. */
  readonly id: string;
  readonly base: readonly Run[];
  readonly with: readonly Run[];
  /** Of a calibration: the factor, at least 1, by which runs of one and the same differ in this line. */
  readonly noise?: number | undefined;
}

export interface LatencyRun {
  /** The percentile over the whole run, ms; null without a sample. */
  readonly value: number | null;
  /** Samples behind it. */
  readonly count: number;
  /** Over time; needed where a side has fewer than four runs. One and the same for all percentiles of it. */
  readonly seconds?: SecondHistogram | undefined;
}

export interface RateRun {
  /** Per second; null where nothing was measured. */
  readonly value: number | null;
  readonly count: number;
  readonly seconds?: SecondCounts | undefined;
}

export interface ShareRun {
  readonly events: number;
  readonly of: number;
  readonly seconds?: { readonly events: SecondCounts; readonly of: SecondCounts } | undefined;
}

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** `slower` also for failures, drops and retries that are more, and for rates and hits that fell. */
export type LineVerdict = 'slower' | 'faster' | 'no evidence' | 'too few';

/** What comes of one line. Latencies in ms, rates per second, shares in percent. */
export interface Decision {
  readonly id: string;
  /** Median over the runs that have it; of shares all runs together. */
  readonly base: number | null;
  readonly with: number | null;
  /** with / base; null where the base is 0 or nothing can be said. */
  readonly ratio: Interval | null;
  /** with − base. */
  readonly difference: Interval | null;
  /** `adjusted` holds for the whole table, to be compared with 0.05. */
  readonly p?: { readonly raw: number; readonly adjusted: number };
  readonly verdict: LineVerdict;
  /** Slower, and by more than counts. */
  readonly regression: boolean;
  /** Why it is too few, and how many would do. */
  readonly why?: string;
}

export interface TableOptions {
  /** Least change that counts, as a part of the base: 0.1 is 10 %. */
  readonly minEffect: number;
  /** Least change of a latency that counts, ms; 0: any. */
  readonly floorMs: number;
  /** Of the resamples. */
  readonly seed: number;
}

/** Chance of any false alarm in a table, and its parts: for latencies and rates; for shares. */
export const alpha = 0.05;
export const measuresAlpha = 0.03;
export const countsAlpha = 0.02;
