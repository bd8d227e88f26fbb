// `pullproof explain ID`: all there is to know about a rule, a check, a fault or a cause, and what the lists say
// of everything else that has a name. What is no id and looks like an image is explained as one.

import { Option } from 'commander';
import { wrap } from '../../reports/text-layout.ts';
import { meantName } from '../lib/nearest.ts';
import { UserError } from '../lib/user-error.ts';
import { isRepository } from '../protocol/grammar/reference.ts';
import type { Rule } from '../validate/index.ts';
import { addAccessFlags, type Verb } from './verb.ts';

/** A heading, and the lines below it. */
type Section = readonly [heading: string, ...lines: readonly string[]];

/** Each undefined for an id that it does not know. */
const explainers: readonly ((id: string) => Promise<readonly Section[] | undefined>)[] = [
  explainRule,
  explainCheck,
  explainFault,
  explainCause,
  explainListed,
];

/** Catalogues whose entries say all there is to tell here. */
const listed = { requirements: 'requirement', profiles: 'profile', kinds: 'kind' } as const;

const idCharsMax = 100;
/** Of a line of prose, beside its indent. */
const proseCharsMax = 94;

export const explain: Verb = {
  declare(command) {
    command
      .argument(
        '<id|image>',
        'id of a rule, a check, a fault or a cause, or another name of `pullproof list`; or an image',
      )
      .option('--client <name>', 'explain the name as an image, for this client (default: podman)')
      .option('--root <dir>', 'read the configuration of a host whose files lie there')
      .addOption(
        new Option('--format <format>', 'of what is said of an image')
          .choices(['text', 'json'])
          .default('text'),
      );
    addAccessFlags(command);
    command.addHelpText(
      'after',
      `
\`pullproof list rules\`, \`list checks\`, \`list faults\` and \`list causes\` name them all.

Examples:
  $ pullproof explain descriptor-size
  $ pullproof explain blob-flipped-byte
  $ pullproof explain blob-host-blocked
  $ pullproof explain registry.example/team/app:1.2     how podman would get at it
  $ pullproof explain alpine --client docker            the same for docker, of a short name
`,
    );
  },
  async run([id = ''], flags) {
    const found =
      flags.client === undefined ? await Promise.all(explainers.map((one) => one(id))) : [];
    const told = found.filter((sections) => sections !== undefined);
    if (told.length === 0) {
      const { explainImage, looksLikeImage } = await import('./explain-route.ts');
      if (looksLikeImage(id, flags)) return await explainImage(id, flags);
      // A short name, unless an id was misspelt.
      const meant = await meantId(id);
      if (meant === undefined && isRepository(id)) return await explainImage(id, flags);
      throw unknownId(id, meant);
    }
    process.stdout.write(told.map(render).join('\n'));
    return 0;
  },
};

