// A manifest of Docker's types as one of OCI's, which an OCI layout must have to be read by skopeo. Config and layers
// stay the bytes that they are: Docker's config is OCI's with more in it.
import { createHash } from 'node:crypto';
import { asArray, asObject, asString, type JsonObject, parseJson } from '../../../lib/json.ts';
import { saveFailed } from './failed.ts';
import type { Saved } from './save.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
/** image-spec media-types.md, "Compatibility Matrix"; Docker has no type for zstd but the one that clients made up. */
const ociTypes: Readonly<Record<string, string>> = {
  'application/vnd.docker.container.image.v1+json': 'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.image.rootfs.diff.tar': 'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.docker.image.rootfs.diff.tar.gzip':
    'application/vnd.oci.image.layer.v1.tar+gzip',
  'application/vnd.docker.image.rootfs.diff.tar.zstd':
    'application/vnd.oci.image.layer.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.foreign.diff.tar':
    'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip':
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
};

/** The same where it is OCI's already. @throws UserError */
export function asOci(saved: Saved): Saved {
  if (!saved.mediaType.startsWith('application/vnd.docker.')) return saved;
  const document = asObject(parseJson(saved.text));
  const config = asObject(document?.config);
  const layers = (asArray(document?.layers) ?? []).map(asObject);
  if (document === undefined || config === undefined || layers.includes(undefined)) {
    throw saveFailed('its manifest is none of an image');
  }
  const converted = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: descriptor(config),
    layers: layers.map((layer) => descriptor(layer ?? {})),
  };
  const text = JSON.stringify(converted);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return { text, digest, mediaType: manifestType };
}

function descriptor(fields: JsonObject): JsonObject {
  const type = asString(fields.mediaType) ?? '';
  return { ...fields, mediaType: Object.hasOwn(ociTypes, type) ? ociTypes[type] : type };
}
