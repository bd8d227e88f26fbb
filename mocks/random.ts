// Chances that repeat: the same seed and purpose give the same numbers. Not for secrets.
import { createHash } from 'node:crypto';

/** The next number, from 0 to below 1. */
export type Random = () => number;

/** Mulberry32, started from a hash of seed and purpose, so that purposes do not disturb each other. */
export function randomOf(seed: number, purpose: string): Random {
  let state = createHash('sha256').update(`${seed} ${purpose}`).digest().readUInt32LE();
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
