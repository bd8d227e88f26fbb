// `pullproof report`: earlier results, rendered again, or what a word in front of them makes of several.
import { Option } from 'commander';
import { allowListFormats } from '../../reports/allow-list.ts';
import { renderHtml } from '../../reports/html/page.ts';
import { type Format, formats } from '../../reports/index.ts';
import type { Results } from '../../reports/results.ts';
import { UserError } from '../lib/user-error.ts';
import { readRun } from '../run/load/read-run.ts';
import { render } from './output.ts';
import { compare } from './report-compare.ts';
import { merge } from './report-merge.ts';
import { submission } from './report-submission.ts';
import { trend } from './report-trend.ts';
import { type ReportWord, refuseForeignFlags, writePage } from './report-words.ts';
import { plain, printError } from './terminal.ts';
import { type Flags, type Verb, wholeNumber } from './verb.ts';

export const reportWords: Readonly<Record<string, ReportWord>> = {
  merge,
  compare,
  trend,
  submission,
};

export const report: Verb = {
  declare(command) {
    const told = Object.entries(reportWords).map(([word, { summary }]) => `${word}: ${summary}`);
    command
      .argument('<run...>', `run folders, or results.json files; after a word: ${told.join('; ')}`)
      .option('--html <file>', 'write one page about all of them')
      .addOption(
        new Option('--format <format>', 'what goes to standard output')
          .choices([...new Set([...Object.keys(formats), ...Object.keys(allowListFormats)])])
          .default('text'),
      )
      .option(
        '--verbose',
        'name every document of validate, every line of a comparison, not only what stands out',
      )
      .option('--out <dir>', 'after a word: folder for what it makes')
      .option('--seed <n>', 'compare, trend: seed of the resamples', wholeNumber(0, 0xffff_ffff))
      .option('-q, --quiet', 'after a word: nothing on standard error');
    for (const word of Object.values(reportWords)) word.declare(command);
    command.addHelpText('after', help);
  },
  async run(paths, flags, call) {
    const [first = ''] = paths;
    const word = Object.hasOwn(reportWords, first) ? first : undefined;
    refuseForeignFlags(flags, word, reportWords);
    if (word !== undefined) return (await reportWords[word]?.run(paths.slice(1), flags, call)) ?? 0;
    refuseForSeveral(paths, flags);
    const { runs, unread } = await readAll(paths);
    const file = flags.html as string | undefined;
    if (file !== undefined) await writePage(file, renderHtml(runs));
    const told = await Promise.all(runs.map((run) => render(run, flags)));
    process.stdout.write(told.join(flags.format === 'text' ? '\n' : ''));
    for (const error of unread) printError(error);
    return unread.length > 0 ? 2 : 0;
  },
};

/** Those that can be read; what cannot be is told after them. @throws UserError (exit 2) where there is none */
async function readAll(paths: readonly string[]): Promise<{ runs: Results[]; unread: unknown[] }> {
  const runs: Results[] = [];
  const unread: unknown[] = [];
  for (const path of paths) {
    try {
      const { results, remarks = [] } = await readRun(path);
      for (const remark of remarks) process.stderr.write(plain(`warning: ${remark}\n`));
      runs.push(results);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      unread.push(error);
    }
  }
  if (runs.length > 0) return { runs, unread };
  for (const error of unread.slice(0, -1)) printError(error);
  throw unread.at(-1);
}

const help = `
Examples:
  $ pullproof report pullproof-results/2026-01-02T03-04-05-load
  $ pullproof report RUN --format junit > junit.xml
  $ pullproof report CONFORM-RUN LOAD-RUN --html both.html
  $ pullproof report merge SEGMENT-1 SEGMENT-2 SEGMENT-3 SEGMENT-4 --out joined
  $ pullproof report compare last-night tonight --html compare.html
  $ pullproof report compare --base A1 A2 A3 A4 --with B1 B2 B3 B4 --min-effect 5%
  $ pullproof report trend pullproof-results --html trend.html
  $ pullproof report submission submission

Exit codes of compare: 0 no regression, 1 a regression, 2 the runs cannot be compared, 3 no baseline.
`;

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
