// Expected failures: read from a file, held against what a run found, written anew.
import { stringify } from 'yaml';
import type { BaselineSummary, CheckResult } from '../../../reports/results.ts';
import { readPlainYaml } from '../../formats/yaml.ts';
import { matchesAny } from '../../lib/globs.ts';
import { asObject, asString } from '../../lib/json.ts';
import { placeText } from '../../lib/line-columns.ts';
import { meantName } from '../../lib/nearest.ts';
import { UserError } from '../../lib/user-error.ts';

/** One check that is known to fail. */
interface Expectation {
  /** Why it fails: what is wrong with the registry. */
  readonly reason: string;
  /** What it fails as; undefined for either. */
  readonly verdict: 'fail' | 'warn' | undefined;
  /** It need not fail each time (`sometimes: true`), so it is never taken for fixed. */
  readonly isErratic: boolean;
}

export interface Baseline {
  /** As the user named it. */
  readonly file: string;
  readonly expected: ReadonlyMap<string, Expectation>;
}

const entriesMax = 5000;
const aliasesMax = 0;

/**
 * Reads `expected: { <check id or glob>: { reason, verdict?, sometimes?, requirement? } | <reason> }`,
 * as YAML or JSON.
 * `requirement` is for people.
 * @throws UserError `baseline-unusable` (exit 2)
 */
export function readBaseline(file: string, text: string): Baseline {
  const expected = new Map<string, Expectation>();
  const entries = Object.entries(asObject(asObject(parsed(file, text))?.expected) ?? missing(file));
  if (entries.length > entriesMax) throw unusable(file, `lists more than ${entriesMax} checks`);
  for (const [id, value] of entries) {
    const entry = asObject(value);
    const reason = asString(value) ?? asString(entry?.reason) ?? '';
    if (reason.trim() === '')
      throw unusable(file, `gives no reason why ${JSON.stringify(id)} fails`);
    const verdict = entry?.verdict;
    if (verdict !== undefined && verdict !== 'fail' && verdict !== 'warn') {
      throw unusable(file, `expects another verdict than fail or warn of ${JSON.stringify(id)}`);
    }
    expected.set(id, { reason, verdict, isErratic: entry?.sometimes === true });
  }
  return { file, expected };
}

function parsed(file: string, text: string): unknown {
  const read = readPlainYaml(text, aliasesMax);
  if ('value' in read) return read.value;
  const where = read.offset === undefined ? '' : ` at ${placeText(text, read.offset)}`;
  throw unusable(file, `is neither YAML nor JSON${where}: ${firstLine(read.message)}`);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function missing(file: string): never {
  throw unusable(file, 'has no "expected"');
}

function unusable(file: string, problem: string): UserError {
  return new UserError(
    'baseline-unusable',
    `--baseline ${file}: it ${problem}`,
    'Write `expected:` with a check id and its reason on each line, or begin with --write-baseline FILE.',
  );
}

const isFailure = ({ verdict }: CheckResult) => verdict === 'fail' || verdict === 'warn';

/** Marks the failures that are expected, and tells these from new and from mended ones. */
export function applyBaseline(
  baseline: Baseline,
  results: readonly CheckResult[],
): BaselineSummary {
  const { file, expected } = baseline;
  const covered = new Set<CheckResult>();
  const fixed: string[] = [];
  const unjudged: string[] = [];
  for (const [glob, { reason, verdict, isErratic }] of expected) {
    const members = results.filter(({ id }) => matchesAny([glob], id));
    const fits = members.filter(
      (one) => isFailure(one) && (verdict ?? one.verdict) === one.verdict,
    );
    for (const one of fits) {
      covered.add(one);
      one.expectedFailure = reason;
    }
    const judged = members.filter((one) => one.verdict === 'pass' || one.verdict === 'unsupported');
    if (fits.length > 0 || isErratic) continue;
    if (judged.length > 0 || members.some(isFailure)) fixed.push(glob);
    else unjudged.push(glob);
  }
  const ids = (those: readonly CheckResult[]) => those.map(({ id }) => id);
  const failing = results.filter(isFailure);
  return {
    file,
    expected: ids(failing.filter((one) => covered.has(one))),
    unexpected: ids(failing.filter((one) => !covered.has(one))),
    fixed,
    unjudged,
  };
}

/** Warnings of entries that no check has as its id; checks of further images have their image behind it. */
export function strayEntries(baseline: Baseline | undefined, ids: readonly string[]): string[] {
  return [...(baseline?.expected.keys() ?? [])].flatMap((glob) => {
    const named = glob.split('@', 1)[0] ?? '';
    if (ids.some((id) => matchesAny([named], id))) return [];
    const meant = meantName(named, ids);
    const about = `warning: --baseline ${baseline?.file}: no check is named ${JSON.stringify(glob.slice(0, 100))}`;
    return [meant === undefined ? about : `${about}; perhaps ${meant} is meant`];
  });
}

/** The failures of a run as a baseline; reasons that an earlier one gave are kept. */
export function writeBaseline(results: readonly CheckResult[], earlier?: Baseline): string {
  const expected = Object.fromEntries(
    results.filter(isFailure).map(({ id, verdict, level, section, requirement, actual }) => {
      const reason = earlier?.expected.get(id)?.reason ?? `Seen: ${actual}`;
      return [id, { verdict, requirement: `${level} ${section}: ${requirement}`, reason }];
    }),
  );
  const head =
    '# Expected failures of `pullproof conform --baseline`. Each entry says why; a check that is\n' +
    '# mended is reported as fixed, and its entry should go.\n';
  return head + stringify({ expected }, { lineWidth: 100 });
}
