// An OCI image layout with images of one platform, each below an index as registries have them.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  blobsFolder,
  indexFile,
  markerFile,
  newMarker,
  refNameKey,
} from '../../../src/formats/oci-layout.ts';
import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';

export interface ImageRecipe {
  /** `registry/repository:tag`. */
  readonly name: string;
  /** What containers are told: `config` of the image's configuration. */
  readonly config: object;
  /** Each a tar. */
  readonly layers: readonly Uint8Array[];
}

interface Stored {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const platform = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' };
/** The content is programs, and it is read from this machine alone. */
const compression = { level: 1 };

/** Layers that are one object are packed once. */
export function writeLayout(folder: string, images: readonly ImageRecipe[]): void {
  mkdirSync(join(folder, blobsFolder, 'sha256'), { recursive: true });
  const put = (mediaType: string, bytes: Uint8Array): Stored => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(folder, blobsFolder, 'sha256', hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const putJson = (mediaType: string, value: object) =>
    put(mediaType, Buffer.from(JSON.stringify({ ...value })));
  const packed = new Map<Uint8Array, Stored>();
  const layerOf = (tar: Uint8Array) => {
    const layer = packed.get(tar) ?? put(mediaTypes.ociLayerGzip, gzipSync(tar, compression));
    packed.set(tar, layer);
    return layer;
  };
  const manifests = images.map(({ name, config, layers }) => {
    const diffIds = layers.map((tar) => `sha256:${createHash('sha256').update(tar).digest('hex')}`);
    const rootfs = { type: 'layers', diff_ids: diffIds };
    const manifest = putJson(mediaTypes.ociManifest, {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: putJson(mediaTypes.ociConfig, { ...platform, config, rootfs }),
      layers: layers.map(layerOf),
    });
    const index = putJson(mediaTypes.ociIndex, {
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [{ ...manifest, platform }],
    });
    return { ...index, annotations: { [refNameKey]: name } };
  });
  writeFileSync(join(folder, indexFile), JSON.stringify({ schemaVersion: 2, manifests }));
  writeFileSync(join(folder, markerFile), newMarker);
}
