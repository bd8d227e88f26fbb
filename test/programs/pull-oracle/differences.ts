// Where a client's profile is known to differ from its program, and why that may be. The test fails on an entry
// that no longer shows a difference.
import type { Client } from './pulls.ts';

export interface Known {
  readonly client: string;
  /** Of faults. */
  readonly ids: readonly string[];
  readonly why: string;
}

export const knownDifferences: readonly Known[] = [];

export function isKnown({ name }: Client, fault: string): boolean {
  return knownDifferences.some(({ client, ids }) => client === name && ids.includes(fault));
}
