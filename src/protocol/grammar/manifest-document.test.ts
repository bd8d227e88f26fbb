import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Descriptor, readManifestDocument } from './manifest-document.ts';
import { mediaTypes } from './media-type.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const blob = { mediaType: mediaTypes.ociLayerGzip, digest: digest, size: 1 };
const configText = { mediaType: mediaTypes.ociConfig, digest: digest, size: 2 };
const manifestText = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: configText,
  layers: [blob],
};
const indexText = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [blob] };

const read = (document: unknown, contentType = '') =>
  readManifestDocument(JSON.stringify(document), contentType);

const map = fc.dictionary(fc.stringMatching(/^[a-z.]{1,8}$/), fc.string(), { maxKeys: 3 });
const descriptor: fc.Arbitrary<Descriptor> = fc.record(
  {
    mediaType: fc.string(),
    digest: fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`),
    size: fc.maxSafeNat(),
    platform: fc.record(
      { os: fc.string(), architecture: fc.string(), variant: fc.string() },
      { requiredKeys: ['os', 'architecture'] },
    ),
    annotations: map,
    urls: fc.array(fc.string()),
    data: fc.string(),
  },
  { requiredKeys: ['mediaType', 'digest', 'size'] },
);
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('readManifestDocument', () => {
  test('reads every index and manifest of valid descriptors', () => {
    fc.assert(
      fc.property(descriptor, fc.array(descriptor, { maxLength: 5 }), (config, list) => {
        expect(read({ ...indexText, manifests: list })).toEqual(
          plain({ kind: 'index', entries: list }),
        );
        expect(read({ ...manifestText, config, layers: list })).toEqual(
          plain({ kind: 'manifest', config, layers: list }),
        );
      }),
    );
  });

  test('never throws, and what it returns fits its type', () => {
    const broken = fc.record(
      {
        mediaType: fc.oneof(fc.constantFrom(...Object.values(mediaTypes)), fc.jsonValue()),
        manifests: fc.oneof(fc.array(fc.oneof(descriptor, fc.jsonValue())), fc.jsonValue()),
        config: fc.oneof(descriptor, fc.jsonValue()),
        layers: fc.oneof(fc.array(fc.oneof(descriptor, fc.jsonValue())), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          broken.map((d) => JSON.stringify(d)),
        ),
        (text) => {
          const document = readManifestDocument(text, '');
          if (typeof document === 'string') {
            expect(document).not.toBe('');
            return;
          }
          const descriptors =
            document.kind === 'index'
              ? document.entries
              : document.kind === 'manifest'
                ? [document.config, ...document.layers]
                : [];
          for (const one of descriptors) {
            expect(one.size).toBeGreaterThanOrEqual(0);
            expect(one.digest).toContain(':');
            expect(typeof one.mediaType).toBe('string');
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ['by Content-Type', { manifests: [] }, mediaTypes.dockerManifestList, 'index'],
    ['by Content-Type alone', { schemaVersion: 1 }, mediaTypes.schema1Signed, 'schema1'],
    ['by mediaType', indexText, 'application/json', 'index'],
    ['by shape, index', { manifests: [blob] }, '', 'index'],
    ['by shape, manifest', { config: configText, layers: [blob] }, '', 'manifest'],
    ['by schemaVersion', { schemaVersion: 1, fsLayers: [] }, '', 'schema1'],
    ['Docker in OCI clothes is the same kind', manifestText, mediaTypes.dockerManifest, 'manifest'],
    ['null is an empty list', { config: configText, layers: null }, '', 'manifest'],
  ])('finds the kind %s', (_, document, contentType, kind) => {
    expect(read(document, contentType)).toMatchObject({ kind });
  });

  test.each([
    ['header against body', indexText, mediaTypes.ociManifest],
    ['index and manifest in one', { ...indexText, ...manifestText }, ''],
    ['index with layers', { ...indexText, layers: [blob] }, mediaTypes.ociIndex],
    ['neither', { schemaVersion: 2 }, ''],
    ['an artifact type only', { mediaType: mediaTypes.ociArtifactManifest, blobs: [] }, ''],
    ['no list', { mediaType: mediaTypes.ociIndex }, ''],
    ['a list that is none', { ...indexText, manifests: {} }, ''],
    ['no layers', { mediaType: mediaTypes.ociManifest, config: configText }, ''],
    ['no config', { mediaType: mediaTypes.ociManifest, layers: [] }, ''],
    ['too many entries', { manifests: Array.from({ length: 10_001 }, () => 0) }, ''],
    ['an array', [indexText], ''],
    ['null', null, ''],
  ])('refuses %s', (_, document, contentType) => {
    expect(read(document, contentType)).toBeTypeOf('string');
  });

  test('the same text under another Content-Type is read anew', () => {
    const bare = { manifests: [blob] };
    for (const _ of [1, 2]) {
      expect(read(bare)).toMatchObject({ kind: 'index' });
      expect(read(bare, mediaTypes.ociManifest)).toBeTypeOf('string');
      expect(read(bare, mediaTypes.schema1)).toEqual({ kind: 'schema1' });
    }
  });

  test('many documents in turn are told apart, long ones too', () => {
    for (const round of [1, 2]) {
      for (let size = round; size < 100; size++) {
        const note = 'x'.repeat(size === 50 ? 100_000 : 0);
        const entries = [{ ...blob, size, annotations: { note } }];
        expect(read({ manifests: entries })).toEqual({ kind: 'index', entries });
      }
    }
  });

  test('refuses what is not JSON', () => {
    expect(readManifestDocument('', '')).toBeTypeOf('string');
    expect(readManifestDocument('<html>', mediaTypes.ociIndex)).toBeTypeOf('string');
  });

  test.each([
    ['mediaType', undefined],
    ['mediaType', 1],
    ['digest', undefined],
    ['digest', 'sha256:abc'],
    ['digest', `SHA256:${'0'.repeat(64)}`],
    ['size', undefined],
    ['size', -1],
    ['size', 1.5],
    ['size', '1'],
    ['size', 2 ** 53],
    ['platform', 'linux'],
    ['platform', { os: 'linux' }],
    ['platform', { os: 'linux', architecture: 'arm', variant: 7 }],
    ['platform', { os: 'linux', architecture: 'arm', 'os.features': 'x' }],
    ['annotations', { a: 1 }],
    ['annotations', []],
    ['urls', 'https://a/'],
    ['urls', [1]],
    ['data', {}],
  ])('names the broken field: %s %j', (field, value) => {
    const broken = { ...blob, [field]: value };
    expect(read({ ...indexText, manifests: [blob, broken] })).toMatch(`manifests[1]: "${field}"`);
    expect(read({ ...manifestText, layers: [broken] })).toMatch(`layers[0]: "${field}"`);
    expect(read({ ...manifestText, config: broken })).toMatch(`config: "${field}"`);
  });

  test('optional fields that are null are absent', () => {
    const platform = { os: 'linux', architecture: 'amd64', variant: null };
    const entry = { ...blob, platform, urls: null, annotations: null, data: null };
    expect(read({ ...indexText, manifests: [entry] })).toStrictEqual({
      kind: 'index',
      entries: [{ ...blob, platform: { os: 'linux', architecture: 'amd64' } }],
    });
  });
});
