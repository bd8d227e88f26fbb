// The seconds of a timeline, for charts and the live line.
import type { LoadResult } from '../../../../reports/results.ts';
import { asInteger, type JsonObject } from '../../../lib/json.ts';
import { type Counts, type Histogram, newHistogram, toMs } from './histogram.ts';

/** Longest run whose seconds are kept for charts. */
const secondsMax = 24 * 3600;
/** Seconds whose histogram (95 KB) is held; of earlier ones only the p95 is left. */
const secondsOpenMax = 60;

export interface Second {
  pulls: number;
  failed: number;
  bytes: number;
  /** Of successful pulls; undefined before the first and after the second was closed. */
  duration?: Histogram | undefined;
  /** Milliseconds, once the second is closed. */
  p95?: number;
}

type Entry = LoadResult['timeline'][number];

export class Seconds {
  readonly #seconds = new Map<number, Second>();
  /** Those that have a histogram, oldest first. */
  readonly #open: Second[] = [];
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  /** The second of a line; undefined for a line without, and when there are too many. */
  of(line: JsonObject): Second | undefined {
    const at = asInteger(line.t);
    if (at === undefined) return undefined;
    const known = this.#seconds.get(at);
    if (known !== undefined || this.#seconds.size >= secondsMax) return known;
    const second: Second = { pulls: 0, failed: 0, bytes: 0 };
    this.#seconds.set(at, second);
    this.#first = Math.min(at, this.#first);
    this.#last = Math.max(at, this.#last);
    return second;
  }

  addDuration(second: Second, counts: Counts): void {
    if (second.p95 !== undefined) return;
    if (second.duration === undefined) {
      second.duration = newHistogram();
      this.#open.push(second);
    }
    second.duration.add(counts);
    if (this.#open.length <= secondsOpenMax) return;
    const oldest = this.#open.shift();
    if (oldest?.duration === undefined) return;
    oldest.p95 = p95Of(oldest.duration);
    oldest.duration = undefined;
  }

  /** One entry per second from the first to the last, gaps included. */
  all(): Entry[] {
    if (this.#seconds.size === 0) return [];
    const length = Math.min(this.#last - this.#first + 1, secondsMax);
    return Array.from({ length }, (_, second) => this.#entry(second));
  }

  /** Cheap, however long the run. */
  latest(): Entry | undefined {
    return this.#seconds.size === 0 ? undefined : this.#entry(this.#last - this.#first);
  }

  /** Of at most so many seconds, the latest last. */
  tail(seconds: number): Entry[] {
    if (this.#seconds.size === 0) return [];
    const length = Math.min(this.#last - this.#first + 1, seconds);
    const from = this.#last - this.#first + 1 - length;
    return Array.from({ length }, (_, at) => this.#entry(from + at));
  }

  #entry(second: number): Entry {
    const known = this.#seconds.get(this.#first + second);
    const { pulls = 0, failed = 0, bytes = 0, duration, p95 } = known ?? {};
    return {
      second,
      pulls,
      failed,
      bytes,
      p95: duration === undefined ? (p95 ?? 0) : p95Of(duration),
    };
  }
}

function p95Of(histogram: Histogram): number {
  return toMs(histogram.getValueAtPercentile(95));
}
