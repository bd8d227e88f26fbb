// What the words of a verb are completed by, as data: of what it declares, and of our catalogues. Made when pullproof
// is built (tools/completion-words.ts), since a verb takes long to load.
import { catalogues } from './catalogues.ts';
import type {
  ArgumentWords,
  Completion,
  Completions,
  FlagWords,
  VerbWords,
} from './complete-words.ts';
import { type DescribedArgument, type DescribedFlag, describeVerb } from './describe.ts';
import type { Verbs } from './verb.ts';

const descriptionCharsMax = 80;

/** Loads that verb alone. Undefined for a name that is no verb. */
export async function makeVerbWords(verbs: Verbs, name: string): Promise<VerbWords | undefined> {
  const verb = await describeVerb(verbs, name);
  if (verb === undefined) return undefined;
  const args = await Promise.all(verb.arguments.map((one, at) => argumentWords(name, one, at)));
  const flagsOf = await flagsOfWords[name]?.();
  return {
    args: args.flat(),
    flags: await Promise.all(verb.flags.map((flag) => flagWords(name, flag))),
    ...(flagsOf !== undefined && { flagsOf }),
  };
}

/** The first of many may be a name of ours; those after it are none. */
async function argumentWords(
  verb: string,
  { choices, isVariadic }: DescribedArgument,
  at: number,
): Promise<ArgumentWords[]> {
  const paths = pathsOfArguments[verb] ?? 'none';
  const source = at === 0 ? argumentSources[verb] : undefined;
  const rest = { words: choices.map((word) => plain(word)), paths, isVariadic };
  if (source === undefined) return [rest];
  return [{ words: await source(), paths, isVariadic: false }, ...(isVariadic ? [rest] : [])];
}

async function flagWords(verb: string, flag: DescribedFlag): Promise<FlagWords> {
  const { long, short, description, value, isOptional, isRepeatable } = flag;
  return {
    long,
    ...(short !== undefined && { short }),
    description: shortened(description),
    isRepeatable,
    ...(value !== undefined && { values: await valuesOf(verb, flag), isOptional }),
  };
}

async function valuesOf(
  verb: string,
  { long, value = '', choices }: DescribedFlag,
): Promise<Completions> {
  const source = valueSources[`${verb} ${long}`];
  return {
    words: source !== undefined ? await source() : choices.map((word) => plain(word)),
    paths: /\b(?:dir|run)\b/.test(value) ? 'folders' : /\bfile\b/.test(value) ? 'files' : 'none',
  };
}

/** Verbs whose first word decides which flags go with it; '' stands for any that is none of them. */
const flagsOfWords: Readonly<Record<string, () => Promise<VerbWords['flagsOf']>>> = {
  async report() {
    const { reportWords } = await import('./report.ts');
    const { flagsOf } = await import('./report-words.ts');
    const all = ['', ...Object.keys(reportWords)];
    return Object.fromEntries(all.map((word) => [word, flagsOf(word || undefined, reportWords)]));
  },
};

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
        shortened(title ?? summary ?? requirement ?? ''),
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
    return entries.map((entry) => [entry.id ?? entry.name ?? '', shortened(entry[told] ?? '')]);
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

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= descriptionCharsMax ? line : `${line.slice(0, descriptionCharsMax - 1)}…`;
}
