import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { writeTar } from '../../src/formats/tar/write.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { archiveOf, fileOf, folderOf, linkHeader, root } from '../../test/lib/image-files.ts';
import { wholeBytes } from '../bytes.ts';
import { noBytes } from '../call.ts';
import { digestOf, Store } from '../store.ts';
import { formats, json, type SeededImage } from './image.ts';
import { readImages } from './sources.ts';

const layer = Buffer.concat([
  writeTar([{ name: 'a', mode: 0o644, content: Buffer.alloc(100_000, 7) }], 1),
]);
const config = json({
  architecture: 'arm64',
  os: 'linux',
  rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
});

interface Layout {
  readonly files: Record<string, Uint8Array>;
  readonly manifest: string;
  readonly index: string;
}

/** One image, under a manifest and under an index, with the names given. */
function layoutOf(names: readonly (string | undefined)[]): Layout {
  const files: Record<string, Uint8Array> = {
    'oci-layout': json({ imageLayoutVersion: '1.0.0' }),
  };
  const put = (mediaType: string, bytes: Uint8Array) => {
    const digest = digestOf(bytes);
    files[`blobs/${digest.replace(':', '/')}`] = bytes;
    return { mediaType, digest, size: bytes.length };
  };
  const content = {
    schemaVersion: 2,
    config: put(formats.oci.config, config),
    layers: [put(formats.oci.tarLayer, layer)],
  };
  const manifest = put(formats.oci.manifest, json(content));
  const platform = { os: 'linux', architecture: 'arm64' };
  const index = put(
    formats.oci.index,
    json({ schemaVersion: 2, manifests: [{ ...manifest, platform }] }),
  );
  const named = (name: string | undefined, at: number) => ({
    ...(at % 2 === 0 ? manifest : index),
    ...(name !== undefined && { annotations: { 'org.opencontainers.image.ref.name': name } }),
  });
  files['index.json'] = json({ schemaVersion: 2, manifests: names.map(named) });
  return { files, manifest: manifest.digest, index: index.digest };
}

function saveOf(tags: readonly string[] | null, more: Readonly<Record<string, Uint8Array>> = {}) {
  return {
    'abc/layer.tar': layer,
    'abc.json': config,
    'manifest.json': json([{ Config: 'abc.json', RepoTags: tags, Layers: ['abc/layer.tar'] }]),
    ...more,
  };
}

async function served(...sources: string[]): Promise<{ images: SeededImage[]; store: Store }> {
  const set = await readImages({ sources }, 1);
  const store = new Store();
  const images = [...set.putInto(store)];
  for (const { repository, platforms } of images) {
    for (const { config: of, layers } of platforms) {
      for (const { digest, size } of [of, ...layers]) {
        const bytes = await wholeBytes(store.blob(repository, digest) ?? noBytes);
        expect([bytes.length, digestOf(bytes)]).toEqual([size, digest]);
      }
    }
  }
  set.close();
  return { images, store };
}

async function failure(source: string): Promise<UserError> {
  const error = await readImages({ sources: [source] }, 1).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  const known = error as UserError;
  expect(known.exitCode).toBe(2);
  expect(known.hint).not.toBe('');
  return known;
}

const namesOf = (images: readonly SeededImage[]) =>
  images.map(({ repository, tag }) => `${repository}:${tag}`);

