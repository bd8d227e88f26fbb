// The store of the process that began, whose changes its workers are told of before a push is answered.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ImageSet, seedImages } from '../images.ts';
import type { Change } from '../store/change.ts';
import { Contents } from '../store/contents.ts';
import { DiskStorage } from '../store/disk.ts';
import { LayeredStorage } from '../store/layered.ts';
import { MemoryStorage } from '../store/memory.ts';
import { Budget } from '../store/storage.ts';
import { type Keeper, Store } from '../store.ts';

/** Where replicas of the store learn of its changes. */
export interface ReplicaFeed {
  publish(change: Change): void;
  /** Whether all know of all changes. */
  readonly isTold: boolean;
  /** Resolves when all know of the changes until now. */
  told(): Promise<void>;
}

/** A keeper that also tells the replicas. */
export function sharing(own: Keeper, feed: ReplicaFeed): Keeper {
  return {
    record(change) {
      own.record(change);
      feed.publish(change);
    },
    drop: (digest) => own.drop(digest),
    get isSettled() {
      return own.isSettled && feed.isTold;
    },
    async settle() {
      await Promise.all([own.settle(), feed.told()]);
    },
    close: () => own.close(),
  };
}

const uploadsFolder = 'uploads';
const storeBytesDefault = 2e9;

/**
 * A store for as long as it is open: what is there from the start is in memory or made as it is sent, what
 * is pushed is in a folder, where workers can read it.
 */
export function openTemporaryStore(
  images: ImageSet | undefined,
  seed: number,
  feed: ReplicaFeed,
  bytesMax: number = storeBytesDefault,
): { store: Store; dir: string } {
  const dir = mkdtempSync(join(tmpdir(), 'pullproof-store-'));
  const uploads = join(dir, uploadsFolder);
  mkdirSync(uploads);
  const disk = new DiskStorage(dir, uploads, new Budget(bytesMax));
  const storage = new LayeredStorage(baseOf(images, seed), disk);
  const contents = new Contents((digest) => storage.read(digest));
  const own: Keeper = {
    record: () => undefined,
    drop: (digest) => storage.delete(digest),
    isSettled: true,
    settle: async () => undefined,
    close: async () => rmSync(dir, { recursive: true, force: true }),
  };
  return { store: new Store({ storage, contents, keeper: sharing(own, feed) }), dir };
}

/** The bytes that are there from the start, without an index. */
export function baseOf(images: ImageSet | undefined, seed: number): MemoryStorage {
  const storage = new MemoryStorage();
  const store = new Store({ storage });
  store.seed(() => images?.putInto(store) ?? seedImages(store, seed));
  return storage;
}
