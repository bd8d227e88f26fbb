// Faults of registries that know fewer manifests than builders make: what they refuse, or fall over.
import { asArray, asObject, asString, type JsonObject, parseJson } from '../../../src/lib/json.ts';
import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import type { Fault } from '../fault.ts';
import { mayPush } from '../kit/calls.ts';
import { fail } from '../kit/words.ts';

interface Row {
  readonly id: string;
  readonly title: string;
  readonly seenIn: readonly string[];
  /** Part of the id of the check that is about it. */
  readonly shape: string;
  readonly refusal: ReturnType<typeof fail>;
  isMeant(document: JsonObject): boolean;
}

const invalid = fail(400, 'MANIFEST_INVALID');
const crash = fail(500, 'UNSUPPORTED');

const rows: readonly Row[] = [
  {
    id: 'index-twice-crash',
    title: 'An index that lists the same manifest twice is answered 500',
    seenIn: ['harbor#16718'],
    shape: 'index-twice',
    refusal: crash,
    isMeant: (document) => {
      const digests = entriesOf(document).map(({ digest }) => digest);
      return new Set(digests).size < digests.length;
    },
  },
  {
    id: 'index-unknown-platform-refused',
    title: 'An index with an entry for the platform unknown/unknown is answered 400',
    seenIn: [],
    shape: 'index-attestation',
    refusal: invalid,
    isMeant: (document) => platformsOf(document).some(({ os }) => os === 'unknown'),
  },
  {
    id: 'index-os-version-refused',
    title: 'An index with a platform that has os.version or os.features is answered 400',
    seenIn: [],
    shape: 'index-variants',
    refusal: invalid,
    isMeant: (document) =>
      platformsOf(document).some(
        (platform) => 'os.version' in platform || 'os.features' in platform,
      ),
  },
  {
    id: 'index-mixed-refused',
    title: 'An OCI index that lists Docker manifests is answered 400',
    seenIn: [],
    shape: 'index-docker',
    refusal: invalid,
    isMeant: (document) =>
      document.mediaType === mediaTypes.ociIndex &&
      entriesOf(document).some(({ mediaType }) => mediaType === mediaTypes.dockerManifest),
  },
  {
    id: 'layer-zstd-refused',
    title: 'An image with a layer that is compressed by zstd is answered 400',
    seenIn: [],
    shape: 'zstd-layers',
    refusal: invalid,
    isMeant: (document) =>
      layersOf(document).some(({ mediaType }) => asString(mediaType)?.endsWith('+zstd') === true),
  },
  {
    id: 'layer-size-overflow',
    title: 'An image with a layer whose size needs more than 31 bits is answered 500',
    seenIn: [],
    shape: 'huge-layer',
    refusal: crash,
    isMeant: (document) => layersOf(document).some(({ size }) => Number(size) >= 2 ** 31),
  },
];

export const shapeFaults: readonly Fault[] = rows.map(
  ({ id, title, seenIn, shape, refusal, isMeant }): Fault => ({
    id,
    title,
    layer: 'response',
    seenIn,
    noticedBy: [`manifest-put-${shape}`],
    on: {
      at: ['manifest'],
      methods: ['PUT'],
      when: ({ body }) => isMeant(asObject(parseJson(Buffer.from(body).toString())) ?? {}),
    },
    instead: (scene) => (mayPush(scene) ? refusal() : undefined),
  }),
);

function objectsIn(value: unknown): readonly JsonObject[] {
  return (asArray(value) ?? []).flatMap((each): JsonObject[] => {
    const object = asObject(each);
    return object === undefined ? [] : [object];
  });
}

function entriesOf({ manifests }: JsonObject): readonly JsonObject[] {
  return objectsIn(manifests);
}

function layersOf({ layers }: JsonObject): readonly JsonObject[] {
  return objectsIn(layers);
}

function platformsOf(document: JsonObject): readonly JsonObject[] {
  return objectsIn(entriesOf(document).map(({ platform }) => platform));
}
