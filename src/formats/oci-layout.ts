// An OCI image layout (image-spec image-layout.md): the files by which it is known, where blobs lie, and what
// index.json lists, read leniently. What of it is wrong is judged by src/validate, refused by mocks.

import { asArray, asInteger, asObject, asString, type JsonObject } from '../lib/json.ts';

/** The version that there is (image-layout.md, "oci-layout file"). */
export const layoutVersion = '1.0.0';
/** The file that marks a layout. */
export const markerFile = 'oci-layout';
export const indexFile = 'index.json';
/** The folder of the blobs. */
export const blobsFolder = 'blobs';
/** Annotation with the name, in practice the tag, of an entry (image-layout.md, "index.json file"). */
export const refNameKey = 'org.opencontainers.image.ref.name';
/** Annotation of containerd with the whole name of an entry. */
const containerdNameKey = 'io.containerd.image.name';

/** `blobs/ALGORITHM/ENCODED`. */
export function pathOfDigest(digest: string): string {
  return `${blobsFolder}/${digest.replace(':', '/')}`;
}

/** What the file oci-layout holds. */
export const newMarker = JSON.stringify({ imageLayoutVersion: layoutVersion });

/** The version that the value of oci-layout tells; undefined when it tells none. */
export function versionOfMarker(marker: unknown): string | undefined {
  return asString(asObject(marker)?.imageLayoutVersion);
}

/** An entry of index.json. What is not of its type is undefined, and nothing more has been looked at. */
export interface LayoutEntry {
  /** The descriptor as it is written. */
  readonly fields: JsonObject | undefined;
  readonly mediaType: string | undefined;
  readonly digest: string | undefined;
  /** Bytes; may be negative. */
  readonly size: number | undefined;
  /** `org.opencontainers.image.ref.name`. */
  readonly refName: string | undefined;
  /** `io.containerd.image.name`. */
  readonly containerdName: string | undefined;
}

/**
 * What the value of index.json lists, for `layoutEntry`; undefined when it has no list. null is one without
 * entries: Go writes it so. The caller bounds how many it takes.
 */
export function layoutList(index: unknown): readonly unknown[] | undefined {
  const manifests = asObject(index)?.manifests;
  return manifests === null ? [] : asArray(manifests);
}

export function layoutEntry(value: unknown): LayoutEntry {
  const fields = asObject(value);
  const annotations = asObject(fields?.annotations);
  return {
    fields,
    mediaType: asString(fields?.mediaType),
    digest: asString(fields?.digest),
    size: asInteger(fields?.size),
    refName: asString(annotations?.[refNameKey]),
    containerdName: asString(annotations?.[containerdNameKey]),
  };
}
