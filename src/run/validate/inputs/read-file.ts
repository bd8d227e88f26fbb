// Reads a file whole, up to a limit: also one that does not say its length, such as a pipe or a device, and
// without waiting for ever. Files are read at once: for thousands of small ones that is what takes least time.
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

/** Asked for at a time where the length is not known. */
const pieceBytes = 64 * 1024;
/** How long a pipe may stay without a writer, and with one that writes nothing. */
const writerMsMax = 2_000;
const silenceMsMax = 60_000;
const pollMs = 10;

/**
 * Undefined when the file is larger than `bytesMax`.
 * @throws the error of the file system; an Error for a pipe that stays silent
 */
export async function readFileUpTo(
  path: string,
  bytesMax: number,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (stats.size > bytesMax) return undefined;
    const reading = new Reading(file, stats, bytesMax);
    const begin = Date.now();
    let lastMs = begin;
    for (;;) {
      const step = reading.step();
      if (step === 'end') return reading.bytes;
      if (step === 'larger') return undefined;
      if (step === 'more') lastMs = Date.now();
      else await waitForWriter(step, Date.now() - lastMs, signal);
    }
  } finally {
    closeSync(file);
  }
}

async function waitForWriter(
  step: 'no-writer' | 'silent',
  waitedMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isSilent = step === 'silent';
  if (waitedMs > (isSilent ? silenceMsMax : writerMsMax)) {
    throw new Error(isSilent ? 'nothing more came from it' : 'nobody writes into this pipe');
  }
  signal?.throwIfAborted();
  await new Promise((resolve) => setTimeout(resolve, pollMs));
}

/** The bytes of an open file so far. */
class Reading {
  readonly #file: number;
  readonly #bytesMax: number;
  readonly #isPipe: boolean;
  /** Of a file that says it. */
  readonly #size: number;
  #buffer: Buffer;
  #length = 0;

  constructor(file: number, stats: Stats, bytesMax: number) {
    this.#file = file;
    this.#bytesMax = bytesMax;
    this.#isPipe = stats.isFIFO();
    this.#size = stats.isFile() && stats.size > 0 ? stats.size : Number.POSITIVE_INFINITY;
    // One byte more than it says shows the end at once.
    this.#buffer = Buffer.allocUnsafe(stats.size > 0 ? stats.size + 1 : pieceBytes);
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  step(): 'more' | 'end' | 'larger' | 'no-writer' | 'silent' {
    if (this.#length === this.#buffer.length) {
      const more = Buffer.allocUnsafe(Math.max(this.#length, pieceBytes));
      this.#buffer = Buffer.concat([this.#buffer, more]);
    }
    try {
      const room = this.#buffer.length - this.#length;
      const read = readSync(this.#file, this.#buffer, this.#length, room, null);
      if (read === 0) return this.#isPipe && this.#length === 0 ? 'no-writer' : 'end';
      this.#length += read;
      if (this.#length > this.#bytesMax) return 'larger';
      // Less than was asked for is the end of a file, though not of a pipe.
      return read < room && this.#length >= this.#size ? 'end' : 'more';
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 'silent';
      throw error;
    }
  }
}
