// All checks against real registries. What each does wrong stands in its baseline, with the reason: a
// failure beyond it is a defect of ours or theirs, and an entry that holds by now has to go. UPDATE=1 writes
// the outcomes down (it then needs all the tools), from which docs/registries.md is made.
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect } from 'vitest';
import type { Results, Verdict } from '../../reports/results.ts';
import { type Baseline, readBaseline } from '../../src/run/conform/expected-failures.ts';
import { type Outcome, outcomesFile, readOutcomes } from '../../tools/docs/registries-page.ts';
import { conformTo, realRegistries } from '../lib/real-registries.ts';
import { hasTools, testWith, testWithOptional } from '../lib/tools.ts';

const runMsMax = 300_000;

const runs = new Map<string, Results>();

describe.each(realRegistries)('$title', (registry) => {
  const { title, baseline: name, more, tools, isOptional } = registry;
  const testHere = isOptional === true ? testWithOptional : testWith;

  testHere(...tools)(
    'fails where its baseline says, and nowhere else',
    async () => {
      const names = [name, ...(more === undefined ? [] : [more])];
      const expected = new Map(names.flatMap((one) => [...baselineOf(one).expected]));
      const results = await conformTo(registry, { file: `${name}.yaml`, expected });
      runs.set(title, results);
      const { unexpected = [], fixed = [], unjudged = [] } = results.conform?.baseline ?? {};
      const said = (ids: readonly string[]) =>
        (results.checks ?? [])
          .filter(({ id }) => ids.includes(id))
          .map(({ id, expected, actual }) => `${id}: expected ${expected}, got ${actual}`);
      expect(said(unexpected)).toEqual([]);
      expect(fixed, 'entries that hold by now').toEqual([]);
      expect(unjudged, 'entries that nothing was run for').toEqual([]);
      const ours = (results.checks ?? []).filter(({ verdict }) => verdict === 'harness-error');
      expect(ours.map(({ id, actual }) => `${id}: ${actual}`)).toEqual([]);
      expect(results).toMatchObject({ verdict: 'pass', exitCode: 0 });
    },
    runMsMax,
  );
});

afterAll(() => {
  const isWhole = realRegistries.every(({ title, tools, isOptional }) => {
    return runs.has(title) || (isOptional === true && !hasTools(...tools));
  });
  if (process.env.UPDATE !== '1' || !isWhole) return;
  // What is not installed here keeps what came of it before.
  const before = new Map(readOutcomes().map((one) => [one.title, one]));
  const outcomes = realRegistries.flatMap(({ title }) => {
    const results = runs.get(title);
    const outcome = results === undefined ? before.get(title) : outcomeOf(title, results);
    return outcome === undefined ? [] : [outcome];
  });
  writeFileSync(outcomesFile, `${JSON.stringify(outcomes, null, 2)}\n`);
});

function baselineOf(name: string): Baseline {
  const file = new URL(`registries/${name}.yaml`, import.meta.url);
  return readBaseline(`${name}.yaml`, readFileSync(file, 'utf8'));
}

function outcomeOf(title: string, results: Results): Outcome {
  const sections: Record<string, Partial<Record<Verdict, number>>> = {};
  for (const { section, verdict } of results.checks ?? []) {
    const counted = sections[section] ?? {};
    sections[section] = { ...counted, [verdict]: (counted[verdict] ?? 0) + 1 };
  }
  const { capabilities = [] } = results.conform ?? {};
  const offered = capabilities.map(({ name, supported }) => [name, supported] as const);
  return { title, sections, capabilities: Object.fromEntries(offered) };
}
