// Over which time the rates of a run are: from its first request to the end of the load.
import type { LoadResult } from '../../../../reports/results.ts';
import { durationSecondsOf, type PlannedShape } from '../../../../scenarios/lib/plan.ts';
import type { Window } from '../timeline/line.ts';

interface Ended extends Window {
  /** When k6 ended; 0 when it does not say. */
  readonly endMs: number;
}

/**
 * Milliseconds since 1970. A load of a number of pulls ends with the last of them, and with what was given
 * up. One of a duration lasts for that, too: whose users pause, or whose rate is low, ends later than its last
 * request.
 */
export function endOfLoad({ firstMs, lastMs, endMs }: Ended, shape: PlannedShape): number {
  if (!lastsSoLong(shape) || endMs === 0) return lastMs;
  return Math.max(lastMs, Math.min(endMs, firstMs + durationSecondsOf(shape) * 1000));
}

/** The same by what reports call a shape: those that are a number of pulls. */
export const countedShapes: readonly LoadResult['shape'][] = [
  ...(['smoke', 'herd', 'iterations', 'replay'] as const),
];

/** It has a duration, and is not a number of pulls. */
export function lastsSoLong({ kind }: PlannedShape): boolean {
  return kind === 'vus' || kind === 'rate' || kind === 'stages';
}

/** Never 0: it divides. */
export function secondsBetween(firstMs: number, endMs: number): number {
  return Math.max((endMs - firstMs) / 1000, 0.001);
}
