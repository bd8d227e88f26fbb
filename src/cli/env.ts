// `pullproof env`: what of this machine matters, for a bug report; the engine is src/run/env/env.ts.
import { join } from 'node:path';
import { Option } from 'commander';
import { bytes } from '../../reports/figures.ts';
import { type Environment, readEnvironment } from '../run/env/env.ts';
import { findK6, placesOfK6 } from '../run/load/k6/find.ts';
import { packageRoot } from '../run/package-root.ts';
import { runsFolder } from './output.ts';
import { plain } from './terminal.ts';
import type { Verb } from './verb.ts';

export const env: Verb = {
  declare(command) {
    command
      .addOption(
        new Option('--format <format>', 'what goes to standard output')
          .choices(['text', 'json'])
          .default('text'),
      )
      .option('--k6', 'print the path of the k6 that load runs, and nothing else')
      .option(
        '--k6-source',
        'print the folder from which our k6 and its image are built, and nothing else',
      )
      .addHelpText(
        'after',
        '\nUser names and passwords of proxies are left out. No request is made. With --k6, a k6 that has to be\nbuilt with Go is built.\n',
      );
  },
  async run(_args, { format, k6, k6Source }, { signal }) {
    if (k6Source === true) return printK6Source();
    if (k6 === true) return await printK6(signal);
    const environment = await readEnvironment(process.env, placesOfK6, runsFolder);
    const json = `${JSON.stringify(environment, null, 2)}\n`;
    process.stdout.write(format === 'json' ? json : plain(textOf(environment)));
    return 0;
  },
};

function printK6Source(): number {
  process.stdout.write(`${join(packageRoot, 'k6')}\n`);
  return 0;
}

/** @throws UserError `k6-missing` and others of `findK6` */
async function printK6(signal: AbortSignal): Promise<number> {
  let isTold = false;
  const progress = (message: string) => {
    if (!isTold) process.stderr.write(`${message}\n`);
    isTold = true;
  };
  const found = await findK6('auto', { variables: process.env, progress, signal });
  process.stdout.write(`${found.path}\n`);
  return 0;
}

function textOf(environment: Environment): string {
  const { pullproof, node, os, arch, container, k6, caches, results } = environment;
  const { programs, files, variables } = environment;
  const sections: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [
      'versions',
      [
        ['pullproof', pullproof],
        ['node', node],
        ['system', `${os}, ${arch}${container ? ', in a container' : ''}`],
      ],
    ],
    [
      'k6, in the order of the search',
      k6.map(({ place, path, engine, version, problem, note }) => [
        place,
        problem ?? [path, version, engine, note].filter((part) => part !== undefined).join(', '),
      ]),
    ],
    [
      'caches',
      caches.map(({ path, bytes: size, cut }) => [path, `${cut ? 'at least ' : ''}${bytes(size)}`]),
    ],
    ['results of runs', [[results.path, results.exists ? '' : 'not there yet']]],
    ['programs', programs.map(({ name, version, problem }) => [name, version ?? problem ?? '-'])],
    ['files of clients', files.map((file) => [file, ''])],
    ['variables', Object.entries(variables)],
  ];
  return sections
    .map(([heading, rows]) => {
      const lines = rows.length === 0 ? [['none', '']] : rows;
      const width = Math.max(...lines.map(([name = '']) => name.length));
      const told = lines.map(([name = '', text = '']) =>
        `  ${name.padEnd(width)}  ${text}`.trimEnd(),
      );
      return `${[heading, ...told].join('\n')}\n`;
    })
    .join('\n');
}
