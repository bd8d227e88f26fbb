// Content on disk, as the blobs of an OCI image layout (image-layout.md): written to a file of its own,
// synced, then renamed, so that a file below blobs/ is always whole. Which files belong to the store says
// the journal; a file that it does not name is written anew.
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, fsync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { pathOfDigest } from '../../src/formats/oci-layout.ts';
import { makeFolder } from '../../src/lib/node/make-folder.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { isWellFormedDigest } from '../../src/protocol/grammar/digest.ts';
import type { DigestAlgorithm } from '../../src/protocol/talk.ts';
import { type Body, type ByteSource, noBytes } from '../call.ts';
import { algorithmOf } from '../registry/digests.ts';
import { fileBody } from './file-body.ts';
import { FileStaging } from './file-staging.ts';
import { type BlobStorage, Budget, heldBytesMax, type Staging, StoreFull } from './storage.ts';

/** Small content that was read lately. */
const cacheBytesMax = 64 * 1024 ** 2;

const syncAll = promisify(fsync);

/** Of content that is made as it is sent, and has to be written: many gigabytes, maybe. */
export interface Writing {
  /** Ends it, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((line: string) => void) | undefined;
}

export class DiskStorage implements BlobStorage {
  readonly #dir: string;
  readonly #uploads: string;
  readonly #budget: Budget;
  readonly #writing: Writing;
  /** Bytes, by digest. */
  readonly #sizes = new Map<string, number>();
  /** What is made as it is sent, and not written yet. */
  readonly #made = new Map<string, ByteSource>();
  readonly #cache = new Cache();
  /** Folders in which files were renamed since they were last synced. */
  readonly #changed = new Set<string>();

  /** `uploads`: an empty folder on the same file system. */
  constructor(dir: string, uploads: string, budget = new Budget(), writing: Writing = {}) {
    this.#dir = dir;
    this.#uploads = uploads;
    this.#budget = budget;
    this.#writing = writing;
  }

