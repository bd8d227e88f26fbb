// Faults of uploads on their way: what is said of their progress and their place, and the order of chunks.
import { headerOf, type Reply, withHeader } from '../../call.ts';
import type { Fault, Scene } from '../fault.ts';
import { fieldOf, keyOf, withoutRequestHeader } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { fail } from '../kit/words.ts';

const seenIn: readonly string[] = [];
const layer = 'response';
const at = ['upload'] as const;
/** Replies that say how far an upload has come. */
const progress = { at, methods: ['GET', 'PATCH'], statuses: [202, 204] } as const;

export const uploadProgressFaults: readonly Fault[] = [
  {
    id: 'upload-range-stuck',
    title: 'The Range of an upload stays what it was after the first chunk',
    layer,
    seenIn: ['containers-roadmap#2831'],
    noticedBy: ['upload-status-later', 'upload-range-cumulative'],
    on: progress,
    begin: () => {
      const first = new Memory<string>();
      return {
        change: (reply, scene) => {
          const known = first.get(keyOf(scene));
          if (known !== undefined) return withHeader(reply, 'Range', known);
          if (scene.call.method === 'PATCH') first.set(keyOf(scene), rangeOf(reply));
          return reply;
        },
      };
    },
  },
  {
    id: 'upload-range-short',
    title: 'The Range of an upload ends one byte before the last that came',
    layer,
    seenIn: ['regclient#961'],
    noticedBy: [
      'upload-range',
      'upload-range-cumulative',
      'upload-range-stream',
      'upload-status',
      'upload-status-earlier',
    ],
    on: progress,
    change: shifted(-1),
  },
  {
    id: 'upload-range-long',
    title: 'The Range of an upload ends one byte after the last that came',
    layer,
    seenIn: ['artifact-keeper#1349', 'artifact-keeper#1345'],
    noticedBy: [
      'upload-range',
      'upload-range-cumulative',
      'upload-range-stream',
      'upload-status',
      'upload-status-earlier',
    ],
    on: progress,
    change: shifted(1),
  },
  {
    id: 'upload-range-per-chunk',
    title: 'The Range of an upload counts the bytes of the last chunk, not of all chunks',
    layer,
    seenIn: ['regclient#627', 'distribution-spec#580'],
    noticedBy: ['upload-range-cumulative'],
    on: { at, methods: ['PATCH'], statuses: [202] },
    begin: () => {
      const ends = new Memory<number>();
      let chunkBytes = 0;
      return {
        follow: (reply, scene) => {
          if (scene.place === 'upload' && scene.call.method === 'PATCH' && reply.status === 202) {
            const end = endOf(reply);
            chunkBytes = end - (ends.get(keyOf(scene)) ?? -1);
            ends.set(keyOf(scene), end);
          }
          return reply;
        },
        change: (reply) => withHeader(reply, 'Range', `0-${Math.max(0, chunkBytes - 1)}`),
      };
    },
  },
  {
    id: 'upload-range-unit',
    title: 'The Range of an upload names its unit, bytes=0-9, as other headers of that name do',
    layer,
    seenIn: ['distribution#3496'],
    noticedBy: ['upload-range-unit'],
    on: { at, statuses: [202, 204], when: ({ method }) => method !== 'DELETE' },
    change: (reply) => withHeader(reply, 'Range', `bytes=${rangeOf(reply)}`),
  },
  {
    id: 'upload-chunk-order-ignored',
    title: 'A chunk that is not the next is taken as if it were',
    layer,
    seenIn: ['distribution#3141', 'harbor#11948', 'harbor#12457', 'Floundr#1'],
    noticedBy: [
      'upload-chunk-gap-later',
      'upload-chunk-first',
      'upload-chunk-gap',
      'upload-chunk-overlap',
      'upload-chunk-range-backwards',
      'upload-chunk-repeated',
    ],
    on: { at, methods: ['PATCH'], statuses: [416] },
    change: asIfNext,
  },
  {
    id: 'upload-chunk-order-crash',
    title: 'A chunk that is not the next is answered 500, not 416',
    layer,
    seenIn: ['distr#670'],
    noticedBy: [
      'upload-chunk-gap-later',
      'upload-chunk-first',
      'upload-chunk-gap',
      'upload-chunk-overlap',
      'upload-chunk-range-backwards',
      'upload-chunk-repeated',
    ],
    on: { at, methods: ['PATCH'], statuses: [416] },
    change: fail(500, 'BLOB_UPLOAD_INVALID'),
  },
  {
    id: 'upload-end-order-ignored',
    title: 'A last chunk, sent with the PUT, that is not the next is taken as if it were',
    layer,
    seenIn: ['distribution-spec#590'],
    noticedBy: ['upload-end-*'],
    on: { at, methods: ['PUT'], statuses: [416] },
    change: asIfNext,
  },
  {
    id: 'upload-end-order-bad-request',
    title: 'A last chunk, sent with the PUT, that is not the next is answered 400, not 416',
    layer,
    seenIn: ['distribution#4945'],
    noticedBy: ['upload-end-gap', 'upload-end-overlap', 'upload-end-repeated'],
    on: { at, methods: ['PUT'], statuses: [416] },
    change: fail(400, 'BLOB_UPLOAD_INVALID'),
  },
  {
    id: 'upload-location-mount',
    title: 'After a mount that was refused, the Location of the upload has the mount in its middle',
    layer,
    seenIn: ['zot#573'],
    noticedBy: [
      'mount-absent-blob-upload',
      'mount-absent-repository-upload',
      'mount-anonymous-absent',
    ],
    on: {
      at,
      methods: ['POST'],
      statuses: [202],
      when: (call) => fieldOf(call, 'mount') !== undefined,
    },
    change: (reply, { call, route }) => {
      const [, session] = /([^/]*)$/.exec(headerOf(reply, 'Location') ?? '') ?? [];
      const uploads = `/v2/${route.repository}/blobs/uploads/`;
      return withHeader(reply, 'Location', `${uploads}?${call.query}/${session}`);
    },
  },
  {
    id: 'upload-location-relative',
    title: 'The Location of an upload is relative to the path of the request, which is legal',
    layer,
    seenIn: ['swift-container-plugin#44', 'notation#120'],
    noticedBy: [],
    legal: 'spec.md, Post then put: the location MAY be relative',
    on: { at, methods: ['POST', 'PATCH', 'GET'], statuses: [202, 204] },
    change: (reply, { call }) => {
      const folder = call.path.endsWith('/uploads') ? 'uploads/' : '';
      const [, session] = /([^/]*)$/.exec(headerOf(reply, 'Location') ?? '') ?? [];
      return withHeader(reply, 'Location', `${folder}${session}`);
    },
  },
  {
    id: 'upload-location-fragment',
    title: 'The Location of an upload ends in a fragment, which is legal and never sent',
    layer,
    seenIn: [],
    noticedBy: [],
    legal: 'RFC 9110 10.2.2: Location may have a fragment',
    on: { at, methods: ['POST', 'PATCH', 'GET'], statuses: [202, 204] },
    change: (reply) => withHeader(reply, 'Location', `${headerOf(reply, 'Location')}#part`),
  },
  {
    id: 'upload-location-absolute',
    title: 'The Location of an upload is a whole URL with a query of its own, which is legal',
    layer,
    seenIn: [],
    noticedBy: [],
    legal: 'spec.md, Post then put: the location MAY be absolute, and MAY contain query parameters',
    on: { at, methods: ['POST', 'PATCH', 'GET'], statuses: [202, 204] },
    change: (reply, { call }) => {
      const path = headerOf(reply, 'Location') ?? '';
      return withHeader(reply, 'Location', `${call.origin}${path}?_state=a%3Db`);
    },
  },
  {
    id: 'upload-order-forgotten',
    title: 'After two chunks of an upload any is taken for the next, wherever it claims to begin',
    layer,
    seenIn,
    noticedBy: ['upload-chunk-gap-later'],
    on: { at, methods: ['PATCH'], statuses: [416] },
    begin: () => {
      const chunks = new Memory<number>();
      return {
        follow: (reply, scene) => {
          const { call, place } = scene;
          const isTaken = place === 'upload' && call.method === 'PATCH' && reply.status === 202;
          if (isTaken) chunks.set(keyOf(scene), (chunks.get(keyOf(scene)) ?? 0) + 1);
          return reply;
        },
        change: (reply, scene) => {
          const { call, registry } = scene;
          const isSure = (chunks.get(keyOf(scene)) ?? 0) < 2;
          return isSure ? reply : registry.answer(withoutRequestHeader(call, 'content-range'));
        },
      };
    },
  },
  {
    id: 'upload-order-fatal',
    title: 'An upload is gone once a chunk of it was answered 416',
    layer,
    seenIn,
    noticedBy: [
      'upload-chunk-gap-resume',
      'upload-chunk-overlap-resume',
      'upload-chunk-repeated-resume',
    ],
    on: { at, methods: ['PATCH'], statuses: [416] },
    change: (reply, { call, registry }) => {
      registry.answer({ ...call, method: 'DELETE', query: '' });
      return { ...reply };
    },
  },
];

/** A long chunk that is refused is not read: then there is nothing that could be taken. */
function asIfNext(reply: Reply, { call, registry }: Scene): Reply {
  return call.body.length === 0
    ? reply
    : registry.answer(withoutRequestHeader(call, 'content-range'));
}

function rangeOf(reply: Reply): string {
  return headerOf(reply, 'Range') ?? '';
}

/** Position of the last byte that came. */
function endOf(reply: Reply): number {
  return Number(/^0-(\d+)$/.exec(rangeOf(reply))?.[1] ?? 0);
}

/** Of nothing, and of one byte, Range is 0-0: then it stays. */
function shifted(bytes: number): (reply: Reply) => Reply {
  return (reply) => {
    const end = endOf(reply);
    return end === 0 ? reply : withHeader(reply, 'Range', `0-${end + bytes}`);
  };
}
