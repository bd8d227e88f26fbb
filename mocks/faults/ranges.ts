// Faults of byte ranges, on whichever hop sends the bytes: the edge, or a registry without redirects.
import {
  type Body,
  bytesReply,
  type Call,
  emptyReply,
  headerOf,
  type Reply,
  withHeader,
} from '../call.ts';
import { drop, type MemoryFault, type ReplyFault, wholeInstead } from './fault.ts';
import { blobRead, onFirst } from './memory.ts';

const layer = 'response';
const at = ['blob', 'edge'] as const;

const isOpen = (call: Call) => /^bytes=\d+-$/.test(call.header('range') ?? '');
const isClosed = (call: Call) => /^bytes=\d+-\d+$/.test(call.header('range') ?? '');
const isSuffix = (call: Call) => /^bytes=-\d+$/.test(call.header('range') ?? '');

export const rangeFaults: readonly (ReplyFault | MemoryFault)[] = [
  {
    id: 'range-ignored',
    title: 'Range is ignored: the whole blob comes, with 200',
    layer,
    seenIn: ['distribution#4667', 'harbor#23875'],
    breaks: [
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
    id: 'range-open-refused',
    title: 'An open range (bytes=a-) is answered 416',
    layer,
    seenIn: ['stereoscope#695'],
    breaks: ['blob-range-open'],
    on: { at, statuses: [206], when: isOpen },
    change: unsatisfiable,
  },
  {
    id: 'range-closed-short',
    title: 'A closed range takes its last byte as exclusive',
    layer,
    seenIn: ['spegel#1029'],
    breaks: ['blob-range-closed', 'blob-range-truth', 'redirect-range'],
    on: { at, statuses: [206], when: isClosed },
    change: (reply) => part(reply, reply.body.subarray(0, -1)),
  },
  {
    id: 'range-suffix-from-start',
    title: 'A suffix range (bytes=-n) brings the first n bytes',
    layer,
    seenIn: ['spegel#1029'],
    breaks: ['blob-range-suffix', 'blob-range-truth'],
    on: { at, statuses: [206], when: isSuffix },
    change: (reply, scene) =>
      part(reply, wholeInstead(reply, scene).body.subarray(0, reply.body.length)),
  },
  {
    id: 'range-past-end-whole',
    title: 'A range past the end is answered with the whole blob, not 416',
    layer,
    seenIn: ['spegel#1029'],
    breaks: ['blob-range-unsatisfiable'],
    on: { at, statuses: [416] },
    change: wholeInstead,
  },
  {
    id: 'range-past-end-partial',
    title: 'A range past the end is answered 206 with nothing, not 416',
    layer,
    seenIn: ['rust-lang/crates.io#13159'],
    breaks: ['blob-range-unsatisfiable'],
    on: { at, statuses: [416] },
    change: (reply) => ({ ...withHeader(reply, 'Content-Length', '0'), status: 206 }),
  },
  {
    id: 'range-past-end-inverted',
    title: 'A range past the end is answered 206 with a Content-Range that ends before it starts',
    layer,
    seenIn: ['rust-lang/crates.io#13159'],
    breaks: ['blob-range-unsatisfiable'],
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
    breaks: ['blob-range-closed'],
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
    breaks: ['blob-range-closed'],
    on: { at, statuses: [206], when: (call) => call.header('range') === 'bytes=0-0' },
    change: wholeInstead,
  },
  {
    id: 'range-suffix-long-refused',
    title: 'A suffix range of more bytes than there are is answered 416',
    layer,
    seenIn: ['spegel#1029'],
    breaks: ['blob-range-suffix'],
    on: { at, statuses: [206], when: isSuffix },
    change: (reply, { call }) => {
      const [, count] = /-(\d+)$/.exec(call.header('range') ?? '') ?? [];
      return Number(count) > Number(sizeOf(reply)) ? unsatisfiable(reply) : reply;
    },
  },
  {
    id: 'range-ignored-cold',
    title: 'Range is ignored when a blob is asked for the first time',
    layer,
    seenIn: ['distribution#4667', 'harbor#23875'],
    breaks: [],
    gap: 'ask for a part of a blob that nobody has asked for before, such as one just pushed',
    on: { at, methods: ['GET'], statuses: [206, 416] },
    begin: () => onFirst(blobRead, wholeInstead),
  },
  {
    id: 'range-unannounced',
    title: 'Ranges work, but no Accept-Ranges says so',
    layer,
    seenIn: ['stereoscope#695'],
    breaks: [],
    on: { at },
    change: drop('Accept-Ranges'),
  },
];

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