function render(sections: readonly Section[]): string {
  return sections
    .filter(([, ...lines]) => lines.length > 0)
    .map(([heading, ...lines]) => [
      heading,
      ...lines.map((line) => `  ${harmless(line)}`.trimEnd()),
    ])
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

/** Some examples are about control characters. */
function harmless(line: string): string {
  return line.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function explainRule(id: string): Promise<readonly Section[] | undefined> {
  const { rules } = await import('../validate/index.ts');
  const rule = rules.find((one) => one.id === id);
  if (rule === undefined) return undefined;
  const [{ examplesOf }, { specUrl }] = await Promise.all([
    import('../validate/explanation.ts'),
    import('../../reports/spec-url.ts'),
  ]);
  const { bad, good, findings } = (await examplesOf(id)) ?? unexplained(id);
  const url = specUrl(rule.spec);
  const title = (word: string, given: string | undefined) =>
    given === undefined ? word : `${word} (${given})`;
  return [
    [`rule ${id}: ${rule.level}`, rule.summary],
    ['What to do', rule.fix],
    sinceSection(rule),
    ['Decided by', rule.spec, ...(url === undefined ? [] : [url])],
    ['Requirements that it holds', ...(await requirementLines(id))],
    writtenIn(rule),
    [title('Bad', bad.given), ...bad.lines],
    ['What is said of it', ...new Set(findings.slice(0, toldMax).map(findingLine))],
    [title('Good', good.given), ...good.lines],
  ];
}

/** What the ledgers say of a check or rule. */
async function requirementLines(id: string): Promise<string[]> {
  const { allSections, coveringIds } = await import('../run/requirements.ts');
  return allSections.flatMap(({ section, requirements }) =>
    requirements
      .filter((requirement) => coveringIds(requirement, [id]).length > 0)
      .map(
        (requirement) =>
          `${requirement.id} (${requirement.level}, ${section}): ${requirement.says}`,
      ),
  );
}

/** Of a rule that holds from a version of a client on; without lines for all others. */
function sinceSection({ since }: Pick<Rule, 'since'>): Section {
  const lines = Object.entries(since?.clients ?? {}).map(([name, version]) => `${name} ${version}`);
  const before = since && `before (\`--client ${lines[0]?.split(' ')[0]}@…\`): ${since.before}`;
  return ['Holds from', ...lines, ...(before === undefined ? [] : [before])];
}

const toldMax = 3;

function findingLine({
  path,
  finding: { line, column, message, pointer },
}: {
  path: string;
  finding: { line: number; column: number; message: string; pointer: string };
}): string {
  return `${path}:${line}:${column} ${message}${pointer === '' ? '' : ` (${pointer})`}`;
}

function unexplained(id: string): never {
  throw new Error(`rule ${id} has no example`);
}

async function explainCheck(id: string): Promise<readonly Section[] | undefined> {
  const { checks } = await import('../checks/catalogue.ts');
  const check = checks.find((one) => one.id === id);
  if (check === undefined) return undefined;
  const [{ needWords }, { faults }, { noticedOf }, { specUrl }] = await Promise.all([
    import('../checks/check.ts'),
    import('../../mocks/faults/index.ts'),
    import('../../mocks/faults/noticed.ts'),
    import('../../reports/spec-url.ts'),
  ]);
  const ids = noticedOf(id);
  const noticed = faults.filter((fault) => ids.includes(fault.id));
  const url = specUrl(check.section);
  return [
    [`check ${id}: ${check.level}`, check.requirement],
    ['Why it matters', check.why],
    ['Section', check.section, ...(url === undefined ? [] : [url])],
    ['Needs', ...check.needs.map((need) => `${need}: ${needWords[need]}`)],
    ['Depends on', ...check.dependsOn],
    ['Requirements that it holds', ...(await requirementLines(id))],
    writtenIn(check),
    [
      'Faults of the mock that are noticed by it',
      ...noticed.map((fault) => `${fault.id}: ${fault.title}`),
    ],
  ];
}

async function explainFault(id: string): Promise<readonly Section[] | undefined> {
  const [{ faults }, { noticing }] = await Promise.all([
    import('../../mocks/faults/index.ts'),
    import('../../mocks/faults/noticed.ts'),
  ]);
  const fault = faults.find((one) => one.id === id);
  if (fault === undefined) return undefined;
  const { legal } = fault;
  const allowed = [`${legal}.`, 'No check of level MUST may mind it.'];
  return [
    [
      `${legal === undefined ? 'fault' : 'legal oddity'} ${id}: acts on the ${fault.layer}`,
      fault.title,
    ],
    ['About', ...fault.noticedBy],
    ['Noticed by', ...noticing(id)],
    writtenIn(fault),
    ['No check notices it yet', ...(fault.gap === undefined ? [] : [fault.gap])],
    ['Legal', ...(legal === undefined ? [] : allowed)],
    ['Seen in', ...fault.seenIn],
    ['Try it', `pullproof mock --fault ${id}`],
  ];
}

async function explainCause(id: string): Promise<readonly Section[] | undefined> {
  const { causeNamed } = await import('../doctor/causes/index.ts');
  const named = causeNamed(id);
  if (named === undefined) return undefined;
  const { title, explanation, says, decidedBy, remedy, who, seenIn } = named.cause;
  return [
    [`cause ${id}`, title],
    ['What happens', ...prose(explanation)],
    ['What clients print', ...Object.entries(says).map(([client, text]) => `${client}: ${text}`)],
    ['Decided by', ...prose(decidedBy)],
    [`What to do (${who})`, ...remedy.flatMap((step) => prose(step, '  '))],
    ['Seen in', ...seenIn],
    writtenIn({ file: named.file, room: 'causes' }),
  ];
}

/** Wrapped, with an indent before all lines but the first. What clients print is left as it is, to be looked for. */
function prose(text: string, indent = ''): string[] {
  return wrap(text, proseCharsMax).map((line, at) => (at === 0 ? line : `${indent}${line}`));
}

/** From the root of a checkout, and what else has the same subject. */
function writtenIn({ file, room }: { readonly file: string; readonly room: string }): Section {
  return ['Written in', `${file} (room ${room})`];
}

async function explainListed(id: string): Promise<readonly Section[] | undefined> {
  const { catalogues } = await import('./catalogues.ts');
  const sections: Section[] = [];
  for (const [what, kind] of Object.entries(listed)) {
    const entries = (await catalogues[what]?.()) ?? [];
    const found = entries.find((entry) => Object.values(entry)[0] === id);
    if (found === undefined) continue;
    const [, ...rest] = Object.entries(found);
    sections.push([`${kind} ${id}`, ...rest.map(([name, text]) => `${name}: ${text}`)]);
  }
  return sections.length === 0 ? undefined : sections;
}

/** The id that was probably meant. */
async function meantId(id: string): Promise<string | undefined> {
  const { catalogues } = await import('./catalogues.ts');
  const names: string[] = [];
  for (const entriesOf of Object.values(catalogues)) {
    for (const entry of await entriesOf()) names.push(Object.values(entry)[0] ?? '');
  }
  return meantName(id, names);
}

function unknownId(id: string, meant: string | undefined): UserError {
  const shown = JSON.stringify(id.slice(0, idCharsMax));
  return new UserError(
    'id-unknown',
    `nothing is named ${shown}`,
    `${meant === undefined ? '' : `Perhaps ${meant} is meant; `}\`pullproof list rules\` (checks, faults …) names all, --client makes it an image.`,
  );
}
