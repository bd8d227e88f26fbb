// Where the files of an uncompressed tar lie, of which only the headers are read. Sparse files, and names that
// lead out of the archive, are refused; entries that are neither files nor links are left out.
import { readSync } from 'node:fs';
import { blockBytes } from '../../src/formats/tar/header.ts';
import { leadsOut, plainPath, TarNames } from '../../src/formats/tar/names.ts';
import { type TarEntry, TarReader } from '../../src/formats/tar/read.ts';
import { UserError } from '../../src/lib/user-error.ts';

/** A regular file of the archive. */
export interface TarFile {
  readonly offset: number;
  readonly size: number;
}

const entriesMax = 500_000;
/** Read at a time. */
const pieceBytes = 8 * blockBytes;

/** @throws UserError `images-damaged`, `images-unsafe` */
export function indexTar(fd: number, fileBytes: number, source: string): TarNames<TarFile> {
  const names = new TarNames<TarFile>();
  let count = 0;
  const reader = new TarReader({
    entry(entry) {
      if (++count > entriesMax) fail(source, `it has more than ${entriesMax} entries`);
      const { path, type, offset, bytes } = entry;
      if (entry.sparse || type === 'continued') {
        fail(source, `${path} is sparse or continued elsewhere`);
      }
      if (offset + bytes > fileBytes) fail(source, `it ends in the middle of ${path}`);
      add(names, entry, source);
    },
    problem: (_, detail) => fail(source, detail),
  });
  const blocks = new Blocks(fd);
  for (let at = 0; !reader.isEnding; ) {
    const block = blocks.at(at);
    reader.write(block);
    if (block.length < blockBytes) reader.finish();
    at += block.length + reader.skip();
  }
  return names;
}

function add(names: TarNames<TarFile>, entry: TarEntry, source: string): void {
  const { type, offset, bytes } = entry;
  if (leadsOut(entry.path)) failUnsafe(entry.path, source);
  const path = plainPath(entry.path);
  if (type === 'hardlink' || type === 'symlink') names.addLink(path, entry);
  // A name with a slash at its end is a folder's for old writers (GNU tar takes it so, too).
  else if (type !== 'file' || entry.path.endsWith('/')) names.remove(path);
  else names.addFile(path, { offset, size: bytes });
}

/** Blocks of a file. Some more than one are read at once: the files between two headers are often small. */
class Blocks {
  readonly #fd: number;
  readonly #piece = Buffer.alloc(pieceBytes);
  #from = 0;
  #bytes = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** As much of a block as the file has; good until the next. */
  at(offset: number): Buffer {
    if (offset < this.#from || offset + blockBytes > this.#from + this.#bytes) this.#read(offset);
    const start = offset - this.#from;
    return this.#piece.subarray(start, Math.min(start + blockBytes, this.#bytes));
  }

  #read(offset: number): void {
    this.#from = offset;
    this.#bytes = 0;
    while (this.#bytes < blockBytes) {
      const left = pieceBytes - this.#bytes;
      const count = readSync(this.#fd, this.#piece, this.#bytes, left, offset + this.#bytes);
      if (count === 0) break;
      this.#bytes += count;
    }
  }
}

function fail(source: string, problem: string): never {
  const hint = 'Write the archive anew (docker save, skopeo copy): it is damaged or cut short.';
  throw new UserError('images-damaged', `${source}: ${problem}`, hint);
}

function failUnsafe(name: string, source: string): never {
  throw new UserError(
    'images-unsafe',
    `${source}: the entry ${JSON.stringify(name.slice(0, 200))} leads out of the archive`,
    'No tool for images writes such names: do not trust this file.',
  );
}
