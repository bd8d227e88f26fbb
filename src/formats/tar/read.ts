// A strict reader of tar archives that is fed chunk by chunk: ustar, pax and GNU headers. Keeps
// nothing but the header under way, so memory does not grow with the archive.

import { isUtf8 } from 'node:buffer';

const blockBytes = 512;
/** Longest pax header or GNU long name: what Go's reader takes, for extended attributes are large. */
const metaBytesMax = 1024 * 1024;
/** Longest path: Linux takes 4,096 bytes, Windows 32,767 characters. */
const pathCharsMax = 32_767;

export type TarType = 'file' | 'directory' | 'hardlink' | 'symlink' | 'other';

export interface TarEntry {
  /** As written; `./` and a slash at the end are left. */
  readonly path: string;
  readonly type: TarType;
  /** Target of a link; '' otherwise. */
  readonly link: string;
  /** Bytes of content that follow. */
  readonly bytes: number;
  /** Holes of the file are left out, in one of the ways of GNU tar. */
  readonly sparse: boolean;
}

/**
 * `malformed`: nothing after this can be read. `unended`: the end blocks are missing; `unpadded`:
 * and some of the padding before them.
 */
export type TarProblem = 'malformed' | 'truncated' | 'unpadded' | 'unended' | 'trailing';

export interface TarVisitor {
  entry(entry: TarEntry): void;
  /** Content of the last entry, piece by piece. */
  data?(chunk: Uint8Array): void;
  /** The last entry's content is complete. */
  end?(): void;
  /** `detail` is one sentence without its full stop. */
  problem(problem: TarProblem, detail: string): void;
}

type State = 'header' | 'sparse' | 'content' | 'meta' | 'padding' | 'ended' | 'broken';

const types: Readonly<Record<string, TarType>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'directory',
};
/** Types whose header may give a size, with no content behind it. */
const headerOnly = new Set(['1', '2', '3', '4', '5', '6']);
/** What describes the next entry: pax, its global form, GNU long name and long link. */
const metaTypes = new Set(['x', 'g', 'L', 'K']);

/** What meta headers said about the next entry. */
interface Overrides {
  path?: string;
  link?: string;
  bytes?: number;
  sparse?: boolean;
}

const [paxText, paxNumber, paxTime] = [/^[^\0]*$/, /^-?[0-9]+$/, /^-?[0-9]*(?:\.[0-9]*)?$/];
/** The forms of pax records, without which Go's reader ends. */
const paxForms: ReadonlyMap<string, RegExp> = new Map([
  ['path', paxText],
  ['linkpath', paxText],
  ['uname', paxText],
  ['gname', paxText],
  ['uid', paxNumber],
  ['gid', paxNumber],
  ['mtime', paxTime],
  ['atime', paxTime],
  ['ctime', paxTime],
  ['size', /^[0-9]+$/],
]);
const newline = 0x0a;

export class TarReader {
  readonly #visitor: TarVisitor;
  readonly #block = Buffer.alloc(blockBytes);
  #filled = 0;
  #state: State = 'header';
  #offset = 0;
  #left = 0;
  #padding = 0;
  #zeroBlocks = 0;
  #metaType = '';
  #meta: Uint8Array[] = [];
  #overrides: Overrides = {};
  #trailingTold = false;

  constructor(visitor: TarVisitor) {
    this.#visitor = visitor;
  }

