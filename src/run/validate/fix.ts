// `--fix`: writes what findings of our own and clients' files propose, as a diff first. Never a document that
// is addressed by its digest, nor what lies in archives and registries, nor standard input.
import { randomBytes } from 'node:crypto';
import { open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DocumentResult, Finding } from '../../../reports/results.ts';
import { configBytesMax } from '../../formats/config-limits.ts';
import { type Kind, type Severity, validateDocument } from '../../validate/index.ts';
import { isWrittenByHand } from '../../validate/other-kinds.ts';
import { maskedText } from '../../validate/secrets.ts';
import { digestOfBlob } from './inputs/expand.ts';
import { readFileUpTo } from './inputs/read-file.ts';
import { unifiedDiff } from './unified-diff.ts';

/** One fix may make room for the next. */
const roundsMax = 20;
/** Fixes tried by themselves in a round. */
const triedMax = 20;

export interface FixedFile {
  readonly path: string;
  /** As `patch` reads it, secrets masked. */
  readonly diff: string;
  /** Why the file was left as it is; undefined when it was written, or was not to be. */
  readonly problem?: string;
}

export interface FixOptions extends Severity {
  /** Without it the diffs are made and nothing is written. */
  readonly write: boolean;
}

/** Files without anything to mend are left out. */
export async function fixFiles(
  documents: readonly DocumentResult[],
  options: FixOptions,
): Promise<FixedFile[]> {
  const fixed: FixedFile[] = [];
  for (const document of documents) {
    const { path, kind, findings } = document;
    const isOpen = findings.some(({ edits, accepted }) => edits !== undefined && accepted !== true);
    const isFile = path !== '-' && !path.includes('!/') && digestOfBlob(path) === undefined;
    if (!isOpen || !isFile || !isWrittenByHand(kind)) continue;
    const one = await fixFile(path, kind as Kind, acceptedOf(document), options);
    if (one !== undefined) fixed.push(one);
  }
  return fixed;
}

const keyOf = ({ ruleId, pointer }: { ruleId: string; pointer: string }) => `${ruleId} ${pointer}`;

function acceptedOf({ findings }: DocumentResult): ReadonlySet<string> {
  return new Set(findings.filter(({ accepted }) => accepted === true).map(keyOf));
}

async function fixFile(
  path: string,
  kind: Kind,
  accepted: ReadonlySet<string>,
  options: FixOptions,
): Promise<FixedFile | undefined> {
  try {
    const file = await realpath(path);
    const state = await stateOf(file);
    const bytes = await readFileUpTo(file, configBytesMax);
    const before = bytes === undefined ? undefined : decode(bytes);
    if (before === undefined) return undefined;
    const after = mended(before, path, kind, accepted, options);
    if (after === before) return undefined;
    const diff = unifiedDiff(path, maskedText(before, kind), maskedText(after, kind));
    if (!options.write) return { path, diff };
    if ((await stateOf(file)) !== state) {
      return { path, diff, problem: 'it was changed meanwhile; run it again' };
    }
    await replaceFile(file, after);
    return { path, diff };
  } catch (error) {
    return { path, diff: '', problem: (error as Error).message };
  }
}

async function stateOf(file: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(file);
  return `${ino} ${size} ${mtimeMs}`;
}

/** Undefined for what is not UTF-8: writing it back would change it. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text with all edits made that leave fewer to make, and no new error. */
function mended(
  before: string,
  path: string,
  kind: Kind,
  accepted: ReadonlySet<string>,
  { strict, levels }: Severity,
): string {
  function judge(text: string): Judged {
    const { findings } = validateDocument(Buffer.from(text), { path, kind, strict, levels });
    const open = findings.filter((it) => it.edits !== undefined && !accepted.has(keyOf(it)));
    const others = findings.filter(({ level, edits }) => level === 'error' && edits === undefined);
    return { text, open, errors: others.map(({ ruleId }) => ruleId) };
  }
  let judged = judge(before);
  const seen = new Set([before]);
  for (let round = 0; round < roundsMax && judged.open.length > 0; round++) {
    const better = firstBetter(judged, (text) => (seen.has(text) ? undefined : judge(text)));
    if (better === undefined) break;
    seen.add(better.text);
    judged = better;
  }
  return judged.text;
}

/** All fixes at once; where that goes wrong, the first by itself that goes well. */
function firstBetter(
  { text, open, errors }: Judged,
  judge: (text: string) => Judged | undefined,
): Judged | undefined {
  for (const findings of [open, ...open.slice(0, triedMax).map((one) => [one])]) {
    const next = judge(applied(text, findings));
    if (next === undefined) continue;
    const isNoWorse = next.errors.every((id) => timesIn(next.errors, id) <= timesIn(errors, id));
    // A fix may show others: words that are wrong where they were moved to, members of a table that is known now.
    const left = new Set(next.open.map(keyOf));
    const isDone = findings.every((finding) => !left.has(keyOf(finding)));
    if ((isDone || next.open.length <= open.length) && isNoWorse) return next;
  }
  return undefined;
}

function timesIn(ids: readonly string[], id: string): number {
  return ids.filter((it) => it === id).length;
}

interface Judged {
  readonly text: string;
  /** What can be mended. */
  readonly open: readonly Finding[];
  /** The rules of errors that cannot, each as often as it is broken. */
  readonly errors: readonly string[];
}

/** Edits that overlap an earlier one wait for the next round. */
function applied(text: string, findings: readonly Finding[]): string {
  const bom = text.startsWith('\ufeff') ? 1 : 0;
  const starts = [bom];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const offset = (line: number, column: number) => (starts[line - 1] ?? text.length) + column - 1;
  const placed = findings
    .flatMap(({ edits = [] }) => edits)
    .map(({ line, column, endLine, endColumn, text: written }) => ({
      start: offset(line, column),
      end: offset(endLine, endColumn),
      written,
    }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let result = '';
  let at = 0;
  for (const { start, end, written } of placed) {
    if (start < at) continue;
    result += text.slice(at, start) + written;
    at = end;
  }
  return result + text.slice(at);
}

/** Beside the file and in its place at once, with its mode and owner. */
async function replaceFile(file: string, text: string): Promise<void> {
  const { mode, uid, gid } = await stat(file);
  const name = `.${basename(file)}.${randomBytes(6).toString('hex')}`;
  const temporary = join(dirname(file), name);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    const own = await handle.stat();
    if (own.uid !== uid || own.gid !== gid) await handle.chown(uid, gid);
    await handle.chmod(mode);
    await handle.sync();
    await handle.close();
    await rename(temporary, file);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}
