// What the known media types are for, and the rule that each stands where it belongs. Unknown types
// stand anywhere: image-spec lets artifacts use them (manifest.md, `layers`).

import { asString } from '../../lib/json.ts';
import { nameWithin } from '../../lib/nearest.ts';
import { remember } from '../../lib/remember.ts';
import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import {
  type DescriptorAt,
  type JudgedDocument,
  quote,
  type Report,
  type ValueRule,
} from './rule.ts';

type Role = 'manifest' | 'index' | 'configuration' | 'layer' | 'empty';

const ociLayer = 'application/vnd.oci.image.layer.';
/** OCI's layers with distribution restrictions, deprecated. */
export const nondistributablePrefix = `${ociLayer}nondistributable.v1.tar`;
/** Docker's layers that are fetched from elsewhere and never pushed. */
export const foreignPrefix = 'application/vnd.docker.image.rootfs.foreign.diff.tar';

/** Types of artifact manifests that were in drafts of image-spec 1.1, or before. */
export const withdrawnArtifact =
  /^application\/vnd\.(?:oci\.artifact|cncf\.oras\.artifact)\.manifest\.v1\+json$/;

const roles: ReadonlyMap<string, Role> = new Map<string, Role>([
  [mediaTypes.ociManifest, 'manifest'],
  [mediaTypes.dockerManifest, 'manifest'],
  [mediaTypes.schema1, 'manifest'],
  [mediaTypes.schema1Signed, 'manifest'],
  [mediaTypes.ociIndex, 'index'],
  [mediaTypes.dockerManifestList, 'index'],
  [mediaTypes.ociConfig, 'configuration'],
  [mediaTypes.dockerConfig, 'configuration'],
  [mediaTypes.ociEmpty, 'empty'],
  ...['', '+gzip', '+zstd'].flatMap((ending): [string, Role][] => [
    [`${mediaTypes.ociLayerTar}${ending}`, 'layer'],
    [`${nondistributablePrefix}${ending}`, 'layer'],
  ]),
  ...['', '.gzip', '.zstd'].flatMap((ending): [string, Role][] => [
    [`application/vnd.docker.image.rootfs.diff.tar${ending}`, 'layer'],
    [`${foreignPrefix}${ending}`, 'layer'],
  ]),
]);

/** What may stand in each place besides unknown types. */
const allowed = {
  config: ['configuration', 'empty'],
  layers: ['layer', 'empty'],
  manifests: ['manifest', 'index'],
  subject: ['manifest', 'index'],
} as const satisfies Record<string, readonly Role[]>;

/** What a known media type is for; undefined for others. */
export function roleOf(mediaType: unknown): Role | undefined {
  return roles.get(asString(mediaType) ?? '');
}

export function isImageConfig(mediaType: unknown): boolean {
  return roleOf(mediaType) === 'configuration';
}

function checkRoles({ parts, subject, value }: JudgedDocument, report: Report): void {
  const config = parts.find(({ pointer }) => pointer === '/config')?.descriptor;
  // What the layers of an artifact hold is the artifact's business.
  const isImage = isImageConfig(config?.mediaType) && value.artifactType === undefined;
  function check({ descriptor, pointer }: DescriptorAt, place: keyof typeof allowed): void {
    const role = roleOf(descriptor.mediaType);
    if (role !== undefined && !(allowed[place] as readonly Role[]).includes(role)) {
      const what = `${/^[ei]/.test(role) ? 'an' : 'a'} ${role}${role === 'empty' ? ' blob' : ''}`;
      report(`${pointer}/mediaType`, `${quote(descriptor.mediaType)} is the type of ${what}`);
    }
  }
  for (const part of parts) {
    if (part.descriptor === config) {
      check(part, 'config');
    } else if (part.pointer.startsWith('/manifests/')) {
      check(part, 'manifests');
    } else if (isImage) {
      check(part, 'layers');
    }
  }
  if (subject !== undefined) {
    check(subject, 'subject');
  }
}

/** Nearer to a known type than this, and yet unknown, a type is a misspelt one. */
const misspeltEdits = 2;

function checkSpelling({ parts, subject }: JudgedDocument, report: Report): void {
  for (const { descriptor, pointer } of subject === undefined ? parts : [...parts, subject]) {
    const type = asString(descriptor.mediaType) ?? '';
    const meant = nearestType(type);
    if (meant !== undefined) {
      report(`${pointer}/mediaType`, `${quote(type)} is not known, perhaps ${meant} is meant`);
    }
  }
}

/** The known type that an unknown one is nearly. Remembered: the same few stand in every descriptor. */
export const nearestType = remember((type: string) => {
  if (roles.has(type)) return undefined;
  const known = [...roles.keys()];
  return (
    nameWithin(misspeltEdits, type, known) ?? known.find((it) => it.replace('.v1', '') === type)
  );
});

export const roleRules: readonly ValueRule[] = [
  {
    id: 'media-type-spelling',
    level: 'warning',
    spec: 'image-spec/media-types.md#oci-image-media-types',
    summary: 'No media type has nearly the name of a known one.',
    fix: 'Correct the media type: clients take an unknown one for an artifact, or refuse it.',
    kinds: ['manifest', 'index', 'docker-manifest', 'docker-manifest-list', 'descriptor'],
    check: checkSpelling,
  },
  {
    id: 'media-type-misplaced',
    level: 'warning',
    spec: 'image-spec/image-index.md#image-index-property-descriptions',
    summary:
      'A configuration, layer, index or manifest is referred to in the place that is for it.',
    fix: 'Correct the media type, or move the descriptor; clients refuse or skip it here.',
    kinds: ['manifest', 'index', 'docker-manifest', 'docker-manifest-list'],
    check: checkRoles,
  },
];
