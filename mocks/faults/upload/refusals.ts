// Faults of what has to be refused of an upload: digests, names and lengths that are not right.
import { type Call, emptyReply, headerOf, type Reply, withHeader } from '../../call.ts';
import type { Fault, Scene } from '../fault.ts';
import { codeOf, fieldOf, mayPush, withoutRequestHeader } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { fail } from '../kit/words.ts';

const seenIn: readonly string[] = [];
const layer = 'response';
const at = ['upload'] as const;
const refused = { at, methods: ['POST', 'PUT'], statuses: [400] };

/** Two components at least, of letters, digits and single hyphens, and not many. */
const plainName = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\/[a-z0-9]+(?:-[a-z0-9]+)*){1,2}$/;
const plainCharsMax = 100;

export const uploadRefusalFaults: readonly Fault[] = [
  {
    id: 'repository-names-plain-only',
    title:
      'A push to a repository is answered 400 unless its name is of two or three plain components',
    layer,
    seenIn: [],
    noticedBy: ['repository-name-*'],
    on: { at, methods: ['POST'], statuses: [202] },
    change: (reply, { route }) => (isPlain(route.repository) ? reply : fail(400, 'NAME_INVALID')()),
  },
  {
    id: 'repository-hyphens-unknown',
    title: 'Manifests of a repository whose name has two hyphens together are 404',
    layer,
    seenIn: ['spegel#1038'],
    noticedBy: ['repository-name-hyphens', 'repository-name-hyphens-many'],
    on: { at: ['manifest'], methods: ['GET', 'HEAD'], statuses: [200] },
    change: (reply, { route }) =>
      route.repository.includes('--') ? fail(404, 'NAME_UNKNOWN')() : reply,
  },
  {
    id: 'upload-digest-crash',
    title: 'A digest that is malformed, unknown or not that of the content is answered 500',
    layer,
    seenIn: [],
    noticedBy: [
      'upload-chunks-digest-*',
      'upload-post-digest-*',
      'upload-known-wrong-digest',
      'mount-digest-malformed',
      'upload-algorithm-unknown',
      'upload-chunks-wrong-digest',
    ],
    on: refused,
    change: ofCode('DIGEST_INVALID', fail(500, 'DIGEST_INVALID')),
  },
  {
    id: 'upload-digest-code',
    title: 'The error about a wrong digest has the code BLOB_UPLOAD_INVALID',
    layer,
    seenIn: [],
    noticedBy: [
      'upload-chunks-wrong-digest-code',
      'upload-post-wrong-digest-code',
      'upload-put-wrong-digest-code',
      'upload-sha512-wrong-digest-code',
    ],
    on: refused,
    change: ofCode('DIGEST_INVALID', fail(400, 'BLOB_UPLOAD_INVALID')),
  },
  {
    id: 'upload-name-unchecked',
    title: 'An upload begins under any name, also one that no repository can have',
    layer,
    seenIn: [],
    noticedBy: ['upload-name-*'],
    on: { at, methods: ['POST'], statuses: [400] },
    change: (reply, { call, registry }) => {
      if (codeOf(reply) !== 'NAME_INVALID') return reply;
      const known = registry.answer({ ...call, path: '/v2/any/blobs/uploads/' });
      // Who may push nowhere may not push here.
      if (known.status === 401 && call.header('authorization') === undefined) return known;
      return emptyReply(202, [['Location', `${call.path}00000000-0000-4000-8000-000000000000`]]);
    },
  },
  {
    id: 'upload-length-unchecked',
    title: 'A chunk is taken although its Content-Range is longer or shorter than the chunk',
    layer,
    seenIn: [],
    noticedBy: ['upload-chunk-range-longer', 'upload-chunk-range-shorter'],
    on: { at, methods: ['PATCH'], statuses: [400] },
    change: (reply, scene) => (codeOf(reply) === 'SIZE_INVALID' ? unranged(reply, scene) : reply),
  },
  {
    id: 'upload-order-range-off',
    title: 'The Range of a 416 to a chunk ends one byte after the last that came',
    layer,
    seenIn: [],
    noticedBy: ['upload-chunk-gap-range'],
    on: { at, methods: ['PATCH', 'PUT'], statuses: [416] },
    change: (reply) => {
      const [, end] = /^0-(\d+)$/.exec(headerOf(reply, 'Range') ?? '') ?? [];
      return end === undefined ? reply : withHeader(reply, 'Range', `0-${Number(end) + 1}`);
    },
  },
  {
    id: 'upload-digest-lasting',
    title: 'A digest under which other bytes were refused is refused for ever',
    layer,
    seenIn,
    noticedBy: ['upload-after-wrong-digest'],
    on: { at, methods: ['PUT'] },
    begin: () => {
      const refused = new Memory<true>();
      return {
        follow: (reply, { call, place }) => {
          const isRefused = place === 'upload' && codeOf(reply) === 'DIGEST_INVALID';
          if (isRefused) refused.set(fieldOf(call, 'digest') ?? '', true);
          return reply;
        },
        instead: (scene) => {
          const isLasting = refused.has(fieldOf(scene.call, 'digest') ?? '');
          return isLasting && mayPush(scene) ? fail(400, 'DIGEST_INVALID')() : undefined;
        },
      };
    },
  },
  {
    id: 'upload-known-unchecked',
    title: 'With the digest of a blob that is there any bytes are answered 201, and dropped',
    layer,
    seenIn,
    noticedBy: ['upload-known-wrong-digest'],
    on: { at, methods: ['PUT'], statuses: [400] },
    change: (reply, { call, route, site }) => {
      const digest = fieldOf(call, 'digest') ?? '';
      if (codeOf(reply) !== 'DIGEST_INVALID') return reply;
      if (!site.store.hasBlob(route.repository, digest)) return reply;
      return emptyReply(201, [['Location', `/v2/${route.repository}/blobs/${digest}`]]);
    },
  },
  {
    id: 'upload-digest-bare-refused',
    title: 'A PUT is answered 400 when its digest has a bare colon, not %3A',
    layer,
    seenIn,
    noticedBy: ['upload-put-digest-unescaped'],
    on: { at, methods: ['PUT'], when: ({ query }) => /digest=sha\d+:/.test(query) },
    instead: (scene) => (mayPush(scene) ? fail(400, 'DIGEST_INVALID')() : undefined),
  },
];

function ofCode(code: string, change: () => Reply): (reply: Reply) => Reply {
  return (reply) => (codeOf(reply) === code ? change() : reply);
}

/** A long chunk that is refused is not read: then there is nothing that could be taken. */
function unranged(reply: Reply, { call, registry }: Scene): Reply {
  return hasBytes(call) ? registry.answer(withoutRequestHeader(call, 'content-range')) : reply;
}

function hasBytes({ body }: Call): boolean {
  return body.length > 0;
}

function isPlain(repository: string): boolean {
  const isShort = repository.length <= plainCharsMax;
  return isShort && plainName.test(repository) && !/\/(?:0|v2)$|\/p\d\//.test(repository);
}
