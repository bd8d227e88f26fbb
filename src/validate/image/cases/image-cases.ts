// For every rule across documents an image that breaks only it (`bad`) and one that comes close and is
// right (`good`). Data: the tests run all of them.

import { gzipSync, zstdCompressSync } from 'node:zlib';
import { seal } from '../../../formats/tar/header.ts';
import {
  dirFolder,
  dockerSave,
  type Files,
  type FixtureEntry,
  type ImageChanges,
  imageLayout,
  json,
  layout,
  oci,
  put,
  putImage,
  putIndex,
  rightTar,
  sha256,
  tar,
  tarEntry,
} from './fixture.ts';
import { wordCases } from './word-cases.ts';

export interface ImageCase {
  readonly rule: string;
  readonly bad: () => Files;
  readonly good: () => Files;
}

const absent = sha256(Buffer.from('not there'));

function changed(files: Files, change: (files: Files) => unknown): Files {
  change(files);
  return files;
}

function renamed(files: Files, from: RegExp, to: string): Files {
  return new Map([...files].map(([file, bytes]) => [from.test(file) ? to : file, bytes]));
}

function indexLayout(entries: (files: Files) => readonly Record<string, unknown>[]): Files {
  const files: Files = new Map();
  return layout(files, putIndex(files, entries(files)));
}

/** A folder for blobs with none in it. */
function emptyBlobs(): Files {
  return new Map([['blobs/', Buffer.alloc(0)]]);
}

/** A layout whose layer has these entries. */
function layerOf(...entries: readonly FixtureEntry[]): Files {
  return layerBytes(tar(...entries));
}

function layerBytes(bytes: Uint8Array): Files {
  return imageLayout({ layer: gzipSync(bytes), diffIds: [sha256(bytes)] });
}

const manifestType = `${oci}manifest.v1+json`;
const linux = { os: 'linux', architecture: 'amd64' };

function platformEntry(platform: Record<string, unknown>, config: Record<string, unknown>): Files {
  return indexLayout((files) => [{ ...putImage(files, { config }), platform }]);
}

/** An entry for one version of Windows, whose image is for another. */
function windowsEntry(entry: string, image: string): Files {
  const windows = { os: 'windows', architecture: 'amd64' };
  return platformEntry({ ...windows, 'os.version': entry }, { ...windows, 'os.version': image });
}

function named(...names: readonly string[]): Files {
  const files: Files = new Map();
  const entries = names.map((name, at) => ({
    ...putImage(files, { config: { author: String(at) } }),
    annotations: { 'org.opencontainers.image.ref.name': name },
  }));
  return layout(files, ...entries);
}

/** An artifact with a config of its own. */
function putArtifact(files: Files, manifest: Record<string, unknown> = {}) {
  const config = { mediaType: 'application/vnd.example.config', ...put(files, json({})) };
  return putImage(files, { manifest: { artifactType: 'application/x.a', config, ...manifest } });
}

/** A layout of an artifact, after what `descriptor` makes of its descriptor. */
function artifactLayout(more: Record<string, unknown>, manifest = {}): Files {
  const files: Files = new Map();
  return withoutLoose(layout(files, { ...putArtifact(files, manifest), ...more }), files);
}

/** An image and an artifact about it, whose subject is changed by `more`. */
function subjectLayout(more: Record<string, unknown>): Files {
  const files: Files = new Map();
  const image = putImage(files);
  const artifact = putArtifact(files, { subject: { ...image, ...more } });
  return withoutLoose(layout(files, artifact, image), files);
}

/** Takes away the config that `putImage` wrote for nothing. */
function withoutLoose(files: Files, from: Files): Files {
  const texts = [...from].map(([file, bytes]) => [file, Buffer.from(bytes).toString()] as const);
  for (const [file] of texts) {
    const hex = file.split('/').at(-1) as string;
    const isBlob = file.startsWith('blobs/');
    if (isBlob && !texts.some(([, text]) => text.includes(hex))) files.delete(file);
  }
  return files;
}

/** Two images that share their layer, of which the second says something else of it. */
function sharedLayer(changes: ImageChanges): Files {
  const files: Files = new Map();
  return layout(files, putImage(files), putImage(files, changes));
}

