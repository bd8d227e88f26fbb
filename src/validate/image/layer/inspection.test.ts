// A layer that is no tar is told by its name, and what is compressed otherwise is not called plain.
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Compression } from '../../../formats/compression.ts';
import { rightTar, sha256, tarEntry } from '../cases/fixture.ts';
import { LayerInspection } from './inspection.ts';

async function inspect(bytes: Uint8Array, ...compressions: (Compression | 'any')[]) {
  const layer = new LayerInspection(
    {
      digest: sha256(bytes),
      sizes: new Set(),
      compressions: new Set(compressions),
      diffIds: new Set([sha256(bytes)]),
    },
    1_000_000,
  );
  for (let at = 0; at < bytes.length; at += 100) await layer.write(bytes.subarray(at, at + 100));
  await layer.end();
  return layer.outcome().drafts.map(({ rule, detail }) => `${rule.id}: ${detail}`);
}

const hex = (text: string) => Buffer.concat([Buffer.from(text, 'hex'), Buffer.alloc(600, 7)]);
const xz = hex('fd377a585a000004');
const bzip2 = hex('425a683931415926');

test.each<[Compression | 'any', Buffer, string]>([
  ['gzip', bzip2, 'its media type says gzip, it is compressed by bzip2'],
  ['none', xz, 'its media type says not compressed, it is compressed by xz'],
  ['any', xz, 'it is compressed by xz'],
])(
  'of a layer that should be %s no more is told than its compression',
  async (wanted, bytes, detail) => {
    expect(await inspect(bytes, wanted)).toEqual([`layer-compression: ${detail}`]);
  },
);

test.each([
  ['<!DOCTYPE html>\n<html><head><title>Sign in</title>', 'HTML'],
  [JSON.stringify({ errors: [] }), 'JSON'],
  [hex('504b0304'), 'zip'],
  [hex('303730373031'), 'cpio'],
  [hex('7f454c46'), 'ELF'],
  [gzipSync(rightTar), 'compressed by gzip'],
])('a layer of %j is no tar but %s', async (content, word) => {
  const told = await inspect(gzipSync(content), 'gzip');
  const about = told.filter((it) => it.startsWith('layer-tar'));
  expect(about).toEqual([expect.stringContaining(word)]);
  expect(about.join()).toContain('not a tar archive');
});

test.each([
  [
    'its first header is damaged',
    Buffer.concat([tarEntry({ path: 'a' }).fill(7, 100, 110), Buffer.alloc(1024)]),
  ],
  ['its first header is cut off', tarEntry({ path: 'a' }).subarray(0, 400)],
  ['it has no name', Buffer.alloc(600, Buffer.from([1, 0]))],
  [
    'it breaks behind an entry',
    Buffer.concat([tarEntry({ path: 'BZh91AY' }), Buffer.alloc(512, 'x')]),
  ],
])('of a tar the place is told where %s', async (_, bytes) => {
  const told = await inspect(bytes, 'none');
  expect(told).toEqual([expect.stringMatching(/^layer-tar: the .*(?:header|archive)/)]);
});
