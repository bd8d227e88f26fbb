// For every rule across documents an image that breaks only it (`bad`) and one that comes close and is
// right (`good`). Data: the tests run all of them.

import { gzipSync } from 'node:zlib';
import {
  dirFolder,
  dockerSave,
  type Files,
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
} from './fixture.ts';
import { changed, type ImageCase, putArtifact, sharedLayer, withoutLoose } from './image-case.ts';
import { layerCases } from './layer-cases.ts';
import { referrersCases } from './referrers-cases.ts';
import { wordCases } from './word-cases.ts';

const absent = sha256(Buffer.from('not there'));

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

/** The manifest lies where the index should. */
function manifestAsIndex(): Files {
  const files = imageLayout();
  const isManifest = (bytes: Uint8Array) => Buffer.from(bytes).includes('"layers":');
  const [blob, bytes] = [...files].find((entry) => isManifest(entry[1])) ?? ['', Buffer.alloc(0)];
  files.delete(blob);
  return files.set('index.json', bytes);
}

const manifestType = `${oci}manifest.v1+json`;
const linux = { os: 'linux', architecture: 'amd64' };

function platformEntry(platform: Record<string, unknown>, config: Record<string, unknown>): Files {
  return indexLayout((files) => [{ ...putImage(files, { config }), platform }]);
}

type Variants = readonly [entry: string | undefined, image: string | undefined];

function variantCase(
  architecture: string,
  { bad, good }: { readonly bad: Variants; readonly good: Variants },
): ImageCase {
  const files = ([entry, image]: Variants) =>
    platformEntry({ os: 'linux', architecture, variant: entry }, { architecture, variant: image });
  return { rule: 'platform-variant-mismatch', bad: () => files(bad), good: () => files(good) };
}

function featureEntry(entry: readonly string[], image: readonly string[]): Files {
  const windows = { os: 'windows', architecture: 'amd64' };
  return platformEntry({ ...windows, 'os.features': entry }, { ...windows, 'os.features': image });
}

/** An entry for one version of Windows, whose image is for another. */
function windowsEntry(entry: string | undefined, image: string | undefined): Files {
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
  ...[
    { architecture: 'arm', bad: 'v6', good: 'v7' },
    { architecture: 'arm64', bad: 'v9', good: 'v8' },
    { architecture: 'amd64', bad: 'v3', good: 'v1' },
  ].flatMap(({ architecture, bad, good }) => [
    variantCase(architecture, { bad: [bad, undefined], good: [good, undefined] }),
    variantCase(architecture, { bad: [undefined, bad], good: [undefined, good] }),
  ]),
  {
    rule: 'platform-incomplete',
    bad: () => windowsEntry(undefined, '10.0.17763.5696'),
    good: () => windowsEntry('10.0.17763', undefined),
  },
  {
    rule: 'platform-incomplete',
    bad: () => featureEntry([], ['win32k']),
    good: () => featureEntry(['win32k'], ['win32k']),
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
    rule: 'layout-index',
    bad: manifestAsIndex,
    good: () => layout(emptyBlobs()),
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

/** Largest layer in the tests of these cases. */
export const casesLayerBytesMax = 100_000;

export const imageCases: readonly ImageCase[] = [
  ...referenceCases,
  ...layoutCases,
  ...saveCases,
  ...layerCases,
  ...referrersCases,
];

/** Rules whose cases need files or a registry: src/run/validate/inputs and test/e2e/validate-inputs.test.ts. */
export const rulesElsewhere: readonly string[] = Object.keys(wordCases);
