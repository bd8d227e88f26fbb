// Faults below HTTP: the reply's head is right, the connection fails while the body goes out.
import { type Reply, type WireAction, withHeader, withoutHeader } from '../../call.ts';
import type { Fault } from '../fault.ts';

const layer = 'wire';
/** Whole blobs, from whichever hop sends them. */
const on = { at: ['blob', 'edge'], methods: ['GET'], statuses: [200] } as const;

/** What reads a blob to its end. */
const blobReads = ['blob-config', 'blob-layers', 'blob-length', 'pull-platform'] as const;

export const wireFaults: readonly Fault[] = [
  {
    id: 'blob-body-empty',
    title: 'Blobs have a full Content-Length and no body',
    layer,
    seenIn: ['distribution#4191', 'distribution#2367', 'containerd#9552'],
    noticedBy: blobReads,
    on,
    change: (reply) => end(reply, 0, 'close'),
  },
  {
    id: 'blob-body-cut',
    title: 'Blobs end after half of their bytes',
    layer,
    seenIn: ['microsoft/containerregistry#196', 'mcronce/oci-registry#13'],
    noticedBy: blobReads,
    on,
    change: (reply) => end(reply, reply.body.length >> 1, 'close'),
  },
  {
    id: 'blob-body-reset',
    title: 'The connection is reset after half of a blob',
    layer,
    seenIn: ['harbor#20523'],
    noticedBy: blobReads,
    on,
    change: (reply) => end(reply, reply.body.length >> 1, 'reset'),
  },
  {
    id: 'blob-body-stalled',
    title: 'Blobs stop after half of their bytes and the connection stays open',
    layer,
    seenIn: ['zot#3028'],
    noticedBy: blobReads,
    on,
    change: (reply) => end(reply, reply.body.length >> 1, 'stall'),
  },
  {
    id: 'blob-body-dripped',
    title: 'Blobs drip, a byte a second, from their middle on',
    layer,
    seenIn: [],
    noticedBy: blobReads,
    on,
    change: (reply) => end(reply, reply.body.length >> 1, 'drip'),
  },
  {
    id: 'blob-first-byte-late',
    title: 'Blobs begin after some seconds of silence, and are in order then',
    layer,
    seenIn: ['k8s.io#8186'],
    noticedBy: [],
    legal: 'RFC 9110 says nothing of how soon a reply comes',
    on,
    change: (reply) => ({ ...reply, wire: { lateHead: true } }),
  },
  {
    id: 'blob-length-larger',
    title: 'Blobs have a Content-Length of some bytes more than there are',
    layer,
    seenIn: [],
    noticedBy: blobReads,
    on,
    change: (reply) => {
      const announced = String(reply.body.length + offBytes);
      return end(withHeader(reply, 'Content-Length', announced), reply.body.length, 'close');
    },
  },
  {
    id: 'blob-length-smaller',
    title: 'Blobs have a Content-Length of some bytes less than follow',
    layer,
    seenIn: [],
    noticedBy: [
      'blob-range-several',
      'blob-config',
      'blob-layers',
      'blob-range-closed',
      'blob-range-open',
      'blob-range-suffix',
    ],
    on,
    change: (reply) => {
      const announced = String(Math.max(0, reply.body.length - offBytes));
      return end(withHeader(reply, 'Content-Length', announced), reply.body.length, 'close');
    },
  },
  {
    id: 'blob-chunk-garbled',
    title: 'Blobs come in chunks, and the size of the second is no number',
    layer,
    seenIn: [],
    noticedBy: blobReads,
    on,
    change: (reply) => {
      const unframed = withoutHeader(reply, 'Content-Length');
      const chunked = withHeader(unframed, 'Transfer-Encoding', 'chunked');
      return end(chunked, reply.body.length >> 1, 'bad-chunk');
    },
  },
  {
    id: 'redirect-then-close',
    title: 'The connection is closed after each redirect, without a word of warning',
    layer,
    seenIn: ['ggcr#1620'],
    noticedBy: [],
    legal: 'RFC 9112 9.5: a server may close a connection at any time',
    on: { at: ['blob'], statuses: [302, 307] },
    change: (reply) => end(reply, reply.body.length, 'close'),
  },
];

/** How far a wrong length is off. */
const offBytes = 7;

/** The reply until `afterBytes` of its body, and what comes then. */
export function end(
  reply: Reply,
  afterBytes: number,
  then: NonNullable<WireAction['then']>,
): Reply {
  return { ...reply, wire: { afterBytes, then } };
}
