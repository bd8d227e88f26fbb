// What each push of a run is: which blobs, how large, how uploaded, under which tag. Decided by the seed and
// the number of the push alone, as pulls are.
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import type { Platform } from '../../src/protocol/grammar/platform.ts';
import type { SeededContent } from '../../src/protocol/talk.ts';
import { fraction, picker } from './choice.ts';
import type { PlannedPush, UploadForm } from './plan.ts';

export interface ChosenBlob {
  readonly content: SeededContent;
  readonly form: UploadForm;
}

/** Draws of their own, apart from those for pulls (choice.ts). */
const draws = { bytes: 11, form: 12, blob: 13 } as const;

/** The layers of push number i, of different blobs. */
export function layersOf(push: PlannedPush, number: number): ChosenBlob[] {
  const { seed, layers, blobs, run } = push;
  const sizeOf = picker(push.bytes, 0, seed, draws.bytes);
  const formOf = picker<UploadForm>(push.upload, 'monolithic', seed, draws.form);
  const first =
    blobs === undefined ? number * layers : Math.floor(fraction(seed, number, draws.blob) * blobs);
  return Array.from({ length: layers }, (_, layer) => {
    const blob = blobs === undefined ? first + layer : (first + layer) % blobs;
    const content = { seed: `${seed}/${run}`, number: blob, size: sizeOf(blob) };
    return { content, form: formOf(blob) };
  });
}

export interface Described {
  readonly digest: string;
  readonly size: number;
}

/** Config of the image: layers are plain tars, so their bytes are what they are unpacked to. */
export function configText(platform: Platform, tag: string, layers: readonly Described[]): string {
  const { os, architecture, variant } = platform;
  return JSON.stringify({
    created: '2026-01-01T00:00:00Z',
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    config: { Labels: { 'org.opencontainers.image.version': tag } },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  });
}

export function manifestText(config: Described, layers: readonly Described[]): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptorOf(mediaTypes.ociConfig, config),
    layers: layers.map((layer) => descriptorOf(mediaTypes.ociLayerTar, layer)),
  });
}

function descriptorOf(mediaType: string, { digest, size }: Described) {
  return { mediaType, digest, size };
}
