// The registry's content: blobs by digest, shared by all repositories but seen only where they were put,
// manifests by digest, tags, referrers. No HTTP in here. The index is in memory (store/contents.ts), the
// bytes are in memory or on disk (store/storage.ts), and damage done by faults lies over both.
import { createHash } from 'node:crypto';
import type { DigestAlgorithm } from '../src/protocol/talk.ts';
import type { Body } from './call.ts';
import { type ReferrerEntry, referrerOf } from './registry/referrer.ts';
import type { Change } from './store/change.ts';
import { Contents } from './store/contents.ts';
import { Damage } from './store/damage.ts';
import { MemoryStorage } from './store/memory.ts';
import type { BlobStorage, Staging } from './store/storage.ts';

export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** Digest of the manifest that this one belongs to. */
  readonly subject?: string | undefined;
}

/** What makes changes last beyond the process. */
export interface Keeper {
  record(change: Change): void;
  /** Told when no repository has the content any more. */
  drop(digest: string): void;
  /** Whether all that was recorded is safe. */
  readonly isSettled: boolean;
  /** Resolves when all that was recorded until now is safe. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreParts {
  readonly storage: BlobStorage;
  /** Made over the storage. */
  readonly contents: Contents;
  readonly keeper: Keeper;
}

export class Store {
  readonly #storage: BlobStorage;
  readonly #contents: Contents;
  readonly #keeper: Keeper | undefined;
  readonly #damage = new Damage();
  #isSeeding = false;

  /** Without parts: in memory, without a limit. */
  constructor(parts: Pick<StoreParts, 'storage'> | StoreParts = { storage: new MemoryStorage() }) {
    this.#storage = parts.storage;
    const isKept = 'keeper' in parts;
    this.#contents = isKept ? parts.contents : new Contents((of) => parts.storage.read(of));
    this.#keeper = isKept ? parts.keeper : undefined;
  }

  has(repository: string): boolean {
    return this.#contents.repository(repository) !== undefined;
  }

  /** Whether the repository was made by a push of someone who gave a name. */
  isPrivate(repository: string): boolean {
    return this.#contents.repository(repository)?.isPrivate === true;
  }

