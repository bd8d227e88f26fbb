// The 512 bytes before each entry of a tar: numbers, checksum, names (POSIX.1-2024, pax, "ustar Interchange
// Format"; GNU tar, "Basic Tar Format"). What an entry and the whole archive come to is read.ts.

import { isUtf8 } from 'node:buffer';

/** Everything in a tar begins at a multiple of this. */
export const blockBytes = 512;

/** Where a field of a header begins, and its bytes. */
export const fields = {
  name: [0, 100],
  mode: [100, 8],
  owner: [108, 8],
  group: [116, 8],
  size: [124, 12],
  modified: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 6],
  version: [263, 2],
  prefix: [345, 155],
} as const satisfies Readonly<Record<string, readonly [at: number, bytes: number]>>;

type Field = keyof typeof fields;

/** Of an old GNU header: whether blocks with more of the map of a sparse file follow it. */
const moreSparseAt = 482;

/** What a header says that has to be known before what it names. */
export interface TarHeader {
  /** One character; `\0` in archives older than ustar. */
  readonly flag: string;
  /** Of the content, as written: some types have none all the same. */
  readonly bytes: number;
}

/** What every entry says of its file, and Go's reader refuses an archive for. */
const attributes = ['mode', 'owner', 'group', 'modified'] as const;
const words = { mode: 'mode', owner: 'user ID', group: 'group ID', modified: 'time' } as const;

/** A header, or why it is none: a sentence without its full stop. `block` has 512 bytes. */
export function readHeader(block: Uint8Array): TarHeader | string {
  if (!hasRightChecksum(block)) return 'the checksum of a header is wrong';
  const odd = attributes.find((field) => !isNumeric(fieldOf(block, field)));
  if (odd !== undefined) return `the ${words[odd]} in a header is no number`;
  const bytes = readNumber(fieldOf(block, 'size'));
  if (bytes === undefined) return 'the size in a header is no number';
  return { flag: String.fromCharCode(block[fields.type[0]] ?? 0), bytes };
}

/** Name with its prefix; GNU's own format uses the place of the prefix for other things. */
export function pathOfHeader(block: Uint8Array): string {
  const name = textOf(fieldOf(block, 'name'));
  const isPosix = textOf(fieldOf(block, 'magic')) === 'ustar';
  const prefix = isPosix ? textOf(fieldOf(block, 'prefix')) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Where a link leads; '' where the header says nothing. */
export function linkOfHeader(block: Uint8Array): string {
  return textOf(fieldOf(block, 'link'));
}

/** Whether the map of an old GNU sparse file (type `S`) goes on in the next block. */
export function hasMoreSparse(block: Uint8Array): boolean {
  return block[moreSparseAt] !== 0;
}

/** Sum of a header's bytes, where its own field counts as blanks. */
export function checksumOf(header: Uint8Array): number {
  const from = fields.checksum[0];
  const to = from + fields.checksum[1];
  let sum = (to - from) * 0x20;
  for (let at = 0; at < from; at++) sum += header[at] ?? 0;
  for (let at = to; at < blockBytes; at++) sum += header[at] ?? 0;
  return sum;
}

/** Whether 512 bytes are the header of a tar entry. Fewer never are. */
export function hasRightChecksum(block: Uint8Array): boolean {
  if (block.length < blockBytes) return false;
  const stored = readNumber(fieldOf(block, 'checksum'));
  const sum = checksumOf(block);
  if (stored === sum) return true;
  // Some old writers added signed characters.
  const [from, bytes] = fields.checksum;
  const isCounted = (at: number) => at < from || (at >= from + bytes && at < blockBytes);
  const negatives = block.filter((byte, at) => byte > 127 && isCounted(at)).length;
  return stored === sum - 256 * negatives;
}

/** Whether content begins as a tar does, be it cut off. */
export function isTarHead(head: Uint8Array): boolean {
  const isPosix = textOf(fieldOf(head, 'magic')).startsWith('ustar');
  return isPosix || (head[0] !== 0 && hasRightChecksum(head));
}

/**
 * Octal text, where nothing is zero, or GNU's big-endian number behind a set top bit (for 8 GiB and more);
 * undefined for anything else, and for more than a double holds exactly.
 */
export function readNumber(field: Uint8Array): number | undefined {
  if (field[0] === 0x80) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const digits = textOf(field).trim();
  if (digits === '') return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

/** Octal text or nothing, or a number of GNU's, which may be negative. Looks at bytes: it is asked of every entry. */
function isNumeric(field: Uint8Array): boolean {
  if ((field[0] ?? 0) >= 0x80) return true;
  let hasDigits = false;
  for (const byte of field) {
    // What an older number left behind the end of a text is none of it.
    if (byte === 0 && hasDigits) return true;
    const isDigit = byte >= 0x30 && byte <= 0x37;
    if (!isDigit && byte !== 0 && byte !== 0x20) return false;
    hasDigits ||= isDigit;
  }
  return true;
}

/** Octal text of a whole field, ended by NUL. @throws RangeError for what it does not hold */
export function octalOf(value: number, fieldBytes: number): string {
  const digits = value.toString(8).padStart(fieldBytes - 1, '0');
  if (/^[0-7]+$/.test(digits) && digits.length < fieldBytes) return `${digits}\0`;
  throw new RangeError(`${value} does not fit a field of ${fieldBytes} octal digits`);
}

/** Puts the checksum into a header that is complete but for it. Returns the same bytes. */
export function seal<Bytes extends Buffer>(header: Bytes): Bytes {
  const [at, bytes] = fields.checksum;
  header.write(`${octalOf(checksumOf(header), bytes - 1)} `, at);
  return header;
}

function fieldOf(block: Uint8Array, field: Field): Uint8Array {
  const place = fields[field];
  return block.subarray(place[0], place[0] + place[1]);
}

/** Up to the first NUL. */
export function textOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  return decodeName(end < 0 ? field : field.subarray(0, end));
}

/**
 * Names need not be UTF-8: bytes of those that are not become half surrogate pairs, U+DC80 to U+DCFF, which no
 * UTF-8 decodes to. So names stay apart whose bytes differ, and differ from every text.
 */
export function decodeName(bytes: Uint8Array): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isUtf8(view)) return view.toString('utf8');
  const half = (byte: string) => String.fromCharCode(0xdc00 + byte.charCodeAt(0));
  return view.toString('latin1').replace(/[\x80-\xff]/g, half);
}
