import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeTar } from '../../../formats/tar/write.ts';
import { UserError } from '../../../lib/user-error.ts';
import type { Descriptor } from '../../../protocol/grammar/manifest-document.ts';
import { openSave, type Saver } from './save.ts';
import { parseSaveTarget } from './target.ts';

const digestOf = (bytes: Uint8Array | string) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const layerTar = writeTar([{ name: 'hello', mode: 0o644, content: Buffer.from('hello') }], 0);

interface Image {
  manifest: { text: string; digest: string; mediaType: string };
  blobs: { descriptor: Descriptor; bytes: Uint8Array }[];
}

/** An image of these layers, each with what it unpacks to. */
function imageOf(
  layers: readonly (readonly [bytes: Uint8Array, tar: Uint8Array])[],
  kind = 'oci',
): Image {
  const types =
    kind === 'oci'
      ? [
          'application/vnd.oci.image.manifest.v1+json',
          'application/vnd.oci.image.config.v1+json',
          'application/vnd.oci.image.layer.v1.tar+gzip',
        ]
      : [
          'application/vnd.docker.distribution.manifest.v2+json',
          'application/vnd.docker.container.image.v1+json',
          'application/vnd.docker.image.rootfs.diff.tar.gzip',
        ];
  const [manifestType = '', configType = '', layerType = ''] = types;
  const rootfs = { type: 'layers', diff_ids: layers.map(([, tar]) => digestOf(tar)) };
  const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs }));
  const blobs = [
    [configType, config] as const,
    ...layers.map(([bytes]) => [layerType, bytes] as const),
  ].map(([mediaType, bytes]) => ({
    descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length },
    bytes,
  }));
  const [first, ...rest] = blobs.map(({ descriptor }) => descriptor);
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: first,
    layers: rest,
  });
  return { manifest: { text, digest: digestOf(text), mediaType: manifestType }, blobs };
}

async function feed(saver: Saver, { blobs }: Image, pieceBytes = 1_000): Promise<void> {
  for (const { descriptor, bytes } of blobs) {
    const sink = saver.sinkOf(descriptor);
    for (let at = 0; at < bytes.length; at += pieceBytes)
      await sink(bytes.subarray(at, at + pieceBytes));
  }
}

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pullproof-save-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const small = imageOf([[gzipSync(layerTar), layerTar]]);

describe('an image', () => {
  test.each(['oci:TO:1.2', 'dir:TO', 'docker-archive:TO:a/b:1'])(
    'is kept as %s, and nothing beside it',
    async (text) => {
      const saver = await openSave(parseSaveTarget(text.replace('TO', join(dir, 'to'))));
      expect(existsSync(join(dir, 'to'))).toBe(false);
      await feed(saver, small);
      await saver.finish(small.manifest);
      expect(readdirSync(dir)).toEqual(['to']);
    },
  );

  test('is a layout that names it by its tag, blobs by their digests', async () => {
    const saver = await openSave(parseSaveTarget(`oci:${dir}/to:v1`));
    await feed(saver, small);
    await saver.finish(small.manifest);
    const index = JSON.parse(readFileSync(join(dir, 'to/index.json'), 'utf8'));
    expect(index.manifests).toEqual([
      {
        mediaType: small.manifest.mediaType,
        digest: small.manifest.digest,
        size: small.manifest.text.length,
        annotations: { 'org.opencontainers.image.ref.name': 'v1' },
      },
    ]);
    for (const { descriptor, bytes } of small.blobs) {
      const file = join(dir, 'to/blobs', descriptor.digest.replace(':', '/'));
      expect(readFileSync(file).equals(bytes)).toBe(true);
    }
  });

  test('of Docker has OCI types in a layout, and is as it came in dir:', async () => {
    const docker = imageOf([[gzipSync(layerTar), layerTar]], 'docker');
    for (const kind of ['oci', 'dir']) {
      const saver = await openSave(parseSaveTarget(`${kind}:${dir}/${kind}`));
      await feed(saver, docker);
      await saver.finish(docker.manifest);
    }
    expect(readFileSync(join(dir, 'dir/manifest.json'), 'utf8')).toBe(docker.manifest.text);
    const { manifests } = JSON.parse(readFileSync(join(dir, 'oci/index.json'), 'utf8'));
    const path = join(dir, 'oci/blobs', manifests[0].digest.replace(':', '/'));
    expect(readFileSync(path, 'utf8')).not.toContain('docker');
  });

  test('in an archive has its layers unpacked, each once, however they were packed', async () => {
    const other = writeTar([{ name: 'other', mode: 0o600, content: Buffer.alloc(3_000) }], 0);
    const layers = [
      [gzipSync(layerTar), layerTar],
      [zstdCompressSync(other), other],
      [layerTar, layerTar],
    ] as const;
    const image = imageOf(layers);
    const saver = await openSave(parseSaveTarget(`docker-archive:${dir}/a.tar:a/b:1`));
    await feed(saver, image);
    await saver.finish(image.manifest);
    const archive = readFileSync(join(dir, 'a.tar'));
    expect(archive.length % 512).toBe(0);
    expect(archive.indexOf(layerTar)).toBe(512);
    expect(archive.indexOf(layerTar, 513)).toBe(-1);
    expect(archive.indexOf(other)).toBeGreaterThan(0);
    expect(archive.toString('latin1')).toContain('"RepoTags":["a/b:1"]');
  });

  test('may come in any pieces, and a blob again', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3_000 }), async (pieceBytes) => {
        run += 1;
        const saver = await openSave(parseSaveTarget(`dir:${dir}/${run}`));
        const half = small.blobs[1]!;
        await saver.sinkOf(half.descriptor)(half.bytes.subarray(0, 3));
        await feed(saver, small, pieceBytes);
        await feed(saver, small, pieceBytes);
        await saver.finish(small.manifest);
        expect(readdirSync(join(dir, `${run}`))).toHaveLength(4);
      }),
      { numRuns: 20 },
    );
  });
});

