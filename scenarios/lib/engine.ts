// What a k6 does for these scenarios: our own build (built.ts), or any other (stock.ts).
import type { Perform } from './drive.ts';

export interface Engine {
  readonly perform: Perform;
  /** Milliseconds, as finely as it can tell them; only differences mean something. */
  readonly now: () => number;
  /** Adds to metrics that were declared in the init context: name, value, name, value and so on. */
  readonly add: (...namesAndValues: (string | number)[]) => void;
  /** Closes what a client leaves open that is a new process for each pull. */
  readonly endPull: () => void;
}
