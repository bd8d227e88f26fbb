// `pullproof report`: earlier results, rendered again, or load runs joined into one.
import { writeFile } from 'node:fs/promises';
import { Option } from 'commander';
import { allowListFormats } from '../../reports/allow-list.ts';
import { renderHtml } from '../../reports/html/page.ts';
import { type Format, formats } from '../../reports/index.ts';
import { UserError } from '../lib/user-error.ts';
import { mergeRuns } from '../run/load/merge/merge.ts';
import { parseSlo } from '../run/load/slo.ts';
import { readRun } from '../run/read-run.ts';
import { openOutput, render } from './output.ts';
import { type Call, collect, type Flags, type Verb } from './verb.ts';

/** In front of the runs: they are joined. A folder of that name is `./merge`. */
const mergeWord = 'merge';

export const report: Verb = {
  declare(command) {
    command
      .argument(
        '<run...>',
        `run folders, or results.json files; after the word ${mergeWord}, load runs to join into one`,
      )
      .option('--html <file>', 'write one page about all of them')
      .addOption(
        new Option('--format <format>', 'what goes to standard output')
          .choices([...Object.keys(formats), ...Object.keys(allowListFormats)])
          .default('text'),
      )
      .option('--verbose', 'name every document of validate, not only those with findings')
      .option('--out <dir>', `${mergeWord}: folder of the joined run`)
      .option(
        '--slo <expr>',
        `${mergeWord}: objective instead of those of the runs (repeatable)`,
        collect,
        [],
      )
      .option('-q, --quiet', `${mergeWord}: nothing on standard error`)
      .addHelpText(
        'after',
        `
Examples:
  $ pullproof report pullproof-results/2026-01-02T03-04-05-load
  $ pullproof report RUN --format junit > junit.xml
  $ pullproof report CONFORM-RUN LOAD-RUN --html both.html
  $ pullproof report merge SEGMENT-1 SEGMENT-2 SEGMENT-3 SEGMENT-4 --out joined
`,
      );
  },
  async run(paths, flags, call) {
    if (paths[0] === mergeWord) return await merge(paths.slice(1), flags, call);
    refuseForMerge(flags);
    refuseForSeveral(paths, flags);
    const runs = await Promise.all(paths.map(async (path) => (await readRun(path)).results));
    const file = flags.html as string | undefined;
    if (file !== undefined) await writeFile(file, renderHtml(runs)).catch(cannotWrite(file));
    const told = await Promise.all(runs.map((run) => render(run, flags)));
    process.stdout.write(told.join(flags.format === 'text' ? '\n' : ''));
    return 0;
  },
};

async function merge(paths: readonly string[], flags: Flags, call: Call): Promise<number> {
  if (paths.length === 0) {
    throw new UserError(
      'merge-impossible',
      'no run is named to join',
      `Write pullproof report ${mergeWord} RUN RUN …; a folder of the name is ./${mergeWord}.`,
    );
  }
  const slos = (flags.slo as string[]).map(parseSlo);
  const output = await openOutput(mergeWord, flags, call);
  const results = await mergeRuns({ paths, slos, outDir: output.dir }, output.context);
  const file = flags.html as string | undefined;
  if (file !== undefined) await writeFile(file, renderHtml([results])).catch(cannotWrite(file));
  return await output.finish(results);
}

function refuseForMerge({ out, slo, quiet }: Flags): void {
  const named =
    (out !== undefined && '--out') ||
    ((slo as string[]).length > 0 && '--slo') ||
    (quiet === true && '--quiet');
  if (named === false) return;
  throw new UserError(
    'flag-conflict',
    `${named} is about runs that are joined`,
    `Put the word ${mergeWord} in front of the runs, or leave ${named} out.`,
  );
}

/** A file in one of these formats holds one document. */
const singleFormats: readonly string[] = [
  ...(['json', 'junit', 'sarif', 'gitlab', 'openmetrics', 'csv'] satisfies Format[]),
  ...Object.keys(allowListFormats),
];

function refuseForSeveral(paths: readonly string[], { format }: Flags): void {
  if (paths.length < 2 || !singleFormats.some((single) => single === format)) return;
  throw new UserError(
    'flag-conflict',
    `--format ${format} makes one document of one run, and ${paths.length} are named`,
    'Call it once for each run; --html FILE, text, markdown and github take several.',
  );
}

function cannotWrite(file: string): (error: Error) => never {
  return (error) => {
    throw new UserError(
      'out-unwritable',
      `the page cannot be written to ${file}: ${error.message}`,
      'Name another file with --html.',
    );
  };
}
