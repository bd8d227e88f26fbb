// The body of one blob upload that goes to the storage as it comes: hashed on the way, stopped at a limit,
// and taken back unless the answer to its request takes it.
import type { Hash } from 'node:crypto';
import type { DigestAlgorithm } from '../../src/protocol/talk.ts';
import { type Staging, StoreFull } from '../store/storage.ts';

/** Bytes that are written at once. */
const writeBytes = 512 * 1024;

/** What cannot be taken any more, and why. */
export type Stop = 'blob-too-large' | 'uploads-too-large' | 'store-full' | 'store-broken';

export interface IntakeLimits {
  /** Of this body. */
  readonly bytesMax: number;
  /** Counts bytes against those of all uploads; false when they are too many. A negative count frees. */
  reserve(bytes: number): boolean;
}

export class Intake {
  readonly algorithm: DigestAlgorithm;
  /** Over all that is staged, this body included. */
  readonly hash: Hash;
  readonly #staging: Staging;
  readonly #limits: IntakeLimits;
  readonly #onOver: () => void;
  readonly #startBytes: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #length = 0;
  #stop: Stop | undefined;
  #isOver = false;

  /** `onOver` is told once, when the body has been taken or taken back. */
  constructor(
    staging: Staging,
    algorithm: DigestAlgorithm,
    hash: Hash,
    limits: IntakeLimits,
    onOver: () => void,
  ) {
    this.#staging = staging;
    this.algorithm = algorithm;
    this.hash = hash;
    this.#limits = limits;
    this.#onOver = onOver;
    this.#startBytes = staging.length;
  }

  /** Of the body so far. */
  get length(): number {
    return this.#length;
  }

  get stop(): Stop | undefined {
    return this.#stop;
  }

  get staging(): Staging {
    return this.#staging;
  }

  /** Resolves when more may come; false: no more is wanted. */
  async write(chunk: Uint8Array): Promise<boolean> {
    if (this.#stop !== undefined || this.#isOver) return false;
    if (this.#length + chunk.length > this.#limits.bytesMax) this.#stop = 'blob-too-large';
    else if (!this.#limits.reserve(chunk.length)) this.#stop = 'uploads-too-large';
    if (this.#stop !== undefined) return false;
    this.#length += chunk.length;
    this.hash.update(chunk);
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= writeBytes) await this.#flush();
    return this.#stop === undefined && !this.#isOver;
  }

  /** All has come. Resolves when it is as safe as it can be before the request is answered. */
  async end(): Promise<void> {
    await this.#flush();
    if (this.#stop !== undefined || this.#isOver) return;
    await this.#staging.sync().catch((error) => {
      this.#stop = stopOf(error);
    });
  }

  /** What is staged stays; the caller counts it from now on. */
  take(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver();
  }

  /** Undoes it all, unless it was taken. */
  release(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#limits.reserve(-this.#length);
    this.#staging.truncate(Math.min(this.#startBytes, this.#staging.length));
    this.#onOver();
  }

  async #flush(): Promise<void> {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const bytes = this.#waiting.length === 1 ? first : Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    try {
      await this.#staging.write(bytes);
    } catch (error) {
      this.#stop = stopOf(error);
    }
  }
}

function stopOf(error: unknown): Stop {
  return error instanceof StoreFull ? 'store-full' : 'store-broken';
}
