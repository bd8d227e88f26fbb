// Finds the pullproof that is to run: installed by npm into a temporary folder, never into the user's project; or
// one that is there already.
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { UserError } from '../src/lib/user-error.ts';
import type { Inputs, Variables } from './inputs.ts';
import { type Ended, run } from './process.ts';

/** A program, and the words that come before those of the command. */
export interface Program {
  readonly file: string;
  readonly words: readonly string[];
}

/** The value of `version` for a pullproof that is installed: in node_modules here or above, else on the PATH. */
const installedVersion = 'installed';

const npmMsMax = 10 * 60_000;

/** Of npm's registry: a version, a range, a tag. No hyphen first: npm would read a flag. */
const ofRegistry = /^[\w^~<>=*][\w.^~<>=|*+ -]*$/;
/** Of elsewhere: npm says what is wrong with them. */
const ofElsewhere = /^(?:file:|git\+(?:https|ssh|file):\/\/|https:\/\/|github:)\S/;

/** @throws UserError `version-form` (exit 2), `not-installed`, `npm-missing`, `npm-failed` (exit 3) */
export async function findProgram(
  inputs: Pick<Inputs, 'version' | 'folder'>,
  variables: Variables,
  work: string,
): Promise<Program> {
  if (inputs.version === installedVersion) return installedProgram(inputs.folder, variables);
  const spec = specOf(inputs.version);
  const npm = npmScript(variables);
  const folder = join(work, 'pullproof');
  mkdirSync(folder, { recursive: true });
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--no-package-lock'];
  const words = ['install', ...quiet, '--install-links', `--prefix=${folder}`, '--', spec];
  const path = [dirname(process.execPath), variables.PATH ?? ''].join(delimiter);
  const ended = await run({ file: process.execPath, words: [npm, ...words] }, inputs.folder, {
    variables: { ...variables, PATH: path },
    msMax: npmMsMax,
  });
  if (ended.code !== 0) throw npmFailed(spec, ended);
  return { file: process.execPath, words: [launcherOf(join(folder, 'node_modules', 'pullproof'))] };
}

/** What npm is to install. @throws UserError `version-form` (exit 2) */
export function specOf(version: string): string {
  if (version === '') return `pullproof@${ownVersion()}`;
  if (ofElsewhere.test(version)) return version;
  if (ofRegistry.test(version)) return `pullproof@${version}`;
  throw new UserError(
    'version-form',
    `version is ${JSON.stringify(version)}, which is no version, range, tag, file: or git address`,
    `Write version: 1.2.3, ^1.2, latest, file:PATH, git+https://…, or ${installedVersion}; or leave it out.`,
  );
}

function ownVersion(): string {
  const path = join(import.meta.dirname, '..', 'package.json');
  return JSON.parse(readFileSync(path, 'utf8')).version;
}

function npmFailed(spec: string, { said, code }: Ended): UserError {
  const told = /npm (?:error|ERR!) code (\S+)/.exec(said)?.[1] ?? `exit code ${code}`;
  const isUnknown = told === 'E404' || told === 'ETARGET';
  return new UserError(
    'npm-failed',
    `npm could not install ${spec} (${told})`,
    isUnknown
      ? 'Name a version that is published, or version: git+https://github.com/OWNER/REPOSITORY.git#REF.'
      : 'What npm says is above. Does this runner reach its registry? Behind a proxy set HTTPS_PROXY, with a CA of your own NODE_EXTRA_CA_CERTS; or install it beforehand, and write version: installed.',
    3,
  );
}

/**
 * npm is a script for Node: of this Node if it has one, else of the PATH. So no shell is between, on Windows
 * either.
 */
function npmScript(variables: Variables): string {
  const folders = [dirname(process.execPath), ...(variables.PATH ?? '').split(delimiter)];
  for (const folder of folders.filter((one) => one !== '')) {
    const places = ['node_modules/npm/bin/npm-cli.js', '../lib/node_modules/npm/bin/npm-cli.js'];
    const place = places.map((one) => join(folder, one)).find((one) => existsSync(one));
    if (place !== undefined) return place;
    const link = join(folder, 'npm');
    if (existsSync(link) && realpathSync(link).endsWith('.js')) return realpathSync(link);
  }
  throw new UserError(
    'npm-missing',
    'there is no npm on this runner',
    'Put actions/setup-node in front, or install pullproof beforehand and write version: installed.',
    3,
  );
}

/** Folders from the working one up. */
const foldersMax = 256;

function installedProgram(start: string, variables: Variables): Program {
  let folder = start;
  for (let up = 0; up < foldersMax; up++) {
    const place = join(folder, 'node_modules', 'pullproof');
    if (existsSync(join(place, 'package.json'))) {
      return { file: process.execPath, words: [launcherOf(place)] };
    }
    if (dirname(folder) === folder) break;
    folder = dirname(folder);
  }
  for (const place of (variables.PATH ?? '').split(delimiter)) {
    const file = join(place, 'pullproof');
    if (place === '' || !existsSync(file)) continue;
    const real = realpathSync(file);
    const isScript = /\.[cm]?js$/.test(real);
    return isScript ? { file: process.execPath, words: [real] } : { file: real, words: [] };
  }
  throw new UserError(
    'not-installed',
    'version is installed, and there is no pullproof in node_modules or on the PATH',
    'Install it in a step before, as by npm ci; or leave version out.',
    3,
  );
}

/** The script that a package names as its program. */
function launcherOf(folder: string): string {
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin.pullproof);
}
