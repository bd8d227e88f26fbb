// Runs pullproof as the inputs say, and gathers what came of it: verdict, files, Markdown.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Results } from '../reports/results.ts';
import { shellWord } from '../src/lib/shell-word.ts';
import { UserError } from '../src/lib/user-error.ts';
import { wordWithoutUserinfo } from '../src/lib/word-without-userinfo.ts';
import { commandOf } from './command.ts';
import { type Counts, countsOf } from './counts.ts';
import { type Inputs, readInputs, type Variables } from './inputs.ts';
import { findProgram, type Program } from './install.ts';
import { type Ended, interruptedCode, isCancelled, run } from './process.ts';
import { annotate, mask, say, withoutCommands } from './runner.ts';

/** What the outputs, the summary and the end of the action are made of. Paths are absolute, '' where there is none. */
export interface Outcome {
  readonly exitCode: number;
  readonly directory: string;
  readonly results: string;
  readonly report: string;
  readonly comparison: string;
  readonly sarif: string;
  readonly counts: Counts;
  /** Several reports, the gravest for the reader first. */
  readonly markdown: string;
  readonly isSummary: boolean;
}

interface Work {
  readonly inputs: Inputs;
  readonly variables: Variables;
  /** Temporary folder of this step. */
  readonly folder: string;
  readonly program: Program;
}

const noCounts: Counts = { passed: 0, failed: 0, warned: 0 };

/** @throws UserError of what never came to a run */
export async function outcomeOf(variables: Variables, folder: string): Promise<Outcome> {
  const inputs = readInputs(variables);
  if (inputs.password !== '') mask(inputs.password);
  if (!isFolder(inputs.folder)) {
    throw new UserError(
      'folder-missing',
      `working-directory is ${inputs.folder}, and there is no such folder`,
      'Name a folder of the checkout; is actions/checkout in front of this step?',
    );
  }
  const command = commandOf(inputs, join(folder, inputs.verb));
  const program = await withoutCommands(() => findProgram(inputs, variables, folder));
  const work: Work = { inputs, variables, folder, program };
  const out = command.out === undefined ? undefined : resolve(inputs.folder, command.out);
  const before = out === undefined ? undefined : timeOf(join(out, 'results.json'));
  const ended = await call(work, command.words, { input: inputs.password });
  const directory = out !== undefined && isFolder(out) ? out : '';
  const results = directory === '' ? '' : join(directory, 'results.json');
  // Args may name the folder of an earlier run, which a run that never began leaves as it was.
  const isNew = results !== '' && existsSync(results) && timeOf(results) !== before;
  return await gathered(work, ended, { directory, results: isNew ? results : '' });
}

async function gathered(
  work: Work,
  ended: Ended,
  { directory, results }: { directory: string; results: string },
): Promise<Outcome> {
  const { inputs } = work;
  const compared = results === '' ? undefined : await compare(work, directory, ended.code);
  const exitCode = ended.code === 0 ? (compared?.code ?? 0) : ended.code;
  const made = compared?.folder ?? (results === '' ? directory : '');
  const isTold = results !== '' && (inputs.isSummary || inputs.isComment);
  const told = isTold ? await rendered(work, directory, 'markdown') : '';
  if (inputs.isAnnotated && results !== '') await showAnnotations(work, directory);
  if (ended.code !== 0 && results === '') tellFailure(`pullproof ${inputs.verb}`, ended);
  if (compared !== undefined && compared.code !== 0) tellFailure('comparison', compared);
  const markdown = [
    readText(join(made, 'comparison.md')),
    told,
    ended.code !== 0 && results === '' && made === '' ? failureMarkdown(inputs, ended.code) : '',
  ];
  return {
    exitCode,
    directory,
    results,
    report: existing(join(directory, 'report.html')),
    comparison: made === '' ? '' : existing(join(made, 'comparison.json')),
    sarif: results === '' || inputs.sarifFile === '' ? '' : await writeSarif(work, directory),
    counts: results === '' ? noCounts : countsOf(JSON.parse(readText(results)) as Results),
    markdown: markdown.filter((text) => text !== '').join('\n'),
    isSummary: inputs.isSummary,
  };
}

