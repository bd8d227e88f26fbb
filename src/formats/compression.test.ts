import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { compressionOf } from './compression.ts';

test.each([
  ['gzip', gzipSync('')],
  ['zstd', zstdCompressSync('')],
  ['zstd', Buffer.from('502a4d18', 'hex')],
  ['zstd', Buffer.from('5f2a4d18', 'hex')],
  ['none', Buffer.from('602a4d18', 'hex')],
  ['none', Buffer.from('1f')],
  ['none', Buffer.alloc(0)],
])('%s is known by its first bytes', (compression, bytes) => {
  expect(compressionOf(bytes)).toBe(compression);
});
