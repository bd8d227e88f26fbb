// results.json of a run folder: what a run says when it begins, and what takes its place at the end, whole or not
// at all.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { harmlessJson } from '../../reports/json.ts';
import type { Results } from '../../reports/results.ts';

const resultsName = 'results.json';
/** Beside it, until it is whole. */
const unfinishedName = '.results.json.part';
/** What an earlier run in the folder made of its results. */
const madeOfResults = ['report.html', 'junit.xml', 'badge.json', 'badge.svg'];

const begunWords =
  'The run did not come to its end: it was killed, or it failed before there was anything to tell.';

/** What stays if nothing comes to write the end. A folder that cannot be written is told then. */
export function writeBegun(dir: string, results: Results): void {
  const begun: Results = { ...results, interrupted: begunWords, begun: true };
  const part = join(dir, unfinishedName);
  try {
    writeFileSync(part, `${harmlessJson(JSON.stringify(begun, null, 2))}\n`);
    renameSync(part, join(dir, resultsName));
    for (const name of madeOfResults) rmSync(join(dir, name), { force: true });
  } catch {
    rmSync(part, { force: true });
  }
}

/** @throws the system's error */
export async function writeResults(dir: string, results: Results): Promise<void> {
  const part = join(dir, unfinishedName);
  await writeFile(part, indentedJson(results));
  await rename(part, join(dir, resultsName));
}

const pieceCharsMin = 256 * 1024;

/** `JSON.stringify(results, null, 2)` in pieces: evidence makes documents of many megabytes. */
function* indentedJson(results: Results): Generator<string> {
  let piece = '{';
  let separator = '\n';
  const indented = (value: unknown, by: string) =>
    harmlessJson(JSON.stringify(value, null, 2)).replaceAll('\n', `\n${by}`);
  for (const [name, value] of Object.entries(results)) {
    if (value === undefined) continue;
    piece += `${separator}  ${JSON.stringify(name)}: `;
    separator = ',\n';
    if (!Array.isArray(value) || value.length === 0) {
      piece += indented(value, '  ');
      continue;
    }
    piece += '[';
    for (const [index, one] of value.entries()) {
      piece += `${index === 0 ? '' : ','}\n    ${indented(one, '    ')}`;
      if (piece.length < pieceCharsMin) continue;
      yield piece;
      piece = '';
    }
    piece += '\n  ]';
  }
  yield `${piece}\n}\n`;
}
