// The store as a worker has it: an index that follows the changes of another process, over blobs that the
// worker makes itself or reads from the other's folder.
import { join } from 'node:path';
import type { Change } from '../store/change.ts';
import { Contents } from '../store/contents.ts';
import { DiskStorage } from '../store/disk.ts';
import { LayeredStorage } from '../store/layered.ts';
import { MemoryStorage } from '../store/memory.ts';
import { type Keeper, Store } from '../store.ts';

export class Replica {
  readonly store: Store;
  readonly #base: MemoryStorage;
  readonly #disk: DiskStorage;
  readonly #contents: Contents;

  constructor(dir: string, base: MemoryStorage = new MemoryStorage()) {
    this.#base = base;
    // Nothing is ever uploaded here.
    this.#disk = new DiskStorage(dir, join(dir, 'uploads'));
    const storage = new LayeredStorage(base, this.#disk);
    this.#contents = new Contents((digest) => storage.read(digest));
    this.store = new Store({ storage, contents: this.#contents, keeper: follower });
  }

  apply(change: Change): void {
    const isContent = change.op === 'blob' || change.op === 'manifest';
    if (isContent && this.#base.sizeOf(change.digest) === undefined) {
      this.#disk.know(change.digest, change.size);
    }
    this.#contents.apply(change);
    const isDrop = change.op === 'drop-blob' || change.op === 'drop-manifest';
    if (isDrop && !this.#contents.isUsed(change.digest)) this.#disk.forget(change.digest);
  }
}

/** Nothing is kept here, and no file is removed. */
const follower: Keeper = {
  record: () => undefined,
  drop: () => undefined,
  isSettled: true,
  settle: async () => undefined,
  close: async () => undefined,
};