const referenceCases: readonly ImageCase[] = [
  {
    rule: 'blob-missing',
    bad: () => imageLayout({ layerDescriptor: { digest: absent } }),
    good: () =>
      changed(
        imageLayout({ layerDescriptor: { digest: absent, urls: ['https://example.com/layer'] } }),
        (files) => files.delete(`blobs/${sha256(gzipSync(rightTar)).replace(':', '/')}`),
      ),
  },
  {
    rule: 'blob-missing',
    bad: () => imageLayout({ configDescriptor: { digest: absent } }),
    good: () => imageLayout(),
  },
  {
    rule: 'blob-missing',
    bad: () => layout(emptyBlobs(), { mediaType: manifestType, digest: absent, size: 2 }),
    good: () => layout(emptyBlobs()),
  },
  {
    rule: 'index-sparse',
    bad: () =>
      indexLayout((files) => [
        { ...putImage(files), platform: linux },
        {
          mediaType: manifestType,
          digest: absent,
          size: 9,
          platform: { ...linux, architecture: 'arm64' },
        },
      ]),
    good: () => indexLayout((files) => [{ ...putImage(files), platform: linux }]),
  },
  {
    rule: 'blob-size',
    bad: () => imageLayout({ configDescriptor: { size: 3 } }),
    good: () => imageLayout(),
  },
  {
    rule: 'blob-digest',
    bad: () =>
      changed(imageLayout(), (files) => {
        const [path, bytes] = [...files].find(([file]) => file.startsWith('blobs/'))!;
        files.set(path, Buffer.from(Buffer.from(bytes).toString().replace('amd64', 'arm64')));
      }),
    good: () => imageLayout(),
  },
  {
    rule: 'blob-algorithm',
    bad: () => {
      const blake3 = `blake3:${'ab'.repeat(32)}`;
      const files = imageLayout({ layerDescriptor: { digest: blake3 } });
      files.delete(`blobs/${sha256(gzipSync(rightTar)).replace(':', '/')}`);
      return files.set(`blobs/${blake3.replace(':', '/')}`, gzipSync(rightTar));
    },
    good: () => imageLayout(),
  },
  {
    rule: 'index-depth',
    bad: () => {
      const files: Files = new Map();
      let last = putImage(files);
      for (let depth = 0; depth < 20; depth++) last = putIndex(files, [last]);
      return layout(files, last);
    },
    good: () => {
      const files: Files = new Map();
      return layout(files, putIndex(files, [putIndex(files, [putImage(files)])]));
    },
  },
  {
    rule: 'platform-mismatch',
    bad: () => platformEntry({ ...linux, architecture: 'arm64' }, {}),
    good: () => platformEntry({ os: 'unknown', architecture: 'unknown' }, {}),
  },
  {
    rule: 'platform-mismatch',
    bad: () => windowsEntry('10.0.20348.2402', '10.0.17763.5696'),
    good: () => windowsEntry('10.0.20348', '10.0.20348.2402'),
  },
  {
    rule: 'platform-variant-mismatch',
    bad: () =>
      platformEntry(
        { os: 'linux', architecture: 'arm', variant: 'v7' },
        { architecture: 'arm', variant: 'v6' },
      ),
    good: () =>
      platformEntry({ os: 'linux', architecture: 'arm', variant: 'v7' }, { architecture: 'arm' }),
  },
  {
    rule: 'diff-ids-count',
    bad: () => imageLayout({ diffIds: [sha256(rightTar), sha256(rightTar)] }),
    good: () => imageLayout({ layerType: 'application/vnd.in-toto+json', diffIds: [absent] }),
  },
  {
    rule: 'descriptor-type-mismatch',
    bad: () => {
      const files: Files = new Map();
      return layout(files, { ...putImage(files), mediaType: `${oci}index.v1+json` });
    },
    good: () => imageLayout(),
  },
  {
    // The manifest of an image in the place of a config, where it is known already.
    rule: 'descriptor-type-mismatch',
    bad: () => {
      const files: Files = new Map();
      const { digest, size } = putImage(files);
      const config = { mediaType: `${oci}config.v1+json`, digest, size };
      const index = putIndex(files, [{ mediaType: manifestType, digest, size }]);
      return withoutLoose(layout(files, index, putImage(files, { manifest: { config } })), files);
    },
    good: () => imageLayout(),
  },
  {
    rule: 'descriptor-type-mismatch',
    bad: () => subjectLayout({ mediaType: `${oci}index.v1+json` }),
    good: () => subjectLayout({}),
  },
  {
    rule: 'blob-size',
    bad: () => subjectLayout({ size: 3 }),
    good: () => subjectLayout({ platform: linux }),
  },
  {
    rule: 'blob-size',
    bad: () => sharedLayer({ layerDescriptor: { size: 3 } }),
    good: () => sharedLayer({ config: { author: 'x' } }),
  },
  {
    rule: 'artifact-type-mismatch',
    bad: () => artifactLayout({ artifactType: 'application/x.b' }),
    good: () => artifactLayout({ artifactType: 'application/x.a' }),
  },
  {
    rule: 'artifact-type-mismatch',
    bad: () => artifactLayout({ artifactType: 'application/x.a' }, { artifactType: undefined }),
    good: () => artifactLayout({ artifactType: 'application/vnd.example.config' }),
  },
  {
    rule: 'subject-missing',
    bad: () =>
      imageLayout({ manifest: { subject: { mediaType: manifestType, digest: absent, size: 7 } } }),
    good: () => {
      const files: Files = new Map();
      const subject = putImage(files);
      return layout(files, subject, putImage(files, { manifest: { subject } }));
    },
  },
];

