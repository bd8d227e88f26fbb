// Finds a k6 to run load with, or builds ours, in the order of the table `places`. The build is cached by the content
// of k6/: a changed one builds anew.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../../lib/node/make-folder.ts';
import { isExecutable, programsOnPath } from '../../../lib/node/programs.ts';
import { UserError } from '../../../lib/user-error.ts';
import { neededCacheFolder } from '../../cache-folder.ts';
import { packageRoot } from '../../package-root.ts';
import { k6FileName, k6PackageName, packagedK6 } from './package.ts';
import { buildVariables, buildWords, sourcesDigest } from './sources.ts';

export interface K6 {
  readonly path: string;
  /** `built`: has our extension and output. `stock`: plain k6. */
  readonly engine: 'built' | 'stock';
  readonly version: string;
}

export type EngineChoice = 'auto' | 'built' | 'stock';

export interface K6Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Told what a build is doing; one call a second or so. */
  readonly progress: (message: string) => void;
  readonly signal?: AbortSignal;
  /** Where the main package lies; for tests. */
  readonly root?: string;
  /** Limit of a build; for tests. */
  readonly buildSeconds?: number;
}

/** The oldest stock k6 whose TypeScript support our scenarios need. */
const stockMajorMin = 2;
/** As k6/go.mod says. */
const goVersionMin = '1.25';
/** Against one that hangs: with empty caches, on a busy machine, a build has taken 20 minutes. */
const buildSecondsMax = 3600;
/** For a binary to say its version. */
const versionSecondsMax = 30;
const outputCharsMax = 20_000;

/** What there is at a place. */
interface Sight {
  readonly path?: string;
  /** Why nothing there can be used. */
  readonly problem?: string;
  /** Why there is nothing, where that is no problem. */
  readonly absent?: string;
}

/** Where a k6 may be, or be made. */
interface Place {
  readonly name: string;
  /** Who looks there. */
  readonly choices: readonly EngineChoice[];
  /** What is there is taken, or is an error. */
  readonly isOrder?: boolean;
  readonly look: (environment: Pick<K6Environment, 'variables' | 'root'>) => Promise<Sight>;
  /** Makes a k6 by the program that was seen. @returns its path, or a problem */
  readonly make?: (program: string, environment: K6Environment) => Promise<Sight>;
}

const ours: readonly EngineChoice[] = ['auto', 'built'];

/** In the order in which they are looked at. */
const places: readonly Place[] = [
  {
    name: 'PULLPROOF_K6',
    choices: ['auto', 'built', 'stock'],
    isOrder: true,
    look: async ({ variables: { PULLPROOF_K6: path } }) =>
      path === undefined || path === '' ? { absent: 'not set' } : { path },
  },
  {
    name: 'package of npm',
    choices: ours,
    look: async ({ root = packageRoot }) => ({
      absent: 'this pullproof is no release, so it has none',
      ...(await packagedK6({ root, system: process.platform, processor: process.arch })),
    }),
  },
  {
    name: 'built and cached',
    choices: ours,
    look: async ({ variables }) => {
      const path = await cachedPath(variables);
      return (await isExecutable(path)) ? { path } : { absent: `not built yet: ${path}` };
    },
  },
  {
    name: 'Go, to build it',
    choices: ours,
    look: ({ variables }) => onPath('go', variables, 'no Go on the PATH to build our k6 with'),
    make: build,
  },
  {
    name: 'on the PATH',
    choices: ['auto', 'stock'],
    look: ({ variables }) => onPath('k6', variables, 'no k6 on the PATH'),
  },
];

/**
 * @throws UserError `k6-missing` (exit 3) naming the ways out; `k6-unusable` for a bad PULLPROOF_K6;
 *   `k6-package-broken` for a platform package that is not the one that was released
 */