  write(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#state !== 'broken') {
      at += this.#take(chunk, at);
    }
  }

  /** The archive is over; says so when it should not be. */
  finish(): void {
    if (this.#state === 'broken' || this.#state === 'ended') return;
    const between = this.#state === 'header' && this.#filled === 0;
    if (between && this.#metaType === '') {
      if (this.#zeroBlocks < 2) {
        this.#visitor.problem('unended', 'the archive has no end blocks');
      }
      return;
    }
    // Go's reader, which unpacks nearly all images, takes that as the end; GNU tar does not.
    if (this.#state === 'padding' && this.#metaType === '') {
      const detail = 'the archive ends after the content of its last entry, with no end blocks';
      this.#visitor.problem('unpadded', detail);
      return;
    }
    this.#visitor.problem('truncated', `the archive ends in the middle of an entry`);
  }

  /** Consumes some bytes from `at` on; returns how many, at least one. */
  #take(chunk: Uint8Array, at: number): number {
    const rest = chunk.length - at;
    switch (this.#state) {
      case 'content':
      case 'meta': {
        const count = Math.min(rest, this.#left);
        this.#content(chunk.subarray(at, at + count));
        this.#left -= count;
        this.#offset += count;
        if (this.#left === 0) this.#contentEnded();
        return count;
      }
      case 'padding': {
        const count = Math.min(rest, this.#padding);
        this.#padding -= count;
        this.#offset += count;
        if (this.#padding === 0) this.#state = 'header';
        return count;
      }
      case 'ended':
        this.#trailing(chunk.subarray(at));
        return rest;
      default: {
        const count = Math.min(rest, blockBytes - this.#filled);
        this.#block.set(chunk.subarray(at, at + count), this.#filled);
        this.#filled += count;
        this.#offset += count;
        if (this.#filled === blockBytes) {
          this.#filled = 0;
          if (this.#state === 'sparse') this.#sparse();
          else this.#header();
        }
        return count;
      }
    }
  }

  #content(piece: Uint8Array): void {
    if (this.#state === 'meta') this.#meta.push(piece.slice());
    else this.#visitor.data?.(piece);
  }

  #contentEnded(): void {
    const wasMeta = this.#state === 'meta';
    this.#state = this.#padding > 0 ? 'padding' : 'header';
    if (wasMeta) this.#readMeta();
    else this.#visitor.end?.();
  }

  #trailing(bytes: Uint8Array): void {
    if (this.#trailingTold || bytes.every((byte) => byte === 0)) return;
    this.#trailingTold = true;
    this.#visitor.problem('trailing', 'something follows the end blocks of the archive');
  }

  #malformed(detail: string): void {
    this.#state = 'broken';
    const at = this.#offset - blockBytes;
    this.#visitor.problem('malformed', `${detail} (at byte ${Math.max(0, at)})`);
  }

  #header(): void {
    const block = this.#block;
    if (block.every((byte) => byte === 0)) {
      this.#zeroBlocks++;
      if (this.#zeroBlocks === 2) this.#ended();
      return;
    }
    const flag = String.fromCharCode(block[156] ?? 0);
    const declared = readNumber(block.subarray(124, 136));
    if (this.#zeroBlocks > 0) this.#malformed('a header follows a block of zeros');
    else if (!hasRightChecksum(block)) this.#malformed('the checksum of a header is wrong');
    else if (declared === undefined) this.#malformed('the size in a header is no number');
    else if (metaTypes.has(flag)) this.#beginMeta(flag, declared);
    else this.#beginEntry(flag, declared);
  }

  /** Both end blocks were read. */
  #ended(): void {
    this.#state = 'ended';
    if (this.#metaType === '') return;
    this.#visitor.problem('truncated', 'the entry that the last header describes is not there');
  }

  #beginEntry(flag: string, declared: number): void {
    const block = this.#block;
    const bytes = headerOnly.has(flag) ? 0 : (this.#overrides.bytes ?? declared);
    const path = this.#overrides.path ?? nameOf(block);
    // Before ustar, a folder was a file whose name ends with a slash.
    const isOldFolder = flag === '\0' && path.endsWith('/');
    const entry: TarEntry = {
      path,
      type: isOldFolder ? 'directory' : (types[flag] ?? 'other'),
      link: this.#overrides.link ?? text(block.subarray(157, 257)),
      bytes,
      sparse: flag === 'S' || this.#overrides.sparse === true,
    };
    this.#overrides = {};
    this.#metaType = '';
    if (Math.max(entry.path.length, entry.link.length) > pathCharsMax) {
      this.#malformed(`a path has more than ${pathCharsMax} characters`);
      return;
    }
    this.#left = bytes;
    this.#padding = (blockBytes - (bytes % blockBytes)) % blockBytes;
    this.#visitor.entry(entry);
    if (this.#state === 'broken') return;
    if (flag === 'S' && block[482] !== 0) this.#state = 'sparse';
    else this.#begin();
  }

  /** Old GNU sparse files have more header blocks as long as their byte 504 is set. */
  #sparse(): void {
    if (this.#block[504] === 0) this.#begin();
  }

  #begin(): void {
    if (this.#left > 0) {
      this.#state = 'content';
      return;
    }
    this.#state = 'header';
    this.#visitor.end?.();
  }

  #beginMeta(flag: string, bytes: number): void {
    if (bytes > metaBytesMax) {
      this.#malformed(`a header extends over ${bytes} bytes`);
      return;
    }
    this.#metaType = flag;
    this.#meta = [];
    this.#left = bytes;
    this.#padding = (blockBytes - (bytes % blockBytes)) % blockBytes;
    if (bytes > 0) this.#state = 'meta';
  }

  #readMeta(): void {
    const bytes = Buffer.concat(this.#meta);
    this.#meta = [];
    if (this.#metaType === 'L') this.#overrides.path = text(bytes);
    else if (this.#metaType === 'K') this.#overrides.link = text(bytes);
    else if (!this.#readPax(bytes)) this.#malformed('a pax header cannot be read');
    // A global header needs no entry behind it.
    if (this.#metaType === 'g') this.#metaType = '';
  }

  /** Records of `LENGTH KEY=VALUE\n`; false when they are not. Global ones name no path. */
  #readPax(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length) {
      const blank = bytes.indexOf(0x20, at);
      const digits = bytes.toString('latin1', at, blank);
      const end = at + Number(digits);
      if (blank < 0 || !/^[0-9]{1,8}$/.test(digits) || end <= blank || end > bytes.length) {
        return false;
      }
      const record = bytes.subarray(blank + 1, end);
      const equals = record.indexOf('=');
      if (equals < 1 || record.at(-1) !== newline) return false;
      const key = record.toString('utf8', 0, equals);
      const isRead = this.#metaType !== 'x' || this.#pax(key, record.subarray(equals + 1, -1));
      if (!isRead) return false;
      at = end;
    }
    return true;
  }

  /** Takes what a record says of the next entry; false when it is not of its form. */
  #pax(key: string, value: Buffer): boolean {
    if (key.startsWith('GNU.sparse.')) this.#overrides.sparse = true;
    const form = paxForms.get(key);
    // Without a value a record takes back what was said before it.
    if (form !== undefined && value.length > 0 && !form.test(value.toString('latin1')))
      return false;
    const said = value.length === 0 ? undefined : decode(value);
    if (key === 'path' || key === 'GNU.sparse.name') this.#override('path', said);
    else if (key === 'linkpath') this.#override('link', said);
    else if (key === 'size') {
      const bytes = said === undefined ? undefined : Number(said);
      if (bytes !== undefined && !Number.isSafeInteger(bytes)) return false;
      this.#override('bytes', bytes);
    }
    return true;
  }

  #override<Name extends keyof Overrides>(name: Name, value: Overrides[Name] | undefined): void {
    if (value === undefined) delete this.#overrides[name];
    else this.#overrides[name] = value;
  }
}

/** Whether 512 bytes are the header of a tar entry. */
export function hasRightChecksum(block: Uint8Array): boolean {
  const stored = readNumber(block.subarray(148, 156));
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < blockBytes; at++) {
    const byte = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  // Some old writers added signed characters.
  return stored !== undefined && (stored === unsigned || stored === signed);
}

/** Octal text, or GNU's big-endian number behind a set top bit; undefined for anything else. */
function readNumber(field: Uint8Array): number | undefined {
  const first = field[0] ?? 0;
  if (first === 0x80) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const digits = text(field).trim();
  if (digits === '') return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return decode(end < 0 ? field : field.subarray(0, end));
}

/** Names need not be UTF-8. Byte by byte they stay apart, which no replacement character does. */
function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

/** Name with its prefix; GNU's own format uses the place of the prefix for other things. */
function nameOf(block: Uint8Array): string {
  const name = text(block.subarray(0, 100));
  const isPosix = text(block.subarray(257, 263)) === 'ustar';
  const prefix = isPosix ? text(block.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}
