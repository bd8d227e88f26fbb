// Words in front of the runs of `pullproof report`: each makes something else of them than to render them. A folder
// of such a name is `./merge`.
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { UserError } from '../lib/user-error.ts';
import type { Call, Flags } from './verb.ts';

export interface ReportWord {
  /** What it makes of the runs, for help. */
  readonly summary: string;
  /** Flags that it takes besides `--html` and `--format`, as written. */
  readonly takes: readonly string[];
  /** Declares those that no other word declared. */
  declare(command: Command): void;
  run(paths: readonly string[], flags: Flags, call: Call): Promise<number>;
}

/** @throws UserError `flag-conflict` (exit 2) for a flag that is about another word */
export function refuseForeignFlags(
  flags: Flags,
  word: string | undefined,
  words: Readonly<Record<string, ReportWord>>,
): void {
  const taken = flagsOf(word, words);
  for (const [name, value] of Object.entries(flags)) {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (taken.includes(flag) || !isGiven(value)) continue;
    const others = Object.keys(words).filter((one) => words[one]?.takes.includes(flag));
    const hint =
      others.length === 0
        ? `Leave ${flag} out.`
        : `Put the word ${others.join(' or ')} in front of the runs, or leave ${flag} out.`;
    const about = word === undefined ? 'rendering runs again' : `the word ${word}`;
    throw new UserError('flag-conflict', `${flag} is not about ${about}`, hint);
  }
}

/** The flags, as written, that a word takes; undefined: that rendering runs again takes. */
export function flagsOf(
  word: string | undefined,
  words: Readonly<Record<string, ReportWord>>,
): readonly string[] {
  const own = word === undefined ? ['--verbose'] : (words[word]?.takes ?? []);
  return ['--html', '--format', ...own];
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}

/** What makes the text of `--format` of what a word found, by the name of the format. */
export type Renderers<T> = Readonly<Record<string, (flags: Flags) => (found: T) => string>>;

/** `what`: what has no other form. @throws UserError `flag-conflict` (exit 2) */
export function rendererOf<T>(
  renderers: Renderers<T>,
  flags: Flags,
  { what, hint }: { readonly what: string; readonly hint: string },
): (found: T) => string {
  const format = flags.format as string;
  const renderer = Object.hasOwn(renderers, format) ? renderers[format] : undefined;
  if (renderer !== undefined) return renderer(flags);
  throw new UserError('flag-conflict', `--format ${format} has no form for ${what}`, hint);
}

/** Least change that counts where `--min-effect` does not say: a part of one. */
export const minEffectDefault = 0.1;
/** Of resamples: the same runs are always judged alike. */
export const seedDefault = 1;

/** @throws UserError `out-unwritable` (exit 2) */
export async function writePage(file: string, page: string): Promise<void> {
  await writeFile(file, page).catch((error: Error) => {
    throw new UserError(
      'out-unwritable',
      `the page cannot be written to ${file}: ${error.message}`,
      'Name another file with --html.',
    );
  });
}
