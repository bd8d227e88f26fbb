// Rules about what image-spec asks of documents that every client is to understand, and about what it keeps
// for itself. All is legal to some purpose, so they speak softly.

import { asArray, asObject, asString } from '../../lib/json.ts';
import { nameWithin } from '../../lib/nearest.ts';
import { parseDigest } from '../../protocol/grammar/digest.ts';
import { isMediaType, mediaTypes } from '../../protocol/grammar/media-type.ts';
import { isImageConfig, nearestType, roleOf, withdrawnArtifact } from './media-role.ts';
import {
  type DescriptorAt,
  type JudgedDocument,
  quote,
  type Report,
  type ValueRule,
} from './rule.ts';

const manifestSpec = 'image-spec/manifest.md#image-manifest-property-descriptions';
const indexSpec = 'image-spec/image-index.md#image-index-property-descriptions';
const guidelines = 'image-spec/manifest.md#guidelines-for-artifact-usage';

/** One finding, at the first of those that have the same. */
function reportFirst<T>(
  found: readonly T[],
  report: Report,
  tell: (first: T) => readonly [pointer: string, detail: string],
): void {
  const [first] = found;
  if (first === undefined) return;
  const [pointer, detail] = tell(first);
  report(pointer, found.length > 1 ? `${detail}, ${found.length - 1} more likewise` : detail);
}

interface DigestAt {
  readonly pointer: string;
  readonly digest: unknown;
}

function digestsOf({ kind, value, parts, subject }: JudgedDocument): readonly DigestAt[] {
  if (kind === 'config') {
    const diffIds = asArray(asObject(value.rootfs)?.diff_ids) ?? [];
    return diffIds.map((digest, at) => ({ digest, pointer: `/rootfs/diff_ids/${at}` }));
  }
  return [...parts, ...(subject === undefined ? [] : [subject])].map(({ descriptor, pointer }) => ({
    digest: descriptor.digest,
    pointer: `${pointer}/digest`,
  }));
}

/** Those of image-spec, Registered algorithms. */
const registered: ReadonlySet<string> = new Set(['sha256', 'sha512', 'blake3']);

function algorithmOf(digest: unknown): string | undefined {
  return parseDigest(asString(digest) ?? '')?.algorithm;
}

function checkAlgorithm(document: JudgedDocument, report: Report): void {
  const others = digestsOf(document).filter(
    ({ digest }) => (algorithmOf(digest) ?? 'sha256') !== 'sha256',
  );
  reportFirst(others, report, ({ digest, pointer }) => {
    const algorithm = algorithmOf(digest) ?? '';
    const meant = registered.has(algorithm) ? undefined : nameWithin(1, algorithm, registered);
    const perhaps = meant === undefined ? '' : `, perhaps ${meant} is meant`;
    return [pointer, `the digest has the algorithm ${quote(algorithm)}${perhaps}`];
  });
}

/** Well-formed and none of the known ones, nor nearly one: that is media-type-spelling's. */
function isForeign({ descriptor }: DescriptorAt): boolean {
  const mediaType = asString(descriptor.mediaType) ?? '';
  const isKnown = roleOf(mediaType) !== undefined || nearestType(mediaType) !== undefined;
  return isMediaType(mediaType) && !isKnown;
}

/** Types that some clients know, or knew, and what these are. */
const typesByName: readonly (readonly [mediaType: RegExp, name: string])[] = [
  [/^application\/vnd\.erofs\.layer\.v1$/, 'an EROFS layer, which containerd takes from 2.1 on'],
  // containerd/containerd#13185
  [
    /^application\/vnd\.erofs\.layer\.v1\+zstd$/,
    'an EROFS layer, by zstd for containerd from 2.3 on',
  ],
  [/\+encrypted$/, 'a layer that ocicrypt encrypted, for clients that have a key'],
  [/\.nydus\./, 'a layer of Nydus, which needs its snapshotter'],
  [withdrawnArtifact, 'an artifact manifest, which was removed before image-spec 1.1'],
];

function foreignTypes(parts: readonly DescriptorAt[], what: string, report: Report): void {
  reportFirst(parts.filter(isForeign), report, ({ descriptor, pointer }) => {
    const mediaType = asString(descriptor.mediaType) ?? '';
    const [, known] = typesByName.find(([type]) => type.test(mediaType)) ?? [];
    const name = known ?? `no type of ${what} in image-spec`;
    return [`${pointer}/mediaType`, `${quote(mediaType)} is ${name}`];
  });
}

