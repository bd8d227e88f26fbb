// Faults of what an upload may look like, beyond what the spec says: its length, its ranges, its parts; and of
// the reply that ends it.
import {
  type Call,
  emptyReply,
  headerOf,
  noBytes,
  type Reply,
  shortBytesMax,
  withHeader,
} from '../../call.ts';
import type { Fault, Scene } from '../fault.ts';
import { fieldOf, mayPush, statusOfUpload, withoutRequestHeader } from '../kit/calls.ts';
import { drop, fail } from '../kit/words.ts';

const seenIn: readonly string[] = [];
const layer = 'response';
const at = ['upload'] as const;
const content = ['POST', 'PUT', 'PATCH'];
const created = { at, methods: content, statuses: [201] };
const bodyBytesMax = 4 * 1024 ** 2;
const absentDigest = `sha256:${'0'.repeat(64)}`;

export const uploadLimitFaults: readonly Fault[] = [
  {
    id: 'upload-body-limit',
    title: 'Bodies over 1 MiB are answered 413, as nginx does in front unless it is told otherwise',
    layer,
    seenIn: [],
    noticedBy: ['upload-single-post-large'],
    on: {
      at,
      methods: content,
      when: ({ header }) => Number(header('content-length') ?? 0) > shortBytesMax,
    },
    instead: (scene) => (mayPush(scene) ? emptyReply(413, []) : undefined),
  },
  {
    id: 'upload-patch-limit',
    title: 'A PATCH of more than 4 MiB is answered 413, though a PUT may have more',
    layer,
    seenIn: ['rust-oci-client#35'],
    noticedBy: ['upload-stream-layer'],
    on: { at, methods: ['PATCH'], when: (call) => lengthOf(call) > bodyBytesMax },
    instead: (scene) => (statusOfUpload(scene).status === 204 ? emptyReply(413, []) : undefined),
  },
  {
    id: 'upload-limit-4m',
    title: 'Bodies over 4 MiB are answered 413, as the operator of a registry may have it',
    layer,
    seenIn: [],
    noticedBy: [],
    legal: 'RFC 9110 15.5.14: how large content may be is for the server to say',
    on: { at, methods: content, when: (call) => lengthOf(call) > bodyBytesMax },
    instead: (scene) => (mayPush(scene) ? emptyReply(413, []) : undefined),
  },
  {
    id: 'upload-least-in-words',
    title: 'The least length of a chunk is announced as 5MB',
    layer,
    seenIn: [],
    noticedBy: ['upload-start-least'],
    on: { at, methods: ['POST'], statuses: [202] },
    change: (reply) => withHeader(reply, 'OCI-Chunk-Min-Length', '5MB'),
  },
  {
    id: 'upload-length-required',
    title: 'A PUT or PATCH that does not say its length is answered 411',
    layer,
    seenIn: [],
    noticedBy: [
      '*-stream',
      'upload-stream-put',
      'upload-stream-put-byte',
      'upload-stream-put-sha512',
      'upload-stream-byte',
      'upload-stream-sha512',
    ],
    on: {
      at,
      methods: ['PUT', 'PATCH'],
      when: ({ header }) => header('content-length') === undefined,
    },
    instead: (scene) => (statusOfUpload(scene).status === 204 ? emptyReply(411, []) : undefined),
  },
  {
    id: 'upload-range-required',
    title: 'A PATCH without Content-Range is answered 400',
    layer,
    seenIn: [],
    noticedBy: [
      '*-stream',
      '*-unranged',
      '*-unranged-again',
      '*-unranged-sha512',
      'upload-stream-byte',
      'upload-stream-sha512',
    ],
    on: {
      at,
      methods: ['PATCH'],
      when: ({ header }) => header('content-range') === undefined,
    },
    instead: (scene) =>
      statusOfUpload(scene).status === 204 ? fail(400, 'BLOB_UPLOAD_INVALID')() : undefined,
  },
  {
    id: 'upload-one-byte-refused',
    title: 'A chunk of one byte is answered 400, though no least length is announced',
    layer,
    seenIn: [],
    noticedBy: [
      'upload-chunks-byte-first',
      'upload-chunks-byte-first-sha512',
      'upload-chunks-byte-first-again',
      'upload-chunks-byte-last',
      'upload-chunks-byte-last-sha512',
      'upload-chunks-byte-last-again',
    ],
    on: { at, methods: ['PATCH'], when: ({ body }) => body.length === 1 },
    instead: (scene) =>
      statusOfUpload(scene).status === 204 ? fail(400, 'SIZE_INVALID')() : undefined,
  },
  {
    id: 'upload-last-chunk-lost',
    title: 'The chunk that comes with the PUT is not added to those before',
    layer,
    seenIn: [],
    noticedBy: [
      '*-end-again',
      'upload-chunk-end',
      'upload-chunk-end-byte',
      'upload-chunks-byte-end',
      'upload-chunks-end',
      'upload-chunks-end-large',
    ],
    on: {
      at,
      methods: ['PUT'],
      when: ({ header }) => header('content-range') !== undefined,
    },
    instead: ({ call, registry }) =>
      isNext(call.header('content-range') ?? '', registry.answer({ ...call, method: 'GET' }))
        ? registry.answer({
            ...withoutRequestHeader(withoutRequestHeader(call, 'content-range'), 'content-length'),
            body: noBytes,
          })
        : undefined,
  },
  {
    id: 'upload-again-refused',
    title: 'A blob that the repository has already is answered 409, unless it has no bytes',
    layer,
    seenIn: [],
    noticedBy: [
      'upload-*-again',
      'upload-known-wrong-digest',
      'blob-twice-at-once',
      'upload-ended-end',
    ],
    on: { at, methods: ['POST', 'PUT'] },
    instead: (scene) => {
      const { call, route, site } = scene;
      const known = site.store.blob(route.repository, fieldOf(call, 'digest') ?? '');
      return known !== undefined && known.length > 0 && mayPush(scene)
        ? fail(409, 'BLOB_UPLOAD_INVALID')()
        : undefined;
    },
  },
  {
    id: 'upload-empty-refused',
    title: 'A blob of no bytes is answered 400',
    layer,
    seenIn: [],
    noticedBy: ['upload-post-put-empty', 'upload-single-post-empty'],
    on: { at, methods: ['POST', 'PUT'], statuses: [201] },
    change: (reply, scene) => (isEmpty(scene) ? fail(400, 'SIZE_INVALID')() : reply),
  },
  {
    id: 'upload-end-location-untrue',
    title: 'The Location of a pushed or mounted blob leads nowhere',
    layer,
    seenIn: [],
    noticedBy: ['upload-*-location', 'mount-location'],
    on: created,
    change: (reply, { route }) =>
      withHeader(reply, 'Location', `/v2/${route.repository}/blobs/${absentDigest}`),
  },
  {
    id: 'upload-end-location-missing',
    title: 'The 201 of a pushed or mounted blob has no Location',
    layer,
    seenIn: [],
    noticedBy: ['upload-*-location', 'mount-location'],
    on: created,
    change: drop('Location'),
  },
  {
    id: 'upload-end-digest-other',
    title: 'The 201 of a pushed or mounted blob has the digest of another one',
    layer,
    seenIn: [],
    noticedBy: [
      '*-end-digest',
      '*-put-digest',
      '*-unranged-digest',
      'upload-single-post-digest',
      'upload-chunk-digest',
      'upload-chunks-digest',
    ],
    on: created,
    change: (reply) => withHeader(reply, 'Docker-Content-Digest', absentDigest),
  },
  {
    id: 'upload-redirected',
    title: 'The POST of an upload is redirected by 307, which the spec allows',
    layer,
    seenIn,
    noticedBy: [],
    legal: 'spec.md, API: registries MAY respond to any request with a redirect',
    on: { at, methods: ['POST'], when: ({ query }) => !query.endsWith('sent-on') },
    instead: (scene) => {
      const { path, query } = scene.call;
      const next = query === '' ? 'sent-on' : `${query}&sent-on`;
      return mayPush(scene) ? emptyReply(307, [['Location', `${path}?${next}`]]) : undefined;
    },
  },
];

function lengthOf({ body, header, staged }: Call): number {
  return staged?.length ?? Math.max(body.length, Number(header('content-length') ?? 0));
}

/** Whether a chunk would be taken by the upload that the status is of. */
function isNext(contentRange: string, status: Reply): boolean {
  const [, end = ''] = /^0-(\d+)$/.exec(headerOf(status, 'Range') ?? '') ?? [];
  const first = Number(contentRange.split('-', 1)[0]);
  return first > 0 ? first === Number(end) + 1 : end === '0';
}

function isEmpty({ call, route, site }: Scene): boolean {
  return site.store.blob(route.repository, fieldOf(call, 'digest') ?? '')?.length === 0;
}
