// What an encoded HdrHistogram holds, as pairs of value and count: adding the few pairs of one second costs a
// twentieth of adding two whole histograms, and says the same.
import { deflateSync, inflateSync } from 'node:zlib';

/** Values with how often each was seen: the highest of those that the histogram cannot tell apart. */
export interface Counts {
  readonly values: readonly number[];
  readonly counts: readonly number[];
}

/** Cookies of the V2 encoding (without and with compression), whose words are sixteen bits wide. */
const plainCookie = 0x1c84_9303 | 0x10;
const compressedCookie = 0x1c84_9304 | 0x10;
const headerBytes = 40;
const bytesMax = 1024 * 1024;
/** Most histograms are of one second and need less: what is reserved for each costs more than to inflate it. */
const chunkSize = 512;
/** Of histograms that hold three significant digits from 1 on, as those of a timeline do. */
const digits = 3;
const halfBits = 10;
const half = 1 << halfBits;
/** The last place that holds an hour in microseconds. */
const placeMax = 24 * half;

/** Undefined for what is no such histogram: a line may be damaged and still be JSON. */
export function readCounts(encoded: unknown): Counts | undefined {
  if (typeof encoded !== 'string' || encoded === '') return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length < 8 || bytes.readInt32BE(0) !== compressedCookie) return undefined;
  try {
    const plain = inflateSync(bytes.subarray(8), { maxOutputLength: bytesMax, chunkSize });
    return isOurs(plain) ? countsOf(plain) : undefined;
  } catch {
    return undefined;
  }
}

function isOurs(plain: Buffer): boolean {
  if (plain.length < headerBytes || plain.readInt32BE(0) !== plainCookie) return false;
  // The offset between is not used by the libraries that write it here.
  return plain.readInt32BE(12) === digits && plain.readBigInt64BE(16) === 1n;
}

/** The payload: counts by place, where a negative number stands for so many empty places. */
function countsOf(plain: Buffer): Counts | undefined {
  const values: number[] = [];
  const counts: number[] = [];
  const end = Math.min(plain.length, headerBytes + plain.readInt32BE(4));
  let place = 0;
  for (let at = headerBytes; at < end; ) {
    let zigzag = 0;
    let width = 0;
    for (let goesOn = true; goesOn && at < end; width++) {
      const byte = plain[at++] as number;
      // Nine bytes at most, the last one whole.
      goesOn = width < 8 && byte >= 128;
      zigzag += (goesOn ? byte - 128 : byte) * 128 ** width;
    }
    if (zigzag % 2 === 1) {
      place += (zigzag + 1) / 2;
      continue;
    }
    if (place > placeMax) return undefined;
    if (zigzag > 0) {
      values.push(valueAt(place));
      counts.push(zigzag / 2);
    }
    place++;
  }
  return { values, counts };
}

/** Places are of width 1 up to 2047; every further 1024 of them are twice as wide as those before. */
function valueAt(place: number): number {
  const bucket = Math.max(0, (place >> halfBits) - 1);
  const width = 2 ** bucket;
  return (place - bucket * half) * width + width - 1;
}

/** The place of a value. */
function placeOf(value: number): number {
  const bucket = Math.max(0, Math.floor(Math.log2(value)) - halfBits);
  return bucket * half + Math.floor(value / 2 ** bucket);
}

/** The highest value that k6 writes. */
const valueMax = 3_600_000_000n;

/** The same, encoded again: values rising, as `readCounts` gives them. */
export function writeCounts({ values, counts }: Counts): string {
  const words: number[] = [];
  let place = 0;
  for (let at = 0; at < values.length; at++) {
    const wanted = placeOf(values[at] as number);
    // An odd number is negative: so many empty places.
    if (wanted > place) writeWord(words, 2 * (wanted - place) - 1);
    writeWord(words, 2 * (counts[at] as number));
    place = wanted + 1;
  }
  const plain = Buffer.alloc(headerBytes + words.length);
  plain.writeInt32BE(plainCookie, 0);
  plain.writeInt32BE(words.length, 4);
  plain.writeInt32BE(digits, 12);
  plain.writeBigInt64BE(1n, 16);
  plain.writeBigInt64BE(valueMax, 24);
  plain.writeDoubleBE(1, 32);
  plain.set(words, headerBytes);
  const packed = deflateSync(plain);
  const head = Buffer.alloc(8);
  head.writeInt32BE(compressedCookie, 0);
  head.writeInt32BE(packed.length, 4);
  return Buffer.concat([head, packed]).toString('base64');
}

function writeWord(words: number[], zigzag: number): void {
  let rest = zigzag;
  for (let width = 0; width < 8 && rest >= 128; width++) {
    words.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  words.push(rest);
}
