// The command line: finds the verb, loads its file alone, and turns every ending into an exit code.
import { Command, CommanderError } from 'commander';
import { UserError } from '../lib/user-error.ts';
import { version } from '../run/version.ts';
import { refuseEmptyWords } from './empty-words.ts';
import { programAbout, programHelp } from './program-help.ts';
import { plain, printError } from './terminal.ts';
import { verbs } from './verbs.ts';

const readerGone: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO']);
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What to do about wrong words that people bring from other programs; before what commander says of the help. */
const wrongWords: readonly (readonly [RegExp, hint: string])[] = [
  [
    /^error: unknown option '--password(?:=|')/,
    'A password is no word of the command line: --username NAME --password-stdin < FILE',
  ],
  [
    /^error: option '--format <format>' argument 'html'/,
    'The page is made in any case: report.html in the folder of the run (--out DIR); several runs on one page: pullproof report --html FILE RUN…',
  ],
];

/** Flags may be names of files, by a glob. */
const output = {
  writeErr: (text: string) => process.stderr.write(plain(text)),
  outputError: (text: string, write: (text: string) => void) => {
    const hint = wrongWords.find(([words]) => words.test(text))?.[1];
    write(hint === undefined ? text : `${text}  hint: ${hint}\n`);
  },
};

/** Runs one command line. Resolves to the exit code; never rejects. */
export async function main(words: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const interrupt = () => {
    stop.abort();
    // Who waits for standard input waits no more; it may never end.
    process.stdin.destroy();
  };
  // SIGHUP: the terminal was closed; what was measured until then is worth as much.
  for (const name of endings) process.on(name, interrupt);
  // A closed pipe (`| head`) or terminal ends our output, not the run. A full disk does not go unsaid.
  let lost: NodeJS.ErrnoException | undefined;
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!readerGone.has(error.code)) lost ??= error;
  });
  // Nothing should come here; what does must not end as exit code 1, which blames the registry.
  process.on('uncaughtException', endByDefect);
  try {
    const exitCode = await run(words, stop.signal);
    // Errors of a stream come after the call that wrote.
    await new Promise(setImmediate);
    if (lost !== undefined) throw unwritten(lost);
    return exitCode;
  } catch (error) {
    return exitCodeOf(error, stop.signal);
  } finally {
    for (const name of endings) process.off(name, interrupt);
    process.off('uncaughtException', endByDefect);
  }
}

function unwritten(error: Error): UserError {
  const message = `standard output cannot be written: ${error.message}`;
  return new UserError('stdout-unwritable', message, 'Send it where there is room.');
}

function endByDefect(error: unknown): void {
  printError(error);
  process.exit(4);
}

async function run(words: readonly string[], signal: AbortSignal): Promise<number> {
  let exitCode = 0;
  const program = new Command('pullproof')
    .description(programAbout)
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput(output)
    .showSuggestionAfterError()
    .showHelpAfterError('  hint: `pullproof --help` lists the verbs.')
    .addHelpText('after', programHelp);
  const wanted = words.find((word) => Object.hasOwn(verbs, word));
  for (const [name, { summary, load }] of Object.entries(verbs)) {
    const command = new Command(name).summary(summary).description(summary).exitOverride();
    command.showSuggestionAfterError().configureOutput(output);
    command.showHelpAfterError(`  hint: \`pullproof ${name} --help\` lists what it takes.`);
    if (name === wanted) {
      const verb = await load();
      verb.declare(command);
      command.action(async () => {
        if (verb.takesEmptyWords !== true) refuseEmptyWords(command);
        exitCode = await verb.run(command.args, command.opts(), { words, signal, verbs });
      });
    }
    program.addCommand(command);
  }
  if (words.length === 0) {
    program.outputHelp();
    return 0;
  }
  await program.parseAsync([...words], { from: 'user' });
  return exitCode;
}

function exitCodeOf(error: unknown, signal: AbortSignal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (signal.aborted) return 130;
  printError(error);
  return error instanceof UserError ? error.exitCode : 4;
}
