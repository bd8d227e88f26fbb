import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { checksumOf } from '../../src/formats/tar/header.ts';
import { wholeBytes } from '../bytes.ts';
import { digestOf } from '../store.ts';
import { DigestCache } from './digest-cache.ts';
import { digestLayers } from './hashing.ts';
import { generated, gzipOf, type Layer, layerBytesMin, layerOf, Stream } from './layer.ts';
import { Work } from './work.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-layer-'));
afterAll(() => rmSync(folder, { recursive: true }));

const stream = new Stream(1);
const work = () => new Work(undefined, undefined);
const nothingKept = new DigestCache(undefined, 1);

/** Around the seams: a file of the stream, a stored block, the smallest. */
const sizes = fc.oneof(
  fc.integer({ min: layerBytesMin, max: 3_500_000 }),
  fc.constantFrom(layerBytesMin, 65_535, 65_540, 65_558, 2 ** 20, 2 ** 20 + 2_048, 2 ** 21 + 2_048),
);

test('layers are real: their digests, their gzip, their size, any range of them', async () => {
  const wanted = fc.array(fc.tuple(sizes, fc.boolean()), { minLength: 1, maxLength: 4 });
  const cut = fc.double({ min: 0, max: 1, noNaN: true });
  await fc.assert(
    fc.asyncProperty(wanted, cut, cut, async (list, from, to) => {
      const layers = list.map(([bytes, isGzip], at) => layerOf(`layer ${at}`, bytes, isGzip));
      const found = await digestLayers(layers, stream, nothingKept, work());
      for (const [at, layer] of layers.entries()) {
        const tar = stream.tar(layer);
        const crc32 = found[at]?.crc32 ?? 0;
        const body = generated(layer.isGzip ? gzipOf(tar, crc32) : tar);
        const blob = Buffer.from(await wholeBytes(body));
        const asked = list[at]?.[0] ?? 0;
        expect(blob.length).toBe(body.length);
        expect(blob.length).toBeLessThanOrEqual(asked);
        expect(blob.length).toBeGreaterThan(asked - 1024);
        expect(found[at]?.digest).toBe(digestOf(blob));
        const unpacked = layer.isGzip ? gunzipSync(blob) : blob;
        expect(found[at]?.diffId).toBe(digestOf(unpacked));
        const [begin = 0, end = 0] = [from, to]
          .map((it) => Math.round(it * blob.length))
          .sort((a, b) => a - b);
        const range = Buffer.from(await wholeBytes(body.subarray(begin, end)));
        expect(range.equals(blob.subarray(begin, end))).toBe(true);
      }
    }),
    { numRuns: 25 },
  );
});

test('every header of the tar is right, and it ends in two empty blocks', async () => {
  const tar = Buffer.from(await wholeBytes(generated(stream.tar(layerOf('a', 2_500_000, false)))));
  const names: string[] = [];
  let at = 0;
  while (tar[at] !== 0) {
    const header = tar.subarray(at, at + 512);
    expect(Number.parseInt(header.toString('latin1', 148, 154), 8)).toBe(checksumOf(header));
    names.push(header.toString('latin1', 0, header.indexOf(0)));
    const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  expect(names[0]).toBe('files/');
  expect(new Set(names).size).toBe(names.length);
  expect(tar.length - at).toBe(1024);
  expect(tar.subarray(at).every((byte) => byte === 0)).toBe(true);
});

test('seed and label make other bytes', async () => {
  const layers = [layerOf('a', 5_000, true), layerOf('b', 5_000, true)];
  const digests = async (seed: number) => {
    const found = await digestLayers(layers, new Stream(seed), nothingKept, work());
    return found.map(({ digest }) => digest);
  };
  const all = [...(await digests(1)), ...(await digests(2))];
  expect(new Set(all).size).toBe(4);
  expect(await digests(1)).toEqual(all.slice(0, 2));
});

test('offsets beyond 4 GiB are reached at once', async () => {
  const layer = layerOf('huge', 20e9, true);
  const body = generated(gzipOf(stream.tar(layer), 0));
  const at = 19e9;
  const whole = Buffer.from(await wholeBytes(body.subarray(at, at + 200_000)));
  const part = Buffer.from(await wholeBytes(body.subarray(at + 100_000, at + 100_100)));
  expect(part.equals(whole.subarray(100_000, 100_100))).toBe(true);
  const trailer = Buffer.from(await wholeBytes(body.subarray(body.length - 4)));
  expect(trailer.readUInt32LE()).toBe(layer.tarBytes % 2 ** 32);
});

test('digests are kept from one start to the next; a damaged file is no harm', async () => {
  const layers: Layer[] = [layerOf('a', 3e6, true), layerOf('b', 2e6, false)];
  const digests = () => digestLayers(layers, stream, new DigestCache(folder, 1), work());
  const first = await digests();
  const cache = new DigestCache(folder, 1);
  expect(layers.map((layer) => cache.get(layer))).toEqual(first);
  expect(new DigestCache(folder, 2).get(layers[0]!)).toBeUndefined();
  const file = join(folder, 'mock-layers-v1-1.json');
  for (const text of [
    '{',
    '[]',
    '{"tar 1 a": 5}',
    JSON.stringify({ 'gzip 1 a': { digest: 'x' } }),
  ]) {
    writeFileSync(file, text);
    expect(await digests()).toEqual(first);
  }
});

test('the work ends when it is asked to', async () => {
  const stop = AbortSignal.abort(new Error('enough'));
  const layers = [layerOf('large', 2e9, false)];
  const digesting = digestLayers(layers, stream, nothingKept, new Work(undefined, stop));
  await expect(digesting).rejects.toThrow('enough');
});
