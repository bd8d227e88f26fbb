// Uploads under way: what has come so far of each blob, staged in the storage. Bounded in number and in
// bytes, and forgotten after a while.
import { createHash, type Hash, randomUUID } from 'node:crypto';
import type { DigestAlgorithm } from '../../src/protocol/talk.ts';
import type { Staging } from '../store/storage.ts';
import { Intake } from './intake.ts';
import type { Policy } from './policy.ts';

export interface UploadSession {
  /** A UUID. */
  readonly id: string;
  readonly repository: string;
  /** Of `hash`. */
  readonly algorithm: DigestAlgorithm;
  /** Over all chunks. */
  hash: Hash;
  readonly staging: Staging;
  /** Of all chunks. */
  bytes: number;
  /** Length of the last chunk, for registries that have a least length for all but the last. */
  lastChunkBytes: number | undefined;
  /** The chunk that is just coming. */
  intake: Intake | undefined;
  /** Milliseconds since 1970. */
  usedAt: number;
}

export class UploadSessions {
  readonly #policy: Policy;
  readonly #now: () => number;
  readonly #stage: () => Staging;
  /** Least recently used first. */
  readonly #sessions = new Map<string, UploadSession>();
  /** Of all sessions and bodies. */
  #bytes = 0;

  constructor(policy: Policy, now: () => number, stage: () => Staging) {
    this.#policy = policy;
    this.#now = now;
    this.#stage = stage;
  }

  /** Undefined when there are too many. */
  open(repository: string, algorithm: DigestAlgorithm): UploadSession | undefined {
    this.#forgetOld();
    if (this.#sessions.size >= this.#policy.uploadsMax) return undefined;
    const session: UploadSession = {
      id: randomUUID(),
      repository,
      algorithm,
      hash: createHash(algorithm),
      staging: this.#stage(),
      bytes: 0,
      lastChunkBytes: undefined,
      intake: undefined,
      usedAt: this.#now(),
    };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** A session of the repository that has not been forgotten; from now on the last used. */
  find(repository: string, id: string): UploadSession | undefined {
    this.#forgetOld();
    const session = this.#sessions.get(id);
    if (session?.repository !== repository) return undefined;
    this.#touch(session);
    return session;
  }

  /** A way in for a body of the session, which is busy until it is taken or released. */
  receive(session: UploadSession): Intake {
    const bytesMax = this.#policy.blobBytesMax - session.bytes;
    const { staging, algorithm, hash } = session;
    const onOver = () => {
      session.intake = undefined;
      this.#touch(session);
    };
    const limits = { bytesMax, reserve: this.#reserve };
    session.intake = new Intake(staging, algorithm, hash.copy(), limits, onOver);
    return session.intake;
  }

  /** As `receive`, for a blob that comes in one request: what is not kept by its answer is gone. */
  receiveAlone(algorithm: DigestAlgorithm): Intake {
    const staging = this.#stage();
    const limits = { bytesMax: this.#policy.blobBytesMax, reserve: this.#reserve };
    return new Intake(staging, algorithm, createHash(algorithm), limits, () => staging.discard());
  }

  /** Adds a chunk; false when the chunks of all uploads would be too many bytes. @throws StoreFull */
  append(session: UploadSession, chunk: Uint8Array): boolean {
    if (chunk.length === 0) return true;
    if (!this.#reserve(chunk.length)) return false;
    try {
      session.staging.append(chunk);
    } catch (error) {
      this.#reserve(-chunk.length);
      throw error;
    }
    session.hash.update(chunk);
    session.bytes += chunk.length;
    session.lastChunkBytes = chunk.length;
    return true;
  }

  /** As `append`, for a chunk that has come by `receive`. */
  take(session: UploadSession, intake: Intake): void {
    session.hash = intake.hash;
    session.bytes += intake.length;
    session.lastChunkBytes = intake.length;
    intake.take();
  }

  /** What is staged is gone, unless it was kept. */
  close(session: UploadSession): void {
    if (!this.#sessions.delete(session.id)) return;
    session.intake?.release();
    session.staging.discard();
    this.#bytes -= session.bytes;
  }

  readonly #reserve = (bytes: number): boolean => {
    if (bytes > 0 && this.#bytes + bytes > this.#policy.uploadsBytesMax) return false;
    this.#bytes += bytes;
    return true;
  };

  #touch(session: UploadSession): void {
    session.usedAt = this.#now();
    // One that was closed meanwhile does not come back.
    if (this.#sessions.delete(session.id)) this.#sessions.set(session.id, session);
  }

  #forgetOld(): void {
    const ttlMs = this.#policy.uploadTtlSeconds * 1000;
    for (const session of this.#sessions.values()) {
      if (this.#now() - session.usedAt < ttlMs) return;
      if (session.intake === undefined) this.close(session);
    }
  }
}
