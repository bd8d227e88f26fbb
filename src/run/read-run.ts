// The results document of an earlier run, read back and checked.
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Results } from '../../reports/results.ts';
import { asObject, asString } from '../lib/json.ts';
import { UserError } from '../lib/user-error.ts';
import { validateResults } from './results-schema.ts';

export interface EarlierRun {
  readonly results: Results;
  /** Where its other files lie. */
  readonly folder: string;
}

const readable: Results['schema'] = 'pullproof/results/v1';

/** Of a folder or of the file itself. @throws UserError `run-unreadable` (exit 2) */
export async function readRun(path: string, name = 'results.json'): Promise<EarlierRun> {
  const isFolder = await isDirectory(path);
  const file = isFolder ? join(path, name) : path;
  let document: unknown;
  try {
    document = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw unreadable(file, (error as Error).message);
  }
  const schema = asString(asObject(document)?.schema);
  if (schema !== undefined && schema !== readable) {
    throw unreadable(
      file,
      `its schema is ${JSON.stringify(schema.slice(0, 100))}, not ${readable}`,
    );
  }
  const problem = validateResults(document);
  if (problem !== undefined) throw unreadable(file, problem);
  return { results: document as Results, folder: isFolder ? path : dirname(path) };
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function unreadable(file: string, problem: string): UserError {
  return new UserError(
    'run-unreadable',
    `${file} is no readable results document: ${problem}`,
    'Give a folder that a run wrote with --out, or its results.json.',
  );
}
