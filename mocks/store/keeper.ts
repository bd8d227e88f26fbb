// Keeps the changes of a store on disk: writes them to the journal, many at once where many come at once,
// removes content that nobody has any more, and brings index.json up to date soon after.
import { createHash } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { indexFile } from '../../src/formats/oci-layout.ts';
import type { Keeper } from '../store.ts';
import type { Change } from './change.ts';
import type { Contents } from './contents.ts';
import type { DiskStorage } from './disk.ts';
import type { Entry, JournalEnd } from './journal.ts';
import { formatIndex } from './layout.ts';

/** Least time between a change and the index.json that shows it. */
const indexDelayMs = 300;
/** The part of the time that may be spent on writing index.json, as one in so many. */
const indexShare = 20;

export interface Kept {
  readonly dir: string;
  /** Folder of our own in it. */
  readonly own: string;
  readonly storage: DiskStorage;
  readonly contents: Contents;
  readonly journal: JournalEnd;
  readonly unlock: () => void;
  readonly isIndexStale: boolean;
}

export class DiskKeeper implements Keeper {
  readonly #kept: Kept;
  #waiting: Entry[] = [];
  /** Entries ever recorded, and those of them that are safe. */
  #recorded = 0;
  #safe = 0;
  #running: Promise<void> | undefined;
  readonly #unused = new Set<string>();
  #isIndexStale: boolean;
  #indexTimer: NodeJS.Timeout | undefined;
  #indexing: Promise<void> | undefined;
  #indexMs = 0;
  #isClosed = false;

  constructor(kept: Kept) {
    this.#kept = kept;
    this.#isIndexStale = kept.isIndexStale;
    if (this.#isIndexStale) this.#indexSoon();
  }

  get isSettled(): boolean {
    return this.#safe === this.#recorded;
  }

  record(change: Change): void {
    this.#isIndexStale = true;
    this.#enter(change);
    // Who does not wait for it has it safe soon, too; who waits is told of a failure.
    if (this.#waiting.length === 1) setImmediate(() => this.settle().catch(() => undefined));
    this.#indexSoon();
  }

  drop(digest: string): void {
    this.#unused.add(digest);
  }

  async settle(): Promise<void> {
    const wanted = this.#recorded;
    while (this.#safe < wanted && !this.#isClosed) {
      this.#running ??= this.#flush().finally(() => {
        this.#running = undefined;
      });
      await this.#running;
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#indexTimer);
    try {
      await this.#indexing;
      await this.settle();
      if (this.#isIndexStale) await this.#writeIndex();
    } finally {
      this.#isClosed = true;
      clearTimeout(this.#indexTimer);
      this.#kept.journal.close();
      this.#kept.unlock();
    }
  }

  #enter(entry: Entry): void {
    this.#waiting.push(entry);
    this.#recorded++;
  }

  /** First the content, then the entries that speak of it, then the end of what none speaks of. */
  async #flush(): Promise<void> {
    const { storage, contents, journal } = this.#kept;
    const entries = this.#waiting;
    const unused = [...this.#unused];
    this.#waiting = [];
    try {
      await storage.settle();
      await journal.append(entries);
    } catch (error) {
      this.#waiting = [...entries, ...this.#waiting];
      throw error;
    }
    this.#safe += entries.length;
    for (const digest of unused) {
      this.#unused.delete(digest);
      if (!contents.isUsed(digest)) storage.delete(digest);
    }
  }

  /** Seldom when it takes long: the whole file is written each time. */
  #indexSoon(): void {
    if (this.#indexTimer !== undefined || this.#isClosed) return;
    const delayMs = Math.max(indexDelayMs, this.#indexMs * indexShare);
    this.#indexTimer = setTimeout(() => {
      this.#indexTimer = undefined;
      this.#indexing = this.#writeIndex()
        // The next change tries again; the journal has it all.
        .catch(() => undefined)
        .finally(() => {
          this.#indexing = undefined;
        });
    }, delayMs);
    this.#indexTimer.unref();
  }

  async #writeIndex(): Promise<void> {
    const startMs = performance.now();
    const { dir, own, contents } = this.#kept;
    const text = formatIndex(contents);
    this.#isIndexStale = false;
    // Said before it is done, so that no index.json of ours is ever taken for another's.
    this.#enter({ op: 'index', digest: indexDigest(text) });
    try {
      await this.settle();
      const path = join(own, indexFile);
      const file = await open(path, 'w');
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(path, join(dir, indexFile));
    } catch (error) {
      this.#isIndexStale = true;
      throw error;
    }
    this.#indexMs = performance.now() - startMs;
  }
}

export function indexDigest(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}
