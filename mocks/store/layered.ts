// Two places for content seen as one: what is there from the start, which the other process can make again,
// and what came after.
import type { Body } from '../call.ts';
import type { BlobStorage, Staging } from './storage.ts';

export class LayeredStorage implements BlobStorage {
  readonly #base: BlobStorage;
  readonly #top: BlobStorage;

  /** All that comes goes to `top`. */
  constructor(base: BlobStorage, top: BlobStorage) {
    this.#base = base;
    this.#top = top;
  }

  sizeOf(digest: string): number | undefined {
    return this.#base.sizeOf(digest) ?? this.#top.sizeOf(digest);
  }

  body(digest: string): Body | undefined {
    return this.#base.body(digest) ?? this.#top.body(digest);
  }

  read(digest: string): Uint8Array | undefined {
    return this.#base.read(digest) ?? this.#top.read(digest);
  }

  put(digest: string, body: Body): void {
    if (this.#base.sizeOf(digest) === undefined) this.#top.put(digest, body);
  }

  delete(digest: string): void {
    this.#base.delete(digest);
    this.#top.delete(digest);
  }

  stage(): Staging {
    return this.#top.stage();
  }
}
