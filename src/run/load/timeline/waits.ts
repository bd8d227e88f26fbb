// Pauses that clients make of their own accord.
import type { LoadWait } from '../../../../reports/results.ts';
import { asInteger, asObject, asString, type JsonObject } from '../../../lib/json.ts';
import { numberOf } from './line.ts';

type Why = LoadWait['why'];

const whys: readonly Why[] = ['back-off', 'retry-after', 'quota'];

interface Pauses {
  count: number;
  ms: number;
  /** What was left at the end of those that were not over. */
  leftMs: number;
}

/** Pauses that were not over at the end, after failures of one kind; a quota has none. */
export interface UnderWay {
  readonly why: Why;
  readonly class?: string | undefined;
  readonly hop?: string | undefined;
  readonly host?: string | undefined;
  readonly count: number;
}

const kindsMax = 1000;

export class Waits {
  readonly #pauses = new Map<Why, Pauses>();
  readonly #underWay = new Map<string, UnderWay>();

  /** Takes a line of the metric of pauses, which has them whole when they begin. */
  addBegun(line: JsonObject): void {
    const pauses = this.#of(asString(asObject(line.tags)?.why));
    pauses.count += asInteger(line.count) ?? 0;
    pauses.ms += numberOf(line.sum);
  }

  /** Takes a line of the series `waiting`. */
  addUnderWay(line: JsonObject): void {
    this.#of(asString(line.why)).leftMs += numberOf(line.leftUs) / 1000;
    const kind = {
      why: whyOf(asString(line.why)),
      class: asString(line.class),
      hop: asString(line.hop),
      host: asString(line.host),
    };
    const key = JSON.stringify(kind);
    const known = this.#underWay.get(key);
    if (known === undefined && this.#underWay.size >= kindsMax) return;
    this.#underWay.set(key, {
      ...kind,
      count: (known?.count ?? 0) + (asInteger(line.count) ?? 0),
    });
  }

  #of(name: string | undefined): Pauses {
    const why = whyOf(name);
    const known = this.#pauses.get(why) ?? { count: 0, ms: 0, leftMs: 0 };
    this.#pauses.set(why, known);
    return known;
  }

  /** Most first. */
  underWay(): UnderWay[] {
    return [...this.#underWay.values()].sort((a, b) => b.count - a.count);
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

function whyOf(name: string | undefined): Why {
  return whys.find((one) => one === name) ?? 'back-off';
}
