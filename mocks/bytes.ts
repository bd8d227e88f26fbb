// Working with bodies that are bytes or are made as they are sent (call.ts), without holding them whole.
import { type Body, type ByteSource, chunksOf } from './call.ts';

/** One body after the other. */
export function joined(parts: readonly Body[]): ByteSource {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return {
    length,
    subarray(begin = 0, end = length) {
      const inside: Body[] = [];
      let at = 0;
      for (const part of parts) {
        const from = Math.max(0, begin - at);
        const to = Math.min(part.length, end - at);
        if (from < to) inside.push(part.subarray(from, to));
        at += part.length;
      }
      return joined(inside);
    },
    async *chunks() {
      for (const part of parts) yield* chunksOf(part);
    },
  };
}

/** The same body with one bit changed in its byte `at`. */
export function withFlippedBit(body: Body, at: number): Body {
  if (body instanceof Uint8Array) {
    const flipped = Uint8Array.from(body);
    flipped[at] = (flipped[at] ?? 0) ^ 0x01;
    return flipped;
  }
  const one = body.subarray(at, at + 1);
  const flipped: ByteSource = {
    length: 1,
    subarray: (begin, end) => joined(begin === 0 && end !== 0 ? [flipped] : []),
    async *chunks() {
      for await (const [byte = 0] of chunksOf(one)) yield Uint8Array.of(byte ^ 0x01);
    },
  };
  return joined([body.subarray(0, at), flipped, body.subarray(at + 1)]);
}

/** The whole body; only for what is known to be small. */
export async function wholeBytes(body: Body): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.chunks()) chunks.push(new Uint8Array(chunk));
  return Buffer.concat(chunks);
}
