// The few ASN.1 types that a certificate is made of, in DER (X.690). Writes only.

const encoder = new TextEncoder();

/** One tag, its length and what it holds. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag, ...lengthBytes(content.length)), content]);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return [0x80 | bytes.length, ...bytes];
}

export const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]) => der(0x31, ...parts);
export const octets = (content: Uint8Array) => der(0x04, content);
export const text = (value: string) => der(0x0c, encoder.encode(value));
export const boolean = (value: boolean) => der(0x01, Buffer.of(value ? 0xff : 0));

/** A whole number that is not negative, from its big-endian bytes. */
export function integer(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const content = bytes.subarray(start);
  return (content[0] ?? 0) < 0x80 ? der(0x02, content) : der(0x02, Buffer.of(0), content);
}

/** Bits in whole bytes, less `unused` at the end. */
export function bits(content: Uint8Array, unused = 0): Uint8Array {
  return der(0x03, Buffer.of(unused), content);
}

/** An object identifier in dots. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([40 * first + second, ...rest].flatMap(base128)));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) bytes.unshift(0x80 | (left & 0x7f));
  return bytes;
}

/** `YYYYMMDDhhmmssZ`; as UTCTime before 2050, which RFC 5280 section 4.1.2.5 demands. */
export function time(date: Date): Uint8Array {
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, '');
  return date.getUTCFullYear() < 2050
    ? der(0x17, encoder.encode(digits.slice(2)))
    : der(0x18, encoder.encode(digits));
}
