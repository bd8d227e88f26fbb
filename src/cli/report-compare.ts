// `pullproof report compare`: two runs, or several a side, held against each other.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { renderComparisonHtml } from '../../reports/compare/html.ts';
import { renderComparisonMarkdown } from '../../reports/compare/markdown.ts';
import { renderComparisonText } from '../../reports/compare/text.ts';
import type { Comparison } from '../../reports/comparison.ts';
import { renderJson } from '../../reports/json.ts';
import { makeFolder } from '../lib/node/make-folder.ts';
import { parseDurationMs } from '../lib/units.ts';
import { UserError } from '../lib/user-error.ts';
import { compareRuns } from '../run/compare/compare.ts';
import type { LevelWanted } from '../run/compare/conform.ts';
import {
  minEffectDefault,
  type Renderers,
  type ReportWord,
  rendererOf,
  seedDefault,
  writePage,
} from './report-words.ts';
import { Terminal } from './terminal.ts';
import { textOptionsOf } from './terminal-features.ts';
import type { Flags } from './verb.ts';

export const compare: ReportWord = {
  summary: 'a run and a later one, or several a side, held against each other',
  takes: [
    ...['--base', '--with', '--min-effect', '--floor', '--calibration', '--level'],
    ...['--out', '--seed', '--quiet', '--verbose'],
  ],
  declare(command) {
    declareFlags(command);
  },
  async run(paths, flags) {
    const format = rendererOf(renderers, flags, {
      what: 'comparisons',
      hint: `Write --format ${Object.keys(renderers).join(', ')}, or --html FILE.`,
    });
    const terminal = new Terminal(flags.quiet === true);
    const comparison = await compareRuns({
      ...sidesOf(paths, flags),
      minEffect: (flags.minEffect as number | undefined) ?? minEffectDefault,
      floorMs: (flags.floor as number | undefined) ?? 0,
      level: (flags.level as LevelWanted | undefined) ?? 'all',
      seed: (flags.seed as number | undefined) ?? seedDefault,
      calibration: flags.calibration as string | undefined,
      progress: terminal.live,
    });
    terminal.clear();
    const page = flags.html as string | undefined;
    if (page !== undefined) await writePage(page, renderComparisonHtml(comparison));
    const dir = flags.out as string | undefined;
    if (dir !== undefined) await writeAll(dir, comparison);
    process.stdout.write(format(comparison));
    if (page !== undefined) terminal.say(`page: ${page}`);
    if (dir !== undefined) terminal.say(`report: ${join(dir, 'report.html')}`);
    return comparison.exitCode;
  },
};

function declareFlags(command: Command): void {
  command
    .option('--base <run...>', 'compare: the runs to compare with; each counts as one')
    .option('--with <run...>', 'compare: the runs to compare')
    .option(
      '--min-effect <percent>',
      'compare, trend: least change that counts (default: 10%)',
      parsePercent,
    )
    .option(
      '--floor <duration>',
      'compare: least change of a latency that counts, such as 50ms (default: any)',
      parseFloor,
    )
    .option(
      '--calibration <run>',
      'compare: run of load --calibrate whose widths are the least that counts (default: that of the base, if it has one)',
    )
    .addOption(
      new Option(
        '--level <level>',
        'compare: new failures of these levels of checks, and new findings, make exit code 1; must: errors alone',
      ).choices(['all', 'must'] satisfies LevelWanted[]),
    );
}

const percentMax = 1000;

/** A part of one. @throws InvalidArgumentError */
function parsePercent(text: string): number {
  const percent = Number(/^(\d{1,4}(?:\.\d{1,3})?) ?%$/.exec(text)?.[1]);
  if (percent >= 0 && percent <= percentMax) return percent / 100;
  throw new InvalidArgumentError(`Write percent, such as 10% or 2.5%, at most ${percentMax}%.`);
}

const floorMsMax = 3_600_000;

/** Milliseconds. @throws InvalidArgumentError */
function parseFloor(text: string): number {
  const ms = text === '0' ? 0 : parseDurationMs(text);
  if (ms !== undefined && ms <= floorMsMax) return ms;
  throw new InvalidArgumentError('Write a duration such as 50ms or 1s, at most 1h, or 0.');
}

/** @throws UserError `compare-sides` (exit 2) */
function sidesOf(
  paths: readonly string[],
  { base = [], with: others = [] }: Flags,
): { base: readonly string[]; with: readonly string[] } {
  const [named, now] = [base as string[], others as string[]];
  const [first, second] = paths;
  if (named.length === 0 && now.length === 0) {
    if (paths.length === 2 && first !== undefined && second !== undefined) {
      return { base: [first], with: [second] };
    }
    throw wrongSides(`without --base and --with they are two paths, not ${paths.length}`);
  }
  if (paths.length > 0) throw wrongSides(`${first} is on neither side`);
  if (named.length === 0) throw wrongSides('--base is missing');
  if (now.length === 0) throw wrongSides('--with is missing');
  return { base: named, with: now };
}

function wrongSides(problem: string): UserError {
  return new UserError(
    'compare-sides',
    `two sides are needed to compare, and ${problem}`,
    'Write report compare BASE RUN, or report compare --base RUN RUN … --with RUN RUN …; a folder of the name is ./compare.',
  );
}

const renderers: Renderers<Comparison> = {
  text: (flags) => (comparison) => renderComparisonText(comparison, textOptionsOf(flags)),
  json: () => renderJson,
  markdown: () => renderComparisonMarkdown,
};

/** @throws UserError `out-unwritable` (exit 2), also where a run has its own report */
async function writeAll(dir: string, comparison: Comparison): Promise<void> {
  if (existsSync(join(dir, 'results.json'))) {
    throw new UserError(
      'out-unwritable',
      `${dir} is the folder of a run, whose report.html would be lost`,
      'Name another folder with --out.',
    );
  }
  try {
    makeFolder(dir);
    await writeFile(join(dir, 'comparison.json'), renderJson(comparison));
    await writeFile(join(dir, 'report.html'), renderComparisonHtml(comparison));
    await writeFile(join(dir, 'comparison.md'), renderComparisonMarkdown(comparison));
  } catch (error) {
    throw new UserError(
      'out-unwritable',
      `the comparison cannot be written to ${dir}: ${(error as Error).message}`,
      'Name another folder with --out.',
    );
  }
}