const layoutCases: readonly ImageCase[] = [
  {
    rule: 'blob-unreferenced',
    bad: () => changed(imageLayout(), (files) => put(files, Buffer.from('alone'))),
    good: () => changed(imageLayout(), (files) => files.set('notes.txt', Buffer.from('x'))),
  },
  {
    rule: 'blob-name',
    bad: () => changed(imageLayout(), (files) => files.set('blobs/x', Buffer.from('x'))),
    good: () => imageLayout(),
  },
  {
    rule: 'blob-name',
    bad: () =>
      changed(imageLayout(), (files) =>
        files.set(`blobs/sha256/${'A'.repeat(64)}`, Buffer.from('x')),
      ),
    good: () => imageLayout(),
  },
  {
    rule: 'layout-marker',
    bad: () => changed(imageLayout(), (files) => files.delete('oci-layout')),
    good: () =>
      changed(imageLayout(), (files) =>
        files.set('oci-layout', json({ imageLayoutVersion: '1.0.0', more: 1 })),
      ),
  },
  {
    rule: 'layout-index',
    bad: () => changed(imageLayout(), (files) => files.delete('index.json')),
    good: () => imageLayout(),
  },
  {
    rule: 'layout-blobs',
    bad: () => layout(new Map()),
    good: () => layout(emptyBlobs()),
  },
  { rule: 'ref-name-duplicate', bad: () => named('a', 'a'), good: () => named('a', 'b') },
  {
    rule: 'dir-version',
    bad: () => changed(dirFolder(), (files) => files.delete('version')),
    good: () => dirFolder(),
  },
];

const saveCases: readonly ImageCase[] = [
  {
    rule: 'save-manifest',
    bad: () => dockerSave({ RepoTags: 'demo/app:1' }),
    good: () => dockerSave({ RepoTags: null }),
  },
  {
    rule: 'save-entry',
    bad: () => changed(dockerSave(), (files) => files.delete('a/layer.tar')),
    good: () => changed(dockerSave(), (files) => files.delete('a/VERSION')),
  },
  {
    rule: 'save-repo-tag',
    bad: () => dockerSave({ RepoTags: ['demo/app'] }),
    good: () => dockerSave({ RepoTags: ['localhost:5000/demo/app:1', 'demo/app:1'] }),
  },
  {
    rule: 'save-config-name',
    bad: () => {
      const name = `${'ab'.repeat(32)}.json`;
      return renamed(dockerSave({ Config: name }), /^[0-9a-f]{64}\.json$/, name);
    },
    good: () =>
      renamed(dockerSave({ Config: 'config.json' }), /^[0-9a-f]{64}\.json$/, 'config.json'),
  },
  {
    rule: 'diff-ids-count',
    bad: () => dockerSave({ Layers: [] }),
    good: () => changed(dockerSave(), (files) => files.set('a/layer.tar', gzipSync(rightTar))),
  },
  {
    rule: 'layer-diff-id',
    bad: () => changed(dockerSave(), (files) => files.set('a/layer.tar', tar({ path: 'b' }))),
    good: () => dockerSave(),
  },
];

