import { expect, test } from 'vitest';
import type { CheckResult, Verdict } from '../../../reports/results.ts';
import { conformSample } from '../../../test/lib/sample-results.ts';
import { compareChecks } from './conform.ts';

const [sample] = conformSample.checks as readonly CheckResult[];

function check(verdict: Verdict, more: Partial<CheckResult> = {}): CheckResult {
  return { ...(sample as CheckResult), id: 'one', verdict, actual: verdict, ...more };
}

/** In which list the one check is. */
function listOf(base: readonly CheckResult[][], others: readonly CheckResult[][]): string[] {
  const { same, ...lists } = compareChecks(base, others, 'all');
  const found = Object.entries(lists).filter(([, list]) => list.length > 0);
  return [...found.map(([name]) => name), ...(same > 0 ? ['same'] : [])];
}

test.each<[before: Verdict | undefined, now: Verdict | undefined, list: string]>([
  ['pass', 'fail', 'newlyFailing'],
  ['pass', 'warn', 'newlyFailing'],
  ['pass', 'harness-error', 'newlyFailing'],
  ['unsupported', 'fail', 'newlyFailing'],
  ['warn', 'fail', 'newlyFailing'],
  [undefined, 'fail', 'newlyFailing'],
  ['fail', 'pass', 'newlyPassing'],
  ['warn', 'pass', 'newlyPassing'],
  ['harness-error', 'pass', 'newlyPassing'],
  ['fail', 'warn', 'changedVerdicts'],
  ['fail', 'unsupported', 'changedVerdicts'],
  ['void', 'unsupported', 'changedVerdicts'],
  ['pass', 'void', 'changedVerdicts'],
  [undefined, 'pass', 'appeared'],
  ['fail', undefined, 'gone'],
  ['fail', 'fail', 'same'],
])('%s, then %s: %s', (before, now, list) => {
  const run = (verdict: Verdict | undefined) => [verdict === undefined ? [] : [check(verdict)]];
  expect(listOf(run(before), run(now))).toEqual([list]);
});

test('what fails as before and says another thing is told apart', () => {
  const was = check('fail', { actual: '404' });
  expect(listOf([[was]], [[check('fail', { actual: '500' })]])).toEqual(['changedWords']);
  const digest = (hex: string) => `200 with sha256:${hex.repeat(64)}`;
  const [one, other] = ['a', 'b'].map((hex) => check('fail', { actual: digest(hex) }));
  expect(listOf([[one as CheckResult]], [[other as CheckResult]])).toEqual(['same']);
});

test('of several runs the gravest verdict counts, so that what fails now and then is not new', () => {
  const [pass, fail] = [check('pass'), check('fail')];
  expect(listOf([[pass], [fail]], [[fail]])).toEqual(['same']);
  expect(listOf([[pass], [pass]], [[pass], [fail]])).toEqual(['newlyFailing']);
});

test('what a level or a baseline leaves out is told, and is no regression', () => {
  const regressionOf = (now: CheckResult, level: 'all' | 'must' = 'all') =>
    compareChecks([[check('pass')]], [[now]], level).newlyFailing[0]?.regression;
  expect(regressionOf(check('fail', { level: 'MUST' }), 'must')).toBe(true);
  expect(regressionOf(check('warn', { level: 'SHOULD' }))).toBe(true);
  expect(regressionOf(check('warn', { level: 'SHOULD' }), 'must')).toBe(false);
  expect(regressionOf(check('fail', { level: 'MUST', expectedFailure: 'known' }))).toBe(false);
});
