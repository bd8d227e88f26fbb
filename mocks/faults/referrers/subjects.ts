// Faults of manifests with a subject: of some kinds of them alone, and of some subjects alone.
import { asObject, asString, parseJson } from '../../../src/lib/json.ts';
import { kindOfMediaType } from '../../../src/protocol/grammar/media-type.ts';
import { type Call, headerOf, withHeader } from '../../call.ts';
import type { Fault } from '../fault.ts';
import { fieldOf, mayPush, withoutFields } from '../kit/calls.ts';
import { firstTimes, Memory } from '../kit/memory.ts';
import { eachEntry, entriesOf, withEntries } from '../kit/referrers.ts';
import { drop, fail } from '../kit/words.ts';

const layer = 'response';
const seenIn: readonly string[] = [];
const push = { at: ['manifest'], methods: ['PUT'] } as const;
const pushed = { ...push, statuses: [201] } as const;
const listed = { at: ['referrers'], statuses: [200] } as const;
const isFiltered = (call: Call) => fieldOf(call, 'artifactType') !== undefined;
const isIndex = (mediaType: unknown) => kindOfMediaType(asString(mediaType) ?? '') === 'index';
const unsaid = drop('OCI-Subject');

export const subjectFaults: readonly Fault[] = [
  {
    id: 'subject-header-tagged-missing',
    title: 'A push to a tag says nothing of its subject',
    layer,
    seenIn,
    noticedBy: ['referrers-subject-header-tagged'],
    on: { ...pushed, by: 'tag' },
    change: unsaid,
  },
  {
    id: 'subject-header-dangling-missing',
    title: 'A push says nothing of a subject that is not there',
    layer,
    seenIn,
    noticedBy: ['referrers-subject-header-missing'],
    on: pushed,
    change: (reply, { call, route, site }) => {
      const { digest } = subjectIn(call);
      const isThere = site.store.hasManifest(route.repository, asString(digest) ?? '');
      return isThere ? reply : unsaid(reply);
    },
  },
  {
    id: 'subject-header-index-missing',
    title: 'The push of an index says nothing of its subject',
    layer,
    seenIn,
    noticedBy: ['referrers-subject-header-index'],
    on: { ...pushed, when: (call) => isIndex(call.header('content-type')) },
    change: unsaid,
  },
  {
    id: 'subject-index-refused',
    title: 'A manifest is refused whose subject is an index',
    layer,
    seenIn,
    noticedBy: ['referrers-of-index'],
    on: { ...push, when: (call) => isIndex(subjectIn(call).mediaType) },
    instead: (scene) => (mayPush(scene) ? fail(400, 'MANIFEST_INVALID')() : undefined),
  },
  {
    id: 'subject-nested-refused',
    title: 'A manifest is refused whose subject has a subject itself',
    layer,
    seenIn,
    noticedBy: ['referrers-of-referrer'],
    on: push,
    instead: (scene) => {
      const { call, route, site } = scene;
      const digest = asString(subjectIn(call).digest) ?? '';
      const above = site.store.manifest(route.repository, digest)?.subject;
      return above !== undefined && mayPush(scene) ? fail(400, 'MANIFEST_INVALID')() : undefined;
    },
  },
  {
    id: 'referrers-sha512-hidden',
    title: 'The list of referrers of a sha512 digest is empty',
    layer,
    seenIn,
    noticedBy: ['referrers-of-sha512'],
    on: { ...listed, when: ({ path }) => path.includes('/sha512:') },
    change: (reply) => withEntries(reply, []),
  },
  {
    id: 'referrers-sha512-unknown',
    title: 'The list of referrers of a sha512 digest that nobody refers to is 404',
    layer,
    seenIn,
    noticedBy: ['referrers-read-none-sha512'],
    on: { ...listed, when: ({ path }) => path.includes('/sha512:') },
    change: (reply) => (entriesOf(reply).length === 0 ? fail(404, 'NAME_UNKNOWN')() : reply),
  },
  {
    id: 'referrers-dangling-hidden',
    title: 'The list of referrers of what is not there, or not any more, is empty',
    layer,
    seenIn,
    noticedBy: ['referrers-of-sha512', 'referrers-subject-deleted'],
    on: listed,
    change: (reply, { route, site }) => {
      const isThere = site.store.hasManifest(route.repository, route.reference);
      return isThere ? reply : withEntries(reply, []);
    },
  },
  {
    id: 'referrers-index-annotations-missing',
    title: 'Indexes in the list of referrers have lost their annotations',
    layer,
    seenIn,
    noticedBy: ['referrers-index-annotations'],
    on: listed,
    change: (reply) =>
      eachEntry(reply, ({ annotations, ...entry }) =>
        isIndex(entry.mediaType) || annotations === undefined ? entry : { ...entry, annotations },
      ),
  },
  {
    id: 'referrers-filter-prefix',
    title: 'The filter of referrers finds all types that begin with the one asked for',
    layer,
    seenIn,
    noticedBy: ['referrers-filter-none'],
    on: { ...listed, when: isFiltered },
    change: (_reply, { call, registry }) => {
      const type = fieldOf(call, 'artifactType') ?? '';
      const whole = registry.answer(withoutFields(call, 'artifactType'));
      const isOfType = ({ artifactType }: { artifactType?: unknown }) =>
        asString(artifactType)?.startsWith(type) ?? false;
      const found = withEntries(whole, entriesOf(whole).filter(isOfType));
      return withHeader(found, 'OCI-Filters-Applied', 'artifactType');
    },
  },
  {
    id: 'referrers-filter-unsaid-later',
    title: 'Only the first list of a filter has OCI-Filters-Applied, those from the cache do not',
    layer,
    seenIn,
    noticedBy: ['referrers-filter-none', 'referrers-filter-said'],
    on: { ...listed, when: isFiltered },
    begin: () => {
      const isNew = firstTimes();
      let isLater = false;
      return {
        follow: (reply, { call, place }) => {
          isLater = place === 'referrers' && !isNew(`${call.path}?${call.query}`);
          return reply;
        },
        change: (reply) => (isLater ? drop('OCI-Filters-Applied')(reply) : reply),
      };
    },
  },
  {
    id: 'referrers-filter-first-page',
    title: 'Referrers come in pages of 5, of which the first alone is filtered',
    layer,
    seenIn,
    noticedBy: ['referrers-filter-pages'],
    on: { ...listed, when: (call) => isFiltered(call) },
    change: (_reply, { call, registry }) => {
      const paged = registry.under({ pageEntriesMax: 5 }).answer(call);
      const link = headerOf(paged, 'Link');
      const next = link?.replace(/artifactType=[^&>]*&?/, '');
      return next === undefined ? paged : withHeader(paged, 'Link', next);
    },
  },
  {
    id: 'referrers-filter-none-missing',
    title: 'The list of referrers is 404 when none is of the type asked for',
    layer,
    seenIn,
    noticedBy: ['referrers-filter-none'],
    on: { ...listed, when: isFiltered },
    change: (reply) => (entriesOf(reply).length === 0 ? fail(404, 'MANIFEST_UNKNOWN')() : reply),
  },
  {
    id: 'referrers-filter-none-unsaid',
    title: 'No OCI-Filters-Applied comes with a list of which the filter has left nothing',
    layer,
    seenIn,
    noticedBy: ['referrers-filter-none'],
    on: { ...listed, when: isFiltered },
    change: (reply) => (entriesOf(reply).length === 0 ? drop('OCI-Filters-Applied')(reply) : reply),
  },
  {
    id: 'referrers-empty-plain-json',
    title: 'A list of no referrers comes as application/json',
    layer,
    seenIn,
    noticedBy: ['referrers-type'],
    on: listed,
    change: (reply) =>
      entriesOf(reply).length === 0 ? withHeader(reply, 'Content-Type', 'application/json') : reply,
  },
  {
    id: 'referrers-tagged-lost',
    title: 'A referrer whose tag was moved is no longer in the list',
    layer,
    seenIn,
    noticedBy: ['referrers-tagged'],
    on: { ...push, by: 'tag' },
    begin: () => {
      const lost = new Memory<true>();
      return {
        instead: ({ call, registry, route, site }) => {
          const { repository, reference } = route;
          const before = site.store.manifest(repository, reference)?.digest;
          const reply = registry.answer(call);
          const after = site.store.manifest(repository, reference)?.digest;
          if (before !== undefined && before !== after) lost.set(`${repository}@${before}`, true);
          return reply;
        },
        follow: (reply, { place, route }) => {
          if (place !== 'referrers' || reply.status !== 200) return reply;
          const isLeft = ({ digest }: { digest?: unknown }) =>
            !lost.has(`${route.repository}@${digest}`);
          const entries = entriesOf(reply);
          const left = entries.filter(isLeft);
          return left.length === entries.length ? reply : withEntries(reply, left);
        },
      };
    },
  },
  {
    id: 'referrers-filter-stale',
    title: 'A referrer that was deleted is still found by the filter',
    layer,
    seenIn,
    noticedBy: ['referrers-deleted'],
    on: { at: ['manifest'], methods: ['DELETE'], by: 'digest' },
    begin: () => {
      /** Entries that are gone, by repository and subject. */
      const gone = new Memory<object>();
      return {
        instead: ({ call, registry, route, site }) => {
          const { repository, reference } = route;
          const subject = site.store.manifest(repository, reference)?.subject;
          if (subject === undefined) return undefined;
          const entries = site.store.referrers(repository, subject);
          const entry = entries.find(({ digest }) => digest === reference);
          const reply = registry.answer(call);
          if (reply.status === 202) gone.set(`${repository}@${subject}`, entry ?? {});
          return reply;
        },
        follow: (reply, { call, place, route }) => {
          if (place !== 'referrers' || reply.status !== 200 || !isFiltered(call)) return reply;
          const entry = asObject(gone.get(`${route.repository}@${route.reference}`));
          if (entry?.artifactType !== fieldOf(call, 'artifactType')) return reply;
          return withEntries(reply, [...entriesOf(reply), { ...entry }]);
        },
      };
    },
  },
];

/** The subject that a manifest which is pushed names. */
function subjectIn({ body }: Call): { readonly mediaType?: unknown; readonly digest?: unknown } {
  const document = asObject(parseJson(Buffer.from(body).toString()));
  return asObject(document?.subject) ?? {};
}
