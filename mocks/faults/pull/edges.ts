// Faults of single edges, and of edges that have not seen an object before. They do not show in the style
// of S3, where the edge is the bucket itself, and some not in every connection: an edge keeps to its own.
import { withFlippedBit } from '../../bytes.ts';
import { headerOf, type Reply, withHeader } from '../../call.ts';
import type { Fault } from '../fault.ts';
import { blobRead, onFirst } from '../kit/memory.ts';
import { asIf, fail } from '../kit/words.ts';
import { end } from './wires.ts';

const served = { at: ['edge'], methods: ['GET'], statuses: [200, 206] } as const;
/** The edge that the first connection meets, and all calls in process. */
const oneEdge = 'LOOP1-P1';
/** Under 1 MB/s. */
const coldBytesPerSecond = 500_000;
/** Readers are cut at multiples of it, and only who reads slower than this. */
const cutBytes = 8 * 1024 ** 2;
const slowBytesPerSecond = 1024 ** 2;

export const edgeFaults: readonly Fault[] = [
  {
    id: 'edge-object-stale',
    title: 'One of the edges has an old object in its cache, and serves that',
    layer: 'response',
    seenIn: ['tuist#12208'],
    noticedBy: ['blob-config', 'blob-layers', 'pull-platform'],
    on: served,
    change: (reply, scene) => {
      if (!isFromOneEdge(reply)) return reply;
      const old = asIf(reply, scene, (body) => withFlippedBit(body, body.length >> 1));
      return withHeader(old, 'X-Cache', 'Hit from edge');
    },
  },
  {
    id: 'edge-one-slow',
    title: 'One of the edges is silent for some seconds before each object',
    layer: 'wire',
    seenIn: ['zot#3028'],
    noticedBy: [],
    legal: 'RFC 9110 says nothing of how soon a reply comes',
    on: served,
    change: (reply) =>
      isFromOneEdge(reply) ? { ...reply, wire: { ...reply.wire, lateHead: true } } : reply,
  },
  {
    id: 'edge-cold-timeout',
    title: 'An object that the edges do not have yet is 503, after some seconds of silence',
    layer: 'wire',
    seenIn: ['k8s.io#8186'],
    // What a run only reads is warm when a check is done anew: there `server-errors` tells it.
    noticedBy: ['blob-read-after-write', 'upload-post-put'],
    on: served,
    begin: () =>
      onFirst(blobRead, () => ({ ...fail(503, 'UNSUPPORTED')(), wire: { lateHead: true } })),
  },
  {
    id: 'edge-cold-slow',
    title: `An object that the edges do not have yet comes with ${coldBytesPerSecond} bytes a second`,
    layer: 'wire',
    seenIn: ['hub-feedback#1675'],
    noticedBy: [],
    legal: 'RFC 9110 says nothing of how fast a body comes',
    on: served,
    begin: () =>
      onFirst(blobRead, (reply) => ({
        ...reply,
        wire: { ...reply.wire, bytesPerSecond: coldBytesPerSecond },
      })),
  },
  {
    id: 'large-blob-cut',
    title: 'Blobs of more than 8 MiB end there',
    layer: 'wire',
    seenIn: ['microsoft/containerregistry#196'],
    noticedBy: ['blob-large'],
    on: served,
    change: (reply) => (reply.body.length > cutBytes ? end(reply, cutBytes, 'close') : reply),
  },
  {
    id: 'slow-reader-cut',
    title: 'Who reads under 1 MiB a second is cut off at a multiple of 8 MiB',
    layer: 'wire',
    seenIn: ['microsoft/containerregistry#196'],
    noticedBy: [],
    gap: 'read a blob of more than 8 MiB slowly, and to its end',
    on: { at: ['blob', 'edge'], methods: ['GET'], statuses: [200, 206] },
    change: (reply, { site }) => {
      const start = site.now();
      const checkpoint = {
        everyBytes: cutBytes,
        goesOn: (sentBytes: number) =>
          sentBytes * 1000 >= slowBytesPerSecond * (site.now() - start),
      };
      return { ...reply, wire: { ...reply.wire, checkpoint } };
    },
  },
];

function isFromOneEdge(reply: Reply): boolean {
  return headerOf(reply, 'X-Amz-Cf-Pop') === oneEdge;
}
