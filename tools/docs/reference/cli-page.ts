// The command line as a page: every verb with its usage, arguments and flags, as its help says them.
import { Command, type Option } from 'commander';
import { verbs } from '../../../src/cli/verbs.ts';
import { cell, code, pageOf, type Row, table } from './markdown.ts';

export async function cliPage(): Promise<string> {
  const parts: string[] = [];
  for (const [name, { summary, load }] of Object.entries(verbs)) {
    const command = new Command(name).summary(summary);
    (await load()).declare(command);
    parts.push(partOf(command));
  }
  return pageOf(
    'Command line',
    '`pullproof VERB --help` says the same, with examples. What each verb is for: [the index](../README.md). [Exit codes](exit-codes.md) and [variables](environment.md) are the same for all verbs.',
    ...parts,
  );
}

function partOf(command: Command): string {
  const help = command.createHelp();
  const usage = code(`pullproof ${command.name()} ${command.usage()}`);
  const args = command.registeredArguments.map((argument) => {
    const { description, required, variadic } = argument;
    const shown = `${argument.name()}${variadic ? '…' : ''}`;
    return [code(required ? `<${shown}>` : `[${shown}]`), cell(description)];
  });
  const groups = Map.groupBy(
    help.visibleOptions(command).filter(({ long }) => long !== '--help'),
    ({ helpGroupHeading = '' }) => helpGroupHeading,
  );
  const flags = [...groups].flatMap(([heading, options]) => [
    ...(heading === ''
      ? []
      : [`### ${command.name()}: ${heading.replace(/:$/, '').toLowerCase()}`]),
    table(['flag', ''], options.map(rowOf)),
  ]);
  const head = [`## ${command.name()}`, `${sentence(command.summary())}.`, usage];
  return [...head, ...(args.length > 0 ? [table(['argument', ''], args)] : []), ...flags].join(
    '\n\n',
  );
}

function rowOf(option: Option): Row {
  const { flags, description, argChoices, defaultValue, defaultValueDescription } = option;
  const isTold = /\(default/.test(description);
  const shown = defaultValueDescription ?? (isPlain(defaultValue) ? String(defaultValue) : '');
  const choices = argChoices === undefined ? '' : ` One of ${argChoices.map(code).join(', ')}.`;
  const otherwise = shown === '' || isTold ? '' : ` Default: ${code(shown)}.`;
  return [code(flags), cell(description) + (choices || otherwise ? '.' : '') + choices + otherwise];
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}
