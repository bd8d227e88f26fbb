// All checks against real registries. What each does wrong stands in its baseline, with the reason: a
// failure beyond it is a defect of ours or theirs, and an entry that holds by now has to go. Writes
// docs/registries.md (UPDATE=1; it then needs all the tools).
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect } from 'vitest';
import type { CheckResult, Results } from '../../reports/results.ts';
import { sectionTitle } from '../../reports/summary.ts';
import { readBaseline } from '../../src/run/conform/expected-failures.ts';
import { conformTo, realRegistries } from '../lib/real-registries.ts';
import { hasTools, testWith } from '../lib/tools.ts';

const page = new URL('../../docs/registries.md', import.meta.url);
const runMsMax = 180_000;

const runs = new Map<string, Results>();

describe.each(realRegistries)('$title', (registry) => {
  const { title, baseline: name, tools } = registry;

  testWith(...tools)(
    'fails where its baseline says, and nowhere else',
    async () => {
      const file = new URL(`registries/${name}.yaml`, import.meta.url);
      const baseline = readBaseline(`${name}.yaml`, readFileSync(file, 'utf8'));
      const results = await conformTo(registry, baseline);
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

const groups: readonly (readonly [title: string, verdicts: readonly CheckResult['verdict'][]])[] = [
  ['hold', ['pass']],
  ['fail', ['fail']],
  ['warn', ['warn']],
];

afterAll(() => {
  const isWhole = realRegistries.every(({ title, tools }) => runs.has(title) && hasTools(...tools));
  if (process.env.UPDATE === '1' && isWhole) writeFileSync(page, pageOf());
});

function pageOf(): string {
  const columns = realRegistries.map(({ title }) => title);
  const all = columns.map((title) => runs.get(title)?.checks ?? []);
  const sections = [...new Set(all.flat().map(({ section }) => section))];
  const cell = (checks: readonly CheckResult[]) => {
    const counts = groups.map(([word, verdicts]) => {
      const size = checks.filter(({ verdict }) => verdicts.includes(verdict)).length;
      return size === 0 ? '' : `${size} ${word}`;
    });
    return counts.filter(Boolean).join(', ') || '–';
  };
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = sections.map((section) => {
    const cells = all.map((checks) => cell(checks.filter((one) => one.section === section)));
    return row([sectionTitle(section), ...cells]);
  });
  const capabilities = runs.get(columns[0] ?? '')?.conform?.capabilities ?? [];
  const offers = capabilities.map(({ name }) => {
    const cells = columns.map((title) => {
      const found = runs.get(title)?.conform?.capabilities.find((one) => one.name === name);
      return found?.supported === true ? 'yes' : found?.supported === false ? 'no' : '–';
    });
    return row([name, ...cells]);
  });
  const head = (first: string) => [
    row([first, ...columns]),
    row(['---', ...columns.map(() => '---')]),
  ];
  return `${[
    '# Real registries',
    '',
    'Written by `UPDATE=1 npx vitest run test/e2e/conform-registries.test.ts`. What fails is explained, check',
    'by check, in `test/e2e/registries/`. Pull-through caches take no pushes, so they are only read.',
    '',
    ...head('Section'),
    ...rows,
    row(['**All**', ...all.map(cell)]),
    '',
    '## What they offer',
    '',
    ...head(''),
    ...offers,
  ].join('\n')}\n`;
}
