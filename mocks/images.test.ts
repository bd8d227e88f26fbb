import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readManifestDocument } from '../src/protocol/grammar/manifest-document.ts';
import { wholeBytes } from './bytes.ts';
import { noBytes } from './call.ts';
import { type SeededImage, seedImages } from './images.ts';
import { digestOf, Store } from './store.ts';

function seeded(seed: number): { store: Store; images: SeededImage[] } {
  const store = new Store();
  return { store, images: seedImages(store, seed) };
}

const { store, images } = seeded(1);

test('the same seed makes the same images, another seed others', () => {
  const digests = (seed: number) => seeded(seed).images.map(({ digest }) => digest);
  expect(digests(1)).toEqual(images.map(({ digest }) => digest));
  const others = digests(2);
  for (const { digest } of images) expect(others).not.toContain(digest);
});

test('an index, a manifest and a manifest list are there, with their platforms', () => {
  const seen = images.map(({ repository, tag, mediaType, platforms }) => [
    `${repository}:${tag}`,
    mediaType,
    platforms.length,
  ]);
  expect(seen).toEqual([
    ['demo/app:latest', 'application/vnd.oci.image.index.v1+json', 3],
    ['demo/single:1.0', 'application/vnd.oci.image.manifest.v1+json', 1],
    ['demo/legacy:1.0', 'application/vnd.docker.distribution.manifest.list.v2+json', 2],
  ]);
});

test('the index has an attestation that says whom it is about', () => {
  const top = store.manifest('demo/app', 'latest');
  const document = readManifestDocument(Buffer.from(top?.bytes ?? []).toString(), '');
  if (typeof document === 'string' || document.kind !== 'index') throw new Error('no index');
  const attestation = document.entries.at(-1);
  expect(attestation?.platform?.architecture).toBe('unknown');
  const about = attestation?.annotations?.['vnd.docker.reference.digest'];
  expect(document.entries.map(({ digest }) => digest)).toContain(about);
});

describe.each(images)('$repository', ({ repository, platforms }) => {
  const blobOf = (digest: string) => wholeBytes(store.blob(repository, digest) ?? noBytes);

  test.each(platforms)(
    '$platform has what its manifest says',
    async ({ manifest, config, layers }) => {
      const stored = store.manifest(repository, manifest.digest);
      expect(stored?.bytes.length).toBe(manifest.size);
      expect(digestOf(stored?.bytes ?? Buffer.alloc(0))).toBe(manifest.digest);
      for (const { digest, size } of [config, ...layers]) {
        const bytes = await blobOf(digest);
        expect(bytes.length).toBe(size);
        expect(digestOf(bytes)).toBe(digest);
      }
      const blob = Buffer.from(await blobOf(config.digest)).toString();
      const blobs = await Promise.all(layers.map(({ digest }) => blobOf(digest)));
      const unpacked = blobs.map((bytes) => digestOf(gunzipSync(bytes)));
      expect(JSON.parse(blob).rootfs.diff_ids).toEqual(unpacked);
      expect(JSON.parse(blob).history).toHaveLength(layers.length);
      expect(layers.map(({ size }) => size >= 500 && size < 150_000)).toEqual([true, true, true]);
    },
  );
});
