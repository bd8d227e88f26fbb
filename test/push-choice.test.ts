// What each push of a run is: repetition, shares, and blobs that are chosen again.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlannedPush } from '../scenarios/lib/plan.ts';
import { configText, layersOf, manifestText } from '../scenarios/lib/push-choice.ts';
import { blobBytesOf } from '../src/run/load/push/push.ts';

const planned: PlannedPush = {
  registryUrl: 'http://h',
  repository: 'a',
  seed: 7,
  run: 'r',
  vus: 1,
  layers: 3,
  bytes: [
    { value: 2048, weight: 3 },
    { value: 4096, weight: 1 },
  ],
  upload: [
    { value: 'monolithic', weight: 1 },
    { value: 'chunked', weight: 1 },
  ],
  chunkBytes: 1024,
};

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

test('every layer is new, and the same in every run that is made alike', () => {
  const all = numbers(200).flatMap((number) => layersOf(planned, number));
  expect(new Set(all.map(({ content }) => content.number)).size).toBe(600);
  expect(numbers(200).flatMap((number) => layersOf(planned, number))).toEqual(all);
  const small = all.filter(({ content }) => content.size === 2048).length / all.length;
  expect(small).toBeGreaterThan(0.65);
  expect(small).toBeLessThan(0.85);
  const chunked = all.filter(({ form }) => form === 'chunked').length / all.length;
  expect(chunked).toBeGreaterThan(0.4);
  expect(chunked).toBeLessThan(0.6);
});

test('another run or seed has other content', () => {
  const seedOf = (push: PlannedPush) => layersOf(push, 0)[0]?.content.seed;
  const seeds = [planned, { ...planned, run: 's' }, { ...planned, seed: 8 }].map(seedOf);
  expect(new Set(seeds).size).toBe(3);
});

test('of a number of blobs, an image has different ones, which are always the same', () => {
  const arbitrary = fc.record({
    blobs: fc.integer({ min: 3, max: 50 }),
    number: fc.nat(1_000_000),
    seed: fc.nat(),
  });
  const known = new Map<string, unknown>();
  fc.assert(
    fc.property(arbitrary, ({ blobs, number, seed }) => {
      const chosen = layersOf({ ...planned, blobs, seed }, number);
      expect(new Set(chosen.map(({ content }) => content.number)).size).toBe(3);
      for (const one of chosen) {
        expect(one.content.number).toBeLessThan(blobs);
        const name = `${seed} ${one.content.number}`;
        expect(known.get(name) ?? one).toEqual(one);
        known.set(name, one);
      }
    }),
  );
});

test('sizes are what a tar can have, never less than was wished for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (bytes) => {
      const size = blobBytesOf(bytes);
      expect(size % 512).toBe(0);
      expect(size).toBeGreaterThanOrEqual(Math.max(bytes, 2048));
      expect(size - bytes).toBeLessThan(2048);
    }),
  );
});

test('config and manifest name the layers in their order', () => {
  const layers = [
    { digest: 'sha256:1', size: 1 },
    { digest: 'sha256:2', size: 2 },
  ];
  const platform = { os: 'linux', architecture: 'arm', variant: 'v7' };
  const config = JSON.parse(configText(platform, 't', layers));
  expect(config).toMatchObject({ ...platform, rootfs: { diff_ids: ['sha256:1', 'sha256:2'] } });
  const manifest = JSON.parse(manifestText({ digest: 'sha256:3', size: 3 }, layers));
  expect(manifest.config).toMatchObject({ digest: 'sha256:3', size: 3 });
  expect(manifest.layers).toMatchObject(layers);
});
