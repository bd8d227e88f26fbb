// Judges a folder as opencontainers/oci-conformance takes it: its files, the words of its results, what they say of each other,
// PRODUCT.yaml, README.md, and that no secret is in it.
import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { OfficialFinding } from '../../../../reports/results.ts';
import { readPlainYaml } from '../../../formats/yaml.ts';
import { asObject, type JsonObject } from '../../../lib/json.ts';
import { UserError } from '../../../lib/user-error.ts';
import { requiredFeatures } from './features.ts';
import { productProblems, todo } from './product.ts';
import {
  configOfJunit,
  type OfficialResults,
  readOfficialCases,
  readOfficialResults,
  specOfReport,
} from './read-results.ts';
import { fileBytesMax, officialFiles } from './run-suite.ts';
import { findSecrets, formsOf, type KnownSecrets } from './secret-search.ts';

/** Lies in a folder that is not to be handed in. */
export const warningFile = 'DO-NOT-SUBMIT.txt';
const expectedFiles: readonly string[] = [...officialFiles, 'README.md', 'PRODUCT.yaml'];
/** Entries of a folder that are looked at. */
const entriesMax = 1_000;
/** Findings of one folder. */
const findingsMax = 200;

export interface JudgedSubmission {
  /** The errors first. */
  readonly findings: readonly OfficialFinding[];
  /** Whether it may be handed in. */
  readonly fit: boolean;
  readonly holdsSecret: boolean;
}

type Note = (
  file: string,
  message: string,
  level?: OfficialFinding['level'],
  line?: number,
) => void;

/** @throws UserError `submission-missing` (exit 2) where there is no folder */
export async function checkSubmission(
  folder: string,
  secrets: KnownSecrets = {},
): Promise<JudgedSubmission> {
  const findings: OfficialFinding[] = [];
  const note: Note = (file, message, level = 'error', line) => {
    if (findings.length < findingsMax) {
      findings.push({ file, ...(line !== undefined && { line }), level, message });
    }
  };
  const texts = await readFiles(folder, note);
  const results = texts.get('results.yaml');
  if (results !== undefined) judgeResults(folder, results, texts, note);
  const product = texts.get('PRODUCT.yaml');
  if (product !== undefined) {
    for (const { field, level, message } of productProblems(product)) {
      note('PRODUCT.yaml', message, level, lineOf(product, `${field}:`));
    }
  }
  judgeReadme(texts.get('README.md'), note);
  const forms = formsOf(secrets);
  let holdsSecret = false;
  for (const [file, text] of texts) {
    for (const { line, what } of findSecrets(text, forms)) {
      holdsSecret = true;
      note(file, `holds ${what}`, 'error', line);
    }
  }
  findings.sort((a, b) => Number(a.level !== 'error') - Number(b.level !== 'error'));
  return { findings, fit: findings.every(({ level }) => level !== 'error'), holdsSecret };
}

/** The folders of submissions that a word of the user may mean: itself, or `distribution-spec/vX.Y/NAME` in it. */
export async function submissionsIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  if (names.some((name) => expectedFiles.includes(name))) return [folder];
  const found: string[] = [];
  const top = names.includes('distribution-spec') ? join(folder, 'distribution-spec') : folder;
  for (const version of await namesIn(top).catch(() => [])) {
    if (!/^v\d+\.\d+$/.test(version)) continue;
    for (const name of await namesIn(join(top, version))) found.push(join(top, version, name));
  }
  if (found.length > 0) return found.sort();
  throw new UserError(
    'submission-missing',
    `${folder} is no submission: it has neither results.yaml nor distribution-spec/vX.Y/NAME`,
    'Name the folder that conform --official DIR wrote.',
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).slice(0, entriesMax);
  } catch (error) {
    throw new UserError(
      'submission-missing',
      `${folder} cannot be read: ${(error as Error).message}`,
      'Name the folder that conform --official DIR wrote.',
    );
  }
}

