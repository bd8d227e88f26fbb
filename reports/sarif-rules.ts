// What SARIF says of a rule of `validate`, apart from any finding: its name, what it demands, what to do, a bad
// and a good example, and where it is read.

import type { RuleExample } from './options.ts';
import type { Finding, RuleSource } from './results.ts';
import { specUrl } from './spec-url.ts';
import { visible } from './untrusted.ts';

/** A reportingDescriptor (SARIF 2.1.0, 3.49), and what GitHub reads of its properties. */
export interface SarifRule {
  id: string;
  name?: string;
  shortDescription: { text: string };
  fullDescription?: { text: string };
  help?: { text: string; markdown: string };
  helpUri?: string;
  defaultConfiguration?: { level: Finding['level'] };
  properties?: Record<string, string | string[]>;
}

const severities: Record<Finding['level'], string> = {
  error: 'error',
  warning: 'warning',
  note: 'recommendation',
};

/** Examples show what they show by their first lines. */
const exampleLinesMax = 40;

/** `source` is absent in results of an older pullproof. */
export function findingRule(
  { ruleId, level: found, spec }: Finding,
  source: RuleSource | undefined,
  example: RuleExample | undefined,
): SarifRule {
  const { level = found, summary = ruleId, fix } = source ?? {};
  const url = specUrl(spec);
  const demands = [summary, ...(fix === undefined ? [] : [fix])];
  return {
    id: visible(ruleId),
    name: pascalCase(visible(ruleId)),
    shortDescription: { text: visible(summary) },
    fullDescription: { text: visible(demands.join(' ')) },
    help: helpOf(demands, spec, url, example),
    ...(url !== undefined && { helpUri: url }),
    defaultConfiguration: { level },
    properties: {
      tags: ['validate', visible(spec.split('/', 1)[0] ?? '')].filter(Boolean),
      precision: 'very-high',
      'problem.severity': severities[level],
    },
  };
}

/** `descriptor-size` → `DescriptorSize`. */
function pascalCase(id: string): string {
  return id.replace(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
}

function helpOf(
  demands: readonly string[],
  spec: string,
  url: string | undefined,
  example: RuleExample | undefined,
): { text: string; markdown: string } {
  const examples = example === undefined ? [] : (['bad', 'good'] as const);
  const lines = (one: 'bad' | 'good') =>
    (example?.[one] ?? []).slice(0, exampleLinesMax).map(visible);
  const title = { bad: 'Bad', good: 'Good' };
  const decided = url === undefined ? visible(spec) : `${visible(spec)} (${url})`;
  return {
    text: [
      ...demands.map(visible),
      `Decided by ${decided}`,
      ...examples.map((one) => [`${title[one]}:`, ...indented(lines(one))].join('\n')),
    ].join('\n\n'),
    markdown: [
      ...demands.map((one) => prose(visible(one))),
      `Decided by ${url === undefined ? span(spec) : `[${span(spec)}](${url})`}.`,
      ...examples.map((one) => `**${title[one]}**\n\n${indented(lines(one)).join('\n')}`),
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
