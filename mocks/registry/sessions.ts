// Uploads under way: what has come so far of each blob. Bounded in number and in bytes, and forgotten
// after a while.
import { createHash, type Hash, randomUUID } from 'node:crypto';
import type { DigestAlgorithm } from '../../src/protocol/talk.ts';
import type { Policy } from './policy.ts';

export interface UploadSession {
  /** A UUID. */
  readonly id: string;
  readonly repository: string;
  /** Of `hash`. */
  readonly algorithm: DigestAlgorithm;
  /** Over all chunks. */
  readonly hash: Hash;
  readonly chunks: Uint8Array[];
  /** Of all chunks. */
  bytes: number;
  /** Length of the last chunk, for registries that have a least length for all but the last. */
  lastChunkBytes: number | undefined;
  /** Milliseconds since 1970. */
  usedAt: number;
}

export class UploadSessions {
  readonly #countMax: number;
  readonly #bytesMax: number;
  readonly #ttlMs: number;
  readonly #now: () => number;
  /** Least recently used first. */
  readonly #sessions = new Map<string, UploadSession>();
  /** Of all sessions. */
  #bytes = 0;

  constructor(policy: Policy, now: () => number) {
    this.#countMax = policy.uploadsMax;
    this.#bytesMax = policy.uploadsBytesMax;
    this.#ttlMs = policy.uploadTtlSeconds * 1000;
    this.#now = now;
  }

  /** Undefined when there are too many. */
  open(repository: string, algorithm: DigestAlgorithm): UploadSession | undefined {
    this.#forgetOld();
    if (this.#sessions.size >= this.#countMax) return undefined;
    const session: UploadSession = {
      id: randomUUID(),
      repository,
      algorithm,
      hash: createHash(algorithm),
      chunks: [],
      bytes: 0,
      lastChunkBytes: undefined,
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
    session.usedAt = this.#now();
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return session;
  }

  /** Adds a chunk; false when the chunks of all uploads would be too many bytes. */
  append(session: UploadSession, chunk: Uint8Array): boolean {
    if (chunk.length === 0) return true;
    if (this.#bytes + chunk.length > this.#bytesMax) return false;
    this.#bytes += chunk.length;
    session.hash.update(chunk);
    session.chunks.push(chunk);
    session.bytes += chunk.length;
    session.lastChunkBytes = chunk.length;
    return true;
  }

  close(session: UploadSession): void {
    if (this.#sessions.delete(session.id)) this.#bytes -= session.bytes;
  }

  #forgetOld(): void {
    for (const session of this.#sessions.values()) {
      if (this.#now() - session.usedAt < this.#ttlMs) return;
      this.close(session);
    }
  }
}