/** The plain files, by name; what else is there is told. */
async function readFiles(folder: string, note: Note): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const names = await namesIn(folder);
  for (const name of expectedFiles) if (!names.includes(name)) note(name, 'is missing');
  for (const name of names) {
    if (name === warningFile) note(name, 'says that the folder is not to be handed in');
    else if (!expectedFiles.includes(name)) note(name, 'is no file of a submission');
    const stats = await lstat(join(folder, name));
    if (!stats.isFile()) note(name, 'is no plain file');
    else if (stats.size > fileBytesMax) note(name, `has ${stats.size} bytes`);
    else if (name !== warningFile) texts.set(name, await readFile(join(folder, name), 'utf8'));
  }
  return texts;
}

function lineOf(text: string, start: string): number | undefined {
  const at = text.split('\n').findIndex((line) => line.startsWith(start));
  return at < 0 || start === ':' ? undefined : at + 1;
}

function judgeResults(
  folder: string,
  text: string,
  texts: ReadonlyMap<string, string>,
  note: Note,
): void {
  const file = 'results.yaml';
  const results = readOfficialResults(text);
  for (const problem of results.problems) note(file, problem);
  const all = { ...results.apis, ...results.data };
  for (const name of requiredFeatures) {
    const status = all[name];
    if (status === undefined) note(file, `has no ${name}, which is required`);
    else if (status !== 'Pass') note(file, `${name} is required, and is ${status}`, 'warning');
  }
  judgeConfig(folder, results.config, note, text);
  judgeSameRun(results, texts, note);
}

function judgeConfig(folder: string, config: JsonObject, note: Note, text: string): void {
  const file = 'results.yaml';
  for (const name of ['username', 'password']) {
    const value = config[name];
    if (value === undefined || value === null || value === '' || value === '***') continue;
    note(file, `config.${name} is not hidden`, 'error', lineOf(text, `  ${name}:`));
  }
  const version = String(config.version ?? '');
  const [, minor = ''] = /^(\d+\.\d+)(?:\.\d+)?$/.exec(version) ?? [];
  const above = basename(dirname(resolve(folder)));
  if (minor === '')
    note(file, `is of version ${JSON.stringify(version)}, which no spec was released as`);
  else if (above !== `v${minor}`) note(file, `is of version ${version}, and lies in ${above}`);
  if (config.filterTest) note(file, 'config.filterTest left tests out');
  if (config.legacy === true) note(file, 'was made by go test, which is deprecated', 'warning');
  if (!config.commit || config.commit === 'unknown') {
    note(file, 'does not tell the commit of the suite: README.md has to', 'warning');
  }
}

/** Settings that all files of one run tell alike. */
const settingsAlike = ['registry', 'repo1', 'version', 'commit'];

function judgeSameRun(
  { config, apis, data }: OfficialResults,
  texts: ReadonlyMap<string, string>,
  note: Note,
): void {
  const page = texts.get('report.html');
  const version = String(config.version ?? '');
  if (page !== undefined) {
    const tested = specOfReport(page);
    if (tested === undefined) note('report.html', 'is no report of the official suite');
    else if (tested !== version) note('report.html', `tested ${tested}, results.yaml ${version}`);
  }
  const junit = texts.get('junit.xml');
  const cases = junit === undefined ? undefined : readOfficialCases(junit);
  if (junit === undefined) return;
  if (cases === undefined || cases.names.length === 0) {
    note('junit.xml', 'is no report of the official suite');
    return;
  }
  const isFailing = [...Object.values(apis), ...Object.values(data)].some(
    (status) => status === 'FAIL' || status === 'Error',
  );
  if (isFailing !== cases.failed > 0) {
    const said = isFailing ? 'failures' : 'none';
    note('junit.xml', `has ${cases.failed} failures, and results.yaml ${said}: not of one run`);
  }
  const read = readPlainYaml(configOfJunit(junit) ?? '', 0);
  const told = asObject('value' in read ? read.value : undefined) ?? {};
  for (const name of settingsAlike) {
    if (String(told[name] ?? '') === String(config[name] ?? '')) continue;
    note('junit.xml', `has another ${name} than results.yaml: not of one run`);
  }
}

const startMissing = 'is still to be written: how the product was started (start: of --product)';

function judgeReadme(text: string | undefined, note: Note): void {
  if (text === undefined) return;
  const at = text.split('\n').findIndex((line) => new RegExp(`\\b${todo}\\b`).test(line));
  if (at >= 0) note('README.md', startMissing, 'error', at + 1);
  if (text.trim() === '') note('README.md', 'is empty');
}
