// Two shares: whether one is greater than the other, and by how much. What happens in heaps (all failures in
// one second, or in one run) tells less than as many that come alone: counts are divided by how much more
// they vary than those of independent events would.
import { logGamma, normalBelow, normalQuantile, studentBelow } from './distributions.ts';
import type { Interval } from './line.ts';

/** Some of the pulls or requests of a side: a run of several, or a few seconds of the one. */
export interface Part {
  readonly events: number;
  readonly of: number;
}

export interface SharesCompared {
  /** Parts of 1; null without anything to be a part of. */
  readonly base: number | null;
  readonly with: number | null;
  /** Two-sided; 1 where a side has nothing. */
  readonly p: number;
  /** How much more the parts vary than by chance alone, at least 1. */
  readonly dispersion: number;
  /** with − base, in parts of 1. */
  readonly difference: Interval | null;
  /** with / base; null where the base is 0. */
  readonly ratio: Interval | null;
}

/**
 * What few parts say of their dispersion is backed by this much of common sense, in degrees of freedom: t with
 * those of two sides of four runs alone would find next to nothing.
 */
const likeBefore = 4;
/** … and the dispersion itself is drawn that far towards the 1 of independent events: three degrees alone swing widely. */
const independentBefore = 2;

/** Bounds lie on the wrong side with a chance of at most about `tail` each. */
export function compareShares(
  base: readonly Part[],
  with_: readonly Part[],
  tail: number,
): SharesCompared {
  const [a, b] = [sumOf(base), sumOf(with_)];
  const { dispersion, freedom } = dispersionOf([base, with_]);
  if (a.of === 0 || b.of === 0) {
    const share = ({ events, of }: Part) => (of === 0 ? null : events / of);
    return {
      ...{ base: share(a), with: share(b), p: 1 },
      dispersion,
      difference: null,
      ratio: null,
    };
  }
  const fair = [a, b].map(({ events, of }) => ({
    events: events / dispersion,
    of: of / dispersion,
  }));
  const [thinA = a, thinB = b] = fair;
  const z = normalQuantile(1 - tail);
  return {
    base: a.events / a.of,
    with: b.events / b.of,
    // What was learned of the dispersion was learned of few parts.
    p: pOf(thinA, thinB, dispersion > 1 ? freedom + likeBefore : Number.POSITIVE_INFINITY),
    dispersion,
    difference: differenceOf(thinA, thinB, z),
    ratio: ratioOf(thinA, thinB, z),
  };
}

function sumOf(parts: readonly Part[]): Part {
  return {
    events: parts.reduce((sum, { events }) => sum + events, 0),
    of: parts.reduce((sum, { of }) => sum + of, 0),
  };
}

/** Pearson's: the mean of squared deviations, in units of what independent events would vary. */
function dispersionOf(sides: readonly (readonly Part[])[]): {
  readonly dispersion: number;
  readonly freedom: number;
} {
  let squares = 0;
  let freedom = 0;
  for (const parts of sides) {
    const { events, of } = sumOf(parts);
    const share = of === 0 ? 0 : events / of;
    if (share === 0 || share === 1) continue;
    const filled = parts.filter((part) => part.of > 0);
    for (const part of filled) {
      const expected = part.of * share;
      squares += (part.events - expected) ** 2 / (expected * (1 - share));
    }
    freedom += filled.length - 1;
  }
  return {
    dispersion:
      freedom < 1 ? 1 : Math.max(1, (squares + independentBefore) / (freedom + independentBefore)),
    freedom,
  };
}

/** Fewer events than these are counted exactly. */
const exactEventsMax = 60;

function pOf(a: Part, b: Part, freedom: number): number {
  const events = a.events + b.events;
  const none = a.of + b.of - events;
  if (events === 0 || none === 0) return 1;
  const share = events / (a.of + b.of);
  const error = Math.sqrt(share * (1 - share) * (1 / a.of + 1 / b.of));
  const off = Math.abs(a.events / a.of - b.events / b.of) / error;
  const p = Number.isFinite(freedom) ? 2 * (1 - studentBelow(off, freedom)) : 2 * normalBelow(-off);
  return Math.min(1, Math.min(events, none) < exactEventsMax ? Math.max(p, exactP(a, b)) : p);
}

/** Fisher's: all splits of the events over the sides that are no likelier than the one that was seen. */
function exactP(a: Part, b: Part): number {
  const [ofA, ofB] = [Math.round(a.of), Math.round(b.of)];
  const flip = a.events + b.events > (ofA + ofB) / 2;
  const seen = (part: Part, of: number) => {
    return Math.min(of, Math.max(0, Math.round(flip ? part.of - part.events : part.events)));
  };
  const [inA, inB] = [seen(a, ofA), seen(b, ofB)];
  const events = inA + inB;
  const logChance = (k: number) =>
    logChoose(ofA, k) + logChoose(ofB, events - k) - logChoose(ofA + ofB, events);
  const observed = logChance(inA);
  let p = 0;
  for (let k = Math.max(0, events - ofB); k <= Math.min(events, ofA); k++) {
    const log = logChance(k);
    if (log <= observed + 1e-7) p += Math.exp(log);
  }
  return Math.min(1, p);
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

/** Wilson's score interval of one share. */
function wilson({ events, of }: Part, z: number): { low: number; high: number } {
  const share = events / of;
  const middle = share + (z * z) / (2 * of);
  const reach = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  const whole = 1 + (z * z) / of;
  return {
    low: Math.max(0, (middle - reach) / whole),
    high: Math.min(1, (middle + reach) / whole),
  };
}

/** Newcombe's hybrid of two score intervals (1998, method 10). */
function differenceOf(a: Part, b: Part, z: number): Interval {
  const [inA, inB] = [wilson(a, z), wilson(b, z)];
  const [shareA, shareB] = [a.events / a.of, b.events / b.of];
  const value = shareB - shareA;
  return {
    value,
    low: value - Math.hypot(shareB - inB.low, inA.high - shareA),
    high: value + Math.hypot(inB.high - shareB, shareA - inA.low),
  };
}

/** The same hybrid on logarithms (Zou and Donner 2008). */
function ratioOf(a: Part, b: Part, z: number): Interval | null {
  if (a.events === 0) return null;
  const value = b.events / b.of / (a.events / a.of);
  const [inA, inB] = [wilson(a, z), wilson(b, z)];
  const reach = (from: number, to: number) => Math.log(to / from);
  const shareA = a.events / a.of;
  const shareB = b.events / b.of;
  const above = Math.hypot(shareB === 0 ? 0 : reach(shareB, inB.high), reach(inA.low, shareA));
  const high = shareB === 0 ? inB.high / inA.low : value * Math.exp(above);
  if (shareB === 0) return { value: 0, low: 0, high };
  const below = Math.hypot(reach(inB.low, shareB), reach(shareA, inA.high));
  return { value, low: value * Math.exp(-below), high };
}
