// `conform --official DIR`: the official suite beside our checks, its files packed as they are to be handed in, and where the two
// disagree.
import { access, constants, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckResult, OfficialSummary } from '../../../../reports/results.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { makeFolder } from '../../../lib/node/make-folder.ts';
import { UserError } from '../../../lib/user-error.ts';
import type { Credentials } from '../../../protocol/client.ts';
import type { Access, RunContext } from '../../context.ts';
import type { CheckEnvironment } from '../environment.ts';
import { documentOf, type SetupFile, type Variables } from '../official-suite.ts';
import { compareWithOfficial } from './disagreements.ts';
import type { OfficialSuite } from './find-suite.ts';
import { folderName, type Product, renderProduct } from './product.ts';
import { type OfficialResults, readOfficialCases, readOfficialResults } from './read-results.ts';
import { renderReadme } from './readme.ts';
import {
  officialFiles,
  runOfficialSuite,
  type SuiteOutcome,
  type SuiteTarget,
} from './run-suite.ts';
import type { KnownSecrets } from './secret-search.ts';
import { checkSubmission, warningFile } from './submission.ts';

export interface OfficialOptions {
  readonly suite: OfficialSuite;
  /** Where `distribution-spec/vX.Y/NAME` goes. */
  readonly dir: string;
  readonly product: Product;
  readonly logFile: string;
  readonly timeoutMs: number;
  readonly variables: Variables;
  /** oci-conformance.yaml of the user. */
  readonly file: SetupFile | undefined;
}

/** What the suite came to, until our checks have run. */
export interface OfficialRan {
  /** What is told of it: complete but for what depends on our checks. */
  readonly summary: OfficialSummary;
  /** Adds where the two disagree. */
  compare(checks: readonly CheckResult[]): OfficialSummary;
}

/**
 * Before anything is asked of anybody: that the folder can be written, and is not taken.
 * @throws UserError `official-folder` (exit 2)
 */
export async function prepareFolder({
  dir,
  product,
  variables,
  file,
}: Omit<OfficialOptions, 'logFile'>): Promise<void> {
  const named = variables.OCI_VERSION || (file && documentOf(file).version) || '1.1';
  const folder = folderOf(dir, String(named), product);
  try {
    makeFolder(dir);
    await access(dir, constants.W_OK);
  } catch (error) {
    throw unusable(`--official ${dir}: ${(error as Error).message}`);
  }
  const names = await readdir(folder).catch((): string[] => []);
  if (names.length > 0) throw unusable(`${folder} is there already, with ${names.length} files`);
}

function unusable(problem: string): UserError {
  const hint = 'Name another folder, or move away what an earlier run wrote there.';
  return new UserError('official-folder', problem, hint);
}

/** `stable`, `dev` and `1.1+dev` are of 1.1. */
function folderOf(dir: string, version: string, product: Product): string {
  const [minor = '1.1'] = /^\d+\.\d+/.exec(version) ?? [];
  return join(dir, 'distribution-spec', `v${minor}`, folderName(product));
}

/** @throws UserError where the suite cannot be told what we are told, or nothing is pushed */
export async function runBeside(
  options: OfficialOptions,
  { image, mayPush, reason, otherRepository }: CheckEnvironment,
  { insecure, ca, shown }: Access,
  context: RunContext,
): Promise<OfficialRan> {
  if (!mayPush) throw onlyReading(reason);
  const { credentials } = image;
  const scheme = new URL(image.registryUrl).protocol;
  const target: SuiteTarget = {
    registry: image.registry,
    tls: scheme === 'http:' ? 'disabled' : insecure ? 'insecure' : 'enabled',
    repo1: image.repository,
    repo2: otherRepository,
    ...loginOf(credentials),
  };
  if (insecure && scheme === 'https:') {
    context.work('the official suite checks certificates all the same: give --ca FILE');
  }
  if (Object.keys(shown ?? {}).length > 0) {
    context.work('the official suite shows no client certificate');
  }
  context.work(`the official suite (${options.suite.version}) runs`);
  const { suite, variables, timeoutMs, logFile } = options;
  const document = options.file === undefined ? {} : documentOf(options.file);
  const { signal } = context;
  const run = { suite, target, variables, document, ca, timeoutMs, logFile, signal };
  const outcome = await runOfficialSuite(run);
  const secrets = secretsOf(credentials);
  return await told(options, outcome, target, document, secrets);
}

function onlyReading(reason: string | undefined): UserError {
  return new UserError(
    'official-read-only',
    `the official suite pushes, and this run only reads${reason === undefined ? '' : `: ${reason}`}`,
    'Name HOST/REPOSITORY without a tag, and credentials that may push there, or leave out --official.',
  );
}

function loginOf(credentials: Credentials | undefined) {
  const { username = '', password = '', identityToken } = credentials ?? {};
  if (password !== '' || identityToken === undefined) return { username, password };
  throw new UserError(
    'official-login',
    'the official suite logs in by name and password, and there is only an identity token',
    'Give --username NAME and --password-stdin.',
  );
}

function secretsOf(credentials: Credentials | undefined): KnownSecrets {
  const { username = '', password = '', identityToken } = credentials ?? {};
  return { username, password, others: identityToken === undefined ? [] : [identityToken] };
}

async function told(
  options: OfficialOptions,
  { problem, files, durationMs }: SuiteOutcome,
  target: SuiteTarget,
  document: JsonObject,
  secrets: KnownSecrets,
): Promise<OfficialRan> {
  const { suite, logFile } = options;
  const base = { suite: suite.version, log: logFile, durationMs };
  const failed = (why: string): OfficialRan => {
    const summary = { ...base, problem: why };
    return { summary, compare: () => summary };
  };
  if (files === undefined) return failed(problem ?? 'it wrote nothing');
  const results = readOfficialResults(files['results.yaml'].toString());
  const cases = readOfficialCases(files['junit.xml'].toString());
  const count = Object.keys(results.apis).length;
  if (count === 0 || cases === undefined || cases.names.length === 0) {
    const [first = 'it has no results'] = results.problems;
    return failed(`what it wrote are no results of the official suite: results.yaml ${first}`);
  }
  const version = versionOf(results);
  const folder = folderOf(options.dir, version, options.product);
  const facts = { ...options, target, document, specVersion: version };
  const written = {
    'README.md': renderReadme(facts),
    'PRODUCT.yaml': renderProduct(options.product),
  };
  makeFolder(folder);
  for (const name of officialFiles) await writeNew(join(folder, name), files[name]);
  for (const [name, text] of Object.entries(written)) await writeNew(join(folder, name), text);
  const { findings, fit, holdsSecret } = await checkSubmission(folder, secrets);
  if (holdsSecret) await writeNew(join(folder, warningFile), warning);
  const { passed, failed: failing, skipped } = cases;
  const summary: OfficialSummary = {
    ...base,
    specVersion: version,
    cases: { passed, failed: failing, skipped },
    submission: { folder, fit, findings: [...findings] },
  };
  const compare = (checks: readonly CheckResult[]) => ({
    ...summary,
    ...compareWithOfficial(results, cases, checks),
  });
  return { summary, compare };
}

const warning = `A secret was found in the files of this folder (conform told where). Do not hand it in: change the secret, and run again.
`;

function versionOf({ config }: OfficialResults): string {
  const { version } = config;
  return typeof version === 'string' || typeof version === 'number'
    ? `${version}`.slice(0, 20)
    : '';
}

async function writeNew(file: string, content: string | Buffer): Promise<void> {
  await writeFile(file, content, { flag: 'wx' }).catch((error: Error) => {
    throw unusable(error.message);
  });
}
