// What a bench is: a comparison that prints its figures and judges them. run.ts runs them.
import type { Verdict } from './figures.ts';

export interface BenchSettings {
  /** Virtual users of load. */
  readonly vus: number;
  /** Seconds of each measurement. */
  readonly seconds: number;
  /** Pairs of measurements, taken in turns; medians are judged. */
  readonly pairs: number;
  /** The one part of a bench that is wanted; default all. */
  readonly only: string | undefined;
}

export type Say = (message: string) => void;

export interface Bench {
  readonly name: string;
  /** Prints its tables on stdout. @throws UserError exit 3: a tool is missing */
  run(
    settings: BenchSettings,
    say: Say,
    signal: AbortSignal,
  ): Promise<{ figures: unknown; verdicts: readonly Verdict[] }>;
}
