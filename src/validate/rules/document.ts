// Rules about a document as a whole: what it is, what it says that it is, and what it is made of.

import { asObject, asString } from '../../lib/json.ts';
import { mediaTypes, parseContentType } from '../../protocol/grammar/media-type.ts';
import { isDockerMediaType, type Kind, kindOfMediaType } from '../kinds.ts';
import { type JudgedDocument, quote, type Report, type Rule, type ValueRule } from './rule.ts';

export const kindUnknown: Rule = {
  id: 'kind-unknown',
  level: 'error',
  spec: 'image-spec/media-types.md#oci-image-media-types',
  summary: 'The kind of the document can be told from its media type or its shape.',
  fix: 'Add mediaType, or say by --kind what this is.',
};

const images: readonly Kind[] = ['manifest', 'docker-manifest'];
const lists: readonly Kind[] = ['index', 'docker-manifest-list'];
const manifests: readonly Kind[] = [...images, ...lists];

/** Registries must expect to take this much; many refuse more. */
const manifestBytesMax = 4 * 1024 * 1024;

function checkConfusion({ value }: JudgedDocument, report: Report): void {
  const isManifest = 'layers' in value || 'config' in value;
  if ('manifests' in value && (isManifest || 'fsLayers' in value)) {
    const other = ['layers', 'config', 'fsLayers'].find((name) => name in value);
    report('', `it has both "manifests" and "${other}", so it can be read in two ways`);
  } else if ('fsLayers' in value && isManifest) {
    report(
      '',
      'it has members of schema 1 and of an image manifest, so it can be read in two ways',
    );
  }
}

function checkContentType(document: JudgedDocument, report: Report): void {
  const { contentType, value, kind } = document;
  if (contentType === undefined) {
    return;
  }
  const type = parseContentType(contentType)?.type;
  const own = asString(value.mediaType);
  if (type === undefined) {
    report('', `the Content-Type ${quote(contentType)} is not a media type`);
  } else if (own !== undefined && own.toLowerCase() !== type) {
    report('/mediaType', `it came as ${quote(type)} but says ${quote(own)}`);
  } else if (own === undefined && kindOfMediaType(type) !== kind) {
    report('', `it came as ${quote(type)} but has the shape of a ${kind}`);
  }
}

function checkMixedTypes({ kind, parts }: JudgedDocument, report: Report): void {
  const isDocker = kind.startsWith('docker-');
  const strangers = parts.filter(({ descriptor }) => {
    const mediaType = asString(descriptor.mediaType) ?? '';
    return isDocker ? mediaType.startsWith('application/vnd.oci.') : isDockerMediaType(mediaType);
  });
  const [first] = strangers;
  if (first !== undefined) {
    const others = strangers.length - 1;
    const more = others > 0 ? `, as ${others === 1 ? 'is' : 'are'} ${others} more` : '';
    const families = isDocker ? 'an OCI type in a Docker document' : 'a Docker type in an OCI one';
    report(
      `${first.pointer}/mediaType`,
      `${quote(first.descriptor.mediaType)} is ${families}${more}`,
    );
  }
}

export const documentRules: readonly ValueRule[] = [
  {
    id: 'manifest-index-confusion',
    level: 'error',
    spec: 'image-spec/media-types.md#media-type-conflicts',
    summary: 'A document is an index or a manifest, never both.',
    fix: 'Remove what belongs to the other kind: clients disagree about what this is.',
    kinds: [...manifests, 'docker-schema1'],
    check: checkConfusion,
  },
  {
    id: 'content-type-mismatch',
    level: 'error',
    spec: 'distribution-spec/spec.md#pushing-manifests',
    summary: 'The Content-Type that a manifest comes with is the media type that it says.',
    fix: 'Push it with its own media type, and let the registry keep that.',
    kinds: [...manifests, 'docker-schema1'],
    check: checkContentType,
  },
  {
    id: 'mixed-media-types',
    level: 'warning',
    spec: 'image-spec/media-types.md#compatibility-matrix',
    summary: 'A document does not mix Docker and OCI media types.',
    fix: 'Convert the whole image to one format; skopeo and CRI-O refuse some mixtures.',
    kinds: manifests,
    check: checkMixedTypes,
  },
  {
    id: 'manifest-size',
    level: 'warning',
    spec: 'distribution-spec/spec.md#pushing-manifests',
    summary: 'A manifest or index is no larger than 4 MiB.',
    fix: 'Move embedded data and annotations into blobs, or split the index.',
    kinds: [...manifests, 'docker-schema1'],
    check({ bytes }, report) {
      if (bytes > manifestBytesMax) {
        report('', `it has ${bytes} bytes, more than the ${manifestBytesMax} to count on`);
      }
    },
  },
  {
    id: 'artifact-image-config',
    level: 'warning',
    spec: 'image-spec/manifest.md#guidelines-for-artifact-usage',
    summary: 'An artifact does not have the configuration of a container image.',
    fix: 'Use a media type of the artifact or the empty descriptor; for an image drop artifactType.',
    kinds: ['manifest'],
    check({ value }, report) {
      const configType = asObject(value.config)?.mediaType;
      if (value.artifactType !== undefined && configType === mediaTypes.ociConfig) {
        report('/config/mediaType', 'artifactType says artifact, config says container image');
      }
    },
  },
];
