// Takes what another tool wrote into an OCI image layout into the index of a store: the manifests that
// index.json names, what these name, and the tags.
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { layoutEntry, layoutList } from '../../src/formats/oci-layout.ts';
import { parseJson } from '../../src/lib/json.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { algorithmOf } from '../registry/digests.ts';
import { readPushed } from '../registry/pushed.ts';
import { referrerOf } from '../registry/referrer.ts';
import type { Change } from './change.ts';
import type { Contents } from './contents.ts';
import type { DiskStorage } from './disk.ts';
import { type IndexEntry, placeOf } from './layout.ts';

/** Indexes within indexes. */
const depthMax = 10;
const manifestBytesMax = 64 * 1024 ** 2;

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size?: number | undefined;
}

export class Adoption {
  readonly #dir: string;
  readonly #storage: DiskStorage;
  readonly #contents: Contents;

  constructor(dir: string, storage: DiskStorage, contents: Contents) {
    this.#dir = dir;
    this.#storage = storage;
    this.#contents = contents;
  }

  /**
   * Tags in `newer` (`repository:tag`) stay as they are.
   * @throws UserError `store-damaged` for a manifest that is not there or not what it should be
   */
  adopt(entries: readonly IndexEntry[], newer: ReadonlySet<string>): void {
    for (const entry of entries) {
      const { repository, tag } = placeOf(entry.refName, this.#dir);
      if (tag === undefined && this.#contents.isUsed(entry.digest)) continue;
      if (tag !== undefined && newer.has(`${repository}:${tag}`)) continue;
      if (!this.#manifest(repository, entry, 0)) continue;
      if (tag === undefined) continue;
      const { digest } = entry;
      const refName = entry.refName === `${repository}:${tag}` ? undefined : entry.refName;
      this.#apply({ op: 'tag', repository, tag, digest, refName });
    }
  }

  /** False when it is none that a registry can have. */
  #manifest(repository: string, { mediaType, digest, size }: Descriptor, depth: number): boolean {
    if (this.#contents.repository(repository)?.manifests.has(digest) === true) return true;
    const bytes = this.#read(digest, size);
    const pushed = readPushed(bytes, mediaType);
    // Other things may be in an index, too (image-layout.md, "index.json file").
    if (typeof pushed === 'string') return false;
    const inner = depth < depthMax ? manifestsIn(bytes) : new Map<string, string>();
    for (const needed of pushed.needs) {
      const bytesThere = this.#sizeOf(needed);
      // A layout may lack what it names: then the repository does, too.
      if (bytesThere === undefined) continue;
      const innerType = inner.get(needed);
      if (innerType === undefined) {
        this.#storage.know(needed, bytesThere);
        this.#apply({ op: 'blob', repository, digest: needed, size: bytesThere });
      } else {
        this.#manifest(repository, { mediaType: innerType, digest: needed }, depth + 1);
      }
    }
    this.#storage.know(digest, bytes.length);
    const subject = referrerOf(bytes, mediaType, digest)?.subject;
    this.#apply({ op: 'manifest', repository, digest, size: bytes.length, mediaType, subject });
    return true;
  }

  #apply(change: Change): void {
    this.#contents.apply(change);
  }

  #sizeOf(digest: string): number | undefined {
    const found = statSync(this.#storage.pathOf(digest), { throwIfNoEntry: false });
    return found?.isFile() === true ? found.size : undefined;
  }

  /** @throws UserError `store-damaged` */
  #read(digest: string, size: number | undefined): Uint8Array {
    const path = this.#storage.pathOf(digest);
    const bytesThere = this.#sizeOf(digest);
    const hint = 'Write the layout anew, or take the entry out of index.json.';
    const damaged = (problem: string) => new UserError('store-damaged', `${path} ${problem}`, hint);
    if (bytesThere === undefined) throw damaged('is not there, but index.json names it');
    if (bytesThere > manifestBytesMax) throw damaged('is too large for a manifest');
    if (size !== undefined && size !== bytesThere) {
      throw damaged(`has ${bytesThere} bytes, not the ${size} that index.json says`);
    }
    const bytes = this.#storage.readFile(digest) ?? new Uint8Array(0);
    const algorithm = algorithmOf(digest);
    if (algorithm === undefined) throw damaged('has a digest of an algorithm that is not known');
    if (`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` !== digest) {
      throw damaged('has other content than its name says');
    }
    return bytes;
  }
}

/** Digest to type of the manifests that an index lists. */
function manifestsIn(bytes: Uint8Array): Map<string, string> {
  const entries = layoutList(parseJson(Buffer.from(bytes).toString())) ?? [];
  return new Map(
    entries.map((entry) => {
      const { digest = '', mediaType = '' } = layoutEntry(entry);
      return [digest, mediaType];
    }),
  );
}
