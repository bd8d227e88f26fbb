// The words that may stand at the cursor, for every shell: those of the verb that was typed.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isBuilt, packageRoot } from '../run/package-root.ts';
import type { Verbs } from './verb.ts';

/** A word, and what it is for. */
export type Completion = readonly [word: string, description: string];

export interface Completions {
  readonly words: readonly Completion[];
  /** What the shell itself adds. */
  readonly paths: 'none' | 'files' | 'folders';
}

/** What the words of a verb are completed by. */
export interface VerbWords {
  readonly args: readonly ArgumentWords[];
  readonly flags: readonly FlagWords[];
  /** Flags that go with the first word, where it decides; those of '' with any other. */
  readonly flagsOf?: Readonly<Record<string, readonly string[]>>;
}

export interface ArgumentWords extends Completions {
  readonly isVariadic: boolean;
}

export interface FlagWords {
  readonly long: string;
  readonly short?: string;
  readonly description: string;
  readonly isRepeatable: boolean;
  /** Undefined where it takes none. */
  readonly values?: Completions;
  /** Whether the value may be left out. */
  readonly isOptional?: boolean;
}

/** Where the build puts them. */
export const builtWords = join(packageRoot, 'dist', 'src', 'cli', 'words');

const nothing: Completions = { words: [], paths: 'none' };

/** `earlier`: whole words after `pullproof`, before the cursor; `current`: what is there of the one at it. */
export async function completionsOf(
  verbs: Verbs,
  earlier: readonly string[],
  current: string,
): Promise<Completions> {
  const at = earlier.findIndex((word) => !word.startsWith('-'));
  if (at < 0)
    return current.startsWith('-') ? fitting(ownFlags, current) : verbNames(verbs, current);
  const name = earlier[at] ?? '';
  const words = earlier.slice(at + 1);
  if (name === 'help') return words.length === 0 ? verbNames(verbs, current) : nothing;
  const verb = await verbWords(verbs, name);
  return verb === undefined ? nothing : ofVerb(verb, words, current);
}

async function verbWords(verbs: Verbs, name: string): Promise<VerbWords | undefined> {
  if (!Object.hasOwn(verbs, name)) return undefined;
  if (isBuilt) return JSON.parse(await readFile(join(builtWords, `${name}.json`), 'utf8'));
  const { makeVerbWords } = await import('./verb-words.ts');
  return await makeVerbWords(verbs, name);
}

function ofVerb(verb: VerbWords, words: readonly string[], current: string): Completions {
  const { awaiting, args, isPastFlags } = placeOf(verb, words);
  if (awaiting !== undefined) return valuesOf(awaiting, current, '');
  if (isPastFlags || !current.startsWith('-')) return wordsAt(verb, args.length, current);
  const [name = '', ...rest] = current.split('=');
  if (rest.length === 0) return fitting(flagsLeft(verb, words, args), current);
  const flag = verb.flags.find(({ long, values }) => long === name && values !== undefined);
  if (flag === undefined) return nothing;
  return valuesOf(flag, rest.join('='), `${name}=`);
}

const ownFlags: readonly Completion[] = [
  ['--help', 'display help'],
  ['--version', 'output the version number'],
];

function verbNames(verbs: Verbs, current: string): Completions {
  const all = Object.entries(verbs).map(([name, { summary }]) => [name, summary] as const);
  return fitting(all, current);
}

interface Place {
  /** The flag whose value comes next. */
  readonly awaiting?: FlagWords;
  /** Arguments before the cursor. */
  readonly args: readonly string[];
  /** After `--` nothing is a flag. */
  readonly isPastFlags: boolean;
}

function placeOf(verb: VerbWords, words: readonly string[]): Place {
  let awaiting: FlagWords | undefined;
  const args: string[] = [];
  for (const [index, word] of words.entries()) {
    if (awaiting !== undefined) awaiting = undefined;
    else if (word === '--') {
      return { args: [...args, ...words.slice(index + 1)], isPastFlags: true };
    } else if (word.startsWith('-') && word !== '-') {
      const flag = verb.flags.find(({ long, short }) => word === long || word === short);
      if (flag?.isOptional === false) awaiting = flag;
    } else args.push(word);
  }
  return { ...(awaiting && { awaiting }), args, isPastFlags: false };
}

function flagsLeft(
  { flags, flagsOf }: VerbWords,
  words: readonly string[],
  [first]: readonly string[],
): Completion[] {
  const given = new Set(words.map((word) => word.split('=', 1)[0]));
  // All, where no word is typed yet.
  const taken =
    flagsOf === undefined || first === undefined
      ? undefined
      : flagsOf[Object.hasOwn(flagsOf, first) ? first : ''];
  return flags
    .filter(({ long }) => taken === undefined || long === '--help' || taken.includes(long))
    .filter(({ long, isRepeatable }) => isRepeatable || !given.has(long))
    .map(({ long, description }) => [long, description]);
}

function wordsAt({ args }: VerbWords, place: number, current: string): Completions {
  const argument = args[place] ?? args.at(-1);
  const isBeyond = place >= args.length && argument?.isVariadic !== true;
  if (argument === undefined || isBeyond) return nothing;
  return { ...fitting(argument.words, current), paths: argument.paths };
}

function valuesOf({ values = nothing }: FlagWords, current: string, prefix: string): Completions {
  const { words } = fitting(values.words, current);
  return {
    words: words.map(([word, description]) => [`${prefix}${word}`, description]),
    paths: values.paths,
  };
}

function fitting(words: readonly Completion[], current: string): Completions {
  return { words: words.filter(([word]) => word.startsWith(current)), paths: 'none' };
}
