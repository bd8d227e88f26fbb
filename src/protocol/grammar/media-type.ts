// Media types of the registry world, and the grammars of RFC 9110 8.3 (Content-Type) and RFC 6838
// (names). What a document holds is manifest-document.ts.

import { type Cursor, peek, readQuoted, readToken, skipBlanks, skipChar } from './field-value.ts';

export const mediaTypes = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayerTar: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  /** Never released; regclient, oras and others still ask for it. */
  ociArtifactManifest: 'application/vnd.oci.artifact.manifest.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerManifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  schema1: 'application/vnd.docker.distribution.manifest.v1+json',
  schema1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
} as const;

export type ManifestKind = 'index' | 'manifest' | 'schema1';

const kinds: ReadonlyMap<string, ManifestKind> = new Map([
  [mediaTypes.ociIndex, 'index'],
  [mediaTypes.dockerManifestList, 'index'],
  [mediaTypes.ociManifest, 'manifest'],
  [mediaTypes.dockerManifest, 'manifest'],
  [mediaTypes.schema1, 'schema1'],
  [mediaTypes.schema1Signed, 'schema1'],
] as [string, ManifestKind][]);

/** Which document a media type (without parameters, lower case) announces; undefined for others. */
export function kindOfMediaType(mediaType: string): ManifestKind | undefined {
  return kinds.get(mediaType);
}

/** type "/" subtype, each a restricted-name of RFC 6838 section 4.2: at most 127 chars. */
const mediaTypeName =
  /^[A-Za-z0-9][A-Za-z0-9!#$&\-^_.+]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&\-^_.+]{0,126}$/;
const mediaTypeCharsMax = 255;

/** Whether a text can name a media type in a descriptor: no parameters, no blanks. */
export function isMediaType(text: string): boolean {
  return text.length <= mediaTypeCharsMax && mediaTypeName.test(text);
}

export interface ContentType {
  /** `type/subtype`, lower case. */
  readonly type: string;
  /** Names lower case, values as sent; the first of a repeated name. */
  readonly parameters: Readonly<Record<string, string>>;
}

const contentTypeCharsMax = 4_096;

/** Reads a Content-Type value (RFC 9110 8.3.1); undefined when it breaks the grammar anywhere. */
export function parseContentType(value: string): ContentType | undefined {
  if (value.length > contentTypeCharsMax) {
    return undefined;
  }
  const parameters: Record<string, string> = Object.create(null);
  if (isMediaType(value)) {
    // What nearly every registry sends: nothing but a name.
    return { type: value.toLowerCase(), parameters };
  }
  const cursor: Cursor = { text: value, at: 0 };
  skipBlanks(cursor);
  const type = readToken(cursor);
  if (type === '' || !skipChar(cursor, '/')) {
    return undefined;
  }
  const subtype = readToken(cursor);
  if (subtype === '') {
    return undefined;
  }
  skipBlanks(cursor);
  while (cursor.at < value.length) {
    if (!skipChar(cursor, ';') || !readParameter(cursor, parameters)) {
      return undefined;
    }
    skipBlanks(cursor);
  }
  return { type: `${type}/${subtype}`.toLowerCase(), parameters };
}

/** Reads what may follow a semicolon: nothing, or `name=value`. False when it is neither. */
function readParameter(cursor: Cursor, parameters: Record<string, string>): boolean {
  skipBlanks(cursor);
  const name = readToken(cursor).toLowerCase();
  if (name === '') {
    return peek(cursor) === ';' || peek(cursor) === '';
  }
  if (!skipChar(cursor, '=')) {
    return false;
  }
  let value: string;
  if (peek(cursor) === '"') {
    const quoted = readQuoted(cursor);
    if (!quoted.closed) {
      return false;
    }
    value = quoted.value;
  } else {
    value = readToken(cursor);
    if (value === '') {
      return false;
    }
  }
  parameters[name] ??= value;
  return true;
}