export async function findK6(choice: EngineChoice, environment: K6Environment): Promise<K6> {
  const problems: string[] = [];
  for (const place of places.filter(({ choices }) => choices.includes(choice))) {
    const found = await usableAt(place, choice, environment);
    if (found === undefined) continue;
    if (typeof found !== 'string') {
      // Our build serves as a stock k6 too, when that is asked for.
      return choice === 'stock' ? { ...found, engine: 'stock' } : found;
    }
    if (place.isOrder === true) throw unusable(place, found, choice);
    problems.push(found);
  }
  throw new UserError('k6-missing', `no k6 to run load with: ${problems.join('; ')}`, waysOut(), 3);
}

/** The k6 of a place, or why there is none that can be used; undefined where that needs no words. */
async function usableAt(
  place: Place,
  choice: EngineChoice,
  environment: K6Environment,
): Promise<K6 | string | undefined> {
  const seen = await place.look(environment);
  const { path, problem } =
    place.make === undefined || seen.path === undefined
      ? seen
      : await place.make(seen.path, environment);
  if (path === undefined) return problem;
  const found = await describe(path).catch((error: Error) => error);
  if (found instanceof Error) return found.message;
  return unfit(found, place, choice) ?? found;
}

function unfit({ path, version, engine }: K6, { choices }: Place, choice: EngineChoice) {
  if (engine !== 'built' && (choice === 'built' || choices === ours)) {
    return `${path} is a k6 without the pullproof extension`;
  }
  if (Number(version.split('.', 1)[0]) >= stockMajorMin) return undefined;
  return `${path} is a k6 of version ${version}, older than ${stockMajorMin}`;
}

function unusable({ name }: Place, problem: string, choice: EngineChoice): UserError {
  const wanted =
    choice === 'built'
      ? 'with the pullproof extension, use --engine stock'
      : `of version ${stockMajorMin} or newer`;
  const hint = `Name a k6 binary ${wanted}, or unset ${name} to have one found or built.`;
  return new UserError('k6-unusable', `${name} is set, and ${problem}`, hint, 3);
}

function waysOut(): string {
  const name = k6PackageName(process.platform, process.arch);
  const add =
    name === undefined
      ? ''
      : `Where pullproof came from npm, install it again without --omit=optional: that brings ${name} (a lock file written on another system may lack it: docs/k6.md). Or install`;
  const go = `${add || 'Install'} Go ${goVersionMin} or newer (our k6 is then built once)`;
  return `${go}, or put k6 ${stockMajorMin} or newer on the PATH, or name a k6 binary in PULLPROOF_K6.`;
}

/** A place where a k6 is looked for, and what is there. */
export interface K6Place {
  readonly place: string;
  readonly path?: string;
  readonly version?: string;
  readonly engine?: K6['engine'];
  /** Why what is there, or is not, cannot be used. */
  readonly problem?: string;
  /** What is to be known of it otherwise. */
  readonly note?: string;
}

/** Where `findK6` looks, in its order, for people to read; builds nothing. `secondsMax`: for a binary to say its version. */
export async function placesOfK6(
  variables: K6Environment['variables'],
  secondsMax: number,
  root = packageRoot,
): Promise<readonly K6Place[]> {
  const tell = async (from: Place): Promise<K6Place> => {
    const place = from.name;
    const { path, problem, absent = 'nothing there' } = await from.look({ variables, root });
    if (path === undefined) return { place, problem: problem ?? absent };
    if (from.make !== undefined) {
      return { place, path, note: 'would build it, where it is not cached' };
    }
    const found = await describe(path, secondsMax).catch((error: Error) => error);
    if (found instanceof Error) return { place, path, problem: found.message };
    const why = unfit(found, from, 'auto');
    return { place, ...found, ...(why !== undefined && { problem: why }) };
  };
  const failed = (name: string) => (error: Error) => ({ place: name, problem: error.message });
  return await Promise.all(places.map((place) => tell(place).catch(failed(place.name))));
}