function layersOf({ parts }: JudgedDocument): readonly DescriptorAt[] {
  return parts.filter(({ pointer }) => pointer.startsWith('/layers/'));
}

/** BuildKit's attestations, beside every image that it makes; tools know them by this type. */
const attestation = 'application/vnd.in-toto+json';

/** Whether a media type sounds like a layer of an image, be it one that we do not know. */
const soundsLikeLayer = /layer|rootfs|\btar\b|erofs|nydus/;

function isLayerLike({ descriptor }: DescriptorAt): boolean {
  return soundsLikeLayer.test(asString(descriptor.mediaType) ?? '');
}

function isAttestation({ descriptor }: DescriptorAt): boolean {
  return descriptor.mediaType === attestation;
}

/** The config is of a container image, and the manifest says no type of artifact. */
function claimsImage({ value }: JudgedDocument): boolean {
  return asObject(value.config)?.mediaType === mediaTypes.ociConfig && value.artifactType == null;
}

function checkLayerTypes(document: JudgedDocument, report: Report): void {
  const layers = layersOf(document);
  // Without any layer of an image it is artifact-unmarked's.
  if (claimsImage(document) && layers.some(isLayerLike)) foreignTypes(layers, 'layers', report);
}

function checkUnmarked(document: JudgedDocument, report: Report): void {
  const layers = layersOf(document);
  const [first] = layers;
  if (first === undefined || !claimsImage(document)) return;
  if (layers.every((layer) => isForeign(layer) && !isLayerLike(layer) && !isAttestation(layer))) {
    const content = quote(first.descriptor.mediaType);
    report('/config/mediaType', `config says container image, the content is ${content}`);
  }
}

function checkLayerEmpty(document: JudgedDocument, report: Report): void {
  const layers = layersOf(document);
  const [first] = layers;
  const configType = asObject(document.value.config)?.mediaType;
  if (first === undefined || layers.length > 1 || isImageConfig(configType)) return;
  // The empty media type stands for two bytes: empty-descriptor's.
  if (first.descriptor.size === 0 && first.descriptor.mediaType !== mediaTypes.ociEmpty) {
    report(`${first.pointer}/size`, 'the only layer of this artifact has no content');
  }
}

function checkFeatures({ parts }: JudgedDocument, report: Report): void {
  for (const { descriptor, pointer } of parts) {
    if (asObject(descriptor.platform)?.features != null) {
      const detail = 'image-spec keeps features for later versions';
      report(`${pointer}/platform/features`, detail, 'name');
    }
  }
}

export const portabilityRules: readonly ValueRule[] = [
  {
    id: 'digest-algorithm',
    level: 'note',
    spec: 'image-spec/descriptor.md#registered-algorithms',
    summary: 'Digests are of SHA-256.',
    fix: 'Use sha256 for what every client is to read; they need to know no other.',
    kinds: ['manifest', 'index', 'descriptor', 'config'],
    check: checkAlgorithm,
  },
  {
    id: 'index-entry-type',
    level: 'note',
    spec: indexSpec,
    summary: 'The entries of an index are image manifests or indexes.',
    fix: 'Refer to an image manifest, which may hold anything; clients skip what they do not know.',
    kinds: ['index'],
    check: ({ parts }, report) => foreignTypes(parts, 'entries', report),
  },
  {
    id: 'layer-type',
    level: 'note',
    spec: manifestSpec,
    summary: 'The layers of a container image are of the types that image-spec lists.',
    fix: 'Use application/vnd.oci.image.layer.v1.tar+gzip for what every client is to run.',
    kinds: ['manifest'],
    check: checkLayerTypes,
  },
  {
    // A MUST of the text, and yet a note: attestations and signatures were written so for years.
    id: 'artifact-unmarked',
    level: 'note',
    spec: guidelines,
    summary: 'What is no container image does not have the config of one.',
    fix: 'Say artifactType, and use a config of its own type or the empty descriptor; scanners take this for an image.',
    kinds: ['manifest'],
    check: checkUnmarked,
  },
  {
    id: 'artifact-layer-empty',
    level: 'warning',
    spec: guidelines,
    summary: 'An artifact that needs no layers has one that is not empty.',
    fix: 'Use the empty descriptor, whose content is {}: registries refuse blobs of no bytes.',
    kinds: ['manifest'],
    check: checkLayerEmpty,
  },
  {
    id: 'platform-features',
    level: 'warning',
    spec: indexSpec,
    summary: 'The platforms of an OCI index have no features.',
    fix: 'Remove it, or use os.features for what the operating system needs.',
    kinds: ['index'],
    check: checkFeatures,
  },
];
