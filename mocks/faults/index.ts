// The catalogue of faults, and finding one by its id.
import { UserError } from '../../src/protocol/user-error.ts';
import { authFaults } from './auth.ts';
import { contentFaults } from './content.ts';
import { errorFaults } from './errors.ts';
import type { Fault } from './fault.ts';
import { headerFaults } from './headers.ts';
import { rangeFaults } from './ranges.ts';
import { redirectFaults } from './redirects.ts';
import { wireFaults } from './wires.ts';

export type { Fault } from './fault.ts';

/** Every way in which the mock can be wrong. */
export const faults: readonly Fault[] = [
  ...headerFaults,
  ...contentFaults,
  ...errorFaults,
  ...rangeFaults,
  ...authFaults,
  ...redirectFaults,
  ...wireFaults,
];

const ID_CHARS_MAX = 100;

/** @throws UserError `fault-unknown`, naming the nearest id */
export function findFault(id: string): Fault {
  const found = faults.find((fault) => fault.id === id);
  if (found !== undefined) return found;
  const shown = JSON.stringify(id.slice(0, ID_CHARS_MAX));
  throw new UserError(
    'fault-unknown',
    `the mock has no fault named ${shown}`,
    `Did you mean "${nearestId(id.slice(0, ID_CHARS_MAX))}"? "pullproof list faults" shows all.`,
  );
}

function nearestId(id: string): string {
  const ranked = faults.map((fault) => ({ id: fault.id, edits: editDistance(id, fault.id) }));
  return ranked.reduce((best, one) => (one.edits < best.edits ? one : best)).id;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
