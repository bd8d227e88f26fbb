// The kinds of document that `validate` knows, and how a kind is told from the content alone: the
// shape decides between manifest, index and config, the media type between OCI and Docker.

import { asArray, asObject, asString, type JsonObject } from '../lib/json.ts';
import { mediaTypes, parseContentType } from '../protocol/grammar/media-type.ts';
import { type OtherKind, otherKindOf, otherSchemaFiles } from './other-kinds.ts';

/** Every kind with a schema of its own, and the file of it in schemas/. */
export const schemaFiles = {
  manifest: 'oci-manifest.schema.json',
  index: 'oci-index.schema.json',
  config: 'oci-config.schema.json',
  descriptor: 'oci-descriptor.schema.json',
  'docker-manifest': 'docker-manifest.schema.json',
  'docker-manifest-list': 'docker-manifest-list.schema.json',
  'docker-config': 'docker-config.schema.json',
  'docker-schema1': 'docker-schema1.schema.json',
  ...otherSchemaFiles,
} as const;

export type SchemaKind = keyof typeof schemaFiles;

/** Kinds of image documents. */
export type ImageKind = Exclude<SchemaKind, OtherKind>;

/** What `--kind` accepts; manifest.json of docker save is judged by code alone. */
export type Kind = SchemaKind | 'docker-save';

export const kinds: readonly Kind[] = [
  ...(Object.keys(schemaFiles) as SchemaKind[]),
  'docker-save',
];

const kindByMediaType: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  [mediaTypes.ociManifest, 'manifest'],
  [mediaTypes.ociIndex, 'index'],
  [mediaTypes.ociConfig, 'config'],
  ['application/vnd.oci.descriptor.v1+json', 'descriptor'],
  [mediaTypes.dockerManifest, 'docker-manifest'],
  [mediaTypes.dockerManifestList, 'docker-manifest-list'],
  [mediaTypes.dockerConfig, 'docker-config'],
  [mediaTypes.schema1, 'docker-schema1'],
  [mediaTypes.schema1Signed, 'docker-schema1'],
]);

/** The media types of documents that have a kind. */
export const documentMediaTypes: readonly string[] = [...kindByMediaType.keys()];

/** The kind that a media type announces; undefined for a type that is none of ours. */
export function kindOfMediaType(mediaType: string): Kind | undefined {
  return kindByMediaType.get(mediaType);
}

/** Of images and plugins; Docker's artifacts, such as models, have types of its own in OCI manifests. */
const dockerFormat = /^application\/vnd\.docker\.(?:distribution|container|image|plugin)\./;

export function isDockerMediaType(mediaType: string): boolean {
  return dockerFormat.test(mediaType);
}

/** Whether a value was meant as manifest.json of docker save. */
function isSaveList(value: unknown): boolean {
  const first = asObject(asArray(value)?.[0]);
  return first !== undefined && 'Config' in first && 'Layers' in first;
}

/** Members of an image configuration that only Docker's own builders write. */
const dockerConfigMembers = ['docker_version', 'container', 'container_config'];

/**
 * Tells what a document is. `contentType` is that of the transport, if there was one; it only
 * helps a document that does not say its own media type.
 */
export function detectKind(value: unknown, contentType?: string): Kind | undefined {
  const document = asObject(value);
  if (document === undefined) {
    return isSaveList(value) ? 'docker-save' : undefined;
  }
  const transported = contentType === undefined ? undefined : parseContentType(contentType)?.type;
  const mediaType = asString(document.mediaType) ?? transported ?? '';
  const announced = kindOfMediaType(mediaType);
  switch (shapeOf(document)) {
    case 'schema1':
      return 'docker-schema1';
    case 'index':
      return isDocker(mediaType, entryMediaType(document)) ? 'docker-manifest-list' : 'index';
    case 'manifest':
      return isDocker(mediaType, configMediaType(document)) ? 'docker-manifest' : 'manifest';
    case 'config': {
      const byDocker = dockerConfigMembers.some((member) => member in document);
      return byDocker || announced === 'docker-config' ? 'docker-config' : 'config';
    }
    case 'descriptor':
      return 'descriptor';
    case 'ambiguous':
      return announced ?? 'manifest';
    case 'none':
      return announced ?? otherKindOf(document);
  }
}

type Shape = 'schema1' | 'index' | 'manifest' | 'config' | 'descriptor' | 'ambiguous' | 'none';

function shapeOf(document: JsonObject): Shape {
  const isIndex = 'manifests' in document;
  const hasLayers = 'layers' in document && !('rootfs' in document);
  const isManifest = hasLayers || asObject(document.config)?.digest !== undefined;
  const isSchema1 = 'fsLayers' in document;
  if (isIndex ? isManifest || isSchema1 : isManifest && isSchema1) {
    return 'ambiguous';
  }
  if (isIndex || isManifest) {
    return isIndex ? 'index' : 'manifest';
  }
  if (isSchema1 || document.schemaVersion === 1) {
    return 'schema1';
  }
  if ('rootfs' in document || ('architecture' in document && 'os' in document)) {
    return 'config';
  }
  const isDescriptor = 'digest' in document || 'size' in document;
  return isDescriptor && !('schemaVersion' in document) ? 'descriptor' : 'none';
}

/** The document's own media type decides; one that says nothing is known by what it refers to. */
function isDocker(own: string, referred: string): boolean {
  return isDockerMediaType(own === '' ? referred : own);
}

function configMediaType(document: JsonObject): string {
  return asString(asObject(document.config)?.mediaType) ?? '';
}

function entryMediaType(document: JsonObject): string {
  return asString(asObject(asArray(document.manifests)?.[0])?.mediaType) ?? '';
}
