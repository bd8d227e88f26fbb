// What differs between conformance runs: checks that fail now and did not, and the other way round.
import type { CheckChange, ConformComparison } from '../../../reports/comparison.ts';
import type { CheckResult, Verdict } from '../../../reports/results.ts';
import { lastingWords } from './words.ts';

/** Whose new failures are regressions: those of all levels, or of MUST and what is wrong in us alone. */
export type LevelWanted = 'all' | 'must';

type Checks = readonly CheckResult[];

/** The graver of two verdicts of one check in several runs counts. */
const gravity: Readonly<Record<Verdict, number>> = {
  fail: 5,
  'harness-error': 4,
  warn: 3,
  void: 2,
  unsupported: 1,
  pass: 0,
};

/** What several runs of one side say of a check. */
interface Known {
  /** Of the gravest verdict; of several such the first. */
  readonly check: CheckResult;
  /** All that was said with that verdict, without what changes from run to run. */
  readonly words: ReadonlySet<string>;
}

/** The checks of the runs of each side. */
export function compareChecks(
  base: readonly Checks[],
  others: readonly Checks[],
  level: LevelWanted,
): ConformComparison {
  const before = knownOf(base);
  const now = knownOf(others);
  const comparison: ConformComparison = {
    newlyFailing: [],
    newlyPassing: [],
    changedVerdicts: [],
    changedWords: [],
    appeared: [],
    gone: [],
    same: 0,
  };
  for (const [id, one] of now) {
    const list = listOf(before.get(id), one);
    if (list === 'same') comparison.same += 1;
    else comparison[list].push(changeOf(before.get(id), one, list === 'newlyFailing', level));
  }
  for (const [id, one] of before) {
    if (!now.has(id)) comparison.gone.push(changeOf(one, undefined, false, level));
  }
  comparison.newlyFailing.sort((a, b) => rankOf(a) - rankOf(b));
  return comparison;
}

function knownOf(runs: readonly Checks[]): Map<string, Known> {
  const known = new Map<string, { check: CheckResult; words: Set<string> }>();
  for (const check of runs.flat()) {
    const before = known.get(check.id);
    const words = lastingWords(check.actual);
    if (before?.check.verdict === check.verdict) before.words.add(words);
    else if (before === undefined || gravity[check.verdict] > gravity[before.check.verdict]) {
      known.set(check.id, { check, words: new Set([words]) });
    }
  }
  return known;
}

function isBad({ verdict }: CheckResult): boolean {
  return gravity[verdict] >= gravity.warn;
}

/** `warn` that becomes `fail` is worse; an error of ours in place of a failure is not. */
function listOf(
  before: Known | undefined,
  { check, words }: Known,
): 'newlyFailing' | 'newlyPassing' | 'changedVerdicts' | 'changedWords' | 'appeared' | 'same' {
  if (before === undefined) return isBad(check) ? 'newlyFailing' : 'appeared';
  const was = before.check;
  if (was.verdict === check.verdict) {
    return [...words].some((one) => before.words.has(one)) ? 'same' : 'changedWords';
  }
  if (isBad(check)) {
    const isWorse = !isBad(was) || (was.verdict === 'warn' && check.verdict === 'fail');
    return isWorse ? 'newlyFailing' : 'changedVerdicts';
  }
  return isBad(was) && check.verdict === 'pass' ? 'newlyPassing' : 'changedVerdicts';
}

function changeOf(
  before: Known | undefined,
  now: Known | undefined,
  isNew: boolean,
  wanted: LevelWanted,
): CheckChange {
  const check = (now ?? before)?.check as CheckResult;
  const { id, level, section, requirement, expectedFailure, verdict } = check;
  const counts = wanted === 'all' || level === 'MUST' || verdict === 'harness-error';
  return {
    ...{ id, level, section, requirement },
    ...(before && { base: judged(before.check) }),
    ...(now && { with: judged(now.check) }),
    regression: isNew && counts && expectedFailure === undefined,
  };
}

function judged({ verdict, actual }: CheckResult): { verdict: Verdict; actual: string } {
  return { verdict, actual };
}

function rankOf(change: CheckChange): number {
  return (change.regression ? 0 : 10) - gravity[change.with?.verdict ?? 'pass'];
}
