// What an encoded HdrHistogram holds, as pairs of value and count: adding the few pairs of one second costs a
// twentieth of adding two whole histograms, and says the same.
import { inflateSync } from 'node:zlib';

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
    const plain = inflateSync(bytes.subarray(8), { maxOutputLength: bytesMax });
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
