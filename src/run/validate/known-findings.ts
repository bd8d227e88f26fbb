// The baseline of `validate`: findings that are known, and what remains of a run beside them.
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { filePlace } from '../../../reports/place.ts';
import type { BaselineOutcome, DocumentResult } from '../../../reports/results.ts';
import { asArray, asObject, asString } from '../../lib/json.ts';
import { wayTo } from '../../lib/node/way-to.ts';
import { UserError } from '../../lib/user-error.ts';
import { readFileUpTo } from './inputs/read-file.ts';

/** One known finding: it stays the same when it moves to another line. */
export type KnownFinding = BaselineOutcome['gone'][number];

const format = 'pullproof/baseline/v1';
const resultsFormat = 'pullproof/results/v1';
const bytesMax = 64 * 1024 * 1024;
const hint = 'Write one by `pullproof validate --write-baseline FILE`, or name a results.json.';

/**
 * Reads a baseline, or the findings of a results document. Paths of a baseline start from its folder, those of
 * results from the folder where the run was; given back, they start from here. @throws UserError (exit 2)
 */
export async function readKnownFindings(file: string): Promise<KnownFinding[]> {
  let document: unknown;
  try {
    const bytes = await readFileUpTo(file, bytesMax);
    if (bytes === undefined) throw new Error(`it is larger than ${bytesMax} bytes`);
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw unreadable(file, (error as Error).message);
  }
  const root = asObject(document) ?? {};
  const entries = entriesOf(root);
  const folder = root.schema === format ? dirname(file) : '.';
  if (entries === undefined) {
    throw unreadable(file, 'it is neither a baseline of validate nor a results document');
  }
  return entries.map((entry) => {
    const { path, ruleId, pointer } = asObject(entry) ?? {};
    const isKnown = [path, ruleId, pointer].every((value) => asString(value) !== undefined);
    if (!isKnown) throw unreadable(file, 'a finding has no path, ruleId or pointer');
    return { path: moved(path as string, folder, '.'), ruleId, pointer } as KnownFinding;
  });
}

function entriesOf({ schema, findings, documents }: Record<string, unknown>) {
  if (schema === format) return asArray(findings);
  if (schema !== resultsFormat) return undefined;
  return asArray(documents)?.flatMap((entry) => {
    const document = asObject(entry) ?? {};
    const found = asArray(document.findings) ?? [];
    return found.map((finding) => ({ ...asObject(finding), path: document.path }));
  });
}

/** A path that starts from one folder, from another. What is no file has the same name everywhere. */
function moved(path: string, from: string, to: string): string {
  if (filePlace(path) === undefined) return path;
  const target = resolve(from, path.replaceAll('\\', '/'));
  return wayTo(resolve(to), target).replaceAll('\\', '/');
}

/**
 * Writes the findings of a run, each once, in an order that makes small differences.
 * @throws UserError (exit 2)
 */
export async function writeKnownFindings(
  file: string,
  documents: readonly DocumentResult[],
): Promise<KnownFinding[]> {
  const known = new Map<string, KnownFinding>();
  for (const { path, findings } of documents) {
    const stored = moved(path, '.', dirname(file));
    for (const { ruleId, pointer } of findings) {
      const finding = { path: stored, ruleId, pointer };
      known.set(JSON.stringify(finding), finding);
    }
  }
  const findings = [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, finding]) => finding);
  const text = `${JSON.stringify({ schema: format, findings }, null, 2)}\n`;
  await writeFile(file, text).catch((error: Error) => {
    throw new UserError(
      'baseline-unwritable',
      `the baseline cannot be written to ${file}: ${error.message}`,
      'Name another file with --write-baseline.',
    );
  });
  return await readKnownFindings(file);
}

/** Marks known findings as accepted; a document with no other error is valid. */
export function acceptKnown(
  documents: readonly DocumentResult[],
  known: readonly KnownFinding[],
): BaselineOutcome {
  const keys = new Set(known.map(keyOf));
  const found = new Set<string>();
  let accepted = 0;
  for (const document of documents) {
    for (const finding of document.findings) {
      const key = keyOf({ ...finding, path: document.path });
      if (!keys.has(key)) continue;
      finding.accepted = true;
      found.add(key);
      accepted++;
    }
    document.valid = document.findings.every(
      (finding) => finding.level !== 'error' || finding.accepted === true,
    );
  }
  const judged = new Set(documents.map(({ path }) => plain(path)));
  const unfound = known.filter((finding) => !found.has(keyOf(finding)));
  const gone = unfound.filter(({ path }) => judged.has(plain(path)));
  return { accepted, gone, elsewhere: unfound.length - gone.length };
}

/** The same for `a.json`, `./a.json` and its absolute path. */
function keyOf({ path, ruleId, pointer }: KnownFinding): string {
  return JSON.stringify([plain(path), ruleId, pointer]);
}

function plain(path: string): string {
  return moved(path, '.', '.');
}

function unreadable(file: string, problem: string): UserError {
  return new UserError('baseline-unreadable', `${file} is no baseline: ${problem}`, hint);
}
