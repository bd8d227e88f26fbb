// Faults of referrers: the list of them, its filter, and what a push says of its subject.
import { asArray, asObject, parseJson } from '../../../src/lib/json.ts';
import { type Call, withHeader } from '../../call.ts';
import { referrerOf } from '../../registry/referrer.ts';
import { routeOf } from '../../registry/route.ts';
import { drop, type Fault, fail, set } from '../fault.ts';
import { fieldOf, mayPush, withoutFields } from '../kit/calls.ts';

const layer = 'response';
const listed = { at: ['referrers'], statuses: [200] } as const;
const pushed = { at: ['manifest'], methods: ['PUT'], statuses: [201] } as const;
const isFiltered = (call: Call) => fieldOf(call, 'artifactType') !== undefined;

export const referrerFaults: readonly Fault[] = [
  {
    id: 'referrers-unsupported',
    title: 'There is no list of referrers, and no push claims that there is, which the spec allows',
    layer,
    seenIn: ['artifact-keeper#3108'],
    breaks: [],
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
    breaks: ['referrers-list', 'referrers-subject-unclaimed'],
    on: listed,
    change: fail(404, 'UNSUPPORTED'),
  },
  {
    id: 'subject-dangling-refused',
    title: 'A manifest is refused whose subject is not there',
    layer,
    seenIn: ['hub-feedback#2372'],
    breaks: [
      'referrers-of-sha512',
      'manifest-put-subject-missing',
      'manifest-put-tagged-subject-missing',
      'referrers-subject-later',
    ],
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
    breaks: [
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
    breaks: [
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
    breaks: ['referrers-filter-said'],
    on: { ...listed, when: isFiltered },
    change: drop('OCI-Filters-Applied'),
  },
  {
    id: 'referrers-filter-untrue',
    title: 'OCI-Filters-Applied is sent with a list of referrers of all types',
    layer,
    seenIn: [],
    breaks: ['referrers-filter-pages', 'referrers-filter', 'referrers-filter-none'],
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
    breaks: [],
    on: { ...listed, when: isFiltered },
    change: (_reply, { call, registry }) => registry.answer(withoutFields(call, 'artifactType')),
  },
  {
    id: 'index-empty-refused',
    title: 'An index that lists nothing is refused, so that the last referrer of a tag stays',
    layer,
    seenIn: ['oras#1112'],
    breaks: ['manifest-put-index-empty', 'manifest-put-tagged-index-empty', 'referrers-tag-schema'],
    on: { at: ['manifest'], methods: ['PUT'], when: isEmptyIndex },
    instead: (scene) => (mayPush(scene) ? fail(400, 'MANIFEST_INVALID')() : undefined),
  },
];

function isEmptyIndex({ body }: Call): boolean {
  const document = asObject(parseJson(Buffer.from(body).toString()));
  return asArray(document?.manifests)?.length === 0;
}
