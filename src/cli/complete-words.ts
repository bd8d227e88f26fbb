// The words that may stand at the cursor, for every shell: those of the verb that was typed, which alone is loaded.
import { catalogues } from './catalogues.ts';
import { type DescribedFlag, type DescribedVerb, describeVerb } from './describe.ts';
import type { Verbs } from './verb.ts';

/** A word, and what it is for. */
export type Completion = readonly [word: string, description: string];

export interface Completions {
  readonly words: readonly Completion[];
  /** What the shell itself adds. */
  readonly paths: 'none' | 'files' | 'folders';
}

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
  const verb = await describeVerb(verbs, earlier[at] ?? '');
  if (verb === undefined) return nothing;
  const { awaiting, args, isPastFlags } = placeOf(verb, earlier.slice(at + 1));
  if (awaiting !== undefined) return await valuesOf(verb, awaiting, current, '');
  if (isPastFlags || !current.startsWith('-')) return await wordsAt(verb, args, current);
  const [name = '', ...rest] = current.split('=');
  if (rest.length === 0) return fitting(await flagsLeft(verb, earlier, args), current);
  const flag = verb.flags.find(({ long, value }) => long === name && value !== undefined);
  if (flag === undefined) return nothing;
  return await valuesOf(verb, flag, rest.join('='), `${name}=`);
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
  readonly awaiting?: DescribedFlag;
  /** Arguments before the cursor. */
  readonly args: readonly string[];
  /** After `--` nothing is a flag. */
  readonly isPastFlags: boolean;
}

function placeOf(verb: DescribedVerb, words: readonly string[]): Place {
  let awaiting: DescribedFlag | undefined;
  const args: string[] = [];
  for (const [index, word] of words.entries()) {
    if (awaiting !== undefined) awaiting = undefined;
    else if (word === '--') {
      return { args: [...args, ...words.slice(index + 1)], isPastFlags: true };
    } else if (word.startsWith('-') && word !== '-') {
      const flag = verb.flags.find(({ long, short }) => word === long || word === short);
      if (flag?.value !== undefined && !flag.isOptional) awaiting = flag;
    } else args.push(word);
  }
  return { ...(awaiting && { awaiting }), args, isPastFlags: false };
}

async function flagsLeft(
  { name, flags }: DescribedVerb,
  earlier: readonly string[],
  args: readonly string[],
): Promise<Completion[]> {
  const given = new Set(earlier.map((word) => word.split('=', 1)[0]));
  const taken = name === 'report' ? await flagsOfReport(args) : undefined;
  return flags
    .filter(({ long }) => taken === undefined || long === '--help' || taken.includes(long))
    .filter(({ long, isRepeatable }) => isRepeatable || !given.has(long))
    .map(({ long, description }) => [long, description]);
}

/** Undefined, which is all, where no word is typed yet. */
async function flagsOfReport([word]: readonly string[]): Promise<readonly string[] | undefined> {
  if (word === undefined) return undefined;
  const { reportWords } = await import('./report.ts');
  const { flagsOf } = await import('./report-words.ts');
  return flagsOf(Object.hasOwn(reportWords, word) ? word : undefined, reportWords);
}

async function wordsAt(
  verb: DescribedVerb,
  { length: place }: readonly string[],
  current: string,
): Promise<Completions> {
  const argument = verb.arguments[place] ?? verb.arguments.at(-1);
  const isBeyond = place >= verb.arguments.length && argument?.isVariadic !== true;
  if (argument === undefined || isBeyond) return nothing;
  const source = argumentSources[verb.name];
  const words =
    source !== undefined && place === 0
      ? await source()
      : argument.choices.map((word) => plain(word));
  return { ...fitting(words, current), paths: pathsOfArguments[verb.name] ?? 'none' };
}

async function valuesOf(
  { name }: DescribedVerb,
  { long, value = '', choices }: DescribedFlag,
  current: string,
  prefix: string,
): Promise<Completions> {
  const source = valueSources[`${name} ${long}`];
  const words = source !== undefined ? await source() : choices.map((word) => plain(word));
  const { words: fit } = fitting(words, current);
  return {
    words: fit.map(([word, description]) => [`${prefix}${word}`, description]),
    paths: /\b(?:dir|run)\b/.test(value) ? 'folders' : /\bfile\b/.test(value) ? 'files' : 'none',
  };
}

type Source = () => Promise<readonly Completion[]>;

/** Those that images are made for most; any other may be typed. */
const commonPlatforms = [
  ...['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/arm/v6', 'linux/386'],
  ...['linux/ppc64le', 'linux/riscv64', 'linux/s390x', 'windows/amd64'],
];

async function platforms(): Promise<readonly Completion[]> {
  return commonPlatforms.map((word) => plain(word));
}

/** Values of flags that are names of ours, and no choices to commander. */
const valueSources: Readonly<Record<string, Source>> = {
  'conform --only': named('checks', 'requirement'),
  'conform --skip': named('checks', 'requirement'),
  'conform --room': distinct('checks', 'room'),
  async 'conform --section'() {
    const { checks } = await import('../checks/catalogue.ts');
    const anchors = checks.map(({ section }) => section.split('#').at(-1) ?? section);
    return [...new Set(anchors)].map((word) => plain(word));
  },
  'load --platform': platforms,
  'doctor --platform': platforms,
  'mock --fault': named('faults', 'title'),
  'explain --client': named('profiles', 'title'),
};

/** First arguments that are names of ours. */
const argumentSources: Readonly<Record<string, Source>> = {
  async report() {
    const { reportWords } = await import('./report.ts');
    return Object.entries(reportWords).map(([word, { summary }]) => [word, summary]);
  },
  async explain() {
    const all = await Promise.all(Object.keys(catalogues).map((name) => catalogues[name]?.()));
    return all
      .flatMap((entries) => entries ?? [])
      .map(({ id, name, title, requirement, summary }) => [
        id ?? name ?? '',
        title ?? summary ?? requirement ?? '',
      ]);
  },
};

/** Verbs whose arguments are files or folders, or may be. */
const pathsOfArguments: Readonly<Record<string, Completions['paths']>> = {
  validate: 'files',
  report: 'files',
};

function named(catalogue: string, told: string): Source {
  return async () => {
    const entries = (await catalogues[catalogue]?.()) ?? [];
    return entries.map((entry) => [entry.id ?? entry.name ?? '', entry[told] ?? '']);
  };
}

function distinct(catalogue: string, member: string): Source {
  return async () => {
    const entries = (await catalogues[catalogue]?.()) ?? [];
    return [...new Set(entries.map((entry) => entry[member] ?? ''))].map((word) => plain(word));
  };
}

function plain(word: string): Completion {
  return [word, ''];
}

function fitting(words: readonly Completion[], current: string): Completions {
  return { words: words.filter(([word]) => word.startsWith(current)), paths: 'none' };
}
