// Right documents of every kind, and the means to change them. The cases break these.

import type { ImageKind } from '../kinds.ts';

export type Members = Record<string, unknown>;

export const oci = 'application/vnd.oci.image.';
export const docker = 'application/vnd.docker.';

export function hex(seed: number, digits = 64): string {
  return seed.toString(16).padStart(digits, '0');
}

/** A right descriptor, changed as told; members set to undefined are left out of the JSON. */
export function descriptor(changes: Members = {}): Members {
  const mediaType = `${oci}layer.v1.tar+gzip`;
  return { mediaType, digest: `sha256:${hex(0xabc)}`, size: 1_234, ...changes };
}

export function manifest(changes: Members = {}): Members {
  return {
    schemaVersion: 2,
    mediaType: `${oci}manifest.v1+json`,
    config: descriptor({ mediaType: `${oci}config.v1+json` }),
    layers: [descriptor(), descriptor({ digest: `sha512:${hex(7, 128)}` })],
    ...changes,
  };
}

/** A right entry of an index. */
export function entry(changes: Members = {}): Members {
  const platform = { os: 'linux', architecture: 'amd64' };
  return descriptor({ mediaType: `${oci}manifest.v1+json`, platform, ...changes });
}

export function index(changes: Members = {}): Members {
  const arm = entry({ platform: { os: 'linux', architecture: 'arm', variant: 'v7' } });
  const mediaType = `${oci}index.v1+json`;
  return { schemaVersion: 2, mediaType, manifests: [entry(), arm], ...changes };
}

export function config(changes: Members = {}): Members {
  return {
    created: '2024-02-29T12:30:00.5Z',
    architecture: 'arm64',
    os: 'linux',
    config: {
      Env: ['PATH=/bin'],
      Cmd: ['sh'],
      ExposedPorts: { '80/tcp': {} },
      Labels: { 'a.b': 'c' },
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${hex(1)}`] },
    history: [{ created_by: 'ADD' }, { created_by: 'CMD', empty_layer: true }],
    ...changes,
  };
}

export function dockerManifest(changes: Members = {}): Members {
  return {
    schemaVersion: 2,
    mediaType: `${docker}distribution.manifest.v2+json`,
    config: descriptor({ mediaType: `${docker}container.image.v1+json` }),
    layers: [descriptor({ mediaType: `${docker}image.rootfs.diff.tar.gzip` })],
    ...changes,
  };
}

/** A right entry of a Docker manifest list. */
export function dockerEntry(changes: Members = {}): Members {
  return entry({ mediaType: `${docker}distribution.manifest.v2+json`, ...changes });
}

export function dockerList(changes: Members = {}): Members {
  const mediaType = `${docker}distribution.manifest.list.v2+json`;
  return { schemaVersion: 2, mediaType, manifests: [dockerEntry()], ...changes };
}

/** The empty descriptor of image-spec. */
export const empty = descriptor({
  mediaType: 'application/vnd.oci.empty.v1+json',
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  size: 2,
});

/** A manifest with one layer, changed as told. */
export const layer = (changes: Members) => manifest({ layers: [descriptor(changes)] });

/** A right manifest of schema 1, but that the format itself is deprecated. */
export function schema1(changes: Members = {}): Members {
  return {
    schemaVersion: 1,
    name: 'team/app',
    tag: 'latest',
    architecture: 'amd64',
    fsLayers: [{ blobSum: `sha256:${hex(2)}` }, { blobSum: `sha256:${hex(1)}` }],
    history: [{ v1Compatibility: '{"id":"b","parent":"a"}' }, { v1Compatibility: '{"id":"a"}' }],
    ...changes,
  };
}

/** A right document of every kind of image document. */
export const rightDocuments: Readonly<Record<ImageKind, Members>> = {
  manifest: manifest(),
  index: index(),
  config: config(),
  descriptor: descriptor(),
  'docker-manifest': dockerManifest(),
  'docker-manifest-list': dockerList(),
  'docker-config': config({ docker_version: '26.1.0' }),
  'docker-schema1': schema1(),
};
