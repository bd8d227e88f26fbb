// Pulls of each client and of each image, where a run has several.
import type { LoadPart } from '../../../../reports/results.ts';
import { asObject, asString, type JsonObject } from '../../../lib/json.ts';
import { type Counts, newHistogram, summarize } from './histogram.ts';

/** Scripts choose what they tag: names beyond these are not told apart. */
const partsMax = 100;

type Tag = 'client' | 'image';

class Part {
  readonly duration = newHistogram();
  started = 0;
  ok = 0;
  failed = 0;
  retried = 0;
}

export type PartCount = 'started' | 'ok' | 'failed' | 'retried';

export class Parts {
  readonly #parts = new Map<string, Part>();
  readonly #tag: Tag;

  constructor(tag: Tag) {
    this.#tag = tag;
  }

  count(line: JsonObject, what: PartCount, sum: number): void {
    const part = this.#of(line);
    if (part !== undefined) part[what] += sum;
  }

  addDuration(line: JsonObject, counts: Counts): void {
    this.#of(line)?.duration.add(counts);
  }

  #of(line: JsonObject): Part | undefined {
    const name = asString(asObject(line.tags)?.[this.#tag]);
    if (name === undefined) return undefined;
    const known = this.#parts.get(name);
    if (known !== undefined || this.#parts.size >= partsMax) return known;
    const part = new Part();
    this.#parts.set(name, part);
    return part;
  }

  names(): string[] {
    return [...this.#parts.keys()].sort();
  }

  /** Nothing where there is only one. `cut`: what began and did not end has failed. */
  told(cut: boolean): Record<string, LoadPart> | undefined {
    if (this.#parts.size < 2) return undefined;
    const names = [...this.#parts].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      names.map(([name, { started, ok, failed, retried, duration }]) => [
        name,
        {
          ok,
          failed: cut ? Math.max(failed, started - ok) : failed,
          retried,
          pullMs: summarize(duration),
        },
      ]),
    );
  }
}
