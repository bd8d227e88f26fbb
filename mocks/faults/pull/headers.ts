// Faults of headers: what HEAD and GET say of content that is itself in order.
import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import { headerOf, withHeader } from '../../call.ts';
import { digestOf } from '../../store.ts';
import type { Fault } from '../fault.ts';
import { drop, fail, set } from '../kit/words.ts';

const layer = 'response';
const manifestHead = { at: ['manifest'], methods: ['HEAD'], statuses: [200] } as const;
const manifestGet = { at: ['manifest'], methods: ['GET'], statuses: [200] } as const;
const manifest = { at: ['manifest'], statuses: [200] } as const;
/** The hop that answers for a blob's existence, redirected or not. */
const blobHead = { at: ['blob', 'edge'], methods: ['HEAD'], statuses: [200] } as const;
const { ociIndex, ociManifest, dockerManifestList, dockerManifest } = mediaTypes;
const swapped: ReadonlyMap<string, string> = new Map([
  [ociIndex, ociManifest],
  [ociManifest, ociIndex],
  [dockerManifestList, dockerManifest],
  [dockerManifest, dockerManifestList],
]);

export const headerFaults: readonly Fault[] = [
  {
    id: 'manifest-head-no-length',
    title: 'HEAD of a manifest has no Content-Length',
    layer,
    seenIn: ['containerd#3110', 'containerd#5124', 'cloudflared#500', 'harbor#13740'],
    noticedBy: ['manifest-head-children', 'manifest-head-length'],
    on: manifestHead,
    change: drop('Content-Length'),
  },
  {
    id: 'manifest-head-zero-length',
    title: 'HEAD of a manifest says Content-Length: 0',
    layer,
    seenIn: ['godoxy#169', 'nora#337'],
    noticedBy: ['manifest-head-children', 'manifest-head-length'],
    on: manifestHead,
    change: set('Content-Length', '0'),
  },
  {
    id: 'manifest-head-off-length',
    title: 'HEAD of a manifest says some bytes more than GET brings',
    layer,
    seenIn: ['oras-go#1176'],
    noticedBy: ['manifest-head-children', 'manifest-head-length'],
    on: manifestHead,
    change: (reply) => withHeader(reply, 'Content-Length', String(reply.body.length + 7)),
  },
  {
    id: 'manifest-head-no-type',
    title: 'HEAD of a manifest has no Content-Type',
    layer,
    seenIn: ['harbor#13740', 'containerd#7390'],
    noticedBy: ['manifest-head-type'],
    on: manifestHead,
    change: drop('Content-Type'),
  },
  {
    id: 'manifest-head-refused',
    title: 'HEAD of a manifest is answered 405',
    layer,
    seenIn: [],
    noticedBy: ['manifest-head-children', 'manifest-head'],
    on: manifestHead,
    change: fail(405, 'UNSUPPORTED'),
  },
  {
    id: 'blob-head-no-length',
    title: 'HEAD of a blob has no Content-Length',
    layer,
    seenIn: ['oras-go#882', 'openlitespeed#458', 'cloudflared#500'],
    noticedBy: ['blob-head-length'],
    on: blobHead,
    change: drop('Content-Length'),
  },
  {
    id: 'blob-head-zero-length',
    title: 'HEAD of a blob says Content-Length: 0',
    layer,
    seenIn: ['godoxy#169', 'nora#337', 'wharf#11', 'wharfix#24'],
    noticedBy: ['blob-head-length'],
    on: blobHead,
    change: set('Content-Length', '0'),
  },
  {
    id: 'blob-head-empty-length',
    title: 'HEAD of a blob has a Content-Length without a number',
    layer,
    seenIn: ['harbor#7349'],
    noticedBy: ['blob-head', 'redirect-head'],
    on: blobHead,
    change: set('Content-Length', ''),
  },
  {
    id: 'blob-head-off-length',
    title: 'HEAD of a blob says some bytes more than there are',
    layer,
    seenIn: ['oras-go#1176'],
    noticedBy: ['blob-head-length'],
    on: blobHead,
    change: (reply) => withHeader(reply, 'Content-Length', String(reply.body.length + 7)),
  },
  {
    id: 'manifest-get-no-digest',
    title: 'GET of a manifest has no Docker-Content-Digest',
    layer,
    seenIn: ['Docker.Registry.DotNet#34', 'distribution#3792'],
    noticedBy: ['manifest-digest-header'],
    on: manifestGet,
    change: drop('Docker-Content-Digest'),
  },
  {
    id: 'manifest-head-no-digest',
    title: 'HEAD of a manifest has no Docker-Content-Digest',
    layer,
    seenIn: ['containerd#3238', 'lstags#186', 'diun#594', 'distribution#3848'],
    noticedBy: ['manifest-head-digest'],
    on: manifestHead,
    change: drop('Docker-Content-Digest'),
  },
  {
    id: 'manifest-get-other-digest',
    title: 'GET of a manifest names the digest of something else',
    layer,
    seenIn: ['uber/kraken#34'],
    noticedBy: ['manifest-digest-header'],
    on: manifestGet,
    change: set('Docker-Content-Digest', digestOf(Buffer.from('something else'))),
  },
  {
    id: 'manifest-head-other-digest',
    title: 'HEAD of a manifest names the digest of something else',
    layer,
    seenIn: ['uber/kraken#34'],
    noticedBy: ['manifest-head-digest'],
    on: manifestHead,
    change: set('Docker-Content-Digest', digestOf(Buffer.from('something else'))),
  },
  {
    id: 'blob-no-digest',
    title: 'No hop of a blob has Docker-Content-Digest',
    layer,
    seenIn: ['distribution#3849', 'containers-roadmap#1931', 'registry-image-resource#249'],
    noticedBy: ['blob-digest-header', 'blob-head-digest'],
    on: { at: ['blob', 'edge'] },
    change: drop('Docker-Content-Digest'),
  },
  {
    id: 'blob-get-no-digest',
    title: 'Blobs have Docker-Content-Digest on HEAD, not on GET',
    layer,
    seenIn: ['Docker.Registry.DotNet#34'],
    noticedBy: ['blob-digest-header'],
    on: { at: ['blob', 'edge'], methods: ['GET'] },
    change: drop('Docker-Content-Digest'),
  },
  {
    id: 'blob-head-no-digest',
    title: 'Blobs have Docker-Content-Digest on GET, not on HEAD',
    layer,
    seenIn: ['distribution#3848', 'diun#594'],
    noticedBy: ['blob-head-digest'],
    on: { at: ['blob', 'edge'], methods: ['HEAD'] },
    change: drop('Docker-Content-Digest'),
  },
  {
    id: 'blob-other-digest',
    title: 'Blobs come with the digest of something else in their header',
    layer,
    seenIn: ['uber/kraken#34', 'serverless-registry#139'],
    noticedBy: ['blob-digest-header', 'blob-head-digest'],
    on: { at: ['blob', 'edge'], statuses: [200, 206, 302, 307] },
    change: set('Docker-Content-Digest', digestOf(Buffer.from('something else'))),
  },
  {
    id: 'manifest-plain-json',
    title: 'Manifests are served as application/json',
    layer,
    seenIn: ['pulp_container#2002', 'containerd/cri#787'],
    noticedBy: ['manifest-content-type'],
    on: manifest,
    change: set('Content-Type', 'application/json'),
  },
  {
    id: 'manifest-get-no-type',
    title: 'GET of a manifest has no Content-Type',
    layer,
    seenIn: ['pulp_container#2002'],
    noticedBy: ['manifest-content-type', 'manifest-head-type'],
    on: manifestGet,
    change: drop('Content-Type'),
  },
  {
    id: 'manifest-type-swapped',
    title: 'Indexes are served as single manifests, and manifests as indexes',
    layer,
    seenIn: ['pulp_container#2002'],
    noticedBy: ['manifest-content-type', 'pull-platform'],
    on: manifest,
    change: (reply) => {
      const other = swapped.get(headerOf(reply, 'Content-Type') ?? '');
      return other === undefined ? reply : withHeader(reply, 'Content-Type', other);
    },
  },
  {
    id: 'manifest-type-charset',
    title: 'The Content-Type of manifests carries a parameter',
    layer,
    seenIn: [],
    noticedBy: ['manifest-content-type-bare'],
    on: manifest,
    change: (reply) =>
      withHeader(reply, 'Content-Type', `${headerOf(reply, 'Content-Type')}; charset=utf-8`),
  },
];
