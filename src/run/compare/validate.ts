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
  const before = findingsOf(base);
  const now = findingsOf(others);
  const same = takeSame(before, now, placeOf) + takeSame(before, now, marksOf);
  return {
    appeared: now
      .map((one) => ({ ...one, regression: counts(one, level) }))
      .sort((a, b) => Number(b.regression) - Number(a.regression)),
    gone: before.map((one) => ({ ...one, regression: false })),
    same,
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
  const all = [...first];
  for (const one of others) {
    const new_ = [...one];
    takeSame([...all], new_, placeOf);
    all.push(...new_);
  }
  return all;
}

/** Takes what both lists have out of them, as often as both have it; how many that were. */
function takeSame(before: Placed[], now: Placed[], keyOf: (finding: Placed) => string): number {
  const left = Map.groupBy(before, keyOf);
  const isNew = (finding: Placed) => left.get(keyOf(finding))?.shift() === undefined;
  const fresh = now.filter(isNew);
  const same = now.length - fresh.length;
  const kept = new Set([...left.values()].flat());
  now.splice(0, now.length, ...fresh);
  before.splice(0, before.length, ...before.filter((finding) => kept.has(finding)));
  return same;
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
