// The official conformance suite on the registries that our checks run on, and on the mock. What fails stands in
// tools/docs/official-findings.ts, with the sentence that decides. UPDATE=1 writes the runs down, from which
// docs/registries.md is made.
import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect } from 'vitest';
import { startMock } from '../../mocks/server.ts';
import { matchesAny } from '../../src/lib/globs.ts';
import { findings } from '../../tools/docs/official-findings.ts';
import {
  type OfficialRun,
  officialFile,
  readOfficialRuns,
} from '../../tools/docs/official-suite.ts';
import { runOfficialSuite } from '../lib/official-suite.ts';
import { officialRegistries } from '../lib/real-registries.ts';
import { testWith, testWithOptional } from '../lib/tools.ts';

const titleOfMock = 'pullproof mock';
const titles = [titleOfMock, ...officialRegistries.map(({ title }) => title)];
const runs = new Map<string, OfficialRun>();

testWith('conformance')('the mock passes it whole', async () => {
  const mock = await startMock();
  try {
    const { registry: origin, username, password } = mock;
    const credentials = { username, password };
    const run = await runOfficialSuite({ origin, credentials, undo: [] });
    runs.set(titleOfMock, { title: titleOfMock, ...run });
    expect(run).toMatchObject({ failed: 0, skipped: 0, failing: [] });
    expect(run.passed).toBeGreaterThan(700);
  } finally {
    await mock.close();
  }
});

describe.each(officialRegistries)('$title', (registry) => {
  const { title, baseline, tools, isOptional } = registry;
  const testHere = isOptional === true ? testWithOptional : testWith;

  testHere('conformance', ...tools)('fails it only where the table says why', async () => {
    const started = await registry.start();
    try {
      const run = await runOfficialSuite(started);
      runs.set(title, { title, ...run });
      const rows = findings.filter(({ baselines }) => baselines.includes(baseline));
      const known = rows.flatMap(({ official }) => official);
      expect(run.failing.filter((name) => !matchesAny(known, name))).toEqual([]);
      expect(run.passed).toBeGreaterThan(400);
    } finally {
      for (const step of started.undo) await step();
    }
  });
});

afterAll(() => {
  if (process.env.UPDATE !== '1' || !runs.has(titleOfMock)) return;
  // What is not installed here keeps what came of it before.
  const before = new Map(readOfficialRuns().map((one) => [one.title, one]));
  const all = titles.flatMap((title) => runs.get(title) ?? before.get(title) ?? []);
  writeFileSync(officialFile, `${JSON.stringify(all, null, 2)}\n`);
});