/** Asks a binary for its version and its extensions. @throws Error for what does not run, or is no k6 */
async function describe(path: string, secondsMax = versionSecondsMax): Promise<K6> {
  const { code, output } = await capture(path, ['version'], secondsMax, {}).catch((error) => {
    const why = error.code === 'ENOENT' ? 'there is no such program' : error.message;
    throw new Error(`${path} does not run: ${why}`);
  });
  const version = /^\S+ v(\d+\.\d+\.\d+\S*)/.exec(output)?.[1];
  if (code === 0 && version !== undefined) {
    return { path, version, engine: output.includes('k6/x/pullproof') ? 'built' : 'stock' };
  }
  const said = JSON.stringify(output.slice(0, 200));
  throw new Error(`${path} does not run as a k6: asked for its version, it says ${said}`);
}

/** Where the build of the present sources lies, or will lie. */
async function cachedPath(variables: K6Environment['variables']): Promise<string> {
  const sources = await sourcesDigest(join(packageRoot, 'k6'));
  const how = `${process.platform} ${process.arch}\n${buildWords('').join(' ')}\n${sources}`;
  const hash = createHash('sha256').update(how).digest('hex').slice(0, 16);
  return join(neededCacheFolder(variables), `k6-${hash}`, k6FileName(process.platform));
}

/** Builds to a name of its own and renames, so that runs side by side never see half a binary. */
async function build(
  go: string,
  { progress, variables, signal, buildSeconds = buildSecondsMax }: K6Environment,
): Promise<Sight> {
  const target = await cachedPath(variables);
  const temporary = `${target}.${process.pid}`;
  const start = Date.now();
  const tell = () => {
    const seconds = Math.round((Date.now() - start) / 1000);
    progress(
      `building k6 with the pullproof extension, once: ${seconds} s (about 2 to 10 minutes)`,
    );
  };
  tell();
  const timer = setInterval(tell, 1000);
  try {
    makeFolder(dirname(target));
    const { code, output, isOverdue } = await capture(go, buildWords(temporary), buildSeconds, {
      cwd: join(packageRoot, 'k6'),
      env: { ...variables, ...buildVariables },
      ...(signal !== undefined && { signal }),
    });
    if (isOverdue) {
      const minutes = Math.ceil(buildSeconds / 60);
      return {
        problem: `\`go build\` of our k6 was not done after ${minutes} minutes, and was ended: run this again, Go keeps what it has built so far`,
      };
    }
    if (code !== 0) return { problem: `\`go build\` of our k6 failed: ${whyOf(output)}` };
    await rename(temporary, target);
    return { path: target };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return { problem: `our k6 could not be built: ${(error as Error).message}` };
  } finally {
    clearInterval(timer);
    // What went wrong with the folder was told above.
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** The end of what Go says, without what it tells of its downloads. */
function whyOf(output: string): string {
  const lines = output.trim().split('\n');
  const told = lines.filter((line) => !line.startsWith('go: downloading '));
  return (told.length > 0 ? told : lines).join('\n').slice(-600);
}

/** The first of that name. */
async function onPath(
  name: string,
  variables: K6Environment['variables'],
  problem: string,
): Promise<Sight> {
  for await (const path of programsOnPath(name, variables)) return { path };
  return { problem };
}

interface CaptureOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** Runs a program to its end; stdout and stderr together, the last characters of them. */
function capture(
  path: string,
  words: readonly string[],
  secondsMax: number,
  options: CaptureOptions,
): Promise<{ code: number; output: string; isOverdue: boolean }> {
  return new Promise((resolve, reject) => {
    // By SIGINT, `go build` takes away its temporary files.
    const child = spawn(path, words, {
      ...options,
      killSignal: 'SIGINT',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let isOverdue = false;
    const limit = setTimeout(() => {
      isOverdue = true;
      child.kill('SIGKILL');
    }, secondsMax * 1000);
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-outputCharsMax);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(limit);
      resolve({ code: code ?? 1, output, isOverdue });
    });
  });
}
