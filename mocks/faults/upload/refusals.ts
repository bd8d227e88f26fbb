// Faults of what has to be refused of an upload: digests, names and lengths that are not right.
import { type Call, emptyReply, headerOf, type Reply, withHeader } from '../../call.ts';
import { type Fault, fail, type Scene } from '../fault.ts';
import { codeOf, withoutRequestHeader } from '../kit/calls.ts';

const layer = 'response';
const at = ['upload'] as const;
const refused = { at, methods: ['POST', 'PUT'], statuses: [400] };

export const uploadRefusalFaults: readonly Fault[] = [
  {
    id: 'upload-digest-crash',
    title: 'A digest that is malformed, unknown or not that of the content is answered 500',
    layer,
    seenIn: [],
    breaks: [
      'upload-known-wrong-digest',
      'mount-digest-malformed',
      'upload-algorithm-unknown',
      'upload-chunks-digest-bare',
      'upload-chunks-digest-empty',
      'upload-chunks-digest-not-hex',
      'upload-chunks-digest-short',
      'upload-chunks-digest-unknown',
      'upload-chunks-digest-upper',
      'upload-chunks-wrong-digest',
      'upload-post-digest-bare',
      'upload-post-digest-not-hex',
      'upload-post-digest-short',
      'upload-post-digest-unknown',
      'upload-post-digest-upper',
      'upload-post-wrong-digest',
      'upload-put-digest-bare',
      'upload-put-digest-empty',
      'upload-put-digest-none',
      'upload-put-digest-not-hex',
      'upload-put-digest-short',
      'upload-put-digest-unknown',
      'upload-put-digest-upper',
      'upload-put-wrong-digest',
      'upload-sha512-wrong-digest',
    ],
    on: refused,
    change: ofCode('DIGEST_INVALID', fail(500, 'DIGEST_INVALID')),
  },
  {
    id: 'upload-digest-code',
    title: 'The error about a wrong digest has the code BLOB_UPLOAD_INVALID',
    layer,
    seenIn: [],
    breaks: [
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
    breaks: [
      'upload-name-capitals',
      'upload-name-dots',
      'upload-name-hyphen-first',
      'upload-name-hyphen-last',
      'upload-name-tilde',
      'upload-name-underscores',
    ],
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
    breaks: ['upload-chunk-range-longer', 'upload-chunk-range-shorter'],
    on: { at, methods: ['PATCH'], statuses: [400] },
    change: (reply, scene) => (codeOf(reply) === 'SIZE_INVALID' ? unranged(reply, scene) : reply),
  },
  {
    id: 'upload-order-range-off',
    title: 'The Range of a 416 to a chunk ends one byte after the last that came',
    layer,
    seenIn: [],
    breaks: ['upload-chunk-gap-range'],
    on: { at, methods: ['PATCH', 'PUT'], statuses: [416] },
    change: (reply) => {
      const [, end] = /^0-(\d+)$/.exec(headerOf(reply, 'Range') ?? '') ?? [];
      return end === undefined ? reply : withHeader(reply, 'Range', `0-${Number(end) + 1}`);
    },
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
