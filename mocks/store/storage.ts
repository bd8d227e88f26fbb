// Where the bytes of blobs and manifests are, by digest: in memory or on disk. Knows nothing of
// repositories; what nobody refers to is not seen by anyone.

import { UserError } from '../../src/lib/user-error.ts';
import type { DigestAlgorithm } from '../../src/protocol/talk.ts';
import type { Body } from '../call.ts';

/** Content up to this length is served as `Uint8Array`, longer content as `ByteSource`. */
export const heldBytesMax = 1024 ** 2;

export interface BlobStorage {
  /** Bytes; undefined for what is not there. */
  sizeOf(digest: string): number | undefined;
  /** Undefined also for what cannot be read, or has other bytes than it should. */
  body(digest: string): Body | undefined;
  /** The whole content; only for what is known to be small, such as manifests. */
  read(digest: string): Uint8Array | undefined;
  /** No change when it is there. @throws StoreFull, and then nothing has changed */
  put(digest: string, body: Body): void;
  delete(digest: string): void;
  /** A place for content whose digest is not known yet. */
  stage(): Staging;
}

/** Content that is on its way in. Over after `keep` or `discard`, which may come again. */
export interface Staging {
  /** Of what was appended and not taken back. */
  readonly length: number;
  /** @throws StoreFull, and then nothing has changed */
  append(bytes: Uint8Array): void;
  /** As `append`, without making the others wait; one at a time. */
  write(bytes: Uint8Array): Promise<void>;
  /** Takes back what came after the first `length` bytes. */
  truncate(length: number): void;
  /** Resolves when what was appended would survive the machine. */
  sync(): Promise<void>;
  /** Reads all of it once more. */
  digest(algorithm: DigestAlgorithm): string;
  /** Becomes the content of this digest, which the caller has made sure of. */
  keep(digest: string): void;
  discard(): void;
}

/** There is no room. A client's push is refused; for a user at the start it is an error. */
export class StoreFull extends UserError {
  constructor(message: string) {
    super('store-full', message, 'Raise --store-limit, make room, or give --store a larger disk.');
  }
}

/** Bytes that may be taken. */
export class Budget {
  readonly #bytesMax: number;
  #taken = 0;

  constructor(bytesMax: number = Number.POSITIVE_INFINITY) {
    this.#bytesMax = bytesMax;
  }

  get taken(): number {
    return this.#taken;
  }

  /** @throws StoreFull */
  take(bytes: number): void {
    if (this.#taken + bytes > this.#bytesMax) {
      throw new StoreFull(`the store is full: it may hold ${this.#bytesMax} bytes`);
    }
    this.#taken += bytes;
  }

  give(bytes: number): void {
    this.#taken -= bytes;
  }
}
