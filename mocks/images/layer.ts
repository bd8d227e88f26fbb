// Layers that are made as they are sent: real tars, plain or in gzip's stored blocks, whose every offset is
// arithmetic, so that a range of a 10 GB layer costs neither memory nor disk.
//
// A layer is a stretch of one stream of files that all layers of a seed begin with, then a file of its
// own. So the digests of many layers need only one pass over that stream (hashing.ts).
import { createCipheriv, createHash } from 'node:crypto';
import { blockBytes } from '../../src/formats/tar/header.ts';
import { endBytes, tarHeader } from '../../src/formats/tar/write.ts';
import type { ByteSource } from '../call.ts';
import { createdSeconds } from './image.ts';

export interface Layer {
  /** What tells it from others of its length. */
  readonly label: string;
  /** Unpacked: a multiple of 512. */
  readonly tarBytes: number;
  readonly isGzip: boolean;
}

/** Bytes with random access. */
export interface Maker {
  readonly length: number;
  /** Writes the bytes from `at` on, as many as `target` holds; all of them must exist. */
  fill(target: Uint8Array, at: number): void;
}

/** Smallest blob that can be asked for. */
export const layerBytesMin = 4_000;

/** A file of the stream, with its header. */
const unitBytes = 1024 * 1024;
const contentBytes = unitBytes - blockBytes;
/** The entry of the folder comes first. */
const folderBytes = blockBytes;
const frameBytes = folderBytes + blockBytes + endBytes;
const pieceBytes = 256 * 1024;

/** A layer whose blob has about that many bytes: up to 1 KiB less. */
export function layerOf(label: string, blobBytes: number, isGzip: boolean): Layer {
  const packed = blobBytes - gzipHeader.length - gzipTrailerBytes;
  const blocks = Math.ceil(packed / (storedBytesMax + storedHeaderBytes));
  const fitting = isGzip ? packed - blocks * storedHeaderBytes : blobBytes;
  return { label, isGzip, tarBytes: fitting - (fitting % blockBytes) };
}

/** How many bytes of its tar a layer shares with every longer one. */
export function commonTarBytes({ tarBytes }: Layer): number {
  return folderBytes + unitsOf(tarBytes) * unitBytes;
}

/** As `commonTarBytes`, of the blob of a gzip layer: whole blocks, none of which is the last. */
export function commonGzipBytes(layer: Layer): number {
  const blocks = Math.floor(commonTarBytes(layer) / storedBytesMax);
  return gzipHeader.length + blocks * (storedBytesMax + storedHeaderBytes);
}

function unitsOf(tarBytes: number): number {
  return Math.floor((tarBytes - frameBytes) / unitBytes);
}

/** The random content of one seed, cut from a table: incompressible, and as quick as copying. */
export class Stream {
  readonly #table: Uint8Array;
  readonly #seed: number;

  constructor(seed: number) {
    const key = createHash('sha256').update(`${seed} layers`).digest().subarray(0, 16);
    const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
    this.#table = cipher.update(Buffer.alloc(tableStarts * tableStepBytes + contentBytes));
    this.#seed = seed;
  }

  /** The layer's tar. */
  tar({ label, tarBytes }: Layer): Maker {
    const streamEnd = folderBytes + unitsOf(tarBytes) * unitBytes;
    const ownBytes = tarBytes - streamEnd - blockBytes - endBytes;
    const hash = createHash('sha256').update(`${this.#seed} ${label}`).digest();
    const ownName = `${folder}${hash.toString('hex', 0, 16)}.bin`;
    const ownStart = (hash.readUInt16LE(16) % tableStarts) * tableStepBytes;
    let ownHeader: Uint8Array | undefined;
    /** What begins at an offset, to the next seam. */
    const pieceAt = (at: number): Uint8Array => {
      if (at < folderBytes) return folderHeader.subarray(at);
      if (at < streamEnd) return this.#pieceOfStream(at - folderBytes);
      const own = at - streamEnd;
      if (own < blockBytes) {
        ownHeader ??= tarHeader(ownName, 0o644, ownBytes, createdSeconds);
        return ownHeader.subarray(own);
      }
      const into = own - blockBytes;
      if (into < ownBytes) return this.#table.subarray(ownStart + into, ownStart + ownBytes);
      return end.subarray(into - ownBytes);
    };
    return {
      length: tarBytes,
      fill(target, at) {
        for (let done = 0; done < target.length; ) {
          const piece = pieceAt(at + done);
          const fits = piece.subarray(0, target.length - done);
          target.set(fits, done);
          done += fits.length;
        }
      },
    };
  }

