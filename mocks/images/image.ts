// What an image of the mock is once it can be pulled, and how its documents are written in the two
// formats.
import type { Descriptor } from '../../src/protocol/grammar/manifest-document.ts';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import type { Platform } from '../../src/protocol/grammar/platform.ts';

/** An image that a client can pull by its tag. */
export interface SeededImage {
  readonly repository: string;
  readonly tag: string;
  /** Of what the tag names: index, manifest or manifest list. */
  readonly digest: string;
  readonly mediaType: string;
  /** What can be chosen from, in order; one for a single manifest. */
  readonly platforms: readonly SeededPlatform[];
}

export interface SeededPlatform {
  readonly platform: Platform;
  readonly manifest: Descriptor;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** Media types of one family of formats. */
export interface Format {
  readonly index: string;
  readonly manifest: string;
  readonly config: string;
  readonly gzipLayer: string;
  readonly tarLayer: string;
}

export const formats: Readonly<Record<'oci' | 'docker', Format>> = {
  oci: {
    index: mediaTypes.ociIndex,
    manifest: mediaTypes.ociManifest,
    config: mediaTypes.ociConfig,
    gzipLayer: mediaTypes.ociLayerGzip,
    tarLayer: mediaTypes.ociLayerTar,
  },
  docker: {
    index: mediaTypes.dockerManifestList,
    manifest: mediaTypes.dockerManifest,
    config: mediaTypes.dockerConfig,
    gzipLayer: mediaTypes.dockerLayerGzip,
    // Not in the text of schema 2, but what docker and containers/image write and read.
    tarLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  },
};

/** Date of everything that is made, so that nothing depends on the clock: 2026-01-01. */
export const createdSeconds = 1_767_225_600;
const created = new Date(createdSeconds * 1000).toISOString();

/** The config of an image whose layers are the unpacked `diffIds`; `steps` says how each was made. */
export function configOf(
  platform: Platform,
  diffIds: readonly string[],
  steps: readonly string[],
): Uint8Array {
  return json({
    created,
    ...platform,
    config: { Env: ['PATH=/usr/bin:/bin'], Cmd: ['/usr/bin/demo'], WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: steps.map((step) => ({ created, created_by: step })),
  });
}

export function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
