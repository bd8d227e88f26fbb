// What the checks came to at real registries, as a page of Markdown: from the outcomes that
// test/programs/conform-registries.test.ts wrote down when it was last run with UPDATE=1.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConformSummary, Verdict } from '../../reports/results.ts';
import { sectionTitle } from '../../reports/summary.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { type OfficialRun, officialSection } from './official-suite.ts';

/** The file of the outcomes. */
export const outcomesFile = join(packageRoot, 'test/programs/registries/outcomes.json');

/** One registry: how many checks of each section came to each verdict, and what it offers. */
export interface Outcome {
  readonly title: string;
  readonly sections: Readonly<Record<string, Readonly<Partial<Record<Verdict, number>>>>>;
  readonly capabilities: Readonly<
    Record<string, ConformSummary['capabilities'][number]['supported']>
  >;
}

export function readOutcomes(): Outcome[] {
  return JSON.parse(readFileSync(outcomesFile, 'utf8'));
}

const groups: readonly (readonly [title: string, verdict: Verdict])[] = [
  ['hold', 'pass'],
  ['fail', 'fail'],
  ['warn', 'warn'],
];

export function registriesPage(outcomes: readonly Outcome[], runs: readonly OfficialRun[]): string {
  const sections = [...new Set(outcomes.flatMap((one) => Object.keys(one.sections)))];
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = (first: string) => [
    row([first, ...outcomes.map(({ title }) => title)]),
    row(['---', ...outcomes.map(() => '---')]),
  ];
  const rows = sections.map((section) =>
    row([sectionTitle(section), ...outcomes.map((one) => cellOf([one.sections[section] ?? {}]))]),
  );
  const offers = Object.keys(outcomes[0]?.capabilities ?? {}).map((name) => {
    const cells = outcomes.map(({ capabilities }) => {
      const isOffered = capabilities[name];
      return isOffered === true ? 'yes' : isOffered === false ? 'no' : '–';
    });
    return row([name, ...cells]);
  });
  return `${[
    '# Real registries',
    '',
    'From the last `UPDATE=1 npx vitest run test/programs/conform-registries.test.ts`, by `npm run docs`. What fails is',
    'explained, check by check, in `test/programs/registries/`. Pull-through caches take no pushes, so they are only read.',
    '',
    ...head('Section'),
    ...rows,
    row(['**All**', ...outcomes.map((one) => cellOf(Object.values(one.sections)))]),
    '',
    '## What they offer',
    '',
    ...head(''),
    ...offers,
    '',
    officialSection(runs),
  ].join('\n')}\n`;
}

function cellOf(all: readonly Readonly<Partial<Record<Verdict, number>>>[]): string {
  const counts = groups.map(([word, verdict]) => {
    const size = all.reduce((sum, counted) => sum + (counted[verdict] ?? 0), 0);
    return size === 0 ? '' : `${size} ${word}`;
  });
  return counts.filter(Boolean).join(', ') || '–';
}