const endBlocks = Buffer.alloc(1_024);

/** An empty file whose name is this byte. */
function latin1Entry(byte: number): Buffer {
  const entry = tarEntry({ path: 'x' });
  entry[0] = byte;
  seal(entry.subarray(0, 512));
  return entry;
}

/** A frame of Zstandard that readers skip: its magic number, its length, its content. */
const skippable = Buffer.from('522a4d1803000000616263', 'hex');

const layerCases: readonly ImageCase[] = [
  {
    rule: 'layer-compression',
    bad: () => imageLayout({ layer: zstdCompressSync(rightTar) }),
    good: () =>
      imageLayout({ layer: zstdCompressSync(rightTar), layerType: `${oci}layer.v1.tar+zstd` }),
  },
  {
    rule: 'layer-compression',
    bad: () => imageLayout({ layer: gzipSync(rightTar).subarray(0, -9) }),
    good: () =>
      imageLayout({
        layer: Buffer.concat([
          gzipSync(rightTar.subarray(0, 700)),
          gzipSync(rightTar.subarray(700)),
        ]),
      }),
  },
  {
    // Frames to be skipped may stand before, between and after the others (RFC 8878, 3.1.2).
    rule: 'layer-compression',
    bad: () => imageLayout({ layer: Buffer.concat([skippable, zstdCompressSync(rightTar)]) }),
    good: () =>
      imageLayout({
        layer: Buffer.concat([
          skippable,
          zstdCompressSync(rightTar.subarray(0, 700)),
          skippable,
          zstdCompressSync(rightTar.subarray(700)),
          skippable,
        ]),
        layerType: `${oci}layer.v1.tar+zstd`,
      }),
  },
  {
    rule: 'layer-compression',
    bad: () => sharedLayer({ layerType: `${oci}layer.v1.tar+zstd` }),
    good: () => sharedLayer({ config: { author: 'x' } }),
  },
  {
    rule: 'layer-not-compressed',
    bad: () => imageLayout({ layer: rightTar }),
    good: () => imageLayout({ layer: rightTar, layerType: `${oci}layer.v1.tar` }),
  },
  {
    rule: 'layer-diff-id',
    bad: () => imageLayout({ layer: gzipSync(tar({ path: 'b' })) }),
    good: () =>
      imageLayout({ layer: Buffer.from('{}'), layerType: 'application/vnd.in-toto+json' }),
  },
  {
    rule: 'layer-tar',
    bad: () => layerBytes(Buffer.concat([tarEntry({ path: 'a' }), Buffer.alloc(512, 'x')])),
    good: () => layerOf({ path: 'a' }),
  },
  {
    rule: 'layer-tar',
    bad: () => layerBytes(tarEntry({ path: 'a', content: 'x'.repeat(600) }).subarray(0, 900)),
    good: () => layerOf({ path: 'a', content: 'x'.repeat(600) }),
  },
  {
    // What `oras push notes.txt` writes: layers of artifacts are the artifact's business.
    rule: 'layer-tar',
    bad: () => {
      const layer = Buffer.from('hi');
      return imageLayout({ layer, layerType: `${oci}layer.v1.tar`, diffIds: [sha256(layer)] });
    },
    good: () => {
      const files: Files = new Map();
      const layer = { mediaType: `${oci}layer.v1.tar`, ...put(files, Buffer.from('hi')) };
      return withoutLoose(layout(files, putArtifact(files, { layers: [layer] })), files);
    },
  },
  {
    rule: 'layer-tar',
    bad: () => layerOf({ path: 'a', flag: '2' }),
    good: () => layerOf({ path: 'a', flag: '2', link: 'b' }),
  },
  {
    rule: 'layer-tar',
    bad: () => layerOf({ path: '' }),
    good: () => layerOf({ path: './', flag: '5' }),
  },
  {
    rule: 'layer-tar-end',
    bad: () => layerBytes(tarEntry({ path: 'a' })),
    good: () => layerBytes(Buffer.concat([rightTar, Buffer.alloc(10_240)])),
  },
  {
    rule: 'layer-whiteout',
    bad: () => layerOf({ path: 'a/.wh.' }),
    good: () => layerOf({ path: 'a/.wh.b' }, { path: 'a/.wh..wh..opq' }),
  },
  {
    rule: 'layer-whiteout',
    bad: () => layerOf({ path: 'a/.wh.b', content: 'x' }),
    good: () => layerOf({ path: 'a.wh.b', content: 'x' }),
  },
  {
    rule: 'layer-whiteout',
    bad: () => layerOf({ path: '.wh.b', flag: '5' }),
    good: () => layerOf({ path: './.wh.b' }),
  },
  {
    rule: 'layer-path',
    bad: () => layerOf({ path: '../a' }),
    good: () => layerOf({ path: './..a/b..' }),
  },
  {
    rule: 'layer-path',
    bad: () => layerOf({ path: 'a', flag: '1', link: '../b' }),
    good: () => layerOf({ path: 'b' }, { path: 'a', flag: '1', link: 'b' }),
  },
  {
    // One document's opaque blob is the layer of another.
    rule: 'layer-path',
    bad: () => {
      const files: Files = new Map();
      const bytes = tar({ path: '../a' });
      const image = putImage(files, { layer: gzipSync(bytes), diffIds: [sha256(bytes)] });
      const layer = { mediaType: 'application/x.b', ...put(files, gzipSync(bytes)) };
      return withoutLoose(layout(files, putArtifact(files, { layers: [layer] }), image), files);
    },
    good: () => layerOf({ path: 'a' }),
  },
  {
    rule: 'layer-path-absolute',
    bad: () => layerOf({ path: '/a' }),
    good: () => layerOf({ path: './a' }),
  },
  {
    rule: 'layer-link',
    bad: () => layerOf({ path: 'a/b', flag: '2', link: '../../c' }),
    good: () =>
      layerOf({ path: 'a/b', flag: '2', link: '../c' }, { path: 'c', flag: '2', link: '/d' }),
  },
  {
    // Names that are not UTF-8, and differ.
    rule: 'layer-duplicate',
    bad: () => layerBytes(Buffer.concat([latin1Entry(0xe9), latin1Entry(0xe9), endBlocks])),
    good: () => layerBytes(Buffer.concat([latin1Entry(0xe9), latin1Entry(0xe8), endBlocks])),
  },
  {
    rule: 'layer-duplicate-folder',
    bad: () => layerOf({ path: './', flag: '5' }, { path: '.', flag: '5' }, { path: 'a' }),
    good: () => layerOf({ path: './', flag: '5' }, { path: './a' }),
  },
  {
    rule: 'layer-duplicate',
    bad: () => layerOf({ path: 'a' }, { path: './a' }),
    good: () => layerOf({ path: 'a' }, { path: 'a.' }),
  },
  {
    rule: 'layer-duplicate',
    bad: () => layerOf({ path: 'a/', flag: '5' }, { path: 'a', flag: '2', link: 'b' }),
    good: () => layerOf({ path: 'a/', flag: '5' }, { path: 'a/a', flag: '2', link: 'b' }),
  },
  {
    rule: 'layer-duplicate-folder',
    bad: () => layerOf({ path: 'a/', flag: '5' }, { path: './a', flag: '5' }),
    good: () => layerOf({ path: 'a/', flag: '5' }, { path: 'a/a/', flag: '5' }),
  },
  {
    rule: 'layer-sparse',
    bad: () => layerOf({ path: 'a', flag: 'S' }),
    good: () => layerOf({ path: 'a', flag: '7' }),
  },
  {
    rule: 'layer-aufs',
    bad: () =>
      layerOf({ path: '.wh..wh.plnk/', flag: '5' }, { path: '.wh..wh.plnk/1.2', content: 'x' }),
    good: () => layerOf({ path: 'plnk/', flag: '5' }, { path: 'plnk/1.2', content: 'x' }),
  },
  {
    rule: 'layer-limits',
    bad: () => layerOf({ path: 'a', content: 'x'.repeat(200_000) }),
    good: () => layerOf({ path: 'a', content: 'x'.repeat(20_000) }),
  },
];

/** Largest layer in the tests of these cases. */
export const casesLayerBytesMax = 100_000;

export const imageCases: readonly ImageCase[] = [
  ...referenceCases,
  ...layoutCases,
  ...saveCases,
  ...layerCases,
];

/** Rules whose cases need files or a registry: src/run/validate/inputs and test/e2e/validate-inputs.test.ts. */
export const rulesElsewhere: readonly string[] = Object.keys(wordCases);
