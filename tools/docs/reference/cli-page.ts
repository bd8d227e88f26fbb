// The command line as a page: every verb with its usage, arguments and flags, as its help says them.
import { type DescribedFlag, type DescribedVerb, describeVerb } from '../../../src/cli/describe.ts';
import { verbs } from '../../../src/cli/verbs.ts';
import { cell, code, pageOf, type Row, table } from './markdown.ts';

export async function cliPage(): Promise<string> {
  const described = await describeVerbs();
  return pageOf(
    'Command line',
    '`pullproof VERB --help` says the same, with examples. What each verb is for: [the index](../README.md). [Exit codes](exit-codes.md) and [variables](environment.md) are the same for all verbs.',
    ...described.map(partOf),
  );
}

/** All verbs, in the order of help. */
async function describeVerbs(): Promise<DescribedVerb[]> {
  const all = await Promise.all(Object.keys(verbs).map((name) => describeVerb(verbs, name)));
  return all.filter((verb) => verb !== undefined);
}

function partOf(verb: DescribedVerb): string {
  const usage = code(`pullproof ${verb.name} ${verb.usage}`);
  const args = verb.arguments.map(({ name, description, isRequired, isVariadic }) => {
    const shown = `${name}${isVariadic ? '…' : ''}`;
    return [code(isRequired ? `<${shown}>` : `[${shown}]`), cell(description)];
  });
  const groups = Map.groupBy(
    verb.flags.filter(({ long }) => long !== '--help'),
    ({ group = '' }) => group,
  );
  const flags = [...groups].flatMap(([heading, options]) => [
    ...(heading === '' ? [] : [`### ${verb.name}: ${heading.toLowerCase()}`]),
    table(['flag', ''], options.map(rowOf)),
  ]);
  const head = [`## ${verb.name}`, `${sentence(verb.summary)}.`, usage];
  return [...head, ...(args.length > 0 ? [table(['argument', ''], args)] : []), ...flags].join(
    '\n\n',
  );
}

function rowOf({ written, description, choices, otherwise }: DescribedFlag): Row {
  const ways = choices.length === 0 ? '' : ` One of ${choices.map(code).join(', ')}.`;
  const without = otherwise === undefined ? '' : ` Default: ${code(otherwise)}.`;
  return [code(written), cell(description) + (ways || without ? '.' : '') + ways + without];
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
