// What one source of images puts into the store: collected first, so that a source that turns out to be
// damaged puts nothing.
import type { Descriptor } from '../../src/protocol/grammar/manifest-document.ts';
import type { DigestAlgorithm } from '../../src/protocol/talk.ts';
import type { Body } from '../call.ts';
import { digestOf, type Store } from '../store.ts';
import { json, type SeededImage, type SeededPlatform } from './image.ts';

interface StoredBlob {
  readonly repository: string;
  readonly digest: string;
  readonly body: Body;
}

interface StoredManifest {
  readonly repository: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly algorithm: DigestAlgorithm;
}

export class Content {
  readonly #blobs = new Map<string, StoredBlob>();
  readonly #manifests = new Map<string, StoredManifest>();
  readonly #images: SeededImage[] = [];

  /** What can be pulled by a tag. */
  get images(): readonly SeededImage[] {
    return this.#images;
  }

  /** Whether the repository has the blob or manifest already. */
  has(repository: string, digest: string): boolean {
    const key = `${repository} ${digest}`;
    return this.#blobs.has(key) || this.#manifests.has(key);
  }

  addBlob(repository: string, digest: string, body: Body): void {
    this.#blobs.set(`${repository} ${digest}`, { repository, digest, body });
  }

  putBlob(repository: string, mediaType: string, bytes: Uint8Array): Descriptor {
    const digest = digestOf(bytes);
    this.addBlob(repository, digest, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  /** Bytes whose digest is known. */
  addManifest(
    repository: string,
    digest: string,
    mediaType: string,
    bytes: Uint8Array,
    algorithm: DigestAlgorithm = 'sha256',
  ): void {
    const manifest = { repository, mediaType, bytes, algorithm };
    this.#manifests.set(`${repository} ${digest}`, manifest);
  }

  /** A document that is written here. */
  putManifest(repository: string, mediaType: string, content: object): Descriptor {
    const bytes = json({ schemaVersion: 2, mediaType, ...content });
    const digest = digestOf(bytes);
    this.addManifest(repository, digest, mediaType, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  tag(
    repository: string,
    tag: string,
    { digest, mediaType }: Descriptor,
    platforms: readonly SeededPlatform[],
  ): void {
    this.#images.push({ repository, tag, digest, mediaType, platforms });
  }

  putInto(store: Store): readonly SeededImage[] {
    for (const { repository, digest, body } of this.#blobs.values()) {
      store.addBlob(repository, digest, body);
    }
    for (const { repository, bytes, mediaType, algorithm } of this.#manifests.values()) {
      store.putManifest(repository, bytes, mediaType, algorithm);
    }
    for (const { repository, tag, digest } of this.#images) {
      store.putTag(repository, tag, digest);
    }
    return this.#images;
  }
}
