// Unpacks bodies that come packed to a client that asked for it so (Ask.unpacks): what Go's transport does
// with gzip, and containerd with deflate and zstd besides.
import type { Transform } from 'node:stream';
import { createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib';
import type { HeaderLine, HttpRequest, TransportFailure } from '../protocol/talk.ts';

const unpackers: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  // Without the zlib frame, as containerd reads it.
  deflate: createInflateRaw,
  zstd: createZstdDecompress,
};

/** Undefined for a body that is taken as it comes. Not of a part: it need not begin where packing began. */
export function unpackerOf(
  { ask }: HttpRequest,
  status: number,
  lines: readonly HeaderLine[],
): Transform | undefined {
  if (ask.unpacks !== true || ask.method === 'HEAD' || status === 206) return undefined;
  const coding = lines.find(([name]) => name.toLowerCase() === 'content-encoding')?.[1];
  const key = coding?.trim().toLowerCase() ?? '';
  return Object.hasOwn(unpackers, key) ? unpackers[key]?.() : undefined;
}

/** A packed body that ends early is short; one that is not packed at all, no HTTP of ours. */
export function failureOfUnpacking(error: NodeJS.ErrnoException): TransportFailure {
  return error.code === 'Z_BUF_ERROR' ? 'short-body' : 'bad-http';
}
