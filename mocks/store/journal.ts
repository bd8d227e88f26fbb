// The journal of a store on disk: one line of JSON per change of the index, only ever appended to, so that
// a push costs its own length. A last line without an end is what a killed process left, and does not
// count.
import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  write,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { asObject, asString, parseJson } from '../../src/lib/json.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { type Change, parseChange } from './change.ts';

/** index.json has been written with this digest. */
interface IndexWritten {
  readonly op: 'index';
  readonly digest: string;
}

export type Entry = Change | IndexWritten;

const firstLine = '{"pullproof":"store/v1"}';
const journalBytesMax = 400 * 1024 ** 2;

const writeSome = promisify(write);
const syncData = promisify(fdatasync);

/** The entries of a journal; undefined when there is none. @throws UserError */
export function readJournal(path: string): { entries: Entry[]; bytes: number } | undefined {
  const file = readBytes(path);
  if (file === undefined) return undefined;
  if (file.length > journalBytesMax) throw damaged(path, `is larger than ${journalBytesMax} bytes`);
  const end = file.lastIndexOf(0x0a) + 1;
  const [header, ...lines] = file.toString('utf8', 0, end).split('\n').slice(0, -1);
  if (header === undefined) return undefined;
  if (header !== firstLine) {
    const isOurs = asString(asObject(parseJson(header))?.pullproof)?.startsWith('store/') === true;
    if (!isOurs) throw damaged(path, 'does not begin as a journal does');
    const hint = 'Use the version of pullproof that made it, or give another folder.';
    throw new UserError('store-version', `${path} was made by another version: ${header}`, hint);
  }
  const entries = lines.map((line, index) => {
    const entry = parseIndexWritten(line) ?? parseChange(line);
    if (entry === undefined)
      throw damaged(path, `has no entry that can be read in line ${index + 2}`);
    return entry;
  });
  return { entries, bytes: end };
}

/** Puts a journal of these entries in place of what is there. */
export function writeJournal(path: string, entries: Iterable<Entry>): number {
  const lines = [firstLine];
  for (const entry of entries) lines.push(JSON.stringify(entry));
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  const fd = openSync(`${path}.new`, 'w');
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
  return bytes.length;
}

/** The end of a journal, to which entries are added. */
export class JournalEnd {
  readonly #fd: number;
  #bytes: number;

  /** `bytes`: what of the file counts; the next entry is written there. */
  constructor(path: string, bytes: number) {
    this.#fd = openSync(path, 'r+');
    ftruncateSync(this.#fd, bytes);
    this.#bytes = bytes;
  }

  /** Resolves when they would survive the machine. After a failure, none of them counts. */
  async append(entries: readonly Entry[]): Promise<void> {
    const bytes = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    for (let at = 0; at < bytes.length; ) {
      const left = bytes.length - at;
      at += (await writeSome(this.#fd, bytes, at, left, this.#bytes + at)).bytesWritten;
    }
    await syncData(this.#fd);
    this.#bytes += bytes.length;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function parseIndexWritten(line: string): IndexWritten | undefined {
  if (!line.startsWith('{"op":"index"')) return undefined;
  const digest = asString(asObject(parseJson(line))?.digest);
  return digest === undefined ? undefined : { op: 'index', digest };
}

function readBytes(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function damaged(path: string, problem: string): UserError {
  const hint =
    'Restore the folder from a copy; or remove this file, and the tags in index.json stay.';
  return new UserError('store-damaged', `${path} ${problem}`, hint);
}
