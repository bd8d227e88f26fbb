// `pullproof list`: what there is to name in flags.
import { Argument, Option } from 'commander';
import { catalogues, type Entry, totals } from './catalogues.ts';
import type { Verb } from './verb.ts';

export const list: Verb = {
  declare(command) {
    command
      .addArgument(
        new Argument('[what]', 'what to list; without it, what there is to list').choices(
          Object.keys(catalogues),
        ),
      )
      .addOption(
        new Option('--format <format>', 'text: rows of tab-separated columns')
          .choices(['text', 'json'])
          .default('text'),
      )
      .addHelpText(
        'after',
        '\n`pullproof explain ID` says more about a check, a fault or a rule.\n',
      );
  },
  async run([what], { format }) {
    const entries =
      what === undefined
        ? Object.keys(catalogues).map((name) => ({ name }))
        : ((await catalogues[what]?.()) ?? []);
    const sums = what === undefined ? [] : ((await totals[what]?.()) ?? []);
    const whole = sums.length === 0 ? entries : { [what ?? '']: entries, totals: sums };
    const text = rows(entries) + (sums.length === 0 ? '' : `\n${headOf(sums)}${rows(sums)}`);
    process.stdout.write(format === 'json' ? `${JSON.stringify(whole, null, 2)}\n` : text);
    return 0;
  },
};

/** For programs alone: rows keep to what people read. */
const unlisted: ReadonlySet<string> = new Set(['file', 'room']);

/** Rows suit people, grep and cut alike. */
function rows(entries: readonly Entry[]): string {
  return entries
    .map((entry) => Object.entries(entry).filter(([name]) => !unlisted.has(name)))
    .map((cells) => `${cells.map(([, text]) => text).join('\t')}\n`)
    .join('');
}

/** Numbers alone say nothing. */
function headOf([first = {}]: readonly Entry[]): string {
  return `${Object.keys(first).join('\t')}\n`;
}
