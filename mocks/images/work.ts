// Hashing and unpacking at start: lets the process breathe, says how far it is, ends when asked to.

/** Nothing is said of what takes less. */
const silentMs = 2_000;
const tellEveryMs = 1_000;
const breatheEveryMs = 30;

export class Work {
  readonly #say: (line: string) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #startedAt = Date.now();
  #toldAt = this.#startedAt;
  #breathedAt = this.#startedAt;
  #doneBytes = 0;
  #allBytes = 0;

  constructor(say: ((line: string) => void) | undefined, signal: AbortSignal | undefined) {
    this.#say = say ?? (() => undefined);
    this.#signal = signal;
  }

  /** So many bytes more are to be read. */
  expect(bytes: number): void {
    this.#allBytes += bytes;
  }

  /** Counts what was done. Whether it is time to give way to others, and then to call `tell`. */
  isDue(bytes: number): boolean {
    this.#doneBytes += bytes;
    return Date.now() - this.#breathedAt >= breatheEveryMs;
  }

  /** @throws the signal's reason when the work is to end */
  tell(): void {
    this.#signal?.throwIfAborted();
    const now = Date.now();
    this.#breathedAt = now;
    if (now - this.#startedAt < silentMs || now - this.#toldAt < tellEveryMs) return;
    this.#toldAt = now;
    this.#say(`reading images: ${gigabytes(this.#doneBytes)} of ${gigabytes(this.#allBytes)} GB`);
  }

  /** Says something that stays true. */
  say(line: string): void {
    this.#say(line);
  }
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
