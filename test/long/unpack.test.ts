// A file of zeros is no bomb; three gigabytes are unpacked for it.
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Unpacker } from '../../src/validate/image/unpack.ts';

const mebibyte = 1024 * 1024;
const bombMsMax = 120_000;

async function unpack(compression: 'gzip' | 'zstd' | 'none', pieces: readonly Uint8Array[]) {
  let bytes = 0;
  const unpacker = new Unpacker(compression, 1024 ** 4, (piece) => {
    bytes += piece.length;
  });
  for (const piece of pieces) await unpacker.write(piece);
  return { ...(await unpacker.finish()), bytes };
}

describe('what is compressed', () => {
  test('may hold a file of zeros; a bomb ends by its ratio', { timeout: bombMsMax }, async () => {
    const zeros = gzipSync(Buffer.alloc(64 * mebibyte));
    const [some, many] = [16, 40].map((count) => Array.from({ length: count }, () => zeros));
    expect(await unpack('gzip', some ?? [])).toMatchObject({ detail: '', bytes: 1024 * mebibyte });
    const bomb = await unpack('gzip', many ?? []);
    expect(bomb.problem).toBe('limit');
    expect(bomb.bytes).toBeLessThanOrEqual(2048 * mebibyte);
  });
});
