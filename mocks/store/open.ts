// Opens a folder as a store: an OCI image layout, with a folder of our own in it for the journal, the lock
// and uploads under way. A layout that another tool made, or changed since, is taken over.
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { blobsFolder } from '../../src/formats/oci-layout.ts';
import { makeFolder } from '../../src/lib/node/make-folder.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { type Keeper, Store } from '../store.ts';
import { Adoption } from './adopt.ts';
import type { Change } from './change.ts';
import { Contents } from './contents.ts';
import { DiskStorage, type Writing } from './disk.ts';
import { type Entry, JournalEnd, readJournal, writeJournal } from './journal.ts';
import { DiskKeeper, indexDigest } from './keeper.ts';
import { openLayout, parseIndex, readIndexFile } from './layout.ts';
import { lock } from './lock.ts';
import { Budget } from './storage.ts';

/** What is ours in the layout. */
const ownFolder = '.pullproof';
const uploadsFolder = 'uploads';
/** A journal with more entries than this beyond twice what the store has is written anew. */
const historyEntries = 1_000;

export interface StoreOptions extends Writing {
  readonly bytesMax?: number | undefined;
  /** Puts a keeper in place of the folder's own, which it uses. */
  readonly around?: ((own: Keeper) => Keeper) | undefined;
}

/**
 * Makes the folder if there is none.
 * @throws UserError `store-foreign`, `store-version`, `store-damaged`, `store-in-use`, `store-full`,
 * `store-unusable`
 */
export function openStore(folder: string, options: StoreOptions = {}): Store {
  const dir = resolve(folder);
  const own = join(dir, ownFolder);
  let unlock: () => void = () => undefined;
  try {
    makeFolder(dir);
    openLayout(dir, ownFolder);
    makeFolder(own);
    const release = lock(own, folder);
    unlock = () => {
      rmSync(join(own, uploadsFolder), { recursive: true, force: true });
      release();
    };
    return openLocked(dir, own, unlock, options);
  } catch (error) {
    unlock();
    if (error instanceof UserError) throw error;
    const message = `--store ${folder}: ${error instanceof Error ? error.message : error}`;
    const hint = 'Give a folder that you may read and write, on a disk that has room.';
    throw new UserError('store-unusable', message, hint);
  }
}

function openLocked(
  dir: string,
  own: string,
  unlock: () => void,
  { bytesMax, around = (keeper) => keeper, ...writing }: StoreOptions,
): Store {
  const uploads = join(own, uploadsFolder);
  // What a mock that was killed left behind.
  rmSync(uploads, { recursive: true, force: true });
  mkdirSync(uploads);
  makeFolder(join(dir, blobsFolder));
  const storage = new DiskStorage(dir, uploads, new Budget(bytesMax), writing);
  const contents = new Contents((digest) => storage.readFile(digest));
  const path = join(own, 'journal.ndjson');
  const found = readJournal(path);
  const past = replay(contents, found?.entries ?? []);
  for (const digest of past.named) takeIn(storage, contents, digest);
  const index = readIndexFile(dir);
  const ownDigest = index === undefined ? '' : indexDigest(index);
  const isForeign = index !== undefined && !past.indexes.has(ownDigest);
  if (isForeign) {
    new Adoption(dir, storage, contents).adopt(parseIndex(dir, index.toString()), past.newer);
  }
  for (const digest of past.named) {
    // A mock that was killed may not have come to it.
    if (!contents.isUsed(digest)) rmSync(storage.pathOf(digest), { force: true });
  }
  const live = [...contents.changes()];
  const isLong = past.entries > 2 * live.length + historyEntries;
  let { bytes } = found ?? { bytes: 0 };
  const isIndexStale = !isForeign && (past.isAhead || past.lastIndex !== ownDigest);
  if (found === undefined || isForeign || isLong) {
    bytes = writeJournal(path, entriesOf(live, ownDigest, isIndexStale));
  }
  const journal = new JournalEnd(path, bytes);
  const kept = { dir, own, storage, contents, journal, unlock };
  // The index of another tool stays until there is something new to say.
  const keeper = around(new DiskKeeper({ ...kept, isIndexStale }));
  return new Store({ storage, contents, keeper });
}

interface Past {
  readonly entries: number;
  /** Every digest that was ever named. */
  readonly named: ReadonlySet<string>;
  /** Digests of the index.json files that were ours. */
  readonly indexes: ReadonlySet<string>;
  readonly lastIndex: string | undefined;
  /** Something changed since the last of them. */
  readonly isAhead: boolean;
  /** Tags that changed since the last of them, as `repository:tag`. */
  readonly newer: ReadonlySet<string>;
}

function replay(contents: Contents, entries: readonly Entry[]): Past {
  const named = new Set<string>();
  const indexes = new Set<string>();
  const newer = new Set<string>();
  let lastIndex: string | undefined;
  let isAhead = false;
  for (const entry of entries) {
    if (entry.op === 'index') {
      lastIndex = entry.digest;
      indexes.add(entry.digest);
      newer.clear();
      isAhead = false;
      continue;
    }
    isAhead = true;
    if (entry.op === 'tag' || entry.op === 'untag') newer.add(`${entry.repository}:${entry.tag}`);
    if ('size' in entry) named.add(entry.digest);
    contents.apply(entry);
  }
  return { entries: entries.length, named, indexes, lastIndex, isAhead, newer };
}

/** All that the store has, and the index.json that is there: of before it, or one that shows it. */
function* entriesOf(live: readonly Change[], index: string, isStale: boolean): Generator<Entry> {
  const written: Entry = { op: 'index', digest: index };
  if (isStale) yield written;
  yield* live;
  if (!isStale) yield written;
}

/** @throws UserError `store-damaged` when the file is not what the journal says */
function takeIn(storage: DiskStorage, contents: Contents, digest: string): void {
  if (!contents.isUsed(digest)) return;
  const path = storage.pathOf(digest);
  const bytes = statSync(path, { throwIfNoEntry: false })?.size;
  const wanted = contents.sizeOf(digest);
  if (bytes !== undefined && bytes === wanted) {
    storage.know(digest, bytes);
    return;
  }
  const problem = bytes === undefined ? 'is not there' : `has ${bytes} bytes, not ${wanted}`;
  const hint = 'Restore the folder from a copy, or give an empty one.';
  throw new UserError('store-damaged', `${path} ${problem}, but the store needs it`, hint);
}
