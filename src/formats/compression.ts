// How content is compressed, by its first bytes.

export type Compression = 'gzip' | 'zstd' | 'none';

/** First bytes, in hex. Zstandard data may begin with a frame to skip (RFC 8878, section 3.1.2). */
const magics: readonly (readonly [compression: Compression, bytes: RegExp])[] = [
  ['gzip', /^1f8b/],
  ['zstd', /^(?:28b52ffd|5[0-9a-f]2a4d18)/],
];

/** As many bytes as `compressionOf` looks at. */
export const magicBytes = 4;

/** How content that begins with these bytes is compressed. */
export function compressionOf(head: Uint8Array): Compression {
  const hex = Buffer.from(head.subarray(0, magicBytes)).toString('hex');
  return magics.find(([, bytes]) => bytes.test(hex))?.[0] ?? 'none';
}
