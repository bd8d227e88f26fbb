// Unpacks bodies that come packed to a client that asked for it so (Ask.unpacks): what Go's transport does
// with gzip, and containerd with deflate and zstd besides.
import type { Transform } from 'node:stream';
import { createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib';
import type { Ask, HeaderLine, HttpRequest, TransportFailure } from '../protocol/talk.ts';

const unpackers: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  // Without the zlib frame, as containerd reads it.
  deflate: createInflateRaw,
  zstd: createZstdDecompress,
};

/** Undefined for a body that is taken as it comes. */
export function unpackerOf(
  { ask }: HttpRequest,
  status: number,
  lines: readonly HeaderLine[],
): Transform | undefined {
  return isUnpacked(ask, status, lines) ? unpackers[codingOf(lines)]?.() : undefined;
}

/** Not a part: it need not begin where packing began. */
export function isUnpacked(
  { unpacks, method }: Ask,
  status: number,
  lines: readonly HeaderLine[],
): boolean {
  if (unpacks !== true || method === 'HEAD' || status === 206) return false;
  return Object.hasOwn(unpackers, codingOf(lines));
}

function codingOf(lines: readonly HeaderLine[]): string {
  const coding = lines.find(([name]) => name.toLowerCase() === 'content-encoding')?.[1];
  return coding?.trim().toLowerCase() ?? '';
}

/** A packed body that ends early is short; one that is not packed at all, no HTTP of ours. */
export function failureOfUnpacking(error: NodeJS.ErrnoException): TransportFailure {
  return error.code === 'Z_BUF_ERROR' ? 'short-body' : 'bad-http';
}