  /** The file of a digest; it need not exist. */
  pathOf(digest: string): string {
    if (!isWellFormedDigest(digest)) throw new Error(`${digest} is no digest`);
    return join(this.#dir, pathOfDigest(digest));
  }

  /** Counts in a file that is there. @throws StoreFull */
  know(digest: string, size: number): void {
    if (this.#sizes.has(digest)) return;
    this.#budget.take(size);
    this.#sizes.set(digest, size);
  }

  sizeOf(digest: string): number | undefined {
    return this.#sizes.get(digest) ?? this.#made.get(digest)?.length;
  }

  body(digest: string): Body | undefined {
    const size = this.#sizes.get(digest);
    if (size === undefined) return this.#made.get(digest);
    return size <= heldBytesMax ? this.read(digest) : fileBody(this.pathOf(digest), size);
  }

  read(digest: string): Uint8Array | undefined {
    if (!this.#sizes.has(digest)) return undefined;
    const cached = this.#cache.get(digest);
    if (cached !== undefined) return cached;
    const bytes = readWhole(this.pathOf(digest));
    const algorithm = algorithmOf(digest);
    if (bytes === undefined || bytes.length !== this.#sizes.get(digest)) return undefined;
    if (algorithm !== undefined && hashOf(bytes, algorithm) !== digest) return undefined;
    this.#cache.set(digest, bytes);
    return bytes;
  }

  /** As it is on disk, whether it belongs to the store or not. */
  readFile(digest: string): Uint8Array | undefined {
    return readWhole(this.pathOf(digest));
  }

  put(digest: string, body: Body): void {
    if (this.#sizes.has(digest)) return;
    if (!(body instanceof Uint8Array)) {
      this.#made.set(digest, body);
      return;
    }
    const staging = this.stage();
    try {
      staging.append(body);
      staging.keep(digest);
    } finally {
      staging.discard();
    }
  }

  delete(digest: string): void {
    this.#made.delete(digest);
    if (this.forget(digest)) rmSync(this.pathOf(digest), { force: true });
  }

  /** Undoes `know`: the file is another process's to remove. False when it was not known. */
  forget(digest: string): boolean {
    this.#cache.delete(digest);
    const size = this.#sizes.get(digest);
    if (size === undefined) return false;
    this.#sizes.delete(digest);
    this.#budget.give(size);
    return true;
  }

  stage(): Staging {
    const path = join(this.#uploads, randomUUID());
    return new FileStaging(path, this.#budget, (digest, size) => this.#adopt(path, digest, size));
  }

  /** Writes what is made as it is sent, and makes sure of all renames. @throws StoreFull */
  async settle(): Promise<void> {
    if (this.#made.size > 0) await this.#writeMade();
    for (const folder of this.#changed) {
      this.#changed.delete(folder);
      const fd = openSync(folder, 'r');
      try {
        await syncAll(fd);
      } catch (error) {
        this.#changed.add(folder);
        throw error;
      } finally {
        closeSync(fd);
      }
    }
  }

  /** Moves a synced file to its place. False when the content is there. */
  #adopt(path: string, digest: string, size: number): boolean {
    if (this.#sizes.has(digest)) return false;
    const target = this.pathOf(digest);
    const folder = dirname(target);
    if (makeFolder(folder)) this.#changed.add(dirname(folder));
    renameSync(path, target);
    this.#changed.add(folder);
    this.#sizes.set(digest, size);
    this.#made.delete(digest);
    return true;
  }

  /** All of it or, when that fails, nothing. */
  async #writeMade(): Promise<void> {
    const written: [digest: string, body: ByteSource][] = [];
    const allBytes = [...this.#made.values()].reduce((sum, { length }) => sum + length, 0);
    await this.#checkRoom(allBytes);
    let doneBytes = 0;
    const tell = (bytes: number) => {
      doneBytes += bytes;
      const part = `${gigabytes(doneBytes)} of ${gigabytes(allBytes)}`;
      this.#writing.progress?.(`writing images into the store: ${part}`);
    };
    try {
      for (const [digest, body] of this.#made) {
        await this.#write(digest, body, tell);
        written.push([digest, body]);
      }
    } catch (error) {
      for (const [digest, body] of written) {
        this.delete(digest);
        this.#made.set(digest, body);
      }
      throw error;
    }
  }

  /** @throws StoreFull rather than fill somebody's disk first */
  async #checkRoom(bytes: number): Promise<void> {
    const { blocks, bavail, bsize } = await statfs(this.#uploads);
    const room = bavail * bsize;
    // Some file systems do not say.
    if (blocks === 0 || room >= bytes) return;
    const there = `has room for ${gigabytes(room)}`;
    throw new StoreFull(`the images take ${gigabytes(bytes)}, and the disk of --store ${there}`);
  }

  async #write(digest: string, body: ByteSource, tell: (bytes: number) => void): Promise<void> {
    const staging = this.stage();
    const algorithm = algorithmOf(digest) ?? 'sha256';
    const hash = createHash(algorithm);
    try {
      for await (const chunk of body.chunks()) {
        this.#writing.signal?.throwIfAborted();
        hash.update(chunk);
        await staging.write(chunk);
        tell(chunk.length);
      }
      if (`${algorithm}:${hash.digest('hex')}` !== digest) {
        const hint = 'Check the source of the images.';
        throw new UserError('store-content', `an image has another content than ${digest}`, hint);
      }
      await staging.sync();
      // Meanwhile it may have been deleted, or pushed.
      if (this.#made.has(digest)) staging.keep(digest);
    } finally {
      staging.discard();
    }
  }
}

/** The content read last, as much as fits. */
class Cache {
  readonly #entries = new Map<string, Uint8Array>();
  #bytes = 0;

  get(digest: string): Uint8Array | undefined {
    const found = this.#entries.get(digest);
    if (found === undefined) return undefined;
    this.#entries.delete(digest);
    this.#entries.set(digest, found);
    return found;
  }

  set(digest: string, bytes: Uint8Array): void {
    this.#entries.set(digest, bytes);
    this.#bytes += bytes.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= cacheBytesMax) return;
      this.delete(oldest);
    }
  }

  delete(digest: string): void {
    this.#bytes -= this.#entries.get(digest)?.length ?? 0;
    this.#entries.delete(digest);
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

function readWhole(path: string): Uint8Array | undefined {
  try {
    const bytes = readFileSync(path);
    return bytes.length === 0 ? noBytes : bytes;
  } catch {
    return undefined;
  }
}

function hashOf(bytes: Uint8Array, algorithm: DigestAlgorithm): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}
