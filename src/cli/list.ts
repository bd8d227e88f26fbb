// `pullproof list`: what there is to name in flags.
import { Argument, Option } from 'commander';
import { catalogues } from './catalogues.ts';
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
    // Rows suit people, grep and cut alike.
    const rows = entries.map((entry) => `${Object.values(entry).join('\t')}\n`).join('');
    process.stdout.write(format === 'json' ? `${JSON.stringify(entries, null, 2)}\n` : rows);
    return 0;
  },
};
