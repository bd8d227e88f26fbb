// Legal oddities of lists of referrers: their form, their pages, their order, and where they are had.
import { headerOf, withBody, withHeader } from '../../call.ts';
import type { Fault } from '../fault.ts';
import { movedAway, movedReads } from '../kit/moves.ts';
import { clauses, oddity, refused } from '../kit/oddity.ts';
import { eachEntry, entriesOf, withEntries } from '../kit/referrers.ts';
import { drop, set } from '../kit/words.ts';

const list = { at: ['referrers'], methods: ['GET', 'HEAD'], statuses: [200] } as const;
const { link, http } = clauses;
const open = 'image-spec: who reads a document ignores what it does not know';

export const referrerOddities: readonly Fault[] = [
  oddity('referrers-reversed', 'The list of referrers has another order', 'spec.md says none', {
    on: list,
    change: (reply) => withEntries(reply, entriesOf(reply).toReversed()),
  }),
  oddity('referrers-members', 'The list of referrers has members that no spec knows', open, {
    on: list,
    change: (reply) => {
      const more = eachEntry(reply, (entry) => ({ ...entry, pushedAt: '2026-01-01T00:00:00Z' }));
      const manifests = entriesOf(more);
      const index = {
        manifests,
        annotations: { 'org.example.count': `${manifests.length}` },
        mediaType: 'application/vnd.oci.image.index.v1+json',
        schemaVersion: 2,
        total: manifests.length,
      };
      return withBody(reply, JSON.stringify(index, null, 2));
    },
  }),
  oddity(
    'referrers-type-unsaid',
    'The list of referrers has no member mediaType',
    'image-spec, image-index.md: mediaType SHOULD be used',
    {
      on: list,
      change: (reply) =>
        withBody(reply, JSON.stringify({ schemaVersion: 2, manifests: entriesOf(reply) })),
    },
  ),
  oddity(
    'referrers-last-page-empty',
    'The list of referrers has a Link to a page without any, which is the last',
    'spec.md, Listing Referrers: how many stand on a page is not said',
    {
      on: list,
      change: (reply, { call }) => {
        if (call.query.includes('end=1')) return withEntries(reply, []);
        const query = call.query === '' ? 'end=1' : `${call.query}&end=1`;
        const isLast = headerOf(reply, 'Link') === undefined && entriesOf(reply).length > 0;
        return isLast
          ? withHeader(reply, 'Link', `<${call.origin}${call.path}?${query}>; rel="next"`)
          : reply;
      },
    },
  ),
  oddity('referrers-paged-one', 'The list of referrers comes one by one, by a whole URL', link, {
    on: list,
    change: (reply, { call }) => {
      const query = new URLSearchParams(call.query);
      const at = Number(query.get('at') ?? 0);
      const all = entriesOf(reply);
      const page = withEntries(reply, all.slice(at, at + 1));
      query.set('at', `${at + 1}`);
      return at + 1 < all.length
        ? withHeader(page, 'Link', `<${call.origin}${call.path}?${query}>;rel=next`)
        : page;
    },
  }),
  oddity(
    'referrers-go-with-subject',
    'Who deletes a manifest deletes what refers to it',
    'spec.md, Deleting Manifests, says nothing of what refers to one',
    {
      on: { at: ['manifest'], methods: ['DELETE'], by: 'digest', statuses: [202] },
      change: (reply, { route, site }) => {
        const { repository, reference } = route;
        for (const { digest } of site.store.referrers(repository, reference)) {
          site.store.deleteManifest(repository, digest);
        }
        return { ...reply };
      },
    },
  ),
  oddity('referrers-private', 'The list of referrers may be kept by nobody', http, {
    on: list,
    change: (reply) => withHeader(reply, 'Cache-Control', 'private, no-store'),
  }),
  ...[400, 403, 405].map((status) =>
    oddity(
      `referrers-refused-${status}`,
      `There are no lists of referrers: ${status}, and no OCI-Subject`,
      clauses.discovery,
      {
        on: { at: ['referrers', 'manifest'], methods: ['GET', 'HEAD', 'PUT'] },
        change: (reply, { place }) =>
          place === 'referrers' ? refused(status)(reply) : drop('OCI-Subject')(reply),
      },
    ),
  ),
  oddity(
    'referrers-type-written',
    'The Content-Type of the list of referrers has capitals and a charset',
    clauses.types,
    {
      on: list,
      change: set('Content-Type', 'Application/VND.OCI.Image.Index.v1+JSON; charset=utf-8'),
    },
  ),
  ...movedReads('referrers-list', 'Reading a list of referrers', ['referrers']),
  oddity(
    'referrers-list-elsewhere',
    'Lists of referrers are had on another host, without credentials',
    clauses.redirects,
    movedAway(308, 'referrers'),
  ),
];
