// The rules of `validate` as a page of Markdown, by the spec that decides.
import { specUrl } from '../../reports/spec-url.ts';
import { sectionTitle } from '../../reports/summary.ts';
import type { Rule } from '../../src/validate/index.ts';

/** Specs in the order of the page; the start of `spec`, and the heading. */
const chapters: readonly (readonly [prefix: string, heading: string])[] = [
  ['image-spec/', 'OCI image specification'],
  ['distribution-spec/', 'OCI distribution specification'],
  ['docker-', 'Docker formats'],
  ['containers-config/', 'Files of clients'],
  ['rfc', 'JSON and other RFCs'],
  ['toml/', 'TOML'],
  ['yaml/', 'YAML'],
  ['pullproof/', 'Settings of pullproof'],
];

/** Depends on nothing but the catalogue. */
export function rulesPage(rules: readonly Rule[]): string {
  const lines = [
    '# Rules of `pullproof validate`',
    '',
    'Made from the catalogue by `npm run docs`. `pullproof explain RULE` shows a bad and a',
    'good example of each; [validate.md](validate.md) says what the levels mean and how to set them.',
    '',
    `${rules.length} rules: ${(['error', 'warning', 'note'] as const)
      .map((level) => `${rules.filter((rule) => rule.level === level).length} of level ${level}`)
      .join(', ')}.`,
  ];
  for (const [prefix, heading] of chapters) {
    const members = rules.filter(({ spec }) => spec.startsWith(prefix));
    if (members.length === 0) continue;
    lines.push(
      '',
      `## ${heading}`,
      '',
      '| Rule | Level | What it demands | Decided by |',
      '|---|---|---|---|',
    );
    for (const { id, level, summary, spec, since } of members) {
      lines.push(
        `| \`${id}\` | ${level} | ${cell(summary)}${versions(since)} | ${section(spec)} |`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

/** From which versions of clients on it holds. */
function versions(since: Rule['since']): string {
  if (since === undefined) return '';
  const clients = Object.entries(since.clients).map(([name, version]) => `${name} ${version}`);
  return ` Holds from ${clients.join(', ')} on; before: ${since.before}.`;
}

function section(spec: string): string {
  const url = specUrl(spec);
  const title = spec.includes('#') && !spec.startsWith('rfc') ? sectionTitle(spec) : spec;
  return url === undefined ? `\`${spec}\`` : `[${cell(title.replace('#', ' '))}](${url})`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
