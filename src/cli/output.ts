// The run folder and the end of a run: what is written, what is printed, and from what.
import { constants } from 'node:fs';
import { access, mkdtemp, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Format, formats } from '../../reports/index.ts';
import type { Results } from '../../reports/results.ts';
import { makeFolder } from '../lib/node/make-folder.ts';
import { UserError } from '../lib/user-error.ts';
import type { RunContext } from '../run/context.ts';
import { Terminal } from './terminal.ts';
import type { Call, Flags } from './verb.ts';

export interface Output {
  readonly dir: string;
  readonly terminal: Terminal;
  readonly context: RunContext;
  /** Writes the run folder, prints what `--format` asks for, and gives the exit code. */
  finish(results: Results): Promise<number>;
}

/**
 * Makes the run folder before the run, so that a folder that cannot be written costs no run.
 * @throws UserError `out-unwritable` (exit 2)
 */
export async function openOutput(verb: string, flags: Flags, call: Call): Promise<Output> {
  const time = new Date().toISOString().replace(/[:.]/g, '-').slice(0, 19);
  const dir = (flags.out as string | undefined) ?? join('pullproof-results', `${time}-${verb}`);
  try {
    makeFolder(dir);
    await access(dir, constants.W_OK);
    await rmdir(await mkdtemp(join(dir, '.probe-')));
  } catch (error) {
    throw unwritable(dir, error as Error);
  }
  const terminal = new Terminal(flags.quiet === true);
  const context = contextOf(flags, call, terminal);
  return { dir, terminal, context, finish: (results) => finish(dir, results, flags, terminal) };
}

/** What an engine is given, whether or not it writes a run folder. */
export function contextOf(flags: Flags, call: Call, terminal: Terminal): RunContext {
  return {
    progress: terminal.live,
    work: terminal.work,
    tick: terminal.tick,
    signal: call.signal,
    seed: (flags.seed as number | undefined) ?? Math.floor(Math.random() * 0xffff_ffff),
    command: ['pullproof', ...call.words].map(withoutUserinfo).join(' '),
  };
}

/** Credentials before a host, with or without scheme; the `@` of a digest is none of theirs. */
function withoutUserinfo(word: string): string {
  return word.replace(/(:\/\/|^(?!-))[^/\s]*@(?!sha\d+:)/g, '$1');
}

async function finish(
  dir: string,
  results: Results,
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const report = join(dir, 'report.html');
  // Loaded here: a start without a run folder needs no page.
  const { renderHtml } = await import('../../reports/html/page.ts');
  try {
    await writeFile(join(dir, 'results.json'), indentedJson(results));
    await writeFile(report, renderHtml([results]));
    await writeFile(join(dir, 'junit.xml'), formats.junit(results));
  } catch (error) {
    throw unwritable(dir, error as Error);
  }
  terminal.clear();
  process.stdout.write(render(flags.format as Format, results));
  terminal.say(`report: ${report}`);
  return results.exitCode;
}

const pieceCharsMin = 256 * 1024;

/** `JSON.stringify(results, null, 2)` in pieces: evidence makes documents of many megabytes. */
function* indentedJson(results: Results): Generator<string> {
  let piece = '{';
  let separator = '\n';
  const indented = (value: unknown, by: string) =>
    JSON.stringify(value, null, 2).replaceAll('\n', `\n${by}`);
  for (const [name, value] of Object.entries(results)) {
    if (value === undefined) continue;
    piece += `${separator}  ${JSON.stringify(name)}: `;
    separator = ',\n';
    if (!Array.isArray(value) || value.length === 0) {
      piece += indented(value, '  ');
      continue;
    }
    piece += '[';
    for (const [index, one] of value.entries()) {
      piece += `${index === 0 ? '' : ','}\n    ${indented(one, '    ')}`;
      if (piece.length < pieceCharsMin) continue;
      yield piece;
      piece = '';
    }
    piece += '\n  ]';
  }
  yield `${piece}\n}\n`;
}

/** `--format` of a results document; text knows the terminal. */
export function render(format: Format, results: Results): string {
  const tty = process.stdout.isTTY === true;
  // no-color.org: set, and not to nothing.
  const color = tty && !process.env.NO_COLOR;
  const text = formats[format](results, { color, width: process.stdout.columns || 100 });
  return text.endsWith('\n') ? text : `${text}\n`;
}

function unwritable(dir: string, error: Error): UserError {
  return new UserError(
    'out-unwritable',
    `the results cannot be written to ${dir}: ${error.message}`,
    'Name another folder with --out, and check its rights and the free space.',
  );
}
