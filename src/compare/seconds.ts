// What a run saw, second by second, held so that resampling it is cheap: the run is cut into at most 120
// cells of whole seconds, and latencies fall into classes of 1 %. Its size does not grow with the run.

/** Cells of a run; longer runs have longer ones. */
const cellsMax = 120;
/** Classes of a latency: 1 % wide. */
const classesPerE = 100;
/** Of one histogram; the latencies of an hour in microseconds take 2,200. */
const classesMax = 4000;

/** How a run of so many seconds is cut. */
class Cells {
  readonly count: number;
  readonly #cellSeconds: number;
  readonly #seconds: number;

  constructor(seconds: number) {
    this.#seconds = Math.max(1, Math.floor(seconds));
    this.#cellSeconds = Math.ceil(this.#seconds / cellsMax);
    this.count = Math.ceil(this.#seconds / this.#cellSeconds);
  }

  /** Seconds before the first and behind the last belong to these. */
  of(second: number): number {
    const within = Math.min(Math.max(0, Math.floor(second)), this.#seconds - 1);
    return Math.floor(within / this.#cellSeconds);
  }

  /** How long each cell lasts. */
  lengths(): number[] {
    return Array.from({ length: this.count }, (_, at) =>
      Math.min(this.#cellSeconds, this.#seconds - at * this.#cellSeconds),
    );
  }
}

/** Counts of one thing over a run. */
export class SecondCounts {
  readonly #cells: Cells;
  readonly #counts: Float64Array;

  /** `seconds`: whole ones of the measured window, the same for all that is held of a run. */
  constructor(seconds: number) {
    this.#cells = new Cells(seconds);
    this.#counts = new Float64Array(this.#cells.count);
  }

  add(second: number, count: number): void {
    const cell = this.#cells.of(second);
    this.#counts[cell] = (this.#counts[cell] as number) + count;
  }

  /** By cell. */
  get counts(): Float64Array {
    return this.#counts;
  }

  /** Seconds of each cell. */
  get lengths(): readonly number[] {
    return this.#cells.lengths();
  }
}

/** Latencies of one place over a run. */
export class SecondHistogram {
  readonly #cells: Cells;
  readonly #classes = new Map<number, Float64Array>();

  /** `seconds`: as of `SecondCounts`. */
  constructor(seconds: number) {
    this.#cells = new Cells(seconds);
  }

  /** Values in any unit that is the same for both sides; those that are not above 0 count as the least. */
  add(second: number, values: readonly number[], counts: readonly number[]): void {
    const cell = this.#cells.of(second);
    for (let at = 0; at < values.length; at++) {
      const of = this.#classOf(values[at] as number);
      of[cell] = (of[cell] as number) + (counts[at] as number);
    }
  }

  #classOf(value: number): Float64Array {
    const wanted = Math.floor(Math.log(Math.max(value, 1e-6)) * classesPerE);
    const known = this.#classes.get(wanted);
    if (known !== undefined) return known;
    // Beyond the bound: the nearest there is.
    if (this.#classes.size >= classesMax) return this.#nearest(wanted);
    const made = new Float64Array(this.#cells.count);
    this.#classes.set(wanted, made);
    return made;
  }

  #nearest(wanted: number): Float64Array {
    let best = Number.POSITIVE_INFINITY;
    for (const one of this.#classes.keys()) {
      if (Math.abs(one - wanted) < Math.abs(best - wanted)) best = one;
    }
    return this.#classes.get(best) as Float64Array;
  }

  get cells(): number {
    return this.#cells.count;
  }

  /** Classes in rising order: the logarithm of where each begins, and its counts by cell. */
  classes(): { readonly log: number; readonly counts: Float64Array }[] {
    return [...this.#classes]
      .sort(([a], [b]) => a - b)
      .map(([at, counts]) => ({ log: at / classesPerE, counts }));
  }
}

/** Width of a class, as a logarithm. */
export const classLog = 1 / classesPerE;
