// Content in memory, bounded by a budget that uploads under way count against, too.
import { createHash } from 'node:crypto';
import type { DigestAlgorithm } from '../../src/protocol/talk.ts';
import { joined } from '../bytes.ts';
import type { Body } from '../call.ts';
import { type BlobStorage, Budget, heldBytesMax, type Staging } from './storage.ts';

export class MemoryStorage implements BlobStorage {
  readonly #bodies = new Map<string, Body>();
  /** Bytes taken of the budget, by digest. */
  readonly #taken = new Map<string, number>();
  readonly #budget: Budget;

  constructor(budget = new Budget()) {
    this.#budget = budget;
  }

  sizeOf(digest: string): number | undefined {
    return this.#bodies.get(digest)?.length;
  }

  body(digest: string): Body | undefined {
    return this.#bodies.get(digest);
  }

  read(digest: string): Uint8Array | undefined {
    const body = this.#bodies.get(digest);
    if (body === undefined || body instanceof Uint8Array) return body;
    return undefined;
  }

  put(digest: string, body: Body): void {
    const isHeld = body instanceof Uint8Array;
    const before = this.#bodies.get(digest);
    // What came as a long blob may come again as a manifest, which is read in one piece.
    if (before !== undefined && (before instanceof Uint8Array || !isHeld)) return;
    // What is made as it is sent takes no room.
    const bytes = isHeld ? body.length : 0;
    this.#budget.take(bytes - (this.#taken.get(digest) ?? 0));
    this.#taken.set(digest, bytes);
    this.#bodies.set(digest, body);
  }

  delete(digest: string): void {
    this.#budget.give(this.#taken.get(digest) ?? 0);
    this.#taken.delete(digest);
    this.#bodies.delete(digest);
  }

  stage(): Staging {
    return new MemoryStaging(this.#budget, (digest, body) => {
      if (this.#bodies.has(digest)) return false;
      this.#bodies.set(digest, body);
      this.#taken.set(digest, body.length);
      return true;
    });
  }
}

class MemoryStaging implements Staging {
  readonly #budget: Budget;
  readonly #adopt: (digest: string, body: Body) => boolean;
  #blocks: Blocks | undefined = new Blocks();

  constructor(budget: Budget, adopt: (digest: string, body: Body) => boolean) {
    this.#budget = budget;
    this.#adopt = adopt;
  }

  get length(): number {
    return this.#blocks?.length ?? 0;
  }

  append(bytes: Uint8Array): void {
    if (this.#blocks === undefined) return;
    this.#budget.take(bytes.length);
    this.#blocks.append(bytes);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.append(bytes);
  }

  truncate(length: number): void {
    if (this.#blocks === undefined) return;
    this.#budget.give(this.length - length);
    this.#blocks.truncate(length);
  }

  async sync(): Promise<void> {}

  digest(algorithm: DigestAlgorithm): string {
    const hash = createHash(algorithm);
    for (const part of this.#blocks?.parts() ?? []) hash.update(part);
    return `${algorithm}:${hash.digest('hex')}`;
  }

  keep(digest: string): void {
    const blocks = this.#blocks;
    if (blocks === undefined) return;
    this.#blocks = undefined;
    if (!this.#adopt(digest, blocks.body())) this.#budget.give(blocks.length);
  }

  discard(): void {
    this.#budget.give(this.length);
    this.#blocks = undefined;
  }
}

const blockBytesMin = 16 * 1024;

/** Bytes in blocks of our own: what the network hands over may be a small part of a large buffer. */
export class Blocks {
  readonly #blocks: Uint8Array[] = [];
  #length = 0;
  /** Room that is left in the last block. */
  #room = 0;

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#room === 0) {
        this.#room = Math.min(
          heldBytesMax,
          Math.max(blockBytesMin, this.#length, bytes.length - at),
        );
        this.#blocks.push(Buffer.allocUnsafeSlow(this.#room));
      }
      const block = this.#blocks.at(-1) as Uint8Array;
      const part = bytes.subarray(at, at + this.#room);
      block.set(part, block.length - this.#room);
      this.#room -= part.length;
      this.#length += part.length;
      at += part.length;
    }
  }

  truncate(length: number): void {
    while (this.#length > length) {
      const block = this.#blocks.at(-1) as Uint8Array;
      const used = block.length - this.#room;
      const excess = this.#length - length;
      if (excess < used) {
        this.#room += excess;
        this.#length = length;
      } else {
        this.#blocks.pop();
        this.#room = 0;
        this.#length -= used;
      }
    }
  }

  parts(): Uint8Array[] {
    return this.#blocks.map((block, index) =>
      index === this.#blocks.length - 1 ? block.subarray(0, block.length - this.#room) : block,
    );
  }

  /** Held in one piece only when it is small: a copy of what is large would double it. */
  body(): Body {
    return this.#length <= heldBytesMax ? this.bytes() : joined(this.parts());
  }

  /** All in one piece. */
  bytes(): Uint8Array {
    return Buffer.concat(this.parts());
  }
}
