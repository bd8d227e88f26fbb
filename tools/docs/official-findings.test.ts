// The table of what the official suite and our checks say is whole: each failing case, each check at MUST that a
// baseline expects to fail, and nothing that neither says.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checks } from '../../src/checks/catalogue.ts';
import { matchesAny } from '../../src/lib/globs.ts';
import { readBaseline } from '../../src/run/conform/expected-failures.ts';
import { officialRegistries } from '../../test/lib/real-registries.ts';
import { findings } from './official-findings.ts';
import { readOfficialRuns } from './official-suite.ts';

const runs = readOfficialRuns();
const names = [...new Set(officialRegistries.map(({ baseline }) => baseline))];

function expectedToFail(baseline: string): { must: string[]; any: string[] } {
  const file = new URL(`../../test/programs/registries/${baseline}.yaml`, import.meta.url);
  const entries = [...readBaseline(baseline, readFileSync(file, 'utf8')).expected];
  const ids = (of: typeof entries) =>
    checks.filter(({ id }) => of.some(([glob]) => matchesAny([glob], id)));
  const failing = ids(entries.filter(([, { verdict }]) => verdict !== 'warn'));
  return {
    must: failing.filter(({ level }) => level === 'MUST').map(({ id }) => id),
    any: ids(entries).map(({ id }) => id),
  };
}

const failingCases = (baseline: string) => {
  const titles = officialRegistries.filter((one) => one.baseline === baseline);
  return runs
    .filter(({ title }) => titles.some((one) => one.title === title))
    .flatMap(({ failing }) => failing);
};

describe.each(names)('%s', (baseline) => {
  const rows = findings.filter(({ baselines }) => baselines.includes(baseline));
  const official = rows.flatMap((row) => row.official);
  const ours = rows.flatMap((row) => row.ours);

  test('each failing case of the official suite has a row', () => {
    const cases = failingCases(baseline);
    expect(cases.filter((name) => !matchesAny(official, name))).toEqual([]);
  });

  test('each check at MUST that fails has a row', () => {
    const { must } = expectedToFail(baseline);
    expect(must.filter((id) => !matchesAny(ours, id))).toEqual([]);
  });

  test('no row names what neither says', () => {
    const cases = failingCases(baseline);
    const { any } = expectedToFail(baseline);
    const isSaid = (globs: readonly string[], among: readonly string[]) =>
      globs.length === 0 || among.some((one) => matchesAny(globs, one));
    const empty = rows.filter((row) => !isSaid(row.official, cases) || !isSaid(row.ours, any));
    expect(empty.map(({ what }) => what)).toEqual([]);
  });
});

test('every row is of registries that both were run on', () => {
  const unknown = findings.flatMap(({ baselines }) => baselines);
  expect(unknown.filter((name) => !names.includes(name))).toEqual([]);
});