  #pieceOfStream(at: number): Uint8Array {
    const unit = Math.floor(at / unitBytes);
    const into = at - unit * unitBytes;
    if (into < blockBytes) {
      const name = `${folder}${String(unit).padStart(8, '0')}.bin`;
      return tarHeader(name, 0o644, contentBytes, createdSeconds).subarray(into);
    }
    // Neighbours start far apart: a multiplication that scatters (Knuth, TAOCP 6.4).
    const start = (Math.imul(unit + 1, 0x9e37_79b1) >>> 16) % tableStarts;
    const from = start * tableStepBytes;
    return this.#table.subarray(from + into - blockBytes, from + contentBytes);
  }
}

/** Where in the table a file's content may start. */
const tableStarts = 65_536;
const tableStepBytes = 64;
const folder = 'files/';
const folderHeader = tarHeader(folder, 0o755, 0, createdSeconds);
const end = new Uint8Array(endBytes);

/** RFC 1952: no name, no time, from an unknown system. */
const gzipHeader = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
const gzipTrailerBytes = 8;
/** RFC 1951 section 3.2.4: length and its complement in 16 bits each, after the type. */
const storedBytesMax = 65_535;
const storedHeaderBytes = 5;

/** A tar whose CRC-32 is known, in gzip without compression. */
export function gzipOf(tar: Maker, crc32: number): Maker {
  const blocks = Math.ceil(tar.length / storedBytesMax);
  const blocksEnd = gzipHeader.length + tar.length + blocks * storedHeaderBytes;
  const trailer = Buffer.alloc(gzipTrailerBytes);
  trailer.writeUInt32LE(crc32);
  trailer.writeUInt32LE(tar.length % 2 ** 32, 4);
  const strideBytes = storedBytesMax + storedHeaderBytes;
  /** Copies up to the next seam; returns how many bytes. */
  const fillSome = (target: Uint8Array, at: number): number => {
    if (at < gzipHeader.length) return copy(target, gzipHeader.subarray(at));
    if (at >= blocksEnd) return copy(target, trailer.subarray(at - blocksEnd));
    const block = Math.floor((at - gzipHeader.length) / strideBytes);
    const into = at - gzipHeader.length - block * strideBytes;
    const start = block * storedBytesMax;
    const size = Math.min(storedBytesMax, tar.length - start);
    if (into < storedHeaderBytes) {
      return copy(target, storedHeader(size, block === blocks - 1).subarray(into));
    }
    const from = into - storedHeaderBytes;
    const wanted = target.subarray(0, size - from);
    tar.fill(wanted, start + from);
    return wanted.length;
  };
  return {
    length: blocksEnd + gzipTrailerBytes,
    fill(target, at) {
      for (let done = 0; done < target.length; ) {
        done += fillSome(target.subarray(done), at + done);
      }
    },
  };
}

function storedHeader(size: number, isLast: boolean): Uint8Array {
  return Uint8Array.of(isLast ? 1 : 0, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255);
}

function copy(target: Uint8Array, piece: Uint8Array): number {
  const fits = piece.subarray(0, target.length);
  target.set(fits);
  return fits.length;
}

/** What a maker makes, as a body. */
export function generated(maker: Maker, from = 0, to = maker.length): ByteSource {
  const length = to - from;
  return {
    length,
    subarray: (begin = 0, stop = length) => {
      const first = Math.min(Math.max(begin, 0), length);
      return generated(maker, from + first, from + Math.min(Math.max(stop, first), length));
    },
    *chunks() {
      const buffer = Buffer.allocUnsafeSlow(Math.min(pieceBytes, to - from));
      for (let at = from; at < to; at += buffer.length) {
        const chunk = buffer.subarray(0, to - at);
        maker.fill(chunk, at);
        yield chunk;
      }
    },
  };
}
