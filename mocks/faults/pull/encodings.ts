// Faults of content codings (RFC 9110 section 8.4): what is packed on the way, and how it is marked.
import { gzipSync } from 'node:zlib';
import { type Call, type Reply, withBody, withHeader } from '../../call.ts';
import { digestOf } from '../../store.ts';
import type { Fault } from '../fault.ts';
import { set } from '../kit/words.ts';

const layer = 'response';
const manifestGet = { at: ['manifest'], methods: ['GET'], statuses: [200] } as const;

export const encodingFaults: readonly Fault[] = [
  {
    id: 'manifest-packed-unmarked',
    title: 'A manifest comes packed by gzip to whoever takes that, and nothing says so',
    layer,
    seenIn: [],
    noticedBy: ['manifest-encoding', 'pull-platform'],
    on: { ...manifestGet, when: takesGzip },
    change: packed,
  },
  {
    id: 'manifest-packed-digest',
    title: 'A manifest that is packed by gzip has the digest of the packed bytes in its header',
    layer,
    seenIn: [],
    noticedBy: ['manifest-encoding'],
    on: { ...manifestGet, when: takesGzip },
    change: (reply) => {
      const marked = withHeader(packed(reply), 'Content-Encoding', 'gzip');
      const digest = digestOf(bytesOf(marked));
      return withHeader(marked, 'Docker-Content-Digest', digest);
    },
  },
  {
    id: 'manifest-packed-unasked',
    title: 'A manifest is packed by gzip for whoever sends Accept-Encoding, whatever it says',
    layer,
    seenIn: [],
    noticedBy: ['manifest-encoding-identity'],
    on: { ...manifestGet, when: (call) => call.header('accept-encoding') !== undefined },
    change: (reply) => withHeader(packed(reply), 'Content-Encoding', 'gzip'),
  },
  {
    id: 'blob-marked-packed',
    title: 'Blobs are marked as packed by gzip on the way, which they are not',
    layer,
    seenIn: [],
    noticedBy: ['blob-encoding', 'pull-platform'],
    on: { at: ['blob', 'edge'], methods: ['GET'], statuses: [200] },
    change: set('Content-Encoding', 'gzip'),
  },
];

function takesGzip(call: Call): boolean {
  return /\bgzip\b/i.test(call.header('accept-encoding') ?? '');
}

function packed(reply: Reply): Reply {
  return withBody(reply, gzipSync(bytesOf(reply)));
}

/** Of a manifest, which is held in memory. */
function bytesOf({ body }: Reply): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array(0);
}
