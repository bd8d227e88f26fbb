// The official suite beside our checks, on the same registries: what it found (recorded by
// test/programs/official-suite.test.ts), and the table of what both said, as a section of docs/registries.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/run/package-root.ts';
import { type Finding, findings } from './official-findings.ts';

/** The file of the runs. */
export const officialFile = join(packageRoot, 'test/programs/registries/official.json');

/** The revision that test/tools pins, and the mode that it is run in. */
const suite = 'opencontainers/distribution-spec, conformance, 97274622c111, `OCI_VERSION=dev`';

/** What one run of the suite came to. */
export interface OfficialRun {
  readonly title: string;
  /** Test cases. */
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** `Pass`, `FAIL`, `Skip` or `Disabled`, by its names for parts of the API, then for kinds of content. */
  readonly features: Readonly<Record<string, string>>;
  /** The names of those that failed, without its own name before them, each once. */
  readonly failing: readonly string[];
}

export function readOfficialRuns(): OfficialRun[] {
  return JSON.parse(readFileSync(officialFile, 'utf8'));
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** Of docs/registries.md. */
export function officialSection(runs: readonly OfficialRun[]): string {
  const apart = findings.filter(({ official, ours }) => official.length === 0 || ours.length === 0);
  const together = findings.filter((one) => !apart.includes(one));
  return [
    '## Beside the official suite',
    '',
    `The official suite (${suite}) on the same registries, from the last`,
    '`UPDATE=1 npx vitest run test/programs/official-suite.test.ts`. A test holds this table: each of its failing cases,',
    'and each check at MUST that fails here, stands in one row at least.',
    '',
    row(['Registry', 'cases passed', 'failed', 'skipped']),
    row(['---', '---', '---', '---']),
    ...runs.map(({ title, passed, failed, skipped }) =>
      row([title, ...[passed, failed, skipped].map(String)]),
    ),
    '',
    ...featureTable(runs),
    '',
    '### Where they disagree',
    '',
    ...table(apart),
    '',
    '### Where both say so',
    '',
    ...table(together),
  ].join('\n');
}

const wordsOfStatus: Readonly<Record<string, string>> = {
  Pass: 'passes',
  FAIL: 'fails',
  Skip: 'not offered',
  Disabled: 'not asked',
};

/** Parts of the API and kinds of content that are not the same everywhere. */
function featureTable(runs: readonly OfficialRun[]): string[] {
  const names = Object.keys(runs[0]?.features ?? {}).filter(
    (name) => new Set(runs.map(({ features }) => features[name])).size > 1,
  );
  return [
    row(['What is not the same at all', ...runs.map(({ title }) => title)]),
    row(['---', ...runs.map(() => '---')]),
    ...names.map((name) => {
      const said = runs.map(({ features }) => features[name] ?? '');
      return row([name, ...said.map((status) => wordsOfStatus[status] ?? '–')]);
    }),
  ];
}

function table(rows: readonly Finding[]): string[] {
  return [
    row(['Registry', 'What it does', 'Official suite', 'pullproof', 'What decides', 'By the text']),
    row(['---', '---', '---', '---', '---', '---']),
    ...rows.map(({ baselines, what, official, ours, level, sentence, right }) =>
      row([
        baselines.join(', '),
        what,
        official.length === 0 ? 'silent' : `fails: ${official.map(code).join(', ')}`,
        ours.length === 0 ? level : `${level}: ${ours.map(code).join(', ')}`,
        sentence,
        right,
      ]),
    ),
  ];
}

function code(text: string): string {
  return `\`${text}\``;
}
