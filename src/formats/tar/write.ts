// Writes ustar archives of small regular files and folders, always the same bytes for the same entries.
// Not a general tar library: no links, no long names. Reading is read.ts.

/** Everything in a tar begins at a multiple of this. */
export const blockBytes = 512;
/** Two empty blocks. */
export const endBytes = 2 * blockBytes;
const nameBytesMax = 100;

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
  for (const { name, mode, content } of entries) {
    blocks.push(tarHeader(name, mode, content.length, modifiedSeconds), content);
    const rest = content.length % blockBytes;
    if (rest > 0) blocks.push(new Uint8Array(blockBytes - rest));
  }
  blocks.push(new Uint8Array(endBytes));
  return Buffer.concat(blocks);
}

/** Numeric fields are octal text of fixed width, ended by NUL. @throws RangeError for a long name */
export function tarHeader(
  name: string,
  mode: number,
  contentBytes: number,
  modifiedSeconds: number,
): Uint8Array {
  if (Buffer.byteLength(name) > nameBytesMax) {
    throw new RangeError(`tar name of more than ${nameBytesMax} bytes: ${name}`);
  }
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  block.write(name, 0);
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108); // owner
  block.write(octal(0, 8), 116); // group
  block.write(octal(contentBytes, 12), 124);
  block.write(octal(modifiedSeconds, 12), 136);
  block.write(name.endsWith('/') ? '5' : '0', 156);
  block.write('ustar\u000000', 257);
  block.write(`${checksumOf(block).toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** Sum of a header's bytes, where its own field counts as blanks. */
export function checksumOf(header: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < blockBytes; at++) {
    if (at < 148 || at >= 156) sum += header[at] ?? 0;
  }
  return sum;
}
