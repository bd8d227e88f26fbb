// What is read of manifest.json, and what is not of its type.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { savedImages, savedImagesMax, textsOf } from './docker-save.ts';

test('an image has its config, layers and names', () => {
  const image = { Config: 'a.json', Layers: ['b', 'c'], RepoTags: ['d:1'], Parent: 'e' };
  expect(savedImages([image])).toEqual([
    { config: 'a.json', layers: ['b', 'c'], repoTags: ['d:1'] },
  ]);
});

test('what is of another type is undefined; null is an empty list, as Go writes it', () => {
  expect(savedImages([{ Config: 1, Layers: null }, 'x', { Layers: [1], RepoTags: {} }])).toEqual([
    { config: undefined, layers: [], repoTags: [] },
    undefined,
    { config: undefined, layers: undefined, repoTags: undefined },
  ]);
});

test.each([[{}], ['x'], [null], [Array.from({ length: savedImagesMax + 1 })]])(
  'no list, or far too long a one',
  (value) => {
    expect(savedImages(value)).toBe(undefined);
  },
);

test('any value is read or undefined', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(savedImages(value) === undefined).toBe(!Array.isArray(value));
      expect(textsOf(value)?.every((it) => typeof it === 'string') ?? true).toBe(true);
    }),
  );
});
