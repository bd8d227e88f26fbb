// A strict reader of tar archives that is fed chunk by chunk: ustar, pax and GNU headers. Keeps nothing but
// the header under way, so memory does not grow with the archive. It refuses nothing: what is wrong is told
// to the visitor, who judges (src/validate) or refuses (mocks/images).

import {
  blockBytes,
  hasMoreSparse,
  linkOfHeader,
  pathOfHeader,
  readHeader,
  textOf,
} from './header.ts';
import { applyPaxRecord, eachPaxRecord, type Overrides } from './pax.ts';

/** Longest pax header or GNU long name: what Go's reader takes, for extended attributes are large. */
const metaBytesMax = 1024 * 1024;
/** Longest path: Linux takes 4,096 bytes, Windows 32,767 characters. */
const pathCharsMax = 32_767;

/** `special`: a device, or a pipe. `continued`: its beginning is in another volume (GNU). `unknown`: none of POSIX. */
export type TarType =
  | 'file'
  | 'directory'
  | 'hardlink'
  | 'symlink'
  | 'special'
  | 'continued'
  | 'unknown';

export interface TarEntry {
  /** As written; `./` and a slash at the end are left. */
  readonly path: string;
  readonly type: TarType;
  /** Target of a link; '' otherwise. */
  readonly link: string;
  /** Bytes of content that follow. */
  readonly bytes: number;
  /** Where in the archive the content begins; of old GNU sparse files, before the rest of their map. */
  readonly offset: number;
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
  M: 'continued',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'special',
  '4': 'special',
  '6': 'special',
  '5': 'directory',
};
/** Types whose header may give a size, with no content behind it. */
const headerOnly = new Set(['1', '2', '3', '4', '5', '6']);
/** What describes the next entry: pax, its global form, GNU long name and long link. */
const metaTypes = new Set(['x', 'g', 'L', 'K']);

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

  /** The end has begun: a block of zeros was read, as GNU tar takes for the end. */
  get isEnding(): boolean {
    return this.#zeroBlocks > 0;
  }

  /**
   * Leaves out what is left of the content under way, and its padding, for who wants to know where it lies
   * and not what it is: how many bytes need not be written. 0 where a header comes next.
   */
  skip(): number {
    const from = this.#offset;
    if (this.#state === 'content') {
      this.#offset += this.#left;
      this.#left = 0;
      this.#contentEnded();
    }
    if (this.#state === 'padding') {
      this.#offset += this.#padding;
      this.#padding = 0;
      this.#state = 'header';
    }
    return this.#offset - from;
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
    const header = readHeader(block);
    if (this.#zeroBlocks > 0) this.#malformed('a header follows a block of zeros');
    else if (typeof header === 'string') this.#malformed(header);
    else if (metaTypes.has(header.flag)) this.#beginMeta(header.flag, header.bytes);
    else this.#beginEntry(header.flag, header.bytes);
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
    const path = this.#overrides.path ?? pathOfHeader(block);
    // Before ustar, a folder was a file whose name ends with a slash.
    const isOldFolder = flag === '\0' && path.endsWith('/');
    const entry: TarEntry = {
      path,
      type: isOldFolder ? 'directory' : (types[flag] ?? 'unknown'),
      link: this.#overrides.link ?? linkOfHeader(block),
      bytes,
      offset: this.#offset,
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
    if (flag === 'S' && hasMoreSparse(block)) this.#state = 'sparse';
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
    if (this.#metaType === 'L') this.#overrides.path = textOf(bytes);
    else if (this.#metaType === 'K') this.#overrides.link = textOf(bytes);
    else if (!this.#readPax(bytes)) this.#malformed('a pax header cannot be read');
    // A global header needs no entry behind it.
    if (this.#metaType === 'g') this.#metaType = '';
  }

  /** False when they are no records. Global ones name no path. */
  #readPax(bytes: Buffer): boolean {
    const isGlobal = this.#metaType !== 'x';
    return eachPaxRecord(
      bytes,
      (key, value) => isGlobal || applyPaxRecord(key, value, this.#overrides),
    );
  }
}
