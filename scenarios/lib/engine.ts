// What a k6 does for these scenarios: our own build (built.ts), or any other (stock.ts).
import type { Perform } from './drive.ts';

/** What a figure is of, as names and values; empty values are left out. */
export type Tags = Readonly<Record<string, string>>;

export interface Engine {
  readonly perform: Perform;
  /** Milliseconds, as finely as it can tell them; only differences mean something. */
  readonly now: () => number;
  /** Adds to metrics that were declared in the init context: name, value, name, value and so on. */
  readonly add: (...namesAndValues: (string | number)[]) => void;
  /** The same with tags. */
  readonly addTagged: (tags: Tags, ...namesAndValues: (string | number)[]) => void;
  /** Whether nobody in this process asked with this key before; beyond some thousand keys, false. */
  readonly isFirst: (key: string) => boolean;
  /** A pull of this user begins: its requests are those of one pull from now on, of which a few are kept whole. */
  readonly beginPull: () => void;
  /** It is over; `failure` is its class, '' for none. */
  readonly tellPull: (client: string, image: string, failure: string) => void;
  /** Closes what a client leaves open that is a new process for each pull. */
  readonly endPull: () => void;
}
