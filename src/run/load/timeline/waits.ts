// Pauses that clients make of their own accord.
import type { LoadWait } from '../../../../reports/results.ts';
import { asInteger, asObject, asString, type JsonObject } from '../../../lib/json.ts';
import { numberOf } from './line.ts';

type Why = LoadWait['why'];

const whys: readonly Why[] = ['back-off', 'retry-after', 'quota'];

interface Pauses {
  count: number;
  ms: number;
  /** Those that were not over at the end, and what was left of them. */
  underWay: number;
  leftMs: number;
}

export class Waits {
  readonly #pauses = new Map<Why, Pauses>();

  /** Takes a line of the metric of pauses, which has them whole when they begin. */
  addBegun(line: JsonObject): void {
    const pauses = this.#of(asString(asObject(line.tags)?.why));
    pauses.count += asInteger(line.count) ?? 0;
    pauses.ms += numberOf(line.sum);
  }

  /** Takes a line of the series `waiting`. */
  addUnderWay(line: JsonObject): void {
    const pauses = this.#of(asString(line.why));
    pauses.underWay += asInteger(line.count) ?? 0;
    pauses.leftMs += numberOf(line.leftUs) / 1000;
  }

  #of(name: string | undefined): Pauses {
    const why = whys.find((one) => one === name) ?? 'back-off';
    const known = this.#pauses.get(why) ?? { count: 0, ms: 0, underWay: 0, leftMs: 0 };
    this.#pauses.set(why, known);
    return known;
  }

  /** Pauses that were not over at the end, by their reason. */
  underWay(): { why: Why; count: number }[] {
    return [...this.#pauses]
      .filter(([, { underWay }]) => underWay > 0)
      .map(([why, { underWay }]) => ({ why, count: underWay }));
  }

  /** The longest first. */
  told(): LoadWait[] {
    return [...this.#pauses]
      .map(([why, { count, ms, leftMs }]) => ({
        why,
        count,
        seconds: Math.max(0, Math.round(ms - leftMs)) / 1000,
      }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.seconds - a.seconds);
  }

  totalMs(): number {
    let sum = 0;
    for (const { ms, leftMs } of this.#pauses.values()) sum += Math.max(0, ms - leftMs);
    return sum;
  }
}
