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
import { drop, type ReplyFault, wholeInstead } from './fault.ts';

const layer = 'response';
const at = ['blob', 'edge'] as const;

const isOpen = (call: Call) => /^bytes=\d+-$/.test(call.header('range') ?? '');
const isClosed = (call: Call) => /^bytes=\d+-\d+$/.test(call.header('range') ?? '');
const isSuffix = (call: Call) => /^bytes=-\d+$/.test(call.header('range') ?? '');

export const rangeFaults: readonly ReplyFault[] = [
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
    change: (reply) => emptyReply(416, [['Content-Range', `bytes */${sizeOf(reply)}`]]),
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

/** From `Content-Range: bytes a-b/size`. */
function sizeOf(reply: Reply): string {
  return headerOf(reply, 'Content-Range')?.split('/')[1] ?? '0';
}
