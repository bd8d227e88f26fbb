// Faults of headers that depend on more than the content: on what was asked before, on another header of
// the request, or on how a blob came to be where it is.
import { gunzipSync } from 'node:zlib';
import { type Body, emptyReply, headerOf, noBytes, type Reply, withHeader } from '../../call.ts';
import { hasAlready } from '../../registry/etag.ts';
import { digestOf } from '../../store.ts';
import type { Fault, Scene } from '../fault.ts';
import { fieldOf } from '../kit/calls.ts';
import { Memory, onFirst } from '../kit/memory.ts';
import { asIf, drop } from '../kit/words.ts';

const layer = 'response';
/** Larger content stays packed. */
const unpackedBytesMax = 16 * 1024 ** 2;

export const representationFaults: readonly Fault[] = [
  {
    id: 'manifest-cold-no-digest',
    title: 'The first GET of a manifest has no Docker-Content-Digest, every later one has it',
    layer,
    seenIn: ['harbor#23373'],
    noticedBy: [],
    gap: 'compare the headers of the very first GET of a manifest with those of a later one',
    on: { at: ['manifest'], methods: ['GET'], statuses: [200] },
    begin: () => onFirst(manifestRead, drop('Docker-Content-Digest')),
  },
  {
    id: 'length-lost-with-gzip',
    title: 'Who sends Accept-Encoding: gzip gets no Content-Length',
    layer,
    seenIn: ['serverless-registry#136'],
    noticedBy: ['head-encoding'],
    on: {
      at: ['manifest', 'blob', 'edge'],
      methods: ['GET', 'HEAD'],
      statuses: [200],
      when: (call) => /\bgzip\b/i.test(call.header('accept-encoding') ?? ''),
    },
    change: drop('Content-Length'),
  },
  {
    id: 'blob-gzip-unpacked',
    title: 'GET of a blob that is compressed by gzip brings what is in it',
    layer,
    seenIn: [],
    noticedBy: ['blob-layers', 'pull-platform'],
    on: { at: ['blob', 'edge'], methods: ['GET'], statuses: [200] },
    change: (reply, scene) => (isGzip(reply.body) ? asIf(reply, scene, unpacked) : reply),
  },
  {
    id: 'mounted-head-wrong',
    title: 'HEAD of a blob that was mounted has the digest and the size of nothing',
    layer,
    seenIn: ['serverless-registry#139'],
    noticedBy: ['mount-head'],
    on: { at: ['blob'], methods: ['HEAD'], statuses: [200, 302, 307] },
    begin: () => {
      const mounted = new Memory<true>();
      return {
        follow: (reply, { call, place, route }) => {
          const digest = place === 'upload' && call.method === 'POST' && fieldOf(call, 'mount');
          if (digest && reply.status === 201) mounted.set(`${route.repository}@${digest}`, true);
          return reply;
        },
        change: (reply, { route }) => {
          if (!mounted.has(`${route.repository}@${route.reference}`)) return reply;
          return emptyReply(200, [['Docker-Content-Digest', digestOf(noBytes)]]);
        },
      };
    },
  },
  {
    id: 'etag-ignores-accept',
    title: 'Whatever is served for a tag has one ETag, so that it is 304 for another Accept too',
    layer,
    seenIn: ['docker-registry-ui#265', 'distribution-spec#250'],
    noticedBy: ['manifest-if-none-match-accept'],
    on: { at: ['manifest'], by: 'tag', methods: ['GET', 'HEAD'], statuses: [200, 304] },
    change: oneEntityTag,
  },
];

/** The manifest that a reply to GET brings, by tag or by digest. */
function manifestRead(reply: Reply, { call, place, route }: Scene): string | undefined {
  const isRead = place === 'manifest' && call.method === 'GET' && reply.status === 200;
  return isRead ? `${route.repository}@${headerOf(reply, 'Docker-Content-Digest')}` : undefined;
}

/** The entity tag of what the tag names, which need not be what is served for it. */
function oneEntityTag(reply: Reply, { call, route, site }: Scene): Reply {
  const found = site.store.manifest(route.repository, route.reference);
  if (found === undefined) return reply;
  const etag = `"${found.digest}"`;
  if (headerOf(reply, 'ETag') === etag) return reply;
  if (hasAlready(call, etag)) return { status: 304, headers: [['ETag', etag]], body: noBytes };
  return withHeader(reply, 'ETag', etag);
}

function isGzip(body: Body): body is Uint8Array {
  return body instanceof Uint8Array && body[0] === 0x1f && body[1] === 0x8b;
}

/** The bytes within; those given where gzip cannot read them, or there are too many. */
function unpacked(body: Body): Body {
  if (!isGzip(body)) return body;
  try {
    return gunzipSync(body, { maxOutputLength: unpackedBytesMax });
  } catch {
    return body;
  }
}
