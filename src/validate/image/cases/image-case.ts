// What a case of a rule about images is, and the images that cases are made of.

import { gzipSync } from 'node:zlib';
import {
  type Files,
  type FixtureEntry,
  type ImageChanges,
  imageLayout,
  json,
  layout,
  oci,
  put,
  putImage,
  sha256,
  tar,
} from './fixture.ts';

export interface ImageCase {
  readonly rule: string;
  readonly bad: () => Files;
  readonly good: () => Files;
}

export function changed(files: Files, change: (files: Files) => unknown): Files {
  change(files);
  return files;
}

/** A layout whose layer has these entries. */
export function layerOf(...entries: readonly FixtureEntry[]): Files {
  return layerBytes(tar(...entries));
}

export function layerBytes(bytes: Uint8Array): Files {
  return imageLayout({ layer: gzipSync(bytes), diffIds: [sha256(bytes)] });
}

/** An artifact with a config of its own. */
export function putArtifact(files: Files, manifest: Record<string, unknown> = {}) {
  const config = { mediaType: 'application/vnd.example.config', ...put(files, json({})) };
  return putImage(files, { manifest: { artifactType: 'application/x.a', config, ...manifest } });
}

/** Takes away the config that `putImage` wrote for nothing. */
export function withoutLoose(files: Files, from: Files): Files {
  const texts = [...from].map(([file, bytes]) => [file, Buffer.from(bytes).toString()] as const);
  for (const [file] of texts) {
    const hex = file.split('/').at(-1) as string;
    const isBlob = file.startsWith('blobs/');
    if (isBlob && !texts.some(([, text]) => text.includes(hex))) files.delete(file);
  }
  return files;
}

/** Two images that share their layer, of which the second says something else of it. */
export function sharedLayer(changes: ImageChanges): Files {
  const files: Files = new Map();
  return layout(files, putImage(files), putImage(files, changes));
}

/** A layout of one image whose layers, from the lowest on, have these entries. */
export function layersOf(...layers: readonly (readonly FixtureEntry[])[]): Files {
  const files: Files = new Map();
  const tars = layers.map((entries) => tar(...entries));
  const descriptors = tars.map((bytes) => ({
    mediaType: `${oci}layer.v1.tar+gzip`,
    ...put(files, gzipSync(bytes)),
  }));
  const manifest = { layers: descriptors };
  const image = putImage(files, { diffIds: tars.map(sha256), manifest });
  return withoutLoose(layout(files, image), files);
}