describe('nothing is left', () => {
  const broken: readonly [string, (saver: Saver) => Promise<void>][] = [
    [
      'of a blob that did not come',
      async (saver) => await feed(saver, { ...small, blobs: small.blobs.slice(1) }),
    ],
    [
      'of a blob that is cut',
      async (saver) =>
        await feed(saver, {
          ...small,
          blobs: small.blobs.map((one) => ({ ...one, bytes: one.bytes.subarray(1) })),
        }),
    ],
    [
      'of a blob that is another',
      async (saver) =>
        await feed(saver, {
          ...small,
          blobs: small.blobs.map((one) => ({ ...one, bytes: Buffer.alloc(one.bytes.length) })),
        }),
    ],
    [
      'of a blob that is too long',
      async (saver) =>
        await feed(
          saver,
          {
            ...small,
            blobs: small.blobs.map((one) => ({
              ...one,
              bytes: Buffer.concat([one.bytes, one.bytes]),
            })),
          },
          100_000,
        ),
    ],
  ];
  test.each(broken)('%s', async (_, work) => {
    const saver = await openSave(parseSaveTarget(`oci:${dir}/to`));
    await work(saver);
    await expect(saver.finish(small.manifest)).rejects.toThrow(UserError);
    await saver.abandon();
    expect(readdirSync(dir)).toEqual([]);
  });

  test('of a manifest that does not hash to its digest, or is an index', async () => {
    const saver = await openSave(parseSaveTarget(`oci:${dir}/to`));
    await feed(saver, small);
    const other = { ...small.manifest, text: `${small.manifest.text} ` };
    await expect(saver.finish(other)).rejects.toThrow('hash');
    await saver.abandon();
    expect(readdirSync(dir)).toEqual([]);
  });

  test('of layers that do not unpack to their diff IDs, in an archive', async () => {
    for (const bytes of [
      gzipSync(layerTar),
      Buffer.concat([gzipSync(layerTar).subarray(0, 40)]),
      Buffer.from('no tar'),
    ]) {
      const image = imageOf([[bytes, Buffer.from('else')]]);
      const saver = await openSave(parseSaveTarget(`docker-archive:${dir}/a.tar`));
      await feed(saver, image);
      await expect(saver.finish(image.manifest)).rejects.toThrow(UserError);
      await saver.abandon();
      expect(readdirSync(dir)).toEqual([]);
    }
  });
});

describe('a place', () => {
  test('that is taken stays as it is', async () => {
    writeFileSync(join(dir, 'file'), 'kept');
    mkdirSync(join(dir, 'full/sub'), { recursive: true });
    for (const text of [`oci:${dir}/full`, `dir:${dir}/file`, `docker-archive:${dir}/file`]) {
      await expect(openSave(parseSaveTarget(text))).rejects.toMatchObject({ code: 'save-exists' });
    }
    expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('kept');
    // Taken meanwhile.
    const saver = await openSave(parseSaveTarget(`docker-archive:${dir}/late.tar`));
    await feed(saver, small);
    writeFileSync(join(dir, 'late.tar'), 'kept');
    await expect(saver.finish(small.manifest)).rejects.toThrow(UserError);
    expect(readFileSync(join(dir, 'late.tar'), 'utf8')).toBe('kept');
    await saver.abandon();
  });

  test('may have a slash at its end, there already or not', async () => {
    mkdirSync(join(dir, 'empty'));
    for (const text of [`oci:${dir}/new/:1`, `dir:${dir}/empty/`]) {
      const saver = await openSave(parseSaveTarget(text));
      await feed(saver, small);
      await saver.finish(small.manifest);
    }
    expect(existsSync(join(dir, 'new/oci-layout'))).toBe(true);
    expect(existsSync(join(dir, 'empty/manifest.json'))).toBe(true);
    expect(readdirSync(dir).sort()).toEqual(['empty', 'new']);
  });

  test('is not the folder that we work in', async () => {
    const before = process.cwd();
    process.chdir(dir);
    try {
      await expect(openSave(parseSaveTarget('dir:.'))).rejects.toMatchObject({
        code: 'save-exists',
      });
    } finally {
      process.chdir(before);
    }
    expect(readdirSync(dir)).toEqual([]);
  });

  test.each([
    ['oci:lay', 'oci', 'lay', ''],
    ['oci:lay:1.2', 'oci', 'lay', '1.2'],
    ['oci:lay:a.example/b:1', 'oci', 'lay', 'a.example/b:1'],
    ['dir:a:b', 'dir', 'a:b', ''],
    [
      'docker-archive:f.tar:r.example:5000/a/b:1.0',
      'docker-archive',
      'f.tar',
      'r.example:5000/a/b:1.0',
    ],
  ])('%s is read', (text, transport, path, name) => {
    expect(parseSaveTarget(text)).toEqual({ transport, path, name, text });
  });

  test.each([
    'lay',
    'oci:',
    'oci:lay:',
    'oci:lay:a b',
    'docker-archive:f:b',
    'docker:x',
    'constructor:x',
    'dir:',
  ])('%s is refused', (text) => {
    expect(() => parseSaveTarget(text)).toThrow(UserError);
  });
});
