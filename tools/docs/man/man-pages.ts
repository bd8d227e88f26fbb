// The manual: man/pullproof.1, and a page for every verb, from the same description as its help and its completion.
import {
  type DescribedExample,
  type DescribedFlag,
  type DescribedVerb,
  describeHelp,
  describeVerb,
} from '../../../src/cli/describe.ts';
import { exitCodes } from '../../../src/cli/exit-codes.ts';
import { programAbout, programHelp } from '../../../src/cli/program-help.ts';
import { verbs } from '../../../src/cli/verbs.ts';
import { version } from '../../../src/run/version.ts';
import { files, variables } from '../reference/variables.ts';
import { bold, entry, flagTerm, literal, prose, section, verbatim } from './roff.ts';

/** Every page has the same, since each is made anew with all others: the day when the manual was last laid out anew. */
const manualDate = '2026-12-01';

/** By file, as `tools/docs/pages.ts` has them. */
export const manPages: Readonly<Record<string, () => string | Promise<string>>> = {
  'man/pullproof.1': programPage,
  ...Object.fromEntries(
    Object.keys(verbs).map((name) => [`man/pullproof-${name}.1`, () => verbPage(name)]),
  ),
};

function programPage(): string {
  const { examples, notes } = describeHelp(programHelp);
  const commands = Object.entries(verbs).map(([name, { summary }]) =>
    entry(`\\fBpullproof\\-${name}\\fR(1)`, prose(summary)),
  );
  return page('pullproof', 'conformance and load testing for container registries', [
    section('SYNOPSIS', `${bold('pullproof')} \\fIverb\\fR [\\fIoptions\\fR] [\\fIwords\\fR]`),
    section('DESCRIPTION', prose(programAbout), ...notesOf(notes)),
    section('VERBS', ...commands),
    section(
      'OPTIONS',
      entry(flagTerm('-V, --version'), 'Print the version.'),
      entry(flagTerm('-h, --help'), 'Print help; after a verb, that of the verb.'),
    ),
    section('EXAMPLES', ...examples.map(exampleOf)),
    exitStatus([]),
    section('ENVIRONMENT', ...tableOf(variables)),
    section('FILES', ...tableOf(files)),
    section('SEE ALSO', seeAlso(Object.keys(verbs).map((name) => `pullproof-${name}`))),
  ]);
}

/** @throws Error for a name that is no verb */
async function verbPage(name: string): Promise<string> {
  const verb = await describeVerb(verbs, name);
  if (verb === undefined) throw new Error(`${name} is no verb`);
  const { summary, usage, flags, help } = verb;
  const elsewhere = `Those of all verbs: ${bold('pullproof')}(1).`;
  return page(`pullproof-${name}`, summary, [
    section('SYNOPSIS', `${bold(`pullproof ${name}`)} ${literal(usage)}`),
    section('DESCRIPTION', `${prose(sentence(summary))}.`, ...notesOf(help.notes)),
    ...argumentsOf(verb),
    ...optionsOf(flags),
    ...(help.examples.length === 0 ? [] : [section('EXAMPLES', ...help.examples.map(exampleOf))]),
    exitStatus(help.notes.filter(isAboutExit)),
    section('ENVIRONMENT', elsewhere),
    section('FILES', elsewhere),
    section('SEE ALSO', seeAlso(['pullproof'])),
  ]);
}

function page(name: string, summary: string, sections: readonly string[]): string {
  const heads = [
    String.raw`.\" Made by npm run docs from the code; edits here are lost.`,
    `.TH ${name.toUpperCase().replaceAll('-', String.raw`\-`)} 1 ${manualDate} "pullproof ${version}" "pullproof"`,
    section('NAME', `${literal(name)} \\- ${literal(summary)}`),
  ];
  return `${[...heads, ...sections].join('\n')}\n`;
}

/** They have a section of their own. */
function isAboutExit(note: string): boolean {
  return note.startsWith('Exit codes');
}

function notesOf(notes: readonly string[]): string[] {
  return notes
    .filter((note) => !isAboutExit(note))
    .map((note) => (/^ /m.test(note) ? verbatim(note) : `.PP\n${prose(note)}`));
}

function argumentsOf(verb: DescribedVerb): string[] {
  const told = verb.arguments.map(({ name, isRequired, isVariadic, description, choices }) => {
    const shown = `${name}${isVariadic ? '...' : ''}`;
    const term = flagTerm(isRequired ? `<${shown}>` : `[${shown}]`);
    return entry(term, sentencesOf(description, choices));
  });
  return told.length === 0 ? [] : [section('ARGUMENTS', ...told)];
}

function optionsOf(flags: readonly DescribedFlag[]): string[] {
  const groups = Map.groupBy(flags, ({ group = '' }) => group);
  const parts = [...groups].flatMap(([heading, options]) => [
    ...(heading === '' ? [] : [`.SS ${literal(heading)}`]),
    ...options.map(({ written, description, choices, otherwise }) =>
      entry(flagTerm(written), sentencesOf(description, choices, otherwise)),
    ),
  ]);
  return [section('OPTIONS', ...parts)];
}

function sentencesOf(description: string, choices: readonly string[], otherwise?: string): string {
  return [
    `${prose(sentence(description))}.`,
    ...(choices.length === 0 ? [] : [`One of ${choices.map(bold).join(', ')}.`]),
    ...(otherwise === undefined ? [] : [`Default: ${bold(otherwise)}.`]),
  ].join('\n');
}

function exampleOf({ command, about }: DescribedExample): string {
  const lines = verbatim(`$ ${command}`);
  if (about === undefined) return lines;
  return `.PP\n${prose(sentence(about))}${about.endsWith('?') ? '' : ':'}\n${lines}`;
}

function exitStatus(notes: readonly string[]): string {
  const codes = exitCodes.map(([code, meaning]) => entry(bold(`${code}`), prose(meaning)));
  return section('EXIT STATUS', ...codes, ...notes.map((note) => `.PP\n${prose(note)}`));
}

function tableOf(rows: Readonly<Record<string, string>>): string[] {
  return Object.entries(rows).map(([name, meaning]) => entry(bold(name), prose(meaning)));
}

function seeAlso(names: readonly string[]): string {
  return names
    .toSorted()
    .map((name) => `${bold(name)}(1)`)
    .join(',\n');
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
