// Faults of content: damaged, lost, or reachable by the wrong way.
import { joined, withFlippedBit } from '../../bytes.ts';
import { type Body, bytesReply } from '../../call.ts';
import type { SeededImage } from '../../images.ts';
import type { Store } from '../../store.ts';
import type { Fault } from '../fault.ts';
import { fail, say } from '../kit/words.ts';

export const contentFaults: readonly Fault[] = [
  {
    id: 'manifest-reindented',
    title: 'Manifests are parsed and written anew, with other blanks',
    layer: 'store',
    seenIn: ['distribution-spec#333', 'buildkit#2963'],
    noticedBy: [
      'manifest-head-children',
      'manifest-by-digest',
      'manifest-tag-digest-closes',
      'manifest-digest-header',
      'manifest-children',
      'manifest-head-digest',
    ],
    damage: (store, images) => {
      for (const image of images) {
        for (const digest of manifestDigests(image)) reindent(store, image.repository, digest);
      }
    },
  },
  {
    id: 'blob-flipped-byte',
    title: 'One byte of a layer is wrong',
    layer: 'store',
    seenIn: ['distribution#1539', 'data-accelerator/dart#6'],
    noticedBy: ['blob-layers', 'pull-platform'],
    damage: (store, images) => {
      for (const digest of images.map(lastLayer)) corrupt(store, digest, flipByte);
    },
  },
  {
    id: 'blob-reply-flipped',
    title: 'A byte of each reply with a blob is wrong, not that of the stored blob (limit it by p)',
    layer: 'response',
    seenIn: ['distribution#1539'],
    noticedBy: [
      'blob-range-several',
      'blob-config',
      'blob-layers',
      'blob-range-closed',
      'blob-range-open',
      'blob-range-suffix',
    ],
    on: { at: ['blob', 'edge'], methods: ['GET'], statuses: [200] },
    change: (reply) => ({ ...reply, body: flipByte(reply.body) }),
  },
  {
    id: 'layer-doubled',
    title: 'A layer is stored twice over',
    layer: 'store',
    seenIn: ['distribution#2168'],
    noticedBy: ['blob-layers', 'pull-platform'],
    damage: (store, images) => {
      for (const digest of images.map(lastLayer)) {
        corrupt(store, digest, (body) => joined([body, body]));
      }
    },
  },
  {
    id: 'layer-lost',
    title: 'A layer that the manifest names is 404',
    layer: 'store',
    seenIn: ['harbor#22417', 'harbor#15234', 'nora#652'],
    noticedBy: ['blob-layers', 'pull-platform'],
    damage: (store, images) => {
      for (const image of images) store.lose(image.repository, lastLayer(image));
    },
  },
  {
    id: 'config-replaced',
    title: "The config's digest leads to another config of the same length",
    layer: 'store',
    seenIn: ['data-accelerator/dart#6', 'nexspence#195'],
    noticedBy: ['blob-config', 'pull-platform'],
    damage: (store, images) => {
      for (const { platforms } of images) {
        for (const { config } of platforms) corrupt(store, config.digest, otherConfig);
      }
    },
  },
  {
    id: 'digest-unreachable',
    title: 'A tag works, but the digest that it leads to is 404',
    layer: 'response',
    seenIn: ['containerd#2840'],
    noticedBy: [
      'manifest-by-digest',
      'manifest-tag-digest-closes',
      'index-complete',
      'pull-platform',
    ],
    on: { at: ['manifest'], by: 'digest', statuses: [200] },
    change: fail(404, 'MANIFEST_UNKNOWN'),
  },
  {
    id: 'tag-unreachable',
    title: 'A tag that exists is 404',
    layer: 'response',
    seenIn: ['harbor#12713', 'artifact-keeper#796'],
    noticedBy: ['manifest-by-tag', 'pull-platform'],
    on: { at: ['manifest'], by: 'tag', statuses: [200] },
    change: fail(404, 'MANIFEST_UNKNOWN'),
  },
  {
    id: 'tag-page',
    title: 'A tag is answered 200 with a page for people in place of the manifest',
    layer: 'response',
    seenIn: [],
    noticedBy: [
      'manifest-by-tag',
      'manifest-by-digest',
      'manifest-tag-digest-closes',
      'manifest-digest-header',
      'manifest-head-digest',
      'manifest-head-length',
    ],
    on: { at: ['manifest'], by: 'tag', methods: ['GET'], statuses: [200] },
    change: say('<!doctype html><title>Please wait</title>'),
  },
  {
    id: 'index-child-lost',
    title: 'One of the manifests that an index lists is 404',
    layer: 'store',
    seenIn: ['quay#7033'],
    noticedBy: ['index-complete'],
    damage: (store, images) => {
      for (const { repository, platforms } of images) {
        if (platforms.length > 1) store.lose(repository, platforms.at(-1)?.manifest.digest ?? '');
      }
    },
  },
  {
    id: 'manifest-as-blob',
    title: "A manifest's digest is served below /blobs/ as a byte stream",
    layer: 'response',
    seenIn: ['distribution#4812', 'containerd#13007'],
    noticedBy: ['blob-not-manifest'],
    on: { at: ['blob'], statuses: [404], repository: 'known' },
    change: (reply, { site, route }) => {
      const found = site.store.manifest(route.repository, route.reference);
      if (found === undefined) return reply;
      return bytesReply(200, found.bytes, [
        ['Content-Type', 'application/octet-stream'],
        ['Docker-Content-Digest', found.digest],
      ]);
    },
  },
  {
    id: 'accept-crash',
    title: 'Accept headers that are not one of the usual lists are answered 500',
    layer: 'response',
    seenIn: ['pulp_container#123'],
    noticedBy: ['manifest-accept-own', 'manifest-accept'],
    on: {
      at: ['manifest'],
      statuses: [200],
      when: (call) =>
        !/^application\/vnd\.(?:oci|docker)\.[^;]*$/.test(call.header('accept') ?? ''),
    },
    change: fail(500, 'UNSUPPORTED'),
  },
];

/** Of the first platform: the one that is pulled most. */
function lastLayer(image: SeededImage): string {
  return image.platforms[0]?.layers.at(-1)?.digest ?? '';
}

function manifestDigests(image: SeededImage): string[] {
  const digests = image.platforms.map(({ manifest }) => manifest.digest);
  return [...new Set([image.digest, ...digests])];
}

function reindent(store: Store, repository: string, digest: string): void {
  const found = store.manifest(repository, digest);
  if (found === undefined) return;
  const document: unknown = JSON.parse(Buffer.from(found.bytes).toString());
  store.corruptManifest(repository, digest, Buffer.from(JSON.stringify(document, null, 3)));
}

function corrupt(store: Store, digest: string, change: (body: Body) => Body): void {
  const body = store.blobOfAny(digest);
  if (body !== undefined) store.corruptBlob(digest, change(body));
}

/** A byte in the middle, where neither gzip's header nor its checksum would give it away early. */
function flipByte(body: Body): Body {
  return withFlippedBit(body, body.length >> 1);
}

/** Configs are small, so that they are held whole. */
function otherConfig(body: Body): Body {
  if (!(body instanceof Uint8Array)) return body;
  return Buffer.from(Buffer.from(body).toString().replace('/usr/bin/demo', '/usr/bin/oops'));
}
