// The files of a folder or of an uncompressed tar, read alike. Links are not followed, except in an archive
// to another file of it where the reader asks for that.
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { TarNames } from '../../src/formats/tar/names.ts';
import { UserError } from '../../src/lib/user-error.ts';
import type { ByteSource } from '../call.ts';
import { fileBody, type Openable } from './file-body.ts';
import { indexTar, type TarFile } from './tar-index.ts';

/** Paths are relative, with `/`, and without `..`. */
export interface Tree {
  /** As the user named it. */
  readonly source: string;
  /** Undefined when there is no such file. @throws UserError `images-unsafe` for links and devices */
  sizeOf(path: string): number | undefined;
  /** The whole file, which must exist. @throws UserError when it has more than `bytesMax` */
  read(path: string, bytesMax: number): Buffer;
  /** The file, which must exist, as it is sent. */
  body(path: string): ByteSource;
  /** The file that a link in an archive means; everything else is itself. */
  follow(path: string): string;
  close(): void;
}

const linkHint = 'Give a folder or archive that holds its files itself: links are not followed.';
const noFollow = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** A folder on disk. The folder itself may be a link: the user named it. */
export class FolderTree implements Tree {
  readonly source: string;
  readonly #root: string;
  readonly #folders = new Set<string>();

  constructor(root: string, source: string) {
    this.#root = root;
    this.source = source;
  }

  sizeOf(path: string): number | undefined {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/');
      if (this.#folders.has(folder)) continue;
      const found = this.#lstat(folder);
      if (found === undefined) return undefined;
      if (!found.isDirectory()) this.#refuse(folder, 'is a link or no folder');
      this.#folders.add(folder);
    }
    const found = this.#lstat(path);
    if (found === undefined) return undefined;
    if (!found.isFile()) this.#refuse(path, 'is a link or no file');
    return found.size;
  }

  read(path: string, bytesMax: number): Buffer {
    const size = this.sizeOf(path) ?? 0;
    const file = this.#openable(path);
    const fd = file.open();
    try {
      return readWhole(fd, 0, size, bytesMax, `${this.source}/${path}`);
    } finally {
      file.release(fd);
    }
  }

  body(path: string): ByteSource {
    return fileBody(this.#openable(path), 0, this.sizeOf(path) ?? 0);
  }

  follow(path: string): string {
    return path;
  }

  close(): void {}

  #openable(path: string): Openable {
    return { open: () => openSync(join(this.#root, path), noFollow), release: closeSync };
  }

  #lstat(path: string) {
    return lstatSync(join(this.#root, path), { throwIfNoEntry: false });
  }

  #refuse(path: string, problem: string): never {
    throw new UserError('images-unsafe', `${this.source}/${path} ${problem}`, linkHint);
  }
}

/** An uncompressed tar, which stays open. */
export class ArchiveTree implements Tree {
  readonly source: string;
  readonly #fd: number;
  readonly #names: TarNames<TarFile>;

  /** Takes the descriptor over. @throws UserError `images-damaged`, `images-unsafe` */
  constructor(fd: number, source: string) {
    this.source = source;
    this.#fd = fd;
    this.#names = indexTar(fd, fstatSync(fd).size, source);
  }

  sizeOf(path: string): number | undefined {
    if (this.#names.isLink(path)) {
      throw new UserError('images-unsafe', `${this.source}: ${path} is a link`, linkHint);
    }
    return this.#names.files.get(path)?.size;
  }

  read(path: string, bytesMax: number): Buffer {
    const { offset, size } = this.#names.files.get(path) ?? { offset: 0, size: 0 };
    return readWhole(this.#fd, offset, size, bytesMax, `${this.source}: ${path}`);
  }

  body(path: string): ByteSource {
    const { offset, size } = this.#names.files.get(path) ?? { offset: 0, size: 0 };
    return fileBody({ open: () => this.#fd, release: () => undefined }, offset, size);
  }

  follow(path: string): string {
    return this.#names.follow(path) ?? path;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function readWhole(
  fd: number,
  offset: number,
  size: number,
  bytesMax: number,
  name: string,
): Buffer {
  if (size > bytesMax) {
    const hint = `At most ${bytesMax} bytes of such a document are read.`;
    throw new UserError('images-damaged', `${name} has ${size} bytes`, hint);
  }
  const buffer = Buffer.alloc(size);
  for (let done = 0; done < size; ) {
    const count = readSync(fd, buffer, done, size - done, offset + done);
    if (count === 0) throw new UserError('images-damaged', `${name} is cut short`, 'Try again.');
    done += count;
  }
  return buffer;
}
