// Where the files of an uncompressed tar lie: ustar, with the long names and sizes of pax and GNU. Contents
// are not read. Entries that are neither files, folders nor links are left out.
import { readSync } from 'node:fs';
import { blockBytes, checksumOf } from '../../src/formats/tar/write.ts';
import { UserError } from '../../src/lib/user-error.ts';

/** A regular file of the archive. */
export interface TarFile {
  readonly offset: number;
  readonly size: number;
}

export interface TarIndex {
  readonly files: ReadonlyMap<string, TarFile>;
  /** Path of a symbolic or hard link to the path that it means; only such as stay in the archive. */
  readonly links: ReadonlyMap<string, string>;
}

const entriesMax = 500_000;
/** Of a pax header or a long name. */
const extensionBytesMax = 1024 * 1024;

/** Whether a file that begins so is a tar: its first header's checksum is right. */
export function isTarHeader(block: Uint8Array): boolean {
  return block.length >= blockBytes && readOctal(block, 148, 8) === checksumOf(block);
}

/** @throws UserError `images-damaged`, `images-unsafe` */
export function indexTar(fd: number, fileBytes: number, source: string): TarIndex {
  const files = new Map<string, TarFile>();
  const links = new Map<string, string>();
  const reader = new Reader(fd, fileBytes, source);
  for (let count = 0; ; count++) {
    if (count > entriesMax) reader.fail(`it has more than ${entriesMax} entries`);
    const entry = reader.next();
    if (entry === undefined) return { files, links };
    const path = safePath(entry.name, source);
    // As when unpacking, an entry replaces an earlier one of its name.
    files.delete(path);
    links.delete(path);
    if (entry.type === '0') files.set(path, { offset: entry.offset, size: entry.size });
    else if (entry.type === '1' || entry.type === '2') {
      const base = entry.type === '2' ? path.split('/').slice(0, -1) : [];
      const target = resolve(base, entry.link);
      if (target !== undefined) links.set(path, target);
    }
  }
}

interface Entry {
  readonly name: string;
  readonly link: string;
  readonly type: string;
  readonly offset: number;
  readonly size: number;
}

/** What extension headers say of the entry after them. */
interface Extension {
  name?: string | undefined;
  link?: string | undefined;
  size?: number | undefined;
}

class Reader {
  readonly #fd: number;
  readonly #fileBytes: number;
  readonly #source: string;
  #at = 0;

  constructor(fd: number, fileBytes: number, source: string) {
    this.#fd = fd;
    this.#fileBytes = fileBytes;
    this.#source = source;
  }

  /** Undefined at the end mark. */
  next(): Entry | undefined {
    const extension: Extension = {};
    for (;;) {
      const headerAt = this.#at;
      const header = this.#read(headerAt, blockBytes, 'a header');
      if (header.every((byte) => byte === 0)) return undefined;
      if (!isTarHeader(header)) this.fail(`there is no tar header at byte ${headerAt}`);
      const type = String.fromCharCode(header[156] ?? 0).replace(/[\0 7]/, '0');
      const name = extension.name ?? nameOf(header);
      const size = extension.size ?? readSize(header) ?? this.fail(`${name} has no size`);
      const offset = headerAt + blockBytes;
      if (offset + size > this.#fileBytes) this.fail(`it ends in the middle of ${name}`);
      this.#at = offset + Math.ceil(size / blockBytes) * blockBytes;
      if (!'xLKg'.includes(type)) {
        if (type === 'S' || type === 'M') this.fail(`${name} is sparse or continued elsewhere`);
        const link = extension.link ?? textOf(header, 157, 100);
        return { name, link, type: name.endsWith('/') ? '5' : type, offset, size };
      }
      if (size > extensionBytesMax) this.fail(`an extended header has ${size} bytes`);
      const content = this.#read(offset, size, 'an extended header');
      if (type === 'L') extension.name = textOf(content, 0, size);
      else if (type === 'K') extension.link = textOf(content, 0, size);
      else if (type === 'x') readPax(content, extension);
    }
  }

  fail(problem: string): never {
    const hint = 'Write the archive anew (docker save, skopeo copy): it is damaged or cut short.';
    throw new UserError('images-damaged', `${this.#source}: ${problem}`, hint);
  }

  #read(at: number, length: number, what: string): Buffer {
    const buffer = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#fd, buffer, done, length - done, at + done);
      if (count === 0) this.fail(`it ends where ${what} should be, at byte ${at}`);
      done += count;
    }
    return buffer;
  }
}

function nameOf(header: Buffer): string {
  const name = textOf(header, 0, 100);
  const isUstar = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? textOf(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textOf(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

function readOctal(bytes: Uint8Array, at: number, width: number): number | undefined {
  const text = Buffer.from(bytes.subarray(at, at + width)).toString('latin1');
  const [, digits] = /^ *([0-7]+)[\0 ]*$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/** Octal, or (GNU, for 8 GiB and more) binary with the first bit set. */
function readSize(header: Buffer): number | undefined {
  if (header[124] !== 0x80) return readOctal(header, 124, 12);
  const size = header.readBigUInt64BE(128);
  const isSafe = header.readUInt32BE(124) === 0x8000_0000 && size <= Number.MAX_SAFE_INTEGER;
  return isSafe ? Number(size) : undefined;
}

/** Records of `length key=value\n` (POSIX, "pax Header Block"). */
function readPax(content: Buffer, extension: Extension): void {
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at);
    const length = Number(content.toString('latin1', at, Math.max(at, blank)));
    if (blank < 0 || !Number.isSafeInteger(length) || length <= blank - at) return;
    const record = content.toString('utf8', blank + 1, at + length - 1);
    const equals = record.indexOf('=');
    const value = record.slice(equals + 1);
    const key = record.slice(0, Math.max(0, equals));
    if (key === 'path') extension.name = value;
    else if (key === 'linkpath') extension.link = value;
    else if (key === 'size' && /^\d{1,15}$/.test(value)) extension.size = Number(value);
    at += length;
  }
}

/** Without `./` and doubled slashes. @throws UserError for a name that leads out of the archive */
function safePath(name: string, source: string): string {
  const path = resolve([], name);
  if (path !== undefined) return path;
  throw new UserError(
    'images-unsafe',
    `${source}: the entry ${JSON.stringify(name.slice(0, 200))} leads out of the archive`,
    'No tool for images writes such names: do not trust this file.',
  );
}

/** Undefined for what leads out. */
function resolve(base: readonly string[], path: string): string | undefined {
  if (path.startsWith('/')) return undefined;
  const parts = [...base];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
