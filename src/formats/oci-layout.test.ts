// What is read of a layout, and what is not of its type.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  layoutEntry,
  layoutList,
  layoutVersion,
  newMarker,
  pathOfDigest,
  versionOfMarker,
} from './oci-layout.ts';

describe('an OCI layout', () => {
  test('is marked with its version', () => {
    expect(versionOfMarker(JSON.parse(newMarker))).toBe(layoutVersion);
    expect([{}, [], 'x', { imageLayoutVersion: 1 }].map(versionOfMarker)).toEqual(
      Array.from({ length: 4 }),
    );
  });

  test('has a blob where its digest says', () => {
    expect(pathOfDigest('sha256:ab')).toBe('blobs/sha256/ab');
    expect(pathOfDigest('sha256+b64:ab')).toBe('blobs/sha256+b64/ab');
  });

  test.each([
    ['entries', { manifests: [1, {}] }, [1, {}]],
    ['null for none', { manifests: null }, []],
    ['no list', { manifests: {} }, undefined],
    ['nothing', {}, undefined],
    ['no object', [], undefined],
  ])('with %s in index.json', (_, index, list) => {
    expect(layoutList(index)).toEqual(list);
  });

  test('has entries with names', () => {
    const annotations = {
      'org.opencontainers.image.ref.name': '1',
      'io.containerd.image.name': 'docker.io/team/app:1',
    };
    const fields = { mediaType: 'a/b', digest: 'sha256:x', size: 3, annotations };
    expect(layoutEntry(fields)).toEqual({
      fields,
      mediaType: 'a/b',
      digest: 'sha256:x',
      size: 3,
      refName: '1',
      containerdName: 'docker.io/team/app:1',
    });
  });

  test('of any values has entries of the right types or undefined', () => {
    const entry = fc.record(
      { mediaType: fc.json(), digest: fc.json(), size: fc.json(), annotations: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), entry), (value) => {
        const { mediaType, digest, size, refName } = layoutEntry(value);
        for (const text of [mediaType, digest, refName]) {
          expect(['string', 'undefined']).toContain(typeof text);
        }
        expect(size === undefined || Number.isSafeInteger(size)).toBe(true);
      }),
    );
  });
});
