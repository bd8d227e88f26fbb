// What differs between runs of `validate`: findings that the base does not have. A finding is known again by
// its document, rule and place in it, so that lines may move; else by what it marks, so that entries may.
import type { DocumentFinding, ValidateComparison } from '../../../reports/comparison.ts';
import type { DocumentResult, Finding } from '../../../reports/results.ts';
import type { LevelWanted } from './conform.ts';

type Documents = readonly DocumentResult[];

/** The documents of the runs of each side. With `must`, only new errors are regressions. */
export function compareDocuments(
  base: readonly Documents[],
  others: readonly Documents[],
  level: LevelWanted,
): ValidateComparison {
  const byPlace = differing(findingsOf(base), findingsOf(others), placeOf);
  const byMarks = differing(byPlace.gone, byPlace.appeared, marksOf);
  return {
    appeared: byMarks.appeared
      .map((one) => ({ ...one, regression: counts(one, level) }))
      .sort((a, b) => Number(b.regression) - Number(a.regression)),
    gone: byMarks.gone.map((one) => ({ ...one, regression: false })),
    same: byPlace.same + byMarks.same,
  };
}

type Placed = Omit<DocumentFinding, 'regression'>;

/** Of all runs together; what several of them find is one finding. */
function findingsOf(runs: readonly Documents[]): Placed[] {
  const [first = [], ...others] = runs.map((documents) =>
    documents.flatMap(({ path, findings }) =>
      findings.map((finding): Placed => ({ path: plainPath(path), ...finding })),
    ),
  );
  return others.reduce((all, one) => all.concat(differing(all, one, placeOf).appeared), first);
}

/** What one list has and the other has not, as often as that is so; how many both have. */
function differing(
  before: readonly Placed[],
  now: readonly Placed[],
  keyOf: (finding: Placed) => string,
): { appeared: Placed[]; gone: Placed[]; same: number } {
  // From the end: the first ones are taken first, and to take the last of a list costs nothing.
  const left = Map.groupBy(before.toReversed(), keyOf);
  const appeared = now.filter((finding) => left.get(keyOf(finding))?.pop() === undefined);
  const kept = new Set([...left.values()].flat());
  const gone = before.filter((finding) => kept.has(finding));
  return { appeared, gone, same: now.length - appeared.length };
}

function placeOf({ path, ruleId, pointer, accepted }: Placed): string {
  return JSON.stringify([path, ruleId, pointer, accepted === true]);
}

/** The last name of the pointer, as numbers of entries change; the text that is marked, or the message. */
function marksOf({ path, ruleId, pointer, message, excerpt, accepted }: Placed): string {
  const member = pointer.split('/').findLast((step) => !/^\d*$/.test(step)) ?? '';
  const marked = excerpt?.text.slice(excerpt.column - 1, excerpt.column - 1 + excerpt.length);
  return JSON.stringify([path, ruleId, member, marked ?? message, accepted === true]);
}

function plainPath(path: string): string {
  return path.replaceAll('\\', '/').replace(/^(?:\.\/+)+/, '');
}

/** A note is no complaint, and what a baseline accepts counts for nothing. */
function counts({ level, accepted }: Finding, wanted: LevelWanted): boolean {
  if (accepted === true) return false;
  return level === 'error' || (level === 'warning' && wanted === 'all');
}
