// Faults of byte ranges, on whichever hop sends the bytes: the edge, or a registry without redirects.
import { joined } from '../../bytes.ts';
import {
  type Body,
  bytesReply,
  type Call,
  emptyReply,
  headerOf,
  type Reply,
  withHeader,
} from '../../call.ts';
import type { Fault } from '../fault.ts';
import { withoutRequestHeader } from '../kit/calls.ts';
import { blobRead, onFirst } from '../kit/memory.ts';
import { blobOf, drop, fail, wholeInstead } from '../kit/words.ts';
import { end } from './wires.ts';

const layer = 'response';
const at = ['blob', 'edge'] as const;

const isOpen = (call: Call) => /^bytes=\d+-$/.test(call.header('range') ?? '');
const isClosed = (call: Call) => /^bytes=\d+-\d+$/.test(call.header('range') ?? '');
const isSuffix = (call: Call) => /^bytes=-\d+$/.test(call.header('range') ?? '');

const isInverted = (call: Call) => rangesOf(call).some(([first, last]) => last < first);
/** Above it `range-large-ignored` strikes. */
const largeBytes = 64 * 1024;

export const rangeFaults: readonly Fault[] = [
  {
    id: 'range-ignored',
    title: 'Range is ignored: the whole blob comes, with 200',
    layer,
    seenIn: ['distribution#4667', 'harbor#23875'],
    noticedBy: [
      'blob-range-large',
      'blob-range-closed',
      'blob-range-open',
      'blob-range-suffix',
      'blob-range-unsatisfiable',
      'redirect-range',
    ],
    on: { at, statuses: [206, 416] },
    change: wholeInstead,
  },
  {
    id: 'range-sha512-ignored',
    title: 'Range is ignored of a blob by sha512: the whole blob comes, with 200',
    layer,
    seenIn: [],
    noticedBy: ['blob-range-sha512'],
    on: { at, statuses: [206, 416] },
    change: (reply, scene) =>
      blobOf(scene).startsWith('sha512:') ? wholeInstead(reply, scene) : reply,
  },
  {
    id: 'range-open-refused',
    title: 'An open range (bytes=a-) is answered 416',
    layer,
    seenIn: ['stereoscope#695'],
    noticedBy: ['blob-range-open'],
    on: { at, statuses: [206], when: isOpen },
    change: unsatisfiable,
  },
  {
    id: 'range-closed-short',
    title: 'A closed range takes its last byte as exclusive',
    layer,
    seenIn: ['spegel#1029'],
    noticedBy: ['blob-range-large', 'blob-range-closed', 'blob-range-truth', 'redirect-range'],
    on: { at, statuses: [206], when: isClosed },
    change: (reply) => part(reply, reply.body.subarray(0, -1)),
  },
  {
    id: 'range-suffix-from-start',
    title: 'A suffix range (bytes=-n) brings the first n bytes',
    layer,
    seenIn: ['spegel#1029'],
    noticedBy: ['blob-range-suffix', 'blob-range-truth'],
    on: { at, statuses: [206], when: isSuffix },
    change: (reply, scene) =>
      part(reply, wholeInstead(reply, scene).body.subarray(0, reply.body.length)),
  },
  {
    id: 'range-past-end-whole',
    title: 'A range past the end is answered with the whole blob, not 416',
    layer,
    seenIn: ['spegel#1029'],
    noticedBy: ['blob-range-unsatisfiable'],
    on: { at, statuses: [416] },
    change: wholeInstead,
  },
  {
    id: 'range-past-end-partial',
    title: 'A range past the end is answered 206 with nothing, not 416',
    layer,
    seenIn: ['rust-lang/crates.io#13159'],
    noticedBy: ['blob-range-truth', 'blob-range-unsatisfiable'],
    on: { at, statuses: [416] },
    change: (reply) => ({ ...withHeader(reply, 'Content-Length', '0'), status: 206 }),
  },
  {
    id: 'range-past-end-inverted',
    title: 'A range past the end is answered 206 with a Content-Range that ends before it starts',
    layer,
    seenIn: ['rust-lang/crates.io#13159'],
    noticedBy: ['blob-range-truth', 'blob-range-unsatisfiable'],
    on: { at, statuses: [416] },
    change: (reply) => {
      const size = Number(sizeOf(reply));
      const range = `bytes ${size}-${size - 1}/${size}`;
      return emptyReply(206, [
        ['Accept-Ranges', 'bytes'],
        ['Content-Range', range],
      ]);
    },
  },
  {
    id: 'range-past-end-refused',
    title: 'A range that starts inside and ends past the end is answered 416',
    layer,
    seenIn: ['spegel#1029'],
    noticedBy: ['blob-range-closed'],
    on: { at, statuses: [206], when: isClosed },
    change: (reply, { call }) => {
      const [, last] = /-(\d+)$/.exec(call.header('range') ?? '') ?? [];
      return Number(last) >= Number(sizeOf(reply)) ? unsatisfiable(reply) : reply;
    },
  },
  {
    id: 'range-first-byte-whole',
    title: 'The range of the first byte alone (bytes=0-0) brings the whole blob',
    layer,
    seenIn: ['spegel#1029'],
    noticedBy: ['blob-range-closed'],
    on: { at, statuses: [206], when: (call) => call.header('range') === 'bytes=0-0' },
    change: wholeInstead,
  },
  {
    id: 'range-suffix-long-refused',
    title: 'A suffix range of more bytes than there are is answered 416',
    layer,
    seenIn: ['spegel#1029'],
    noticedBy: ['blob-range-suffix'],
    on: { at, statuses: [206], when: isSuffix },
    change: (reply, { call }) => {
      const [, count] = /-(\d+)$/.exec(call.header('range') ?? '') ?? [];
      return Number(count) > Number(sizeOf(reply)) ? unsatisfiable(reply) : reply;
    },
  },
  {
    id: 'range-inverted-partial',
    title: 'A range that ends before it starts is answered 206, and so is its Content-Range',
    layer,
    seenIn: ['rust-lang/crates.io#13159'],
    noticedBy: ['blob-range-truth'],
    on: { at, statuses: [416], when: isInverted },
    change: (reply, { call }) => {
      const asked = (call.header('range') ?? '').slice('bytes='.length);
      return emptyReply(206, [['Content-Range', `bytes ${asked}/${sizeOf(reply)}`]]);
    },
  },
  {
    id: 'range-several-glued',
    title:
      'Several ranges bring their bytes one after the other, with the Content-Range of the first',
    layer,
    seenIn: [],
    noticedBy: ['blob-range-several'],
    on: { at, statuses: [206], when: (call) => rangesOf(call).length > 1 },
    change: (reply, scene) => {
      const whole = wholeInstead(reply, scene);
      const ranges = rangesOf(scene.call);
      const [[first, last] = [0, 0]] = ranges;
      const bytes = ranges.map(([from, to]) => whole.body.subarray(from, to + 1));
      const range = `bytes ${first}-${last}/${whole.body.length}`;
      return bytesReply(206, joined(bytes), [['Content-Range', range]]);
    },
  },
  {
    id: 'range-several-unknown',
    title: 'Two ranges of a blob are answered 404, though the blob is there',
    layer,
    seenIn: ['spegel#1029'],
    noticedBy: ['blob-range-several'],
    on: { at, statuses: [206], when: (call) => rangesOf(call).length > 1 },
    change: fail(404, 'BLOB_UNKNOWN'),
  },
  {
    id: 'range-suffix-unknown',
    title: 'A suffix range (bytes=-n) of a blob is answered 404, though the blob is there',
    layer,
    seenIn: ['spegel#1029'],
    noticedBy: ['blob-range-suffix', 'blob-range-truth'],
    on: { at, statuses: [206], when: isSuffix },
    change: fail(404, 'BLOB_UNKNOWN'),
  },
  {
    id: 'range-large-ignored',
    title: `Range is ignored for blobs of more than ${largeBytes} bytes`,
    layer,
    seenIn: [],
    noticedBy: ['blob-range-large'],
    on: { at, statuses: [206, 416] },
    change: (reply, scene) => {
      const whole = wholeInstead(reply, scene);
      return whole.body.length > largeBytes ? whole : reply;
    },
  },
  {
    id: 'if-range-ignored',
    title: 'A part comes whatever If-Range says',
    layer,
    seenIn: [],
    noticedBy: ['blob-range-if-range'],
    on: { at, statuses: [200], when: (call) => call.header('if-range') !== undefined },
    change: (_reply, { call, cdn, place, registry }) =>
      (place === 'edge' ? cdn : registry).answer(withoutRequestHeader(call, 'if-range')),
  },
  {
    id: 'range-ignored-cold',
    title: 'Range is ignored when a blob is asked for the first time',
    layer,
    seenIn: ['distribution#4667', 'harbor#23875'],
    noticedBy: ['blob-range-cold'],
    on: { at, methods: ['GET'], statuses: [206, 416] },
    begin: () => onFirst(blobRead, wholeInstead),
  },
  {
    id: 'range-unannounced',
    title: 'Ranges work, but no Accept-Ranges says so',
    layer,
    seenIn: ['stereoscope#695'],
    noticedBy: [],
    legal: 'RFC 9110 14.3: Accept-Ranges MAY be sent',
    on: { at },
    change: drop('Accept-Ranges'),
  },
  {
    id: 'range-refusal-cut',
    title:
      'The 416 of a range has the Content-Length of the blob, and the connection is closed after less',
    layer: 'wire',
    seenIn: [],
    noticedBy: ['blob-range-refusal-whole'],
    on: { at, methods: ['GET'], statuses: [416] },
    // As Debian's docker-registry 2.8 does, whose handler sets the length before it looks at the range.
    change: (reply) => end(withHeader(reply, 'Content-Length', sizeOf(reply)), 0, 'close'),
  },
];

/** The closed ranges that a call asks for. */
function rangesOf(call: Call): (readonly [number, number])[] {
  const closed = [...(call.header('range') ?? '').matchAll(/(\d+)-(\d+)/g)];
  return closed.map(([, first, last]) => [Number(first), Number(last)] as const);
}

/** The reply with other bytes of the same blob, its status and other headers kept. */
function part(reply: Reply, bytes: Body): Reply {
  const rest = drop('Content-Length')(reply).headers;
  return bytesReply(reply.status, bytes, rest);
}

function unsatisfiable(reply: Reply): Reply {
  return emptyReply(416, [['Content-Range', `bytes */${sizeOf(reply)}`]]);
}

/** From `Content-Range: bytes a-b/size`. */
function sizeOf(reply: Reply): string {
  return headerOf(reply, 'Content-Range')?.split('/')[1] ?? '0';
}
