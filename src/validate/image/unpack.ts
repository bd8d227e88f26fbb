// Streaming decompression with limits: what is written comes out piece by piece, what is wrong with
// it is kept as a sentence. A zip bomb ends by a ratio, not by patience.

import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';
import type { Compression } from '../../formats/compression.ts';

/** Everything may expand to this much, as files of zeros do: it costs a few seconds. */
const harmlessBytes = 2 * 1024 * 1024 * 1024;
/** Beyond that, at most this many bytes come of one; file systems compress to a third or a tenth. */
const ratioMax = 200;
const pieceBytes = 256 * 1024;

export interface Unpacked {
  /** Kind of trouble, if there was one. */
  readonly problem?: 'corrupt' | 'limit';
  /** One sentence without its full stop; '' without trouble. */
  readonly detail: string;
}

/** Push bytes in, get bytes out; never throws for what they are. */
export class Unpacker {
  readonly #stream: Gunzip | ZstdDecompress | undefined;
  readonly #take: (piece: Uint8Array) => void;
  readonly #bytesMax: number;
  #bytesIn = 0;
  #bytesOut = 0;
  #outcome: Unpacked = { detail: '' };
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(compression: Compression, bytesMax: number, take: (piece: Uint8Array) => void) {
    this.#take = take;
    this.#bytesMax = bytesMax;
    if (compression === 'none') return;
    const options = { chunkSize: pieceBytes };
    const stream = compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
    this.#stream = stream;
    // The next piece is unpacked, in a thread of Node's, while this one is looked at.
    stream.on('data', (piece: Uint8Array) => queueMicrotask(() => this.#out(piece)));
    stream.on('error', (error) => this.#stop('corrupt', error.message));
    stream.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  get outcome(): Unpacked {
    return this.#outcome;
  }

  get bytesOut(): number {
    return this.#bytesOut;
  }

  /** Resolves when the chunk was read, so that its memory may be used again. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#bytesIn += chunk.length;
    if (this.#outcome.problem !== undefined) return;
    if (this.#stream === undefined) return this.#out(chunk);
    if (this.#closed) return;
    const stream = this.#stream;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      stream.write(chunk, () => resolve());
    });
  }

  /** Resolves when everything has come out. */
  async finish(): Promise<Unpacked> {
    const stream = this.#stream;
    if (stream === undefined || this.#outcome.problem !== undefined) return this.#outcome;
    if (!this.#closed) {
      stream.end();
      while (!this.#closed) await this.#woken();
    }
    const left = this.#bytesIn - stream.bytesWritten;
    if (this.#outcome.problem === undefined && left > 0) {
      this.#stop('corrupt', `${left} bytes follow the compressed data`);
    }
    return this.#outcome;
  }

  #woken(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #out(piece: Uint8Array): void {
    if (this.#outcome.problem !== undefined) return;
    this.#bytesOut += piece.length;
    if (this.#bytesOut > this.#bytesMax) {
      this.#stop('limit', `it unpacks to more than ${this.#bytesMax} bytes`);
    } else if (this.#bytesOut > harmlessBytes && this.#bytesOut > ratioMax * this.#bytesIn) {
      this.#stop('limit', `it expands more than ${ratioMax} times, to over ${harmlessBytes} bytes`);
    } else {
      this.#take(piece);
    }
  }

  #stop(problem: 'corrupt' | 'limit', detail: string): void {
    if (this.#outcome.problem !== undefined) return;
    this.#outcome = { problem, detail };
    this.#stream?.destroy();
    this.#closed = true;
    this.#wake();
  }
}
