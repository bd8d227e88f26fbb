// Finds a k6 to run load with, or builds ours: PULLPROOF_K6, the package for this platform, the cached build, a
// build with Go, a stock k6 on the PATH. The build is cached by the content of k6/: a changed one builds anew.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../../lib/node/make-folder.ts';
import { isExecutable, programsOnPath } from '../../../lib/node/programs.ts';
import { UserError } from '../../../lib/user-error.ts';
import { neededCacheFolder } from '../../cache-folder.ts';
import { packageRoot } from '../../package-root.ts';
import { k6FileName, k6PackageName, type PackagedK6, packagedK6 } from './package.ts';
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
const buildSecondsMax = 900;
/** For a binary to say its version. */
const versionSecondsMax = 30;
const outputCharsMax = 20_000;

/**
 * @throws UserError `k6-missing` (exit 3) naming the ways out; `k6-unusable` for a bad PULLPROOF_K6;
 *   `k6-package-broken` for a platform package that is not the one that was released
 */
export async function findK6(choice: EngineChoice, environment: K6Environment): Promise<K6> {
  const { variables } = environment;
  const named = variables.PULLPROOF_K6;
  if (named !== undefined && named !== '') return await usable(named, choice);
  const problems: string[] = [];
  if (choice !== 'stock') {
    const ours = await findOurs(environment, problems);
    if (ours !== undefined) return ours;
  }
  if (choice !== 'built') {
    const stock = await onPath('k6', variables);
    if (stock === undefined) problems.push('no k6 on the PATH');
    else {
      const found = await described(stock);
      if (found !== undefined && majorOf(found.version) >= stockMajorMin)
        return asChosen(choice, found);
      problems.push(`${stock} is not a k6 of version ${stockMajorMin} or newer`);
    }
  }
  throw new UserError('k6-missing', `no k6 to run load with: ${problems.join('; ')}`, waysOut(), 3);
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

/** From the package, the cache or a build, in this order; why not goes to the problems. */
async function findOurs(environment: K6Environment, problems: string[]): Promise<K6 | undefined> {
  const packaged = await packagedHere(environment.root ?? packageRoot);
  const fromPackage = await runnable(packaged, problems);
  if (fromPackage !== undefined) return fromPackage;
  const cached = await cachedPath(environment.variables);
  // A cached file that does not run (cut short, of another system) is built anew.
  const found = (await isExecutable(cached)) ? await described(cached) : undefined;
  if (found?.engine === 'built') return found;
  const go = await onPath('go', environment.variables);
  if (go === undefined) {
    problems.push('no Go on the PATH to build our k6 with');
    return undefined;
  }
  const problem = await build(go, cached, environment);
  if (problem === undefined) return await describe(cached);
  problems.push(problem);
  return undefined;
}

function packagedHere(root: string): Promise<PackagedK6> {
  return packagedK6({ root, system: process.platform, processor: process.arch });
}

/** A package whose binary is the right one may still not run here: no right to, a system too old. */
async function runnable(packaged: PackagedK6, problems: string[]): Promise<K6 | undefined> {
  if (packaged.problem !== undefined) problems.push(packaged.problem);
  if (packaged.path === undefined) return undefined;
  const found = await describe(packaged.path).catch((error: Error) => error);
  if (!(found instanceof Error)) return found;
  problems.push(`${packaged.path} does not run: ${found.message}`);
  return undefined;
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
  const { PULLPROOF_K6: named } = variables;
  const cached = await cachedPath(variables).catch(() => undefined);
  const stock = await onPath('k6', variables);
  const go = await onPath('go', variables);
  const packaged = await packagedHere(root).catch(
    (error: Error): PackagedK6 => ({ problem: error.message }),
  );
  const look = async (
    place: string,
    path: string | undefined,
    absent: string,
  ): Promise<K6Place> => {
    if (path === undefined || path === '') return { place, problem: absent };
    if (!(await isExecutable(path))) return { place, path, problem: `${absent}: ${path}` };
    return await describe(path, secondsMax).then(
      (found) => ({ place, ...found }),
      (error: Error) => ({ place, path, problem: error.message }),
    );
  };
  const [byName, fromPackage, built, onThePath] = await Promise.all([
    look('PULLPROOF_K6', named, named ? 'no program that may be run' : 'not set'),
    look('package of npm', packaged.path, packaged.problem ?? 'none with a checkout of pullproof'),
    look('built and cached', cached, 'not built yet'),
    look('on the PATH', stock, 'no k6 on the PATH'),
  ]);
  const builder: K6Place =
    go === undefined
      ? { place: 'Go, to build it', problem: 'no Go on the PATH' }
      : {
          place: 'Go, to build it',
          path: go,
          note: 'would build it, where it is not cached',
        };
  return [byName, fromPackage, built, builder, onThePath];
}

async function usable(path: string, choice: EngineChoice): Promise<K6> {
  const found = await describe(path).catch((error: Error) => error);
  if (found instanceof Error) {
    throw new UserError(
      'k6-unusable',
      `PULLPROOF_K6 names ${path}, which does not run: ${found.message}`,
      'Name a k6 binary of version 2 or newer, or unset PULLPROOF_K6 to have one found or built.',
      3,
    );
  }
  if (choice === 'built' && found.engine !== 'built') {
    throw new UserError(
      'k6-unusable',
      `--engine built was asked for, but PULLPROOF_K6 names a k6 without the pullproof extension`,
      'Use --engine stock, or unset PULLPROOF_K6 to have ours built.',
      3,
    );
  }
  if (majorOf(found.version) < stockMajorMin) {
    throw new UserError(
      'k6-unusable',
      `PULLPROOF_K6 names ${path}, a k6 of version ${found.version}, which is too old`,
      `Name a k6 binary of version ${stockMajorMin} or newer, or unset PULLPROOF_K6 to have one found or built.`,
      3,
    );
  }
  return asChosen(choice, found);
}

/** Our build serves as a stock k6 too, when that is asked for. */
function asChosen(choice: EngineChoice, found: K6): K6 {
  return choice === 'stock' ? { ...found, engine: 'stock' } : found;
}

/** `describe`, undefined for what does not run. */
async function described(path: string): Promise<K6 | undefined> {
  return await describe(path).catch(() => undefined);
}

/** Asks a binary for its version and its extensions. */
async function describe(path: string, secondsMax = versionSecondsMax): Promise<K6> {
  const { code, output } = await capture(path, ['version'], secondsMax, {});
  const version = /^\S+ v(\d+\.\d+\.\d+\S*)/.exec(output)?.[1];
  if (code !== 0 || version === undefined) {
    throw new Error(`\`${path} version\` says ${JSON.stringify(output.slice(0, 200))}`);
  }
  return { path, version, engine: output.includes('k6/x/pullproof') ? 'built' : 'stock' };
}

function majorOf(version: string): number {
  return Number(version.split('.', 1)[0]);
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
  target: string,
  { progress, variables, signal, buildSeconds = buildSecondsMax }: K6Environment,
): Promise<string | undefined> {
  const temporary = `${target}.${process.pid}`;
  const start = Date.now();
  const tell = () => {
    const seconds = Math.round((Date.now() - start) / 1000);
    progress(`building k6 with the pullproof extension, once: ${seconds} s (about 1 to 3 minutes)`);
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
      return `\`go build\` of our k6 was not done after ${Math.ceil(buildSeconds / 60)} minutes, and was ended: run this again, Go keeps what it has built so far`;
    }
    if (code !== 0) return `\`go build\` of our k6 failed: ${whyOf(output)}`;
    await rename(temporary, target);
    return undefined;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return `our k6 could not be built: ${(error as Error).message}`;
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
): Promise<string | undefined> {
  for await (const path of programsOnPath(name, variables)) return path;
  return undefined;
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
