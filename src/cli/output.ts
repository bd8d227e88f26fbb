// The run folder and the end of a run: what is written, what is printed, and from what.
import { constants, existsSync } from 'node:fs';
import { access, mkdtemp, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Format, formats } from '../../reports/index.ts';
import type { RenderOptions } from '../../reports/options.ts';
import type { Results } from '../../reports/results.ts';
import { makeFolder } from '../lib/node/make-folder.ts';
import { shellWord } from '../lib/shell-word.ts';
import { UserError } from '../lib/user-error.ts';
import { wordWithoutUserinfo } from '../lib/word-without-userinfo.ts';
import type { RunContext } from '../run/context.ts';
import { writeBegun, writeResults } from './run-files.ts';
import { Terminal } from './terminal.ts';
import { fileUrl, textOptionsOf, wantsLinks } from './terminal-features.ts';
import type { Call, Flags } from './verb.ts';

export interface Output {
  readonly terminal: Terminal;
  readonly context: RunContext;
  /** Writes what is to be written, prints what `--format` asks for, and gives the exit code. */
  finish(results: Results): Promise<number>;
}

export interface RunOutput extends Output {
  /** The folder of the run. */
  readonly dir: string;
}

/**
 * Makes the run folder before the run, so that a folder that cannot be written costs no run.
 * @throws UserError `out-unwritable` (exit 2)
 */
export async function openOutput(verb: string, flags: Flags, call: Call): Promise<RunOutput> {
  const named = flags.out as string | undefined;
  let dir = named ?? runsFolder;
  try {
    makeFolder(dir);
    if (named === undefined) dir = makeRunFolder(verb);
    await access(dir, constants.W_OK);
    await rmdir(await mkdtemp(join(dir, '.probe-')));
  } catch (error) {
    throw unwritable(dir, error as Error);
  }
  const terminal = new Terminal(flags.quiet === true);
  if (existsSync(join(dir, 'results.json'))) {
    terminal.say(`${dir} holds an earlier run; this one takes its place`);
  }
  const begin = (results: Results) => writeBegun(dir, results);
  const context = { ...contextOf(flags, call, terminal), begin };
  return { dir, terminal, context, finish: (results) => finish(dir, results, flags, terminal) };
}

/** Of a verb that writes a folder only where `--out` names one. @throws as `openOutput` */
export async function openStdout(verb: string, flags: Flags, call: Call): Promise<Output> {
  if (flags.out !== undefined) return await openOutput(verb, flags, call);
  const terminal = new Terminal(flags.quiet === true);
  const context = contextOf(flags, call, terminal);
  return { terminal, context, finish: (results) => print(results, flags, terminal) };
}

export const runsFolder = 'pullproof-results';
/** Runs of one verb that begin in one second. */
const runsMax = 1_000;

/** A folder that is no other run's: made by this process, or not taken. @throws the system's error */
function makeRunFolder(verb: string): string {
  const time = new Date().toISOString().replace(/[:.]/g, '-').slice(0, 19);
  for (let run = 1; run < runsMax; run++) {
    const dir = join(runsFolder, `${time}-${verb}${run === 1 ? '' : `-${run}`}`);
    if (makeFolder(dir)) return dir;
  }
  throw new Error(`${runsMax} runs began in this second`);
}

/** What an engine is given, whether or not it writes a run folder. */
export function contextOf(flags: Flags, call: Call, terminal: Terminal): RunContext {
  return {
    progress: terminal.live,
    work: terminal.work,
    tick: terminal.tick,
    say: terminal.say,
    signal: call.signal,
    seed: (flags.seed as number | undefined) ?? Math.floor(Math.random() * 0xffff_ffff),
    command: ['pullproof', ...call.words].map(wordWithoutUserinfo).map(shellWord).join(' '),
  };
}

async function finish(
  dir: string,
  results: Results,
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  await writeRun(dir, results);
  const exitCode = await print(results, flags, terminal);
  terminal.say(`report: ${join(dir, 'report.html')}`);
  return exitCode;
}

/** The files of a run into its folder, which is there. @throws UserError `out-unwritable` (exit 2) */
export async function writeRun(dir: string, results: Results): Promise<void> {
  // Loaded here: a start without a run folder needs no page.
  const [{ renderHtml }, { badgeOf, renderBadgeJson, renderBadgeSvg }] = await Promise.all([
    import('../../reports/html/page.ts'),
    import('../../reports/badge.ts'),
  ]);
  const badge = badgeOf(results);
  try {
    await writeResults(dir, results);
    await writeFile(join(dir, 'report.html'), renderHtml([results]));
    await writeFile(join(dir, 'junit.xml'), formats.junit(results));
    if (badge !== undefined) {
      await writeFile(join(dir, 'badge.json'), renderBadgeJson(badge));
      await writeFile(join(dir, 'badge.svg'), renderBadgeSvg(badge));
    }
  } catch (error) {
    throw unwritable(dir, error as Error);
  }
}

async function print(results: Results, flags: Flags, terminal: Terminal): Promise<number> {
  const text = await render(results, flags);
  terminal.clear();
  process.stdout.write(text);
  return results.exitCode;
}

/** `--format` of a results document, with what the format asks of its surroundings. */
export async function render(results: Results, flags: Flags): Promise<string> {
  const name = flags.format as string;
  if (!Object.hasOwn(formats, name)) {
    const { renderAllowList } = await import('../../reports/allow-list.ts');
    return renderAllowList(name, results);
  }
  const format = name as Format;
  return formats[format](results, (await surroundingsOf[format]?.(results, flags)) ?? {});
}

/** Loaded and looked for only where they are needed: text is what people wait for. */
const surroundingsOf: {
  readonly [F in Format]?: (results: Results, flags: Flags) => Promise<Partial<RenderOptions>>;
} = {
  text: async (_, flags) => {
    const links = wantsLinks(process.stdout.isTTY === true, process.env);
    return { ...textOptionsOf(flags), ...(links && { fileUrl }) };
  },
  github: checkout,
  gitlab: checkout,
  sarif: async (results) => {
    const { ruleExamples } = await import('./rule-examples.ts');
    return { ...(await checkout()), examples: await ruleExamples(results.rules ?? []) };
  },
};

async function checkout(): Promise<Partial<RenderOptions>> {
  const { checkoutOf } = await import('./checkout.ts');
  return { checkout: checkoutOf() };
}

function unwritable(dir: string, error: Error): UserError {
  return new UserError(
    'out-unwritable',
    `the results cannot be written to ${dir}: ${error.message}`,
    'Name another folder with --out, such as --out /tmp/run, and check its rights and the free space.',
  );
}
