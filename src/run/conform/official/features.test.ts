// The table of features is whole: it names all that the official suite reports on, and checks that there are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CheckResult } from '../../../../reports/results.ts';
import { checks } from '../../../checks/catalogue.ts';
import { matchesAny } from '../../../lib/globs.ts';
import { packageRoot } from '../../package-root.ts';
import { compareWithOfficial, isAbout } from './disagreements.ts';
import { features, requiredFeatures } from './features.ts';
import type { OfficialCases, OfficialStatus } from './read-results.ts';

const ids = checks.map(({ id }) => id);
const recorded = join(packageRoot, 'test/programs/registries/official.json');
const runs: { features: Record<string, string>; failing: string[] }[] = JSON.parse(
  readFileSync(recorded, 'utf8'),
);

test('it has each entry of the recorded runs of the official suite, and no other', () => {
  const reported = new Set(runs.flatMap((run) => Object.keys(run.features)));
  expect(features.map(({ name }) => name).sort()).toEqual([...reported].sort());
  expect(requiredFeatures.filter((name) => !reported.has(name))).toEqual([]);
});

test('each recorded failing case is about an entry of either kind', () => {
  const failing = runs.flatMap((run) => run.failing);
  for (const kind of ['api', 'data'] as const) {
    const globs = features.filter((one) => one.kind === kind).flatMap((one) => one.cases);
    const apart = kind === 'data' ? ['empty/*', 'missing-manifest/*'] : [];
    expect(failing.filter((name) => !matchesAny([...globs, ...apart], name))).toEqual([]);
  }
});

describe.each(features)('$name', (feature) => {
  test('names checks, one of them first', () => {
    if (feature.checks.length === 0) return;
    expect(ids).toContain(feature.checks[0]);
    // Some forms do not go with every kind of content.
    const named = feature.checks.filter((glob) => !glob.startsWith('manifest-'));
    expect(named.filter((glob) => !ids.some((id) => matchesAny([glob], id)))).toEqual([]);
    expect(ids.filter((id) => isAbout(feature, id))).not.toEqual([]);
  });
});

const none: OfficialCases = { passed: 1, failed: 0, skipped: 0, failing: [], names: ['ping'] };

function verdicts(of: Readonly<Record<string, CheckResult['verdict']>>): CheckResult[] {
  return Object.entries(of).map(([id, verdict]) => ({ id, verdict }) as CheckResult);
}

describe('a disagreement', () => {
  const rows: readonly [
    official: OfficialStatus,
    checks: Parameters<typeof verdicts>[0],
    ours: string | undefined,
  ][] = [
    ['Pass', { 'tags-list': 'pass' }, undefined],
    ['Pass', { 'tags-list': 'pass', 'tags-n': 'fail' }, 'fails'],
    ['Pass', { 'tags-list': 'unsupported', 'tags-end': 'pass' }, 'not offered'],
    ['Pass', {}, undefined],
    ['FAIL', { 'tags-list': 'pass', 'tags-n': 'warn' }, 'holds'],
    ['FAIL', { 'tags-n': 'fail' }, undefined],
    ['FAIL', { 'tags-list': 'void' }, undefined],
    ['FAIL', {}, 'not asked'],
    ['Error', { 'tags-list': 'unsupported' }, 'not offered'],
    ['Skip', { 'tags-list': 'pass' }, 'holds'],
    ['Skip', { 'tags-list': 'unsupported' }, undefined],
    ['Disabled', { 'tags-n': 'fail' }, undefined],
  ];

  test.each(rows)('%s and %j: %s', (status, of, ours) => {
    const official = { apis: { 'Tag listing': status }, data: {} };
    const { agreed, disagreements } = compareWithOfficial(official, none, verdicts(of));
    expect(disagreements.map((one) => one.ours)).toEqual(ours === undefined ? [] : [ours]);
    if (ours !== undefined) expect(agreed).toBe(0);
  });

  test('names the failing cases and checks of each side', () => {
    const cases = { ...none, failed: 2, failing: ['image/tag-list', 'ping'] };
    const official = { apis: { 'Tag listing': 'FAIL', Novelty: 'FAIL' }, data: {} } as const;
    const { disagreements } = compareWithOfficial(
      official,
      cases,
      verdicts({ 'tags-list': 'pass' }),
    );
    expect(disagreements).toMatchObject([
      { name: 'Tag listing', cases: ['image/tag-list'], caseCount: 1, checks: [] },
      { name: 'Novelty', ours: 'not asked', cases: [] },
    ]);
  });
});
