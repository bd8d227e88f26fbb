// Writes ustar archives of small regular files and folders, always the same bytes for the same entries.
// Not a general tar library: no links, no long names.

/** Numeric header fields are octal text of fixed width, ended by NUL. */
const BLOCK_BYTES = 512;
const NAME_BYTES_MAX = 100;

export interface TarEntry {
  /** Relative; a folder's name ends in `/`. At most 100 bytes. */
  readonly name: string;
  /** Octal, such as 0o644. */
  readonly mode: number;
  readonly content: Uint8Array;
}

/** @throws RangeError when a name is too long */
export function writeTar(entries: readonly TarEntry[], modifiedSeconds: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const entry of entries) {
    blocks.push(header(entry, modifiedSeconds), entry.content);
    const rest = entry.content.length % BLOCK_BYTES;
    if (rest > 0) blocks.push(new Uint8Array(BLOCK_BYTES - rest));
  }
  blocks.push(new Uint8Array(2 * BLOCK_BYTES));
  return Buffer.concat(blocks);
}

function header(entry: TarEntry, modifiedSeconds: number): Uint8Array {
  if (Buffer.byteLength(entry.name) > NAME_BYTES_MAX) {
    throw new RangeError(`tar name of more than ${NAME_BYTES_MAX} bytes: ${entry.name}`);
  }
  const block = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  block.write(entry.name, 0);
  block.write(octal(entry.mode, 8), 100);
  block.write(octal(0, 8), 108); // owner
  block.write(octal(0, 8), 116); // group
  block.write(octal(entry.content.length, 12), 124);
  block.write(octal(modifiedSeconds, 12), 136);
  block.write(' '.repeat(8), 148); // the checksum counts its own field as blanks
  block.write(entry.name.endsWith('/') ? '5' : '0', 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
