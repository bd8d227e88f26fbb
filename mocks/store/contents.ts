// The index of a store, in memory: which repository has which blobs, manifests and tags, what refers to
// what. It changes by changes (change.ts) alone, so that replaying them makes the same index.
import { type ReferrerEntry, referrerOf } from '../registry/referrer.ts';
import type { Change, ManifestChange } from './change.ts';

export interface IndexedManifest {
  readonly size: number;
  readonly mediaType: string;
  readonly subject: string | undefined;
}

export interface Repository {
  readonly manifests: Map<string, IndexedManifest>;
  /** Digest to bytes. */
  readonly blobs: Map<string, number>;
  /** Tag to digest. */
  readonly tags: Map<string, string>;
  /** Tag to its name in a layout that was made elsewhere. */
  readonly refNames: Map<string, string>;
  /** The tags in order, until there is another. */
  sortedTags: readonly string[] | undefined;
  /** Digest of a subject, which need not exist, to the entries of its referrers by their digest. */
  readonly referrers: Map<string, Map<string, ReferrerEntry>>;
  readonly isPrivate: boolean;
}

interface Uses {
  readonly size: number;
  blobs: number;
  manifests: number;
}

export class Contents {
  readonly #repositories = new Map<string, Repository>();
  /** How many repositories have the digest as a blob, and how many as a manifest. */
  readonly #uses = new Map<string, Uses>();
  readonly #read: (digest: string) => Uint8Array | undefined;

  /** `read`: the bytes of a manifest. */
  constructor(read: (digest: string) => Uint8Array | undefined) {
    this.#read = read;
  }

  repository(name: string): Repository | undefined {
    return this.#repositories.get(name);
  }

  repositories(): Iterable<[name: string, repository: Repository]> {
    return this.#repositories;
  }

  isUsed(digest: string): boolean {
    return this.#uses.has(digest);
  }

  /** Bytes; undefined for what no repository has. */
  sizeOf(digest: string): number | undefined {
    return this.#uses.get(digest)?.size;
  }

  isBlob(digest: string): boolean {
    return (this.#uses.get(digest)?.blobs ?? 0) > 0;
  }

  apply(change: Change): void {
    const { repository: name } = change;
    if (change.op === 'create') {
      this.#open(name, change.isPrivate);
    } else if (change.op === 'blob') {
      const { blobs } = this.#open(name);
      if (!blobs.has(change.digest)) this.#use(change.digest, 'blobs', 1, change.size);
      blobs.set(change.digest, change.size);
    } else if (change.op === 'manifest') {
      this.#putManifest(change);
    } else if (change.op === 'tag') {
      const found = this.#open(name);
      if (!found.tags.has(change.tag)) found.sortedTags = undefined;
      found.tags.set(change.tag, change.digest);
      if (change.refName !== undefined) found.refNames.set(change.tag, change.refName);
    } else {
      const found = this.#repositories.get(name);
      if (found === undefined) return;
      if (change.op === 'untag') this.#untag(found, change.tag);
      else if (change.op === 'drop-manifest') this.#dropManifest(found, change.digest);
      else if (found.blobs.delete(change.digest)) this.#use(change.digest, 'blobs', -1);
    }
  }

  /** Changes that make this index out of nothing. */
  *changes(): Generator<Change> {
    for (const [repository, found] of this.#repositories) {
      yield { op: 'create', repository, isPrivate: found.isPrivate };
      for (const [digest, size] of found.blobs) yield { op: 'blob', repository, digest, size };
      for (const [digest, manifest] of found.manifests) {
        yield { op: 'manifest', repository, digest, ...manifest };
      }
      for (const [tag, digest] of found.tags) {
        yield { op: 'tag', repository, tag, digest, refName: found.refNames.get(tag) };
      }
    }
  }

  #putManifest({ repository, digest, size, mediaType, subject }: ManifestChange): void {
    const { manifests, referrers } = this.#open(repository);
    const before = manifests.get(digest);
    // The same bytes may come again under another type.
    if (before !== undefined) unlink(referrers, digest, before.subject);
    else this.#use(digest, 'manifests', 1, size);
    manifests.set(digest, { size, mediaType, subject });
    const bytes = subject === undefined ? undefined : this.#read(digest);
    const referrer = bytes === undefined ? undefined : referrerOf(bytes, mediaType, digest);
    if (referrer === undefined) return;
    const entries = referrers.get(referrer.subject) ?? new Map();
    referrers.set(referrer.subject, entries.set(digest, referrer.entry));
  }

  /** The tags that point to it go too. What it names stays, and so do its referrers and their list. */
  #dropManifest(found: Repository, digest: string): void {
    const manifest = found.manifests.get(digest);
    if (manifest === undefined) return;
    found.manifests.delete(digest);
    unlink(found.referrers, digest, manifest.subject);
    this.#use(digest, 'manifests', -1);
    for (const [tag, target] of found.tags) if (target === digest) this.#untag(found, tag);
  }

  #untag(found: Repository, tag: string): void {
    if (!found.tags.delete(tag)) return;
    found.sortedTags = undefined;
    found.refNames.delete(tag);
  }

  #use(digest: string, as: 'blobs' | 'manifests', more: 1 | -1, size = 0): void {
    const uses = this.#uses.get(digest) ?? { size, blobs: 0, manifests: 0 };
    uses[as] += more;
    if (uses.blobs + uses.manifests === 0) this.#uses.delete(digest);
    else this.#uses.set(digest, uses);
  }

  #open(name: string, isPrivate = false): Repository {
    let found = this.#repositories.get(name);
    if (found === undefined) {
      found = {
        manifests: new Map(),
        blobs: new Map(),
        tags: new Map(),
        refNames: new Map(),
        sortedTags: undefined,
        referrers: new Map(),
        isPrivate,
      };
      this.#repositories.set(name, found);
    }
    return found;
  }
}

function unlink(
  referrers: Map<string, Map<string, ReferrerEntry>>,
  digest: string,
  subject: string | undefined,
): void {
  const entries = referrers.get(subject ?? '');
  entries?.delete(digest);
  if (entries?.size === 0) referrers.delete(subject ?? '');
}
