// A value that costs time to make: made when it is asked for, and anew no more often than it may cost.

/** How often a value is made. */
export interface Pace {
  /** After it was made, the value stays for so many times the CPU time that this took … */
  readonly restFactor: number;
  /** … but for no less, … */
  readonly ageMsMin: number;
  /** … and, unless that is more, for no more. */
  readonly ageMsMax: number;
}

/** `value()` gives what `make` gave, which may be of a while ago. */
export class Seldom<T> {
  readonly #make: () => T;
  readonly #pace: Pace;
  #made: { readonly value: T; readonly untilMs: number } | undefined;

  constructor(make: () => T, pace: Pace) {
    this.#make = make;
    this.#pace = pace;
  }

  value(): T {
    if (this.#made !== undefined && performance.now() < this.#made.untilMs) return this.#made.value;
    const { restFactor, ageMsMin, ageMsMax } = this.#pace;
    const before = process.cpuUsage();
    const value = this.#make();
    const { user, system } = process.cpuUsage(before);
    const restMs = Math.min(ageMsMax, (restFactor * (user + system)) / 1000);
    this.#made = { value, untilMs: performance.now() + Math.max(ageMsMin, restMs) };
    return value;
  }
}
