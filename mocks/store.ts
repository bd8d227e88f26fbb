// The registry's content, in memory: blobs by digest, shared by all repositories but seen only where
// they were put, manifests by digest, tags, referrers. No HTTP in here.
import { createHash } from 'node:crypto';
import type { DigestAlgorithm } from '../src/protocol/talk.ts';
import type { Body } from './call.ts';
import { type ReferrerEntry, referrerOf } from './registry/referrer.ts';

export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** Digest of the manifest that this one belongs to. */
  readonly subject?: string | undefined;
}

interface Repository {
  readonly manifests: Map<string, StoredManifest>;
  readonly blobs: Set<string>;
  /** Tag to digest. */
  readonly tags: Map<string, string>;
  /** The tags in order, until there is another. */
  sortedTags: readonly string[] | undefined;
  /** Digest of a subject, which need not exist, to the entries of its referrers by their digest. */
  readonly referrers: Map<string, Map<string, ReferrerEntry>>;
  /** Made by someone's push: not for everybody's eyes. */
  readonly isPrivate: boolean;
}

export class Store {
  readonly #blobs = new Map<string, Body>();
  readonly #repositories = new Map<string, Repository>();

  has(repository: string): boolean {
    return this.#repositories.has(repository);
  }

  /** Whether the repository was made by a push of someone who gave a name. */
  isPrivate(repository: string): boolean {
    return this.#repositories.get(repository)?.isPrivate === true;
  }

  /** Sorted by code points. */
  repositories(): string[] {
    return [...this.#repositories.keys()].sort();
  }

  blob(repository: string, digest: string): Body | undefined {
    const isHere = this.#repositories.get(repository)?.blobs.has(digest) === true;
    return isHere ? this.#blobs.get(digest) : undefined;
  }

  /** Content by digest alone: what the storage behind the CDN has. */
  blobOfAny(digest: string): Body | undefined {
    return this.#blobs.get(digest);
  }

  /** The repositories that have the blob. */
  repositoriesWith(digest: string): string[] {
    const found = [...this.#repositories].filter(([, { blobs }]) => blobs.has(digest));
    return found.map(([name]) => name);
  }

  /** By tag or by digest. */
  manifest(repository: string, reference: string): StoredManifest | undefined {
    const found = this.#repositories.get(repository);
    return found?.manifests.get(found.tags.get(reference) ?? reference);
  }

  /** Sorted by code points, as Go sorts strings; undefined when the repository is unknown. */
  tags(repository: string): readonly string[] | undefined {
    const found = this.#repositories.get(repository);
    if (found === undefined) return undefined;
    found.sortedTags ??= [...found.tags.keys()].sort();
    return found.sortedTags;
  }

  /** Entries of the manifests that belong to the subject, sorted by their digest. */
  referrers(repository: string, subject: string): ReferrerEntry[] {
    const found = this.#repositories.get(repository)?.referrers.get(subject);
    const entries = [...(found?.values() ?? [])];
    return entries.sort((a, b) => (a.digest < b.digest ? -1 : 1));
  }

  /** A repository that has nothing; no change when it exists. */
  create(repository: string, isPrivate: boolean): void {
    this.#open(repository, isPrivate);
  }

  /** Returns the digest. */
  putBlob(repository: string, bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): string {
    const digest = digestOf(bytes, algorithm);
    this.#blobs.set(digest, bytes);
    this.#open(repository).blobs.add(digest);
    return digest;
  }

  /** As `putBlob`, for a digest that is known to be right; what is there already stays. */
  addBlob(repository: string, digest: string, body: Body): void {
    if (!this.#blobs.has(digest)) this.#blobs.set(digest, body);
    this.#open(repository).blobs.add(digest);
  }

  /** Returns the digest. */
  putManifest(
    repository: string,
    bytes: Uint8Array,
    mediaType: string,
    algorithm: DigestAlgorithm = 'sha256',
  ): string {
    const digest = digestOf(bytes, algorithm);
    const { manifests, referrers } = this.#open(repository);
    // The same bytes may come again under another type.
    this.#deleteReferrer(repository, manifests.get(digest));
    const referrer = referrerOf(bytes, mediaType, digest);
    manifests.set(digest, { digest, mediaType, bytes, subject: referrer?.subject });
    if (referrer !== undefined) {
      const entries = referrers.get(referrer.subject) ?? new Map();
      referrers.set(referrer.subject, entries.set(digest, referrer.entry));
    }
    return digest;
  }

  putTag(repository: string, tag: string, digest: string): void {
    const found = this.#open(repository);
    if (!found.tags.has(tag)) found.sortedTags = undefined;
    found.tags.set(tag, digest);
  }

  /** The manifest stays. False when there is no such tag. */
  deleteTag(repository: string, tag: string): boolean {
    const found = this.#repositories.get(repository);
    if (found?.tags.delete(tag) !== true) return false;
    found.sortedTags = undefined;
    return true;
  }

  /**
   * The tags that point to it go too. What it names stays, and so do its referrers and their list. False
   * when there is no such manifest.
   */
  deleteManifest(repository: string, digest: string): boolean {
    const found = this.#repositories.get(repository);
    const manifest = found?.manifests.get(digest);
    if (found === undefined || manifest === undefined) return false;
    found.manifests.delete(digest);
    this.#deleteReferrer(repository, manifest);
    for (const [tag, target] of found.tags) {
      if (target === digest) this.deleteTag(repository, tag);
    }
    return true;
  }

  /** Other repositories keep it. False when the repository does not have it. */
  deleteBlob(repository: string, digest: string): boolean {
    if (this.#repositories.get(repository)?.blobs.delete(digest) !== true) return false;
    if (this.repositoriesWith(digest).length === 0) this.#blobs.delete(digest);
    return true;
  }

  /** Puts other bytes under a digest that is not theirs, as a broken disk or cache does. */
  corruptBlob(digest: string, body: Body): void {
    this.#blobs.set(digest, body);
  }

  /** As `corruptBlob`, for a manifest. */
  corruptManifest(repository: string, digest: string, bytes: Uint8Array): void {
    const manifests = this.#repositories.get(repository)?.manifests;
    const found = manifests?.get(digest);
    if (found !== undefined) manifests?.set(digest, { ...found, bytes });
  }

  /** Takes a manifest or blob away and leaves what points to it. */
  lose(repository: string, digest: string): void {
    const found = this.#repositories.get(repository);
    found?.manifests.delete(digest);
    found?.blobs.delete(digest);
  }

  #deleteReferrer(repository: string, manifest: StoredManifest | undefined): void {
    if (manifest?.subject === undefined) return;
    const { referrers } = this.#open(repository);
    const entries = referrers.get(manifest.subject);
    entries?.delete(manifest.digest);
    if (entries?.size === 0) referrers.delete(manifest.subject);
  }

  #open(repository: string, isPrivate = false): Repository {
    let found = this.#repositories.get(repository);
    if (found === undefined) {
      found = {
        manifests: new Map(),
        blobs: new Set(),
        tags: new Map(),
        sortedTags: undefined,
        referrers: new Map(),
        isPrivate,
      };
      this.#repositories.set(repository, found);
    }
    return found;
  }
}

export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}