describe('an OCI layout', () => {
  const names = ['team/app:1', 'v2', 'quay.io:443/team/other:x'];
  const { files, manifest, index } = layoutOf(names);

  test.each([
    ['folder', () => folderOf(files, 'Some_Layout')],
    ['archive', () => archiveOf(files)],
    ['archive in gzip', () => fileOf(gzipSync(readFileSync(archiveOf(files))), 'tar.gz')],
  ])('as a %s: every tag, with its bytes', async (kind, make) => {
    const { images, store } = await served(make());
    const own = kind === 'folder' ? 'some-layout' : expect.stringMatching(/^file\d+$/);
    expect(images.map(({ repository }) => repository)).toEqual(['team/app', own, 'team/other']);
    expect(images.map(({ tag }) => tag)).toEqual(['1', 'v2', 'x']);
    expect(images.map(({ digest }) => digest)).toEqual([manifest, index, manifest]);
    expect(images[0]?.platforms[0]?.platform).toEqual({ os: 'linux', architecture: 'arm64' });
    expect(store.manifest('team/other', 'x')?.mediaType).toBe(formats.oci.manifest);
  });

  test('goes to another repository when asked', async () => {
    const single = folderOf(layoutOf(['team/app:1']).files);
    expect(namesOf((await served(`${single}=my/own`)).images)).toEqual(['my/own:1']);
  });

  test('without names: the first is latest, all can be had by digest', async () => {
    const { files: unnamed } = layoutOf([undefined, undefined]);
    const { images, store } = await served(folderOf(unnamed, 'nameless'));
    expect(namesOf(images)).toEqual(['nameless:latest']);
    expect(store.manifest('nameless', index)?.digest).toBe(index);
  });

  const blobs = Object.keys(files).filter((path) => path.startsWith('blobs/'));

  test.each(blobs)('a missing %s is told by name', async (path) => {
    const { [path]: _, ...rest } = files;
    for (const source of [folderOf(rest), archiveOf(rest)]) {
      const { code, message } = await failure(source);
      expect(code).toBe('images-incomplete');
      expect(message).toContain(path);
      expect(message).toContain(source);
    }
  });

  test.each(blobs)('a %s of another length is damaged', async (path) => {
    const damaged = {
      ...files,
      [path]: Buffer.concat([files[path] ?? noBytes, noBytes, Buffer.from('x')]),
    };
    expect((await failure(folderOf(damaged))).code).toBe('images-damaged');
  });

  test.each([
    ['another version', { 'oci-layout': json({ imageLayoutVersion: '2.0.0' }) }],
    ['an index that is no JSON', { 'index.json': Buffer.from('{') }],
    ['manifests that are no list', { 'index.json': json({ manifests: {} }) }],
    [
      'an entry without digest',
      { 'index.json': json({ manifests: [{ mediaType: formats.oci.manifest, size: 1 }] }) },
    ],
    [
      'a digest that is a path',
      {
        'index.json': json({
          manifests: [{ mediaType: formats.oci.manifest, size: 1, digest: 'sha256:../../x' }],
        }),
      },
    ],
    [
      'another algorithm',
      {
        'index.json': json({
          manifests: [{ mediaType: formats.oci.manifest, size: 1, digest: 'md5:../index.json' }],
        }),
      },
    ],
  ])('%s is damaged', async (_, change) => {
    expect((await failure(folderOf({ ...files, ...change }))).code).toBe('images-damaged');
  });

  test('changed bytes of a document are noticed', async () => {
    const path = `blobs/${manifest.replace(':', '/')}`;
    const bytes = Buffer.from(files[path] ?? noBytes);
    bytes.write('}', bytes.indexOf('"'));
    expect((await failure(folderOf({ ...files, [path]: bytes }))).code).toBe('images-damaged');
  });

  test('links are not followed, whether of a blob or of a folder', async () => {
    const [path = ''] = blobs;
    const linked = folderOf(files);
    const target = fileOf(files[path] ?? noBytes);
    rmSync(join(linked, path));
    symlinkSync(target, join(linked, path));
    expect((await failure(linked)).code).toBe('images-unsafe');
    const { files: others } = layoutOf(['a:1']);
    const whole = folderOf(others);
    const outside = folderOf({});
    mkdirSync(outside, { recursive: true });
    symlinkSync(join(whole, 'blobs'), join(outside, 'blobs'));
    for (const file of ['oci-layout', 'index.json'])
      copyFileSync(join(whole, file), join(outside, file));
    expect((await failure(outside)).code).toBe('images-unsafe');
  });
});

