// Faults of conditional requests (RFC 9110 section 13) and of the entity tags that they go by.
import { emptyReply, headerOf, noBytes, type Reply, withHeader } from '../../call.ts';
import { hasAlready } from '../../registry/etag.ts';
import { digestOf } from '../../store.ts';
import type { Fault, Scene } from '../fault.ts';
import { fail } from '../kit/words.ts';

const layer = 'response';
const methods = ['GET', 'HEAD'] as const;
const asksIfNew = { methods, statuses: [200], when: isConditional } as const;

export const conditionalFaults: readonly Fault[] = [
  {
    id: 'etag-unquoted',
    title: 'The ETag of a manifest stands there without its quotes',
    layer,
    seenIn: [],
    noticedBy: ['manifest-etag'],
    on: { at: ['manifest'], methods, statuses: [200] },
    change: (reply) => withHeader(reply, 'ETag', (headerOf(reply, 'ETag') ?? '').slice(1, -1)),
  },
  {
    id: 'manifest-never-new',
    title: 'A manifest is answered 304 to whoever sends If-None-Match, whatever it says',
    layer,
    seenIn: [],
    noticedBy: ['manifest-if-none-match', 'manifest-if-none-match-accept', 'tag-moved-etag'],
    on: { at: ['manifest'], ...asksIfNew },
    change: unchanged,
  },
  {
    id: 'blob-never-new',
    title: 'A blob is answered 304 to whoever sends If-None-Match, whatever it says',
    layer,
    seenIn: [],
    noticedBy: ['blob-if-none-match'],
    on: { at: ['blob', 'edge'], ...asksIfNew },
    change: unchanged,
  },
  {
    id: 'manifest-known-refused',
    title: 'A manifest that the client has already is answered 412, not 304',
    layer,
    seenIn: [],
    noticedBy: ['manifest-if-none-match-own'],
    on: { at: ['manifest'], methods, statuses: [304] },
    change: fail(412, 'DENIED'),
  },
  {
    id: 'etag-of-name',
    title: 'The ETag of a tag is made from its name, so that it is 304 after the tag was moved',
    layer,
    seenIn: [],
    noticedBy: ['manifest-if-none-match-accept', 'tag-moved-etag'],
    on: { at: ['manifest'], by: 'tag', methods, statuses: [200, 304] },
    change: (reply, { call, route }: Scene) => {
      const name = `${route.repository}:${route.reference}`;
      const etag = `"${digestOf(Buffer.from(name))}"`;
      return hasAlready(call, etag)
        ? { status: 304, headers: [['ETag', etag]], body: noBytes }
        : withHeader(reply, 'ETag', etag);
    },
  },
];

function isConditional({ header }: Scene['call']): boolean {
  return header('if-none-match') !== undefined;
}

function unchanged(reply: Reply): Reply {
  return emptyReply(304, [['ETag', headerOf(reply, 'ETag') ?? '""']]);
}
