// manifest.json of an archive that `docker save`, podman or skopeo (docker-archive:) wrote: a list of images, by
// the files of their configs and layers. Read leniently; src/validate judges, the mock refuses.

import { asArray, asObject, asString } from '../lib/json.ts';

/** The file by which such an archive is known. */
export const saveManifestFile = 'manifest.json';
/** More images than any archive has. */
export const savedImagesMax = 10_000;
/** Names in one list; longer ones are taken for none. */
const textsMax = 10_000;

/** An image of the list. What is not of its type is undefined. */
export interface SavedImage {
  /** File of the config. */
  readonly config: string | undefined;
  /** Files of the layers, the lowest first. */
  readonly layers: readonly string[] | undefined;
  /** References; none when there is no such member, too. */
  readonly repoTags: readonly string[] | undefined;
}

/**
 * The images of the value of manifest.json, undefined each that is no object; undefined when it is no list of
 * at most `savedImagesMax`. null is a list without entries: Go writes it so, and docker loads it.
 */
export function savedImages(manifest: unknown): readonly (SavedImage | undefined)[] | undefined {
  const list = asArray(manifest);
  if (list === undefined || list.length > savedImagesMax) return undefined;
  return list.map((item): SavedImage | undefined => {
    const image = asObject(item);
    if (image === undefined) return undefined;
    const { Config, Layers, RepoTags } = image;
    return {
      config: asString(Config),
      layers: textsOf(Layers),
      repoTags: RepoTags === undefined ? [] : textsOf(RepoTags),
    };
  });
}

/** A list of texts alone, as Layers and diff_ids are; undefined for other values, and for far too many. */
export function textsOf(value: unknown): readonly string[] | undefined {
  const list = value === null ? [] : asArray(value);
  const isRight = list !== undefined && list.length <= textsMax;
  return isRight && list.every((item) => typeof item === 'string')
    ? (list as readonly string[])
    : undefined;
}
