// Of every rule about the content of layers: an image whose layer breaks only it, and one that comes close and
// is right. Data: image-cases.ts takes them in.

import { gzipSync, zstdCompressSync } from 'node:zlib';
import { seal } from '../../../formats/tar/header.ts';
import {
  type Files,
  imageLayout,
  layout,
  oci,
  put,
  putImage,
  rightTar,
  sha256,
  tar,
  tarEntry,
} from './fixture.ts';
import {
  type ImageCase,
  layerBytes,
  layerOf,
  layersOf,
  putArtifact,
  sharedLayer,
  withoutLoose,
} from './image-case.ts';

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

export const layerCases: readonly ImageCase[] = [
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
    // A label of GNU tar; a pipe.
    rule: 'layer-entry-type',
    bad: () => layerOf({ path: 'label', flag: 'V' }),
    good: () => layerOf({ path: 'label', flag: '6' }),
  },
  {
    // A folder of an incremental archive of GNU tar.
    rule: 'layer-entry-type',
    bad: () => layerOf({ path: 'a/', flag: 'D' }, { path: 'a/b' }),
    good: () => layerOf({ path: 'a/', flag: '5' }, { path: 'a/b' }),
  },
  {
    rule: 'layer-entry-type',
    bad: () => layerOf({ path: 'a', flag: 'M' }),
    good: () => layerOf({ path: 'a', flag: '3' }),
  },
  {
    rule: 'layer-whiteout',
    bad: () => layerOf({ path: 'a/.wh.' }),
    good: () => layerOf({ path: 'a/.wh.b' }, { path: 'a/c.wh.' }),
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
    // Below a folder that a whiteout stands beside, a file of the same name is one that it does not hide.
    rule: 'layer-whiteout-own',
    bad: () => layerOf({ path: 'a' }, { path: './/.wh.a' }),
    good: () => layerOf({ path: '.wh.a' }, { path: 'a' }),
  },
  {
    rule: 'layer-whiteout-own',
    bad: () => layerOf({ path: 'a/b' }, { path: '.wh.a' }),
    good: () => layerOf({ path: 'a/b' }, { path: 'b/.wh.b' }),
  },
  {
    rule: 'layer-whiteout-folder',
    bad: () => layerOf({ path: '.wh.a' }, { path: 'a/', flag: '5' }, { path: 'a/b' }),
    good: () => layerOf({ path: '.wh.a' }, { path: 'a' }),
  },
  {
    rule: 'layer-whiteout-folder',
    bad: () => layerOf({ path: 'c/.wh.a' }, { path: 'c/a/b/d' }),
    good: () => layerOf({ path: 'c/.wh.a' }, { path: 'c/aa/b/d' }),
  },
  {
    rule: 'layer-whiteout-order',
    bad: () => layerOf({ path: 'a/b' }, { path: './a/.wh.c' }),
    good: () =>
      layerOf({ path: 'a/', flag: '5' }, { path: 'a/.wh.c' }, { path: 'a/b' }, { path: 'b/.wh.c' }),
  },
  {
    rule: 'layer-whiteout-opaque',
    bad: () => layerOf({ path: 'a/', flag: '5' }, { path: 'a/.wh..wh..opq' }, { path: 'a/b' }),
    good: () => layerOf({ path: 'a/', flag: '5' }, { path: 'a/.wh.b' }, { path: 'a/c' }),
  },
  {
    rule: 'layer-whiteout-link',
    bad: () => layerOf({ path: '.wh.a', flag: '1', link: 'b' }, { path: 'b' }),
    good: () => layerOf({ path: '.wh.a' }, { path: 'b' }),
  },
  {
    rule: 'layer-root',
    bad: () => layerOf({ path: './', flag: '2', link: 'etc' }, { path: 'etc/a' }),
    good: () => layerOf({ path: './', flag: '5' }, { path: 'etc/a' }),
  },
  {
    rule: 'layer-root',
    bad: () => layerOf({ path: './', flag: '5' }, { path: '.', flag: '1', link: '.' }),
    good: () => layerOf({ path: 'a' }),
  },
  {
    rule: 'layer-below-file',
    bad: () => layerOf({ path: 'a' }, { path: './a/b/c' }),
    good: () => layerOf({ path: 'a' }, { path: 'a.d/b/c' }),
  },
  {
    rule: 'layer-below-file',
    bad: () => layerOf({ path: 'a/b' }, { path: './/a', flag: '2', link: 'c' }),
    good: () => layerOf({ path: 'a/b' }, { path: './/a', flag: '5' }),
  },
  {
    rule: 'layer-below-file',
    bad: () => layerOf({ path: 'a', flag: '6' }, { path: 'a/.wh.b' }),
    good: () => layerOf({ path: '.wh.b' }, { path: 'a', flag: '6' }),
  },
  {
    rule: 'layer-below-link',
    bad: () => layerOf({ path: 'a', flag: '2', link: 'b' }, { path: 'a/c/d' }),
    good: () => layerOf({ path: 'a', flag: '2', link: 'b' }, { path: 'b/c/d' }),
  },
  {
    rule: 'layer-hard-link',
    bad: () => layerOf({ path: 'a/', flag: '5' }, { path: 'b', flag: '1', link: './a' }),
    good: () => layerOf({ path: 'a', flag: '2', link: 'c' }, { path: 'b', flag: '1', link: './a' }),
  },
  {
    rule: 'layer-hard-link',
    bad: () => layerOf({ path: 'a', flag: '1', link: './/a' }),
    good: () => layerOf({ path: 'b/a' }, { path: 'a', flag: '1', link: 'b/a' }),
  },
  {
    rule: 'layer-hard-link',
    bad: () => layerOf({ path: 'b', flag: '1', link: 'a' }, { path: 'a/c' }),
    good: () => layerOf({ path: 'a/c' }, { path: 'b', flag: '1', link: 'a/c' }),
  },
  {
    rule: 'layer-hard-link-target',
    bad: () => layerOf({ path: 'b', flag: '1', link: 'a' }, { path: 'a' }),
    good: () => layerOf({ path: 'a' }, { path: 'b', flag: '1', link: 'a' }),
  },
  {
    rule: 'layer-hard-link-target',
    bad: () => layersOf([{ path: 'c' }], [{ path: 'b', flag: '1', link: 'a' }]),
    good: () => layersOf([{ path: 'c' }], [{ path: 'a' }, { path: 'b', flag: '1', link: 'a' }]),
  },
  {
    rule: 'layer-hard-link-outside',
    bad: () => layersOf([{ path: 'a' }], [{ path: 'b', flag: '1', link: 'a' }]),
    good: () => layersOf([{ path: 'a' }], [{ path: 'a' }, { path: 'b', flag: '1', link: 'a' }]),
  },
  {
    rule: 'layer-hard-link-target',
    bad: () =>
      layersOf([{ path: 'a/c' }], [{ path: '.wh.a' }], [{ path: 'b', flag: '1', link: 'a/c' }]),
    good: () =>
      layersOf(
        [{ path: 'a/c' }],
        [{ path: '.wh.a' }],
        [{ path: 'a' }, { path: 'b', flag: '1', link: 'a' }],
      ),
  },
  {
    rule: 'layer-hard-link-target',
    bad: () => layersOf([{ path: 'a' }], [{ path: '.wh.a' }, { path: 'b', flag: '1', link: 'a' }]),
    good: () =>
      layersOf(
        [{ path: 'usr/lib/a' }, { path: 'lib', flag: '2', link: 'usr/lib' }],
        [{ path: 'b', flag: '1', link: 'lib/a' }],
      ),
  },
  {
    rule: 'layer-hard-link',
    bad: () => layersOf([{ path: 'a/c' }], [{ path: 'b', flag: '1', link: 'a' }]),
    good: () =>
      layersOf([{ path: 'a/c' }], [{ path: 'a/c' }, { path: 'b', flag: '1', link: 'a/c' }]),
  },
  {
    rule: 'layer-hard-link-absolute',
    bad: () => layerOf({ path: 'a' }, { path: 'b', flag: '1', link: '/a' }),
    good: () => layerOf({ path: 'a' }, { path: 'b', flag: '2', link: '/a' }),
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