  /** Sorted by code points. */
  repositories(): string[] {
    return [...this.#contents.repositories()].map(([name]) => name).sort();
  }

  /** Cheaper than `blob` for who does not need the content. */
  hasBlob(repository: string, digest: string): boolean {
    const found = this.#contents.repository(repository);
    return found?.blobs.has(digest) === true && !this.#damage.isLost(repository, digest);
  }

  /** As `hasBlob`, for a manifest by its digest. */
  hasManifest(repository: string, digest: string): boolean {
    const found = this.#contents.repository(repository);
    return found?.manifests.has(digest) === true && !this.#damage.isLost(repository, digest);
  }

  blob(repository: string, digest: string): Body | undefined {
    return this.hasBlob(repository, digest) ? this.#bodyOf(digest) : undefined;
  }

  /** Content by digest alone: what the storage behind the CDN has. */
  blobOfAny(digest: string): Body | undefined {
    return this.#contents.isBlob(digest) ? this.#bodyOf(digest) : undefined;
  }

  /** The repositories that have the blob. */
  repositoriesWith(digest: string): string[] {
    if (!this.#contents.isBlob(digest)) return [];
    const names = [...this.#contents.repositories()].map(([name]) => name);
    return names.filter((name) => this.hasBlob(name, digest));
  }

  /** By tag or by digest. */
  manifest(repository: string, reference: string): StoredManifest | undefined {
    const found = this.#contents.repository(repository);
    const digest = found?.tags.get(reference) ?? reference;
    const indexed = found?.manifests.get(digest);
    if (indexed === undefined || this.#damage.isLost(repository, digest)) return undefined;
    const { mediaType, subject } = indexed;
    const bytes = this.#damage.manifest(repository, digest) ?? this.#storage.read(digest);
    return bytes === undefined ? undefined : { digest, mediaType, bytes, subject };
  }

  /** Sorted by code points, as Go sorts strings; undefined when the repository is unknown. */
  tags(repository: string): readonly string[] | undefined {
    const found = this.#contents.repository(repository);
    if (found === undefined) return undefined;
    found.sortedTags ??= [...found.tags.keys()].sort();
    return found.sortedTags;
  }

  /** Entries of the manifests that belong to the subject, sorted by their digest. */
  referrers(repository: string, subject: string): ReferrerEntry[] {
    const found = this.#contents.repository(repository)?.referrers.get(subject);
    const entries = [...(found?.values() ?? [])];
    return entries.sort((a, b) => (a.digest < b.digest ? -1 : 1));
  }

  /** A repository that has nothing; no change when it exists. */
  create(repository: string, isPrivate: boolean): void {
    if (!this.has(repository)) this.#commit({ op: 'create', repository, isPrivate });
  }

  /** A place for a blob on its way in, which `addBlob` makes visible once it is kept. */
  stage(): Staging {
    return this.#storage.stage();
  }

  /** Takes content in that nobody sees yet, so that what comes then cannot fail. @throws StoreFull */
  hold(digest: string, bytes: Uint8Array): void {
    this.#storage.put(digest, bytes);
  }

  /** Returns the digest. @throws StoreFull */
  putBlob(repository: string, bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): string {
    const digest = digestOf(bytes, algorithm);
    this.#damage.healBlob(digest);
    this.addBlob(repository, digest, bytes);
    return digest;
  }

  /**
   * As `putBlob`, for a digest that is known to be right; what is there already stays. @throws StoreFull
   */
  addBlob(repository: string, digest: string, body: Body): void {
    this.#storage.put(digest, body);
    this.#addBlob(repository, digest, body.length);
  }

  /** The blob of a digest that was held or staged, and kept. */
  addHeld(repository: string, digest: string): void {
    const size = this.#storage.sizeOf(digest);
    if (size !== undefined) this.#addBlob(repository, digest, size);
  }

  /** Returns the digest. @throws StoreFull */
  putManifest(
    repository: string,
    bytes: Uint8Array,
    mediaType: string,
    algorithm: DigestAlgorithm = 'sha256',
  ): string {
    const digest = digestOf(bytes, algorithm);
    this.#storage.put(digest, bytes);
    this.#damage.find(repository, digest);
    this.#damage.healManifest(repository, digest);
    const before = this.#contents.repository(repository)?.manifests.get(digest);
    if (before?.mediaType === mediaType) return digest;
    const subject = referrerOf(bytes, mediaType, digest)?.subject;
    const size = bytes.length;
    this.#commit({ op: 'manifest', repository, digest, size, mediaType, subject });
    return digest;
  }

  /** While seeding, a tag that is there stays. */
  putTag(repository: string, tag: string, digest: string): void {
    const before = this.#contents.repository(repository)?.tags.get(tag);
    if (before === digest || (before !== undefined && this.#isSeeding)) return;
    this.#commit({ op: 'tag', repository, tag, digest });
  }

  /** The manifest stays. False when there is no such tag. */
  deleteTag(repository: string, tag: string): boolean {
    if (this.#contents.repository(repository)?.tags.has(tag) !== true) return false;
    this.#commit({ op: 'untag', repository, tag });
    return true;
  }

  /**
   * The tags that point to it go too. What it names stays, and so do its referrers and their list. False
   * when there is no such manifest.
   */
  deleteManifest(repository: string, digest: string): boolean {
    if (!this.hasManifest(repository, digest)) return false;
    this.#damage.healManifest(repository, digest);
    this.#commit({ op: 'drop-manifest', repository, digest });
    this.#release(digest);
    return true;
  }

  /** Other repositories keep it. False when the repository does not have it. */
  deleteBlob(repository: string, digest: string): boolean {
    if (!this.hasBlob(repository, digest)) return false;
    this.#commit({ op: 'drop-blob', repository, digest });
    if (!this.#contents.isBlob(digest)) this.#damage.healBlob(digest);
    this.#release(digest);
    return true;
  }

  /** Puts other bytes under a digest that is not theirs, as a broken disk or cache does. */
  corruptBlob(digest: string, body: Body): void {
    this.#damage.blobs.set(digest, body);
  }

  /** As `corruptBlob`, for a manifest. */
  corruptManifest(repository: string, digest: string, bytes: Uint8Array): void {
    if (this.hasManifest(repository, digest)) {
      this.#damage.manifests.set(`${repository}@${digest}`, bytes);
    }
  }

  /** Takes a manifest or blob away and leaves what points to it. */
  lose(repository: string, digest: string): void {
    this.#damage.lost.add(`${repository}@${digest}`);
  }

  /** Puts in what is there from the start: tags that are there stay, so that no push is undone. */
  seed<T>(put: () => T): T {
    this.#isSeeding = true;
    try {
      return put();
    } finally {
      this.#isSeeding = false;
    }
  }

  /** Changes that make the same index out of nothing. */
  changes(): Iterable<Change> {
    return this.#contents.changes();
  }

  /** Whether all changes would survive the process; always, for a store that does not last. */
  get isSettled(): boolean {
    return this.#keeper?.isSettled ?? true;
  }

  /** Resolves when all changes made until now would survive the machine. */
  async settle(): Promise<void> {
    await this.#keeper?.settle();
  }

  /** To be called once, when nothing uses the store any more. */
  async close(): Promise<void> {
    await this.#keeper?.close();
  }

  #addBlob(repository: string, digest: string, size: number): void {
    this.#damage.find(repository, digest);
    if (this.#contents.repository(repository)?.blobs.has(digest) === true) return;
    this.#commit({ op: 'blob', repository, digest, size });
  }

  #bodyOf(digest: string): Body | undefined {
    return this.#damage.blobs.get(digest) ?? this.#storage.body(digest);
  }

  #commit(change: Change): void {
    this.#contents.apply(change);
    this.#keeper?.record(change);
  }

  #release(digest: string): void {
    if (this.#contents.isUsed(digest)) return;
    if (this.#keeper === undefined) this.#storage.delete(digest);
    else this.#keeper.drop(digest);
  }
}

export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}
