// Writes ustar archives of small regular files and folders, always the same bytes for the same entries.
// Not a general tar library: no links, no long names. Reading is read.ts.

import { blockBytes, fields, octalOf, seal } from './header.ts';

/** Two empty blocks. */
export const endBytes = 2 * blockBytes;

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

/**
 * Numeric fields are octal text of fixed width, ended by NUL.
 * @throws RangeError for a name of more than 100 bytes, and for numbers that do not fit
 */
export function tarHeader(
  name: string,
  mode: number,
  contentBytes: number,
  modifiedSeconds: number,
): Buffer {
  const [, nameBytesMax] = fields.name;
  if (Buffer.byteLength(name) > nameBytesMax) {
    throw new RangeError(`tar name of more than ${nameBytesMax} bytes: ${name}`);
  }
  const block = Buffer.alloc(blockBytes);
  const number = (field: 'mode' | 'owner' | 'group' | 'size' | 'modified', value: number) => {
    const [at, bytes] = fields[field];
    block.write(octalOf(value, bytes), at);
  };
  block.write(name, fields.name[0]);
  number('mode', mode);
  number('owner', 0);
  number('group', 0);
  number('size', contentBytes);
  number('modified', modifiedSeconds);
  block.write(name.endsWith('/') ? '5' : '0', fields.type[0]);
  block.write('ustar\u000000', fields.magic[0]);
  return seal(block);
}