describe('an archive of docker save', () => {
  test('becomes Docker schema 2 with config and layers as they are', async () => {
    const tags = ['docker.io/team/app:1', 'app:2'];
    const { images, store } = await served(archiveOf(saveOf(tags)));
    expect(namesOf(images)).toEqual(['team/app:1', 'app:2']);
    const [image] = images;
    expect(image?.mediaType).toBe(formats.docker.manifest);
    expect(image?.platforms[0]?.config.digest).toBe(digestOf(config));
    expect(image?.platforms[0]?.layers).toEqual([
      { mediaType: formats.docker.tarLayer, digest: digestOf(layer), size: layer.length },
    ]);
    expect(store.manifest('app', '2')?.digest).toBe(image?.digest);
  });

  test('without tags it is the latest of the file', async () => {
    const source = join(root, 'My App.tar');
    copyFileSync(archiveOf(saveOf(null)), source);
    expect(namesOf((await served(source)).images)).toEqual(['my-app:latest']);
  });

  test('layers in gzip are told as such', async () => {
    const { images } = await served(
      archiveOf({ ...saveOf(['a:1']), 'abc/layer.tar': gzipSync(layer) }),
    );
    expect(images[0]?.platforms[0]?.layers[0]?.mediaType).toBe(formats.docker.gzipLayer);
  });

  test('of a new docker, with a layout: the manifests of that', async () => {
    const { files, manifest } = layoutOf(['1']);
    const { images } = await served(archiveOf(saveOf(['team/app:1'], files)));
    expect(images[0]?.digest).toBe(manifest);
  });

  test('of a new docker that has not all platforms: what manifest.json says', async () => {
    const { files, manifest } = layoutOf([undefined, '1']);
    const sparse = { ...files };
    delete sparse[`blobs/${manifest.replace(':', '/')}`];
    const { images } = await served(archiveOf(saveOf(['team/app:1'], sparse)));
    expect(namesOf(images)).toEqual(['team/app:1']);
    expect(images[0]?.mediaType).toBe(formats.docker.manifest);
  });

  test('a layer that is a link to another layer of the archive is that layer', async () => {
    const save = saveOf(['a:1']);
    const { 'abc/layer.tar': content, ...rest } = save;
    const entries = Object.entries({ ...rest, 'def/layer.tar': content });
    const tar = Buffer.from(
      writeTar(
        entries.map(([name, bytes]) => ({ name, content: bytes, mode: 0o644 })),
        1,
      ),
    );
    const source = (target: string) =>
      fileOf(Buffer.concat([linkHeader('abc/layer.tar', target), tar]));
    expect(namesOf((await served(source('../def/layer.tar'))).images)).toEqual(['a:1']);
    expect((await failure(source('../../etc/passwd'))).code).toBe('images-incomplete');
    expect((await failure(source('/etc/passwd'))).code).toBe('images-incomplete');
    expect((await failure(source('layer.tar'))).code).toBe('images-unsafe');
  });

  test.each([
    ['no JSON', { 'manifest.json': Buffer.from('[') }],
    ['no list', { 'manifest.json': json({}) }],
    ['an image without config', { 'manifest.json': json([{ Layers: [] }]) }],
    ['another layer than the config names', { 'abc/layer.tar': Buffer.alloc(1024) }],
    ['layers that are no list', { 'manifest.json': json([{ Config: 'abc.json', Layers: 'a' }]) }],
    ['an image without layers', { 'manifest.json': json([{ Config: 'abc.json' }]) }],
    ['a config for other layers', { 'abc.json': json({ rootfs: { diff_ids: [] } }) }],
  ])('%s is damaged', async (_, change) => {
    expect((await failure(archiveOf({ ...saveOf(['a:1']), ...change }))).code).toBe(
      'images-damaged',
    );
  });

  test('an image of no layers is one, as Go writes an empty list', async () => {
    const change = {
      'abc.json': json({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers' } }),
      'manifest.json': json([{ Config: 'abc.json', RepoTags: ['a:1'], Layers: null }]),
    };
    const { images } = await served(archiveOf(saveOf(null, change)));
    expect(images[0]?.platforms[0]?.layers).toEqual([]);
  });

  test('a missing layer is told by name', async () => {
    const { 'abc/layer.tar': _, ...rest } = saveOf(['a:1']);
    const { code, message } = await failure(archiveOf(rest));
    expect(code).toBe('images-incomplete');
    expect(message).toContain('abc/layer.tar');
  });
});

describe('what is no source', () => {
  test.each([
    ['nothing there', () => join(root, 'nowhere'), 'images-missing'],
    ['a word', () => 'middling', 'images-missing'],
    ['a folder with other things', () => folderOf({ 'a.txt': Buffer.from('a') }), 'images-unknown'],
    ['a tar of other things', () => archiveOf({ 'a.txt': Buffer.from('a') }), 'images-unknown'],
    ['bytes', () => fileOf(Buffer.alloc(2000)), 'images-unknown'],
    ['text that says something else', () => fileOf('hello', 'yaml'), 'images-invalid'],
    ['gzip that is cut short', () => fileOf(gzipSync(layer).subarray(0, 100)), 'images-damaged'],
    ['a device', () => '/dev/null', 'images-unknown'],
    ['gzip of text', () => fileOf(gzipSync('hello')), 'images-damaged'],
    ['a bad repository', () => `${folderOf(layoutOf(['a:1']).files)}=No/Good`, 'images-name'],
    ['a name that is none', () => folderOf(layoutOf(['Team/App:1']).files), 'images-name'],
    ['a repository for YAML', () => `${fileOf('images: []', 'yaml')}=a`, 'images-name'],
    [
      'the same names twice',
      () => folderOf(layoutOf(['a:1', 'x/b:1', 'a:1']).files),
      'images-name',
    ],
  ])('%s', async (_, make, code) => {
    expect((await failure(make())).code).toBe(code);
  });

  test('nothing is left in the temporary folder', async () => {
    const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('pullproof-images-'));
    await failure(fileOf(gzipSync(layer).subarray(0, 100)));
    await served(fileOf(gzipSync(readFileSync(archiveOf(saveOf(['a:1']))))));
    expect(left()).toEqual([]);
  });
});

describe('descriptions and presets', () => {
  test('several sources make one registry', async () => {
    const yaml = 'images: [{repository: x, tags: 2, layers: 2, layerSize: 5KB}]';
    const { images } = await served(
      'small',
      fileOf(yaml, 'yaml'),
      folderOf(layoutOf(['a:1']).files),
    );
    expect(namesOf(images)).toEqual([
      'demo/app:latest',
      'demo/single:1.0',
      'demo/legacy:1.0',
      'x:1',
      'x:2',
      'a:1',
    ]);
  });

  test('many has 10,000 tags', async () => {
    const set = await readImages({ sources: ['many'] }, 1);
    const store = new Store();
    expect(set.putInto(store)).toHaveLength(10_000);
    expect(store.tags('ci/app')).toHaveLength(10_000);
  });

  test('images share what they are told to, and nothing else', async () => {
    const yaml = `
images:
  - { repository: "a{n}", repositories: 4, platforms: [linux/amd64, linux/arm64], layers: 5, layerSize: { uniform: { min: 5KB, max: 9KB } }, shared: { layers: 3, stacks: 2, name: base } }
  - { repository: b, layers: 4, layerSize: { uniform: { min: 5KB, max: 9KB } }, shared: { share: 0.5, stacks: 2, name: base }, format: docker, compression: gzip }
  - { repository: c, tags: 4, images: 2, layers: { min: 1, max: 3 }, layerSize: 5KB, compression: none }
`;
    const { images } = await served(fileOf(yaml, 'yml'));
    const layers = (name: string, at = 0) =>
      images
        .find((it) => namesOf([it])[0] === name)
        ?.platforms[at]?.layers.map(({ digest }) => digest) ?? [];
    expect(layers('a1:latest').slice(0, 3)).toEqual(layers('a3:latest').slice(0, 3));
    expect(layers('a1:latest').slice(0, 2)).toEqual(layers('b:latest').slice(0, 2));
    const all = ['a1', 'a2', 'a3', 'a4'].flatMap((name) =>
      [0, 1].flatMap((at) => layers(`${name}:latest`, at)),
    );
    // Two stacks of three and eight times two of their own, for two platforms.
    expect(new Set(all).size).toBe(2 * 3 * 2 + 4 * 2 * 2);
    expect(layers('c:1')).toEqual(layers('c:3'));
    expect(layers('c:1')).not.toEqual(layers('c:2'));
    expect(images.find(({ repository }) => repository === 'b')?.mediaType).toBe(
      formats.docker.manifest,
    );
    expect(images[0]?.mediaType).toBe(formats.oci.index);
    const again = await served(fileOf(yaml, 'yml'));
    expect(again.images.map(({ digest }) => digest)).toEqual(images.map(({ digest }) => digest));
  });
});

test('sha512 is read too', async () => {
  const { files } = layoutOf(['a:1']);
  const bytes = json({ schemaVersion: 2, manifests: [] });
  const hex = createHash('sha512').update(bytes).digest('hex');
  const entry = { mediaType: formats.oci.index, digest: `sha512:${hex}`, size: bytes.length };
  const source = folderOf(
    {
      'oci-layout': files['oci-layout'] ?? noBytes,
      'index.json': json({ manifests: [entry] }),
      [`blobs/sha512/${hex}`]: bytes,
    },
    'strong',
  );
  const { images, store } = await served(source);
  expect(images[0]?.digest).toBe(entry.digest);
  expect(store.manifest('strong', 'latest')?.digest).toBe(entry.digest);
});
