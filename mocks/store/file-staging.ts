// Content on its way in, in a file of its own: written as it comes, by whoever waits or does not, and moved
// to where it belongs when it is whole and synced.
import { createHash } from 'node:crypto';
import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  write,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { DigestAlgorithm } from '../../src/protocol/talk.ts';
import { type Budget, type Staging, StoreFull } from './storage.ts';

const pieceBytes = 1024 ** 2;

const writeSome = promisify(write);
const syncData = promisify(fdatasync);

export class FileStaging implements Staging {
  readonly #path: string;
  readonly #budget: Budget;
  /** Moves the file to where its content belongs; false when that is there. */
  readonly #adopt: (digest: string, size: number) => boolean;
  #fd: number | undefined;
  #length = 0;
  #isOver = false;
  #isBusy = false;

  constructor(path: string, budget: Budget, adopt: (digest: string, size: number) => boolean) {
    this.#path = path;
    this.#budget = budget;
    this.#adopt = adopt;
  }

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#budget.take(bytes.length);
    try {
      const fd = this.#open();
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(fd, bytes, at, bytes.length - at, this.#length + at);
      }
    } catch (error) {
      this.#budget.give(bytes.length);
      throw fullOr(error);
    }
    this.#length += bytes.length;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isOver) return;
    this.#budget.take(bytes.length);
    try {
      await this.#busy(async (fd) => {
        for (let at = 0; at < bytes.length; ) {
          const left = bytes.length - at;
          at += (await writeSome(fd, bytes, at, left, this.#length + at)).bytesWritten;
        }
      });
    } catch (error) {
      this.#budget.give(bytes.length);
      throw fullOr(error);
    }
    if (this.#isOver) this.#budget.give(bytes.length);
    else this.#length += bytes.length;
  }

  truncate(length: number): void {
    if (this.#isOver) return;
    this.#budget.give(this.#length - length);
    this.#length = length;
    // The session may last for an hour yet, and what does not count shall take no room.
    if (this.#fd !== undefined && !this.#isBusy) ftruncateSync(this.#fd, length);
  }

  async sync(): Promise<void> {
    if (this.#isOver || this.#fd === undefined) return;
    await this.#busy((fd) => syncData(fd)).catch((error) => {
      throw fullOr(error);
    });
  }

  digest(algorithm: DigestAlgorithm): string {
    const hash = createHash(algorithm);
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, this.#length));
    for (let at = 0; at < this.#length && this.#fd !== undefined; ) {
      const wanted = Math.min(piece.length, this.#length - at);
      const bytes = readSync(this.#fd, piece, 0, wanted, at);
      if (bytes === 0) break;
      hash.update(piece.subarray(0, bytes));
      at += bytes;
    }
    return `${algorithm}:${hash.digest('hex')}`;
  }

  keep(digest: string): void {
    if (this.#isOver) return;
    try {
      const fd = this.#open();
      // What was taken back, or written by half, may still be at the end.
      ftruncateSync(fd, this.#length);
      fsyncSync(fd);
      if (!this.#adopt(digest, this.#length)) {
        this.discard();
        return;
      }
    } catch (error) {
      this.discard();
      throw fullOr(error);
    }
    this.#isOver = true;
    this.#close();
  }

  discard(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#budget.give(this.#length);
    if (this.#fd !== undefined) rmSync(this.#path, { force: true });
    this.#close();
  }

  #open(): number {
    this.#fd ??= openSync(this.#path, 'wx+');
    return this.#fd;
  }

  /** A number of a file must not be given back while something is written to it. */
  #close(): void {
    if (this.#isBusy || this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  async #busy(work: (fd: number) => Promise<unknown>): Promise<void> {
    const fd = this.#open();
    this.#isBusy = true;
    try {
      await work(fd);
    } finally {
      this.#isBusy = false;
      if (this.#isOver) this.#close();
    }
  }
}

const noRoom = ['ENOSPC', 'EDQUOT', 'EFBIG'];

function fullOr(error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  return noRoom.includes(code) ? new StoreFull('the disk of the store is full') : error;
}
