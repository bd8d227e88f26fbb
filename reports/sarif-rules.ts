// What SARIF says of a rule, apart from any result: its name, what it demands, what to do or why it matters, where it
// is read, and of rules of `validate` a bad and a good example.

import type { DoctorFinding } from './doctor-words.ts';
import type { RuleExample } from './options.ts';
import type { CheckResult, Finding, RuleSource } from './results.ts';
import { specUrl } from './spec-url.ts';
import { visible } from './untrusted.ts';

/** A reportingDescriptor (SARIF 2.1.0, 3.49), and what GitHub reads of its properties. */
export interface SarifRule {
  id: string;
  name: string;
  shortDescription: { text: string };
  fullDescription: { text: string };
  help: { text: string; markdown: string };
  helpUri: string;
  defaultConfiguration: { level: Finding['level'] };
  properties: Record<string, string | string[]>;
}

const severities: Record<Finding['level'], string> = {
  error: 'error',
  warning: 'warning',
  note: 'recommendation',
};

/** Examples show what they show by their first lines. */
const exampleLinesMax = 40;

/** What is known of a rule, before it is escaped. */
interface Described {
  readonly id: string;
  readonly level: Finding['level'];
  /** What it demands; then what to do, or why it matters: a sentence or two each. */
  readonly demands: readonly string[];
  /** Where that is decided; '' where no text does. */
  readonly section: string;
  readonly tags: readonly string[];
  readonly precision: 'very-high' | 'high' | 'medium';
  /** `pullproof explain` knows it. */
  readonly isExplained: boolean;
  readonly example?: RuleExample | undefined;
}

function described(rule: Described): SarifRule {
  const { id, level, demands, section, tags, precision } = rule;
  return {
    id: visible(id),
    name: pascalCase(visible(id)),
    shortDescription: { text: visible(demands[0] ?? id) },
    fullDescription: { text: visible(demands.join(' ')) },
    help: helpOf(rule),
    // What has no public text is explained by the program: a name for it that is no address.
    helpUri: specUrl(section) ?? `urn:pullproof:${encodeURIComponent(id.toWellFormed())}`,
    defaultConfiguration: { level },
    properties: {
      tags: [...new Set(tags.map(visible).filter(Boolean))].slice(0, tagsMax),
      precision,
      'problem.severity': severities[level],
    },
  };
}

/** What GitHub shows of a rule's tags. */
const tagsMax = 10;

/** `source` is absent in results of an older pullproof. */
export function findingRule(
  { ruleId, level: found, spec }: Finding,
  source: RuleSource | undefined,
  example: RuleExample | undefined,
): SarifRule {
  const { level = found, summary = ruleId, fix } = source ?? {};
  return described({
    id: ruleId,
    level,
    demands: [summary, ...(fix === undefined ? [] : [fix])],
    section: spec,
    tags: ['validate', spec.split('/', 1)[0] ?? ''],
    precision: 'very-high',
    isExplained: true,
    example,
  });
}

export function checkRule({ id, level, section, requirement, why, room }: CheckResult): SarifRule {
  return described({
    id,
    level: level === 'MUST' ? 'error' : 'warning',
    demands: [requirement, why],
    section,
    tags: ['conform', level, section, room ?? ''],
    precision: 'very-high',
    isExplained: true,
  });
}

export const sloRule: SarifRule = described({
  id: 'slo',
  level: 'error',
  demands: [
    'A service level objective is held.',
    'The report of the run says what limited it, and which hop, host or phase had the time.',
  ],
  section: '',
  tags: ['load'],
  precision: 'medium',
  isExplained: false,
});

/** What doctor finds; a cause is explained, a mistake in a configuration says all itself. */
export function doctorRule(
  { id, title, level, remedy }: Pick<DoctorFinding, 'id' | 'title' | 'level' | 'remedy'>,
  isExplained: boolean,
): SarifRule {
  const demands = [/[.!?]$/.test(title) ? title : `${title}.`, ...remedy];
  const tags = ['doctor'];
  return described({ id, level, demands, section: '', tags, precision: 'high', isExplained });
}

/** `descriptor-size` → `DescriptorSize`. */
function pascalCase(id: string): string {
  return id.replace(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
}

function helpOf({ id, demands, section, example, isExplained }: Described): {
  text: string;
  markdown: string;
} {
  const examples = example === undefined ? [] : (['bad', 'good'] as const);
  const lines = (one: 'bad' | 'good') =>
    (example?.[one] ?? []).slice(0, exampleLinesMax).map(visible);
  const title = { bad: 'Bad', good: 'Good' };
  const url = specUrl(section);
  const decided = url === undefined ? visible(section) : `${visible(section)} (${url})`;
  const linked = url === undefined ? span(section) : `[${span(section)}](${url})`;
  const command = `pullproof explain ${id}`;
  return {
    text: [
      ...demands.map(visible),
      ...(section === '' ? [] : [`Decided by ${decided}`]),
      ...examples.map((one) => [`${title[one]}:`, ...indented(lines(one))].join('\n')),
      ...(isExplained ? [`More: ${visible(command)}`] : []),
    ].join('\n\n'),
    markdown: [
      ...demands.map((one) => prose(visible(one))),
      ...(section === '' ? [] : [`Decided by ${linked}.`]),
      ...examples.map((one) => `**${title[one]}**\n\n${indented(lines(one)).join('\n')}`),
      ...(isExplained ? [`More: ${span(command)}`] : []),
    ].join('\n\n'),
  };
}

/** A code block of Markdown that no line of it can end. */
function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line.replaceAll('\n', ' ')}`);
}

function span(text: string): string {
  return `\`${visible(text).replace(/[`\n]/g, ' ')}\``;
}

/** Our own words, which speak of members, globs and `<placeholders>`. */
function prose(text: string): string {
  return text.replace(/[\\*_{}[\]<>|#]/g, '\\$&');
}
