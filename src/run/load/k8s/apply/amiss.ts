// What is amiss, since when, and when it counts: remembers from look to look.
import type { Look } from './look.ts';
import type { Reason, SignKind } from './reasons.ts';
import { isLoading, reasonOf, type Sign } from './signs.ts';

export interface Amiss {
  readonly reason: Reason;
  readonly sign: Sign;
  readonly sinceMs: number;
  /** From when on it does not mend itself. */
  readonly countsMs: number;
  /** The others go on without. */
  readonly isSpared: boolean;
}

/** A sign that is away for less comes of the same: kubelet tries, and waits. */
const goneMs = 15_000;
const growing: ReadonlySet<string> = new Set(['TriggeredScaleUp', 'Nominated']);

export class Troubles {
  readonly #since = new Map<string, { sinceMs: number; lastMs: number }>();
  readonly #patienceMs: number | undefined;

  /** `patienceMs`: instead of what the table says of whatever may mend itself. */
  constructor(patienceMs: number | undefined) {
    this.#patienceMs = patienceMs;
  }

  /** What is amiss now, what counts first in front. */
  seen(look: Look, signs: readonly Sign[], nowMs: number): Amiss[] {
    const growsFor = new Set(
      look.events.filter(({ reason }) => growing.has(reason)).map(({ uid }) => uid),
    );
    const grown = look.pods.filter(({ uid }) => growsFor.has(uid)).map(({ name }) => name);
    // Warnings of one and the same come again and again: the last says all.
    const found = new Map<string, Amiss>();
    for (const sign of signs) {
      const reason = reasonOf(sign);
      if (reason === undefined) continue;
      const key = `${reason.id} ${sign.who}`;
      const sinceMs = this.#sinceOf(key, nowMs);
      if (nowMs - sinceMs < (reason.quietSeconds ?? 0) * 1000) continue;
      const lastsMs = this.#lastsMs(reason, grown.includes(sign.pod ?? ''));
      const isSpared = reason.spares === true && sign.role === 'runner' && isLoading(look);
      found.set(key, { reason, sign, sinceMs, countsMs: sinceMs + lastsMs, isSpared });
    }
    return [...found.values()].sort((a, b) => a.countsMs - b.countsMs);
  }

  #lastsMs({ seconds, secondsGrowing }: Reason, isGrowing: boolean): number {
    if (seconds === 0) return 0;
    if (isGrowing && secondsGrowing !== undefined) {
      return Math.max(secondsGrowing * 1000, this.#patienceMs ?? 0);
    }
    return this.#patienceMs ?? seconds * 1000;
  }

  #sinceOf(key: string, nowMs: number): number {
    const known = this.#since.get(key);
    const sinceMs = known === undefined || nowMs - known.lastMs > goneMs ? nowMs : known.sinceMs;
    this.#since.set(key, { sinceMs, lastMs: nowMs });
    return sinceMs;
  }
}

/** Signs that are the cause of the others, or say more of it, in front. */
const telling: readonly SignKind[] = ['end', 'event', 'container', 'schedule', 'run'];

/** Of all that ends the run and has lasted long enough, the most telling. */
export function endOf(amiss: readonly Amiss[], nowMs: number): Amiss | undefined {
  const counting = amiss.filter(({ isSpared, countsMs }) => !isSpared && countsMs <= nowMs);
  const place = ({ sign }: Amiss) => telling.indexOf(sign.kind);
  return counting.sort((a, b) => place(a) - place(b))[0];
}