/** `load` against earlier runs, where it measured something: the folder of the comparison, and how that ended. */
async function compare(
  work: Work,
  directory: string,
  code: number,
): Promise<(Ended & { folder: string }) | undefined> {
  const { verb, baseline } = work.inputs;
  if (verb !== 'load' || baseline.length === 0 || code > 1) return undefined;
  const folder = join(work.folder, 'comparison');
  // Not `--base=FILE`, which takes one; and a path that begins with a hyphen is a path.
  const bases = baseline.map((path) => (path.startsWith('-') ? `./${path}` : path));
  const words = ['report', 'compare', '--base', ...bases, '--with', directory, `--out=${folder}`];
  return { ...(await call(work, words)), folder };
}

/** Runs a command whose words are shown, in the log alone. */
async function call(
  { inputs, program, variables }: Work,
  words: readonly string[],
  options: { input?: string } = {},
): Promise<Ended> {
  return await withoutCommands(async () => {
    say(`$ pullproof ${words.map(wordWithoutUserinfo).map(shellWord).join(' ')}`);
    const whole = { ...program, words: [...program.words, ...words] };
    return await run(whole, inputs.folder, { ...options, variables });
  });
}

/** A report of the run, in another format. */
async function rendered(work: Work, directory: string, format: string): Promise<string> {
  const { inputs, program, variables } = work;
  const words = [...program.words, 'report', directory, '--format', format];
  const { output } = await withoutCommands(() =>
    run({ ...program, words }, inputs.folder, { variables, isKept: true }),
  );
  return output;
}

/** What pullproof may say to the runner, and nothing else. */
const annotation = /^::(?:error|warning|notice) [^\n]*$/;

async function showAnnotations(work: Work, directory: string): Promise<void> {
  const lines = (await rendered(work, directory, 'github')).split('\n');
  for (const line of lines.filter((one) => annotation.test(one))) say(line);
}

async function writeSarif(work: Work, directory: string): Promise<string> {
  const path = resolve(work.inputs.folder, work.inputs.sarifFile);
  const text = await rendered(work, directory, 'sarif');
  try {
    writeFileSync(path, text);
    return path;
  } catch (error) {
    // The verdict stands without it.
    annotate('warning', 'sarif-unwritable', `no SARIF at ${path}: ${(error as Error).message}`);
    return '';
  }
}

const toldLinesMax = 12;

/** Where no annotation of a report says it: what the code means, and the end of what the program said. */
function tellFailure(title: string, { code, said }: Ended): void {
  const lines = said.trim().split(/\r?\n/).slice(-toldLinesMax);
  const meaning =
    (title === 'comparison' ? comparisonMeanings : meanings)[code] ?? 'it ended early';
  annotate(
    'error',
    `${title}: ${meaning} (exit code ${code})`,
    lines.join('\n') || 'see the summary',
  );
}

const comparisonMeanings: Readonly<Record<number, string>> = {
  1: 'worse than the baseline by more than noise',
  2: 'the runs cannot be compared',
  3: 'there is no baseline',
};

function failureMarkdown({ verb }: Inputs, code: number): string {
  const meaning = meanings[code] ?? 'it ended in a way of its own';
  return `## ❌ Error: pullproof ${verb}\n\n**Exit code ${code}: ${meaning}.** The log of this step says why.\n`;
}

const meanings: Readonly<Record<number, string>> = {
  1: 'something is broken',
  2: 'wrong usage or input',
  3: 'the target cannot be reached, or the set-up failed',
  4: 'a defect of pullproof',
  130: 'interrupted',
};

/** Of an error that came before, or instead of, a run. */
export function failedOutcome(error: unknown, variables: Variables): Outcome {
  const { code, message, hint, exitCode } = problemOf(error);
  annotate('error', code, `${message}\n${hint}`);
  const words = `**Exit code ${exitCode}: ${meanings[exitCode]}** (\`${code}\`).`;
  return {
    ...{ exitCode, directory: '', results: '', report: '', comparison: '', sarif: '' },
    counts: noCounts,
    markdown: `## ❌ Error: pullproof\n\n${words} The log of this step says why.\n`,
    isSummary: variables.INPUT_SUMMARY !== 'false',
  };
}

function problemOf(error: unknown) {
  if (isCancelled()) {
    const message = 'the job was cancelled before anything was judged';
    return { code: 'cancelled', message, hint: 'Run it again.', exitCode: interruptedCode };
  }
  if (error instanceof UserError) return error;
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const hint = 'Please report this, with the log of this step.';
  return { code: 'defect', message, hint, exitCode: 4 };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function timeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function existing(path: string): string {
  return existsSync(path) ? path : '';
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
