// Small images for tests: tar archives, layouts and docker save archives, as files in memory that a
// case can change before they are judged.

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { blockBytes, seal } from '../../../formats/tar/header.ts';
import type { FileTree } from '../tree.ts';

export type Files = Map<string, Uint8Array>;
type Members = Record<string, unknown>;

export const oci = 'application/vnd.oci.image.';

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

export interface FixtureEntry {
  readonly path: string;
  /** Type flag, default a regular file. */
  readonly flag?: string;
  readonly link?: string;
  readonly content?: string | Uint8Array;
}

/** One entry: its header, its content, its padding. */
export function tarEntry({ path, flag = '0', link = '', content = '' }: FixtureEntry): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(blockBytes);
  header.write(path, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(flag, 156);
  header.write(link, 157, 100);
  header.write('ustar\u000000', 257);
  return Buffer.concat([seal(header), body, Buffer.alloc(-body.length & (blockBytes - 1))]);
}

export function tar(...entries: readonly FixtureEntry[]): Buffer {
  return Buffer.concat([...entries.map(tarEntry), Buffer.alloc(2 * blockBytes)]);
}

export const rightTar = tar({ path: 'etc/', flag: '5' }, { path: 'etc/a', content: 'x' });

export interface ImageChanges {
  /** The layer as it is stored, and its media type. */
  readonly layer?: Uint8Array;
  readonly layerType?: string;
  readonly diffIds?: readonly string[];
  readonly config?: Members;
  readonly manifest?: Members;
  readonly layerDescriptor?: Members;
  readonly configDescriptor?: Members;
}

export function put(files: Files, bytes: Uint8Array): { digest: string; size: number } {
  const digest = sha256(bytes);
  files.set(`blobs/${digest.replace(':', '/')}`, bytes);
  return { digest, size: bytes.length };
}

/** Puts an image of one layer into the files; returns the descriptor of its manifest. */
export function putImage(files: Files, changes: ImageChanges = {}): Members {
  const layer = changes.layer ?? gzipSync(rightTar);
  const config = json({
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: changes.diffIds ?? [sha256(rightTar)] },
    ...changes.config,
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: `${oci}manifest.v1+json`,
    config: {
      mediaType: `${oci}config.v1+json`,
      ...put(files, config),
      ...changes.configDescriptor,
    },
    layers: [
      {
        mediaType: changes.layerType ?? `${oci}layer.v1.tar+gzip`,
        ...put(files, layer),
        ...changes.layerDescriptor,
      },
    ],
    ...changes.manifest,
  });
  return { mediaType: `${oci}manifest.v1+json`, ...put(files, manifest) };
}

export function putIndex(files: Files, manifests: readonly Members[], more: Members = {}): Members {
  const mediaType = `${oci}index.v1+json`;
  return { mediaType, ...put(files, json({ schemaVersion: 2, mediaType, manifests, ...more })) };
}

/** A layout of what the references name. */
export function layout(files: Files, ...manifests: readonly Members[]): Files {
  files.set('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
  const mediaType = `${oci}index.v1+json`;
  files.set('index.json', json({ schemaVersion: 2, mediaType, manifests }));
  return files;
}

export function imageLayout(changes: ImageChanges = {}): Files {
  const files: Files = new Map();
  return layout(files, putImage(files, changes));
}

/** What docker save wrote for years; `manifest` replaces members of its only image. */
export function dockerSave(manifest: Members = {}, config: Members = {}): Files {
  const body = json({
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [sha256(rightTar)] },
    ...config,
  });
  const name = `${sha256(body).slice('sha256:'.length)}.json`;
  const image = { Config: name, RepoTags: ['demo/app:1'], Layers: ['a/layer.tar'], ...manifest };
  return new Map<string, Uint8Array>([
    ['manifest.json', json([image])],
    [name, body],
    ['a/layer.tar', rightTar],
    ['a/VERSION', Buffer.from('1.0')],
  ]);
}

/** What skopeo copy … dir: writes. */
export function dirFolder(): Files {
  const files: Files = new Map();
  const { digest } = putImage(files) as { digest: string };
  const flat: Files = new Map();
  for (const [path, bytes] of files) {
    const hex = path.slice('blobs/sha256/'.length);
    flat.set(digest.endsWith(hex) ? 'manifest.json' : hex, bytes);
  }
  return flat.set('version', Buffer.from('Directory Transport Version: 1.1\n'));
}

/** The tree of files in memory. */
export function treeOf(files: Files): FileTree {
  return {
    name: 'x',
    files: new Map(
      [...files]
        .filter(([path]) => !path.endsWith('/'))
        .map(([path, { length }]) => [path, length]),
    ),
    folders: new Set([...files.keys()].map((path) => path.split('/', 1)[0] ?? '')),
    problems: [],
    deadLinks: new Map(),
    digestReads: true,
    pathOf: (file) => `x/${file}`,
    read: async (file) => files.get(file),
    digest: async (file, algorithm) => {
      const hash = createHash(algorithm).update(files.get(file) as Uint8Array);
      return `${algorithm}:${hash.digest('hex')}`;
    },
    async stream(wanted, open) {
      for (const file of wanted) {
        const sink = open(file);
        await sink.write(files.get(file) as Uint8Array);
        await sink.end();
      }
    },
  };
}
