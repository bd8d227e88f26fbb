// Faults of referrers: the list of them, its filter, and what a push says of its subject.
import { asArray, asObject, type JsonObject, parseJson } from '../../../src/lib/json.ts';
import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import { type Call, textReply, withBody, withHeader } from '../../call.ts';
import { referrerOf } from '../../registry/referrer.ts';
import { routeOf } from '../../registry/route.ts';
import type { Fault } from '../fault.ts';
import { fieldOf, mayPush, withoutFields } from '../kit/calls.ts';
import { entriesOf, indexOf, withEntries } from '../kit/referrers.ts';
import { drop, fail, set } from '../kit/words.ts';

const referrers = { at: ['referrers'], statuses: [200] } as const;
const seenIn: readonly string[] = [];

const layer = 'response';
const listed = { at: ['referrers'], statuses: [200] } as const;
const pushed = { at: ['manifest'], methods: ['PUT'], statuses: [201] } as const;
const isFiltered = (call: Call) => fieldOf(call, 'artifactType') !== undefined;

export const referrerListFaults: readonly Fault[] = [
  {
    id: 'referrers-unsupported',
    title: 'There is no list of referrers, and no push claims that there is, which the spec allows',
    layer,
    seenIn: ['artifact-keeper#3108'],
    noticedBy: [],
    legal: 'spec.md, Unavailable Referrers API: 404, and clients use the tag schema',
    on: {
      at: ['referrers', 'manifest'],
      statuses: [200, 201],
      when: ({ method, path }) => method === 'PUT' || routeOf(path).endpoint === 'referrers',
    },
    change: (reply, { place }) =>
      place === 'referrers' ? fail(404, 'UNSUPPORTED')() : drop('OCI-Subject')(reply),
  },
  {
    id: 'referrers-missing',
    title: 'There is no list of referrers, though pushes answer OCI-Subject as if there were',
    layer,
    seenIn: ['hub-feedback#2372'],
    noticedBy: ['referrers-list', 'referrers-subject-unclaimed'],
    on: listed,
    change: fail(404, 'UNSUPPORTED'),
  },
  {
    id: 'subject-dangling-refused',
    title: 'A manifest is refused whose subject is not there',
    layer,
    seenIn: ['hub-feedback#2372'],
    noticedBy: ['referrers-of-sha512', 'referrers-subject-later'],
    on: { at: ['manifest'], methods: ['PUT'] },
    instead: (scene) => {
      const { call, route, site } = scene;
      const { subject = '' } = referrerOf(call.body, call.header('content-type') ?? '', '') ?? {};
      const isThere = site.store.manifest(route.repository, subject) !== undefined;
      if (subject === '' || isThere || !mayPush(scene)) return undefined;
      return fail(404, 'MANIFEST_UNKNOWN')();
    },
  },
  {
    id: 'subject-header-true',
    title: 'OCI-Subject says "true", not the digest of the subject',
    layer,
    seenIn: ['zot#1410'],
    noticedBy: [
      'referrers-subject-header-index',
      'referrers-subject-header-missing',
      'referrers-subject-header-tagged',
      'referrers-subject-header',
    ],
    on: pushed,
    change: (reply) =>
      reply.headers.some(([name]) => name === 'OCI-Subject')
        ? withHeader(reply, 'OCI-Subject', 'true')
        : reply,
  },
  {
    id: 'subject-header-missing',
    title: 'A push says nothing of its subject, though there is a list of referrers',
    layer,
    seenIn: [],
    noticedBy: [
      'referrers-subject-header-index',
      'referrers-subject-header-missing',
      'referrers-subject-header-tagged',
      'referrers-subject-header',
    ],
    on: pushed,
    change: drop('OCI-Subject'),
  },
  {
    id: 'referrers-filter-unsaid',
    title: 'A list of referrers is filtered by type, but no OCI-Filters-Applied says so',
    layer,
    seenIn: ['harbor#18413'],
    noticedBy: ['referrers-filter-said'],
    on: { ...listed, when: isFiltered },
    change: drop('OCI-Filters-Applied'),
  },
  {
    id: 'referrers-filter-untrue',
    title: 'OCI-Filters-Applied is sent with a list of referrers of all types',
    layer,
    seenIn: [],
    noticedBy: ['referrers-filter-pages', 'referrers-filter', 'referrers-filter-none'],
    on: { ...listed, when: isFiltered },
    change: (_reply, { call, registry }) =>
      set(
        'OCI-Filters-Applied',
        'artifactType',
      )(registry.answer(withoutFields(call, 'artifactType'))),
  },
  {
    id: 'referrers-filter-ignored',
    title: 'A list of referrers is not filtered and does not say that it is, which the spec allows',
    layer,
    seenIn: [],
    noticedBy: [],
    legal: 'spec.md, Listing Referrers: the registry SHOULD support filtering',
    on: { ...listed, when: isFiltered },
    change: (_reply, { call, registry }) => registry.answer(withoutFields(call, 'artifactType')),
  },
  {
    id: 'index-empty-refused',
    title: 'An index that lists nothing is refused, so that the last referrer of a tag stays',
    layer,
    seenIn: ['oras#1112'],
    noticedBy: ['referrers-tag-schema'],
    on: { at: ['manifest'], methods: ['PUT'], when: isEmptyIndex },
    instead: (scene) => (mayPush(scene) ? fail(400, 'MANIFEST_INVALID')() : undefined),
  },
  {
    id: 'referrers-paged',
    title: 'The list of referrers comes in pages of two, which the spec allows',
    layer,
    seenIn,
    noticedBy: [],
    legal: 'spec.md, Listing Referrers: Link where the list cannot be returned at once',
    on: referrers,
    change: (_reply, { call, registry }) => registry.under({ pageEntriesMax: 2 }).answer(call),
  },
  {
    id: 'referrers-page-repeats',
    title:
      'The list of referrers comes in pages of ten, each from the last one of the page before on',
    layer,
    seenIn,
    noticedBy: ['referrers-filter-pages', 'referrers-pages'],
    on: referrers,
    change: (_reply, { call, registry, route, site }) => {
      const page = registry.under({ pageEntriesMax: 10 }).answer(call);
      const last = fieldOf(call, 'last');
      if (last === undefined) return page;
      const all = site.store.referrers(route.repository, route.reference);
      const before = all.filter(({ digest }) => digest === decodeURIComponent(last));
      return withEntries(page, [...before, ...entriesOf(page)] as JsonObject[]);
    },
  },
  {
    id: 'referrers-first-page-only',
    title: 'Of referrers the first 20 are listed, without a Link to the others',
    layer,
    seenIn,
    noticedBy: ['referrers-pages'],
    on: referrers,
    change: (reply) => {
      const entries = entriesOf(reply);
      return entries.length <= 20 ? reply : withEntries(reply, entries.slice(0, 20));
    },
  },
  {
    id: 'referrers-cut',
    title: 'The list of referrers leaves the last out, without a Link',
    layer,
    seenIn,
    noticedBy: ['referrers-index-untyped', 'referrers-tagged', 'referrers-list', 'referrers-pages'],
    on: referrers,
    change: (reply) => {
      const entries = entriesOf(reply);
      return entries.length < 4 ? reply : withEntries(reply, entries.slice(0, 3));
    },
  },
  {
    id: 'referrers-plain-json',
    title: 'The list of referrers comes as application/json',
    layer,
    seenIn,
    noticedBy: ['referrers-type'],
    on: referrers,
    change: set('Content-Type', 'application/json'),
  },
  {
    id: 'referrers-no-version',
    title: 'The list of referrers has no schemaVersion',
    layer,
    seenIn,
    noticedBy: ['referrers-index'],
    on: referrers,
    change: (reply) => withBody(reply, JSON.stringify({ manifests: entriesOf(reply) })),
  },
  {
    id: 'referrers-none-missing',
    title: 'The list of referrers of what has none is 404',
    layer,
    seenIn,
    noticedBy: ['referrers-filter-none', 'referrers-none', 'referrers-other-repository'],
    on: referrers,
    change: (reply) => (entriesOf(reply).length === 0 ? fail(404, 'MANIFEST_UNKNOWN')() : reply),
  },
  {
    id: 'referrers-malformed-accepted',
    title: 'The list of referrers of what is no digest is empty, not 400',
    layer,
    seenIn,
    noticedBy: ['referrers-digest-malformed'],
    on: { at: ['referrers'], statuses: [400] },
    change: () => {
      const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };
      return textReply(200, JSON.stringify(index), [['Content-Type', mediaTypes.ociIndex]]);
    },
  },
  {
    id: 'referrers-filter-always-said',
    title: 'OCI-Filters-Applied is sent with every list of referrers',
    layer,
    seenIn,
    noticedBy: ['referrers-filter-unasked'],
    on: referrers,
    change: set('OCI-Filters-Applied', 'artifactType'),
  },
  {
    id: 'referrers-everywhere',
    title: 'Referrers of a digest are listed whichever repository they are in',
    layer,
    seenIn,
    noticedBy: ['referrers-other-repository'],
    on: referrers,
    change: (reply, { call, route, site }) => {
      if (entriesOf(reply).length > 0 || isFiltered(call)) return reply;
      const { store } = site;
      const all = store.repositories().flatMap((name) => store.referrers(name, route.reference));
      return all.length === 0 ? reply : withBody(reply, JSON.stringify(indexOf(all)));
    },
  },
];

function isEmptyIndex({ body }: Call): boolean {
  const document = asObject(parseJson(Buffer.from(body).toString()));
  return asArray(document?.manifests)?.length === 0;
}
