// The requirement ledger as a page of Markdown.
import type {
  ClientTest,
  LedgerSection,
  Requirement,
} from '../../src/checks/ledger/requirement.ts';
import {
  checksOf,
  coverageKindOf,
  coverageKinds,
  type RequirementTotals,
  requirementTotals,
} from '../../src/run/conform/requirements.ts';

/** Depends on nothing but the ledger and the ids of the checks. */
export function requirementsPage(
  ledger: readonly LedgerSection[],
  checkIds: readonly string[],
): string {
  const specs = [...new Set(ledger.map(({ section }) => specOf(section)))];
  const bySpec = specs.map((spec) => {
    const own = ledger.filter(({ section }) => specOf(section) === spec);
    return totalsRow(spec, requirementTotals(own).at(-1) as RequirementTotals);
  });
  const lines = [
    '# Requirements',
    '',
    'Every normative sentence of the OCI distribution spec, and of the documents about tokens of the',
    'Docker registry, in our words: whom it binds, and what holds them to it. That is **checks** of',
    '`pullproof conform`, or tests that show that our own **client** keeps it, or nothing, because it is',
    '**unobservable** for the reason given. Where the names of checks have a `*`, the number of checks is',
    'given. A sentence without a normative word that binds all the same counts no words.',
    '',
    '`src/checks/ledger/` holds the tables, `npm run docs` writes this page, and',
    '`node test/lib/count-keywords.ts SPEC FILE` counts the words in the text of a spec and says where',
    'the ledger differs, for when there is a new version of it.',
    '',
    ...table(
      totalsHead('Level'),
      requirementTotals(ledger).map((sum) => totalsRow(sum.level, sum)),
    ),
    '',
    ...table(totalsHead('Spec'), bySpec),
    '',
    ...specs.flatMap((spec) => [
      `## ${spec}`,
      '',
      ...ledger
        .filter(({ section }) => specOf(section) === spec)
        .flatMap((section) => sectionLines(section, checkIds)),
    ]),
  ];
  return lines.join('\n');
}

function sectionLines(
  { section, keywords, requirements }: LedgerSection,
  checkIds: readonly string[],
): string[] {
  const counts = Object.entries(keywords).map(([level, count]) => `${count} ${level}`);
  return [
    `### ${section.split('#')[1]}`,
    '',
    `Words in the text: ${counts.join(', ') || 'none'}. Entries: ${requirements.length}.`,
    '',
    ...table(
      ['Requirement', 'Level', 'Binds', 'In our words', 'Covered by'],
      requirements.map((requirement) => [
        code(requirement.id),
        levelOf(requirement),
        requirement.binds,
        requirement.says,
        coverage(requirement, checkIds),
      ]),
    ),
    '',
  ];
}

function levelOf({ level, keywords = 1 }: Requirement): string {
  if (keywords === 0) return `(${level})`;
  return keywords === 1 ? level : `${level} × ${keywords}`;
}

function coverage(requirement: Requirement, checkIds: readonly string[]): string {
  if ('unobservable' in requirement)
    return `${coverageKindOf(requirement)}: ${requirement.unobservable}`;
  const { checks = [], client = [] } = requirement;
  const hasGlob = checks.some((id) => id.includes('*'));
  const count = hasGlob ? ` (${checksOf(requirement, checkIds).length})` : '';
  const parts = [
    ...(checks.length === 0 ? [] : [`checks ${checks.map(code).join(', ')}${count}`]),
    ...(client.length === 0 ? [] : [`client: ${client.map(testName).join(', ')}`]),
  ];
  return parts.join('; ');
}

function testName({ file, test }: ClientTest): string {
  return `${code(file)} “${test}”`;
}

function totalsHead(first: string): string[] {
  return [first, 'Requirements', 'Words in the text', ...coverageKinds];
}

function totalsRow(name: string, { requirements, keywords, by }: RequirementTotals): string[] {
  return [name, ...[requirements, keywords, ...coverageKinds.map((kind) => by[kind])].map(String)];
}

function specOf(section: string): string {
  return section.split('#')[0] ?? '';
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
