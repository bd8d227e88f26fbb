// A ledger of requirements as a page of Markdown.
import type { ClientTest } from '../../src/lib/requirement.ts';
import {
  type AnyRequirement,
  type AnySection,
  type CoverageKind,
  coverageKindOf,
  coveringIds,
  coverageKinds as everyKind,
  patternsOf,
  type RequirementTotals,
  requirementTotals,
} from '../../src/run/requirements.ts';

interface RequirementsPage {
  readonly title: string;
  /** What the ledger is about, and where it is written. */
  readonly intro: readonly string[];
  readonly ledger: readonly AnySection[];
  /** Of all checks, or of all rules. */
  readonly ids: readonly string[];
}

/** Depends on nothing but what it is given. */
export function requirementsPage({ title, intro, ledger, ids }: RequirementsPage): string {
  const kinds = kindsIn(ledger);
  const specs = [...new Set(ledger.map(({ section }) => specOf(section)))];
  const bySpec = specs.map((spec) => {
    const own = ledger.filter(({ section }) => specOf(section) === spec);
    return totalsRow(spec, requirementTotals(own).at(-1) as RequirementTotals, kinds);
  });
  const lines = [
    `# ${title}`,
    '',
    ...intro,
    '',
    ...table(
      totalsHead('Level', kinds),
      requirementTotals(ledger).map((sum) => totalsRow(sum.level, sum, kinds)),
    ),
    '',
    ...table(totalsHead('Text', kinds), bySpec),
    '',
    ...specs.flatMap((spec) => [
      `## ${spec}`,
      '',
      ...ledger
        .filter(({ section }) => specOf(section) === spec)
        .flatMap((section) => sectionLines(section, ids)),
    ]),
  ];
  return lines.join('\n');
}

function sectionLines(
  { section, keywords, requirements }: AnySection,
  ids: readonly string[],
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
        coverage(requirement, ids),
      ]),
    ),
    '',
  ];
}

function levelOf({ level, keywords = 1 }: AnyRequirement): string {
  if (keywords === 0) return `(${level})`;
  return keywords === 1 ? level : `${level} × ${keywords}`;
}

function coverage(requirement: AnyRequirement, ids: readonly string[]): string {
  if ('unobservable' in requirement)
    return `${coverageKindOf(requirement)}: ${requirement.unobservable}`;
  const patterns = patternsOf(requirement);
  const client = 'client' in requirement ? (requirement.client ?? []) : [];
  const hasGlob = patterns.some((id) => id.includes('*'));
  const count = hasGlob ? ` (${coveringIds(requirement, ids).length})` : '';
  const named = `${coverageKindOf(requirement)} ${patterns.map(code).join(', ')}${count}`;
  const parts = [
    ...(patterns.length === 0 ? [] : [named]),
    ...(client.length === 0 ? [] : [`client: ${client.map(testName).join(', ')}`]),
  ];
  return parts.join('; ');
}

function testName({ file, test }: ClientTest): string {
  return `${code(file)} “${test}”`;
}

/** The ways in which the entries of a ledger are covered. */
function kindsIn(ledger: readonly AnySection[]): CoverageKind[] {
  const used = new Set(
    ledger.flatMap((section) =>
      section.requirements.map((requirement: AnyRequirement) => coverageKindOf(requirement)),
    ),
  );
  return everyKind.filter((kind) => used.has(kind));
}

function totalsHead(first: string, kinds: readonly CoverageKind[]): string[] {
  return [first, 'Requirements', 'Words in the text', ...kinds];
}

function totalsRow(
  name: string,
  { requirements, keywords, by }: RequirementTotals,
  kinds: readonly CoverageKind[],
): string[] {
  return [name, ...[requirements, keywords, ...kinds.map((kind) => by[kind])].map(String)];
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
