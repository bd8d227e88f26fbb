// The results document of an earlier run, read back and checked: whole, made again of the timeline that a run left
// which was cut, or of a later version as far as this one knows it.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Results } from '../../../reports/results.ts';
import { asObject, asString, type JsonObject } from '../../lib/json.ts';
import { UserError } from '../../lib/user-error.ts';
import { dropUnfit, dropUnknown, validateResults } from '../results-schema.ts';
import { version } from '../version.ts';
import { timelineName } from './timeline/file.ts';

export interface EarlierRun {
  readonly results: Results;
  /** Where its other files lie. */
  readonly folder: string;
  /** What was left out or made again, in sentences for the user; absent where the document is as it was written. */
  readonly remarks?: readonly string[];
}

const resultsName = 'results.json';
const readable: Results['schema'] = 'pullproof/results/v1';
const bytesMax = 512 * 1024 ** 2;
/** Of a folder that is none of ours, so many names are told. */
const namesToldMax = 5;
const namesCharsMax = 200;

/** Of a folder or of the file itself. @throws UserError `run-unreadable` (exit 2) */
export async function readRun(path: string, name = resultsName): Promise<EarlierRun> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw unreadable(path, 'there is no such file or folder');
  const isTimeline = found.isFile() && basename(path) === timelineName;
  const folder = found.isDirectory() ? path : dirname(path);
  const file = found.isDirectory() || isTimeline ? join(folder, name) : path;
  const text = await textOf(file);
  if (text === undefined) return await withoutResults(folder, file);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const why = `${basename(file)} is ${text.trim() === '' ? 'empty' : 'cut short, or no JSON'}`;
    return (await madeAgain(folder, why)) ?? giveUp(file, (error as Error).message);
  }
  return await readDocument(document, file, folder);
}

async function readDocument(document: unknown, file: string, folder: string): Promise<EarlierRun> {
  const object = asObject(document);
  refuseOther(object, file);
  const problem = validateResults(document);
  const by = writerOf(object);
  // A value that nobody knows, in a document of this version, is damage.
  const drop = by === version ? dropUnknown : dropUnfit;
  const dropped = problem === undefined ? [] : drop(document);
  const left = problem && validateResults(document);
  if (left !== undefined) {
    const newer =
      by === version ? '' : `; it was written by pullproof ${by}, and this is ${version}`;
    throw unreadable(file, `${left}${newer}`);
  }
  const results = document as Results;
  const remarks = dropped.length === 0 ? undefined : [leftOut(file, results, dropped)];
  const whole = { results, folder, ...(remarks && { remarks }) };
  if (results.begun === undefined || results.verb !== 'load') return whole;
  return (await madeAgain(folder, 'it was killed, or its machine was', results)) ?? whole;
}

function leftOut(file: string, { tool }: Results, dropped: readonly string[]): string {
  const names = dropped.slice(0, namesToldMax).join(', ').slice(0, namesCharsMax);
  const more = dropped.length > namesToldMax ? ` and ${dropped.length - namesToldMax} more` : '';
  const by = shown(tool.version);
  return `${file} was written by pullproof ${by}, and this is ${version}: ${names}${more} is not shown.`;
}

/** @throws UserError for JSON that is no results document of a version that can be read */
function refuseOther(object: JsonObject | undefined, file: string): void {
  const schema = asString(object?.schema);
  if (schema === readable) return;
  const later = /^pullproof\/results\/v\d+$/.test(schema ?? '');
  if (later) {
    throw new UserError(
      'run-unreadable',
      `${file} was written by pullproof ${writerOf(object)}, in the form ${schema}; this is pullproof ${version}, which reads ${readable}`,
      `Read it with pullproof ${writerOf(object)}, or update this one.`,
    );
  }
  if (schema !== undefined) {
    throw unreadable(file, `its schema is ${JSON.stringify(shown(schema))}, not ${readable}`);
  }
  const members = Object.keys(object ?? {}).slice(0, namesToldMax);
  const what = members.length === 0 ? '' : ` with ${members.map(shown).join(', ')}`;
  throw unreadable(file, `it is JSON${what.slice(0, namesCharsMax)}, and names no schema of ours`);
}

function writerOf(object: JsonObject | undefined): string {
  return shown(asString(asObject(object?.tool)?.version) ?? 'of an unknown version');
}

/** What stands in a file that anyone may have written. */
function shown(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    if (size > bytesMax) throw new Error(`it has more than ${bytesMax} bytes`);
    // Shells of Windows put a mark in front of what they write anew.
    return (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(file, (error as Error).message);
  }
}

async function withoutResults(folder: string, file: string): Promise<EarlierRun> {
  const name = basename(file);
  const again = await madeAgain(folder, `it left no ${name}`);
  if (again !== undefined) return again;
  const names = (await readdir(folder)).map(shown);
  const some = names.slice(0, namesToldMax).join(', ').slice(0, namesCharsMax);
  const more = names.length > namesToldMax ? ' and more' : '';
  const holds = names.length === 0 ? 'the folder is empty' : `the folder holds ${some}${more}`;
  throw unreadable(folder, `${holds}, and neither ${name} nor a ${timelineName} of a load run`);
}

/** Undefined where there is no timeline to make it of. */
async function madeAgain(
  folder: string,
  why: string,
  begun?: Results,
): Promise<EarlierRun | undefined> {
  // Loaded here: few runs were cut.
  const { rebuildLoad } = await import('./rebuild.ts');
  const results = await rebuildLoad(folder, { results: begun, why });
  if (results === undefined) return undefined;
  const problem = validateResults(results);
  if (problem !== undefined) throw unreadable(join(folder, timelineName), problem);
  return { results, folder, remarks: [`${folder}: ${results.interrupted}`] };
}

function giveUp(file: string, problem: string): never {
  throw unreadable(file, problem);
}

function unreadable(file: string, problem: string): UserError {
  return new UserError(
    'run-unreadable',
    `${file} is no readable run: ${problem}`,
    'Give a folder that a run wrote with --out, or its results.json.',
  );
}
