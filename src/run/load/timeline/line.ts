// What every reader of a timeline does with a line, whether it tells of pulls or of pushes.
import type { JsonObject } from '../../../lib/json.ts';

/** 0 for what is no number. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** Milliseconds since 1970 of the first request's start and of the last end of anything; 0 before any. */
export interface Window {
  firstMs: number;
  lastMs: number;
}

/** Takes in the requests of the line. */
export function widen(window: Window, line: JsonObject): void {
  const first = numberOf(line.firstMs);
  if (first > 0 && (window.firstMs === 0 || first < window.firstMs)) window.firstMs = first;
  window.lastMs = Math.max(window.lastMs, numberOf(line.lastMs));
}
