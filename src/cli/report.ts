// `pullproof report`: earlier results, rendered again.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Option } from 'commander';
import { type Format, formats, renderHtml } from '../../reports/index.ts';
import type { Results } from '../../reports/results.ts';
import { UserError } from '../protocol/user-error.ts';
import { validateResults } from '../run/results-schema.ts';
import { render } from './output.ts';
import type { Verb } from './verb.ts';

export const report: Verb = {
  declare(command) {
    command
      .argument('<run...>', 'run folders, or results.json files')
      .option('--html <file>', 'write one page about all of them')
      .addOption(
        new Option('--format <format>', 'what goes to standard output')
          .choices(Object.keys(formats))
          .default('text'),
      )
      .addHelpText(
        'after',
        `
Examples:
  $ pullproof report pullproof-results/2026-01-02T03-04-05-load
  $ pullproof report RUN --format junit > junit.xml
  $ pullproof report CONFORM-RUN LOAD-RUN --html both.html
`,
      );
  },
  async run(paths, flags) {
    const runs = await Promise.all(paths.map(readRun));
    const file = flags.html as string | undefined;
    if (file !== undefined) await writeFile(file, renderHtml(runs)).catch(cannotWrite(file));
    for (const run of runs) process.stdout.write(render(flags.format as Format, run));
    return 0;
  },
};

function cannotWrite(file: string): (error: Error) => never {
  return (error) => {
    throw new UserError(
      'out-unwritable',
      `the page cannot be written to ${file}: ${error.message}`,
      'Name another file with --html.',
    );
  };
}

async function readRun(path: string): Promise<Results> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? join(path, 'results.json') : path;
  let document: unknown;
  try {
    document = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw unreadable(file, (error as Error).message);
  }
  const problem = validateResults(document);
  if (problem !== undefined) throw unreadable(file, problem);
  return document as Results;
}

function unreadable(file: string, problem: string): UserError {
  return new UserError(
    'run-unreadable',
    `${file} is no readable results document: ${problem}`,
    'Give a folder that a run wrote with --out, or its results.json.',
  );
}
