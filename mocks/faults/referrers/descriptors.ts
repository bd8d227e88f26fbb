// Faults of what lists say: tags, the catalog, and referrers with their descriptors.
import { asArray, asObject, type JsonObject, parseJson } from '../../../src/lib/json.ts';
import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import { type Call, headerOf, type Reply, textReply, withBody, withHeader } from '../../call.ts';
import { type Fault, fail, set } from '../fault.ts';
import { fieldOf } from '../kit/calls.ts';

const layer = 'response';
const seenIn: readonly string[] = [];
const tags = { at: ['tags'], statuses: [200] } as const;
const referrers = { at: ['referrers'], statuses: [200] } as const;

export const listingFaults: readonly Fault[] = [
  {
    id: 'tags-plain-text',
    title: 'The list of tags comes as text/plain',
    layer,
    seenIn,
    breaks: ['tags-list-type'],
    on: tags,
    change: set('Content-Type', 'text/plain; charset=utf-8'),
  },
  {
    id: 'tags-link-bare',
    title: 'The Link of a list of tags is a URL without <>',
    layer,
    seenIn,
    breaks: ['tags-link'],
    on: tags,
    change: (reply) => {
      const link = headerOf(reply, 'Link');
      return link === undefined ? reply : withHeader(reply, 'Link', link.replace(/[<>]/g, ''));
    },
  },
  {
    id: 'catalog-stale',
    title: 'The catalog lists nothing that was pushed',
    layer,
    seenIn,
    breaks: ['catalog-new'],
    on: { at: ['catalog'], statuses: [200] },
    change: (reply) => withBody(reply, '{"repositories":[]}'),
  },
  {
    id: 'referrers-paged',
    title: 'The list of referrers comes in pages of two, which the spec allows',
    layer,
    seenIn,
    breaks: [],
    on: referrers,
    change: (_reply, { call, registry }) => registry.under({ pageEntriesMax: 2 }).answer(call),
  },
  {
    id: 'referrers-page-repeats',
    title:
      'The list of referrers comes in pages of ten, each from the last one of the page before on',
    layer,
    seenIn,
    breaks: ['referrers-filter-pages', 'referrers-pages'],
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
    breaks: ['referrers-pages'],
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
    breaks: ['referrers-index-untyped', 'referrers-tagged', 'referrers-list', 'referrers-pages'],
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
    breaks: ['referrers-type'],
    on: referrers,
    change: set('Content-Type', 'application/json'),
  },
  {
    id: 'referrers-no-version',
    title: 'The list of referrers has no schemaVersion',
    layer,
    seenIn,
    breaks: ['referrers-index'],
    on: referrers,
    change: (reply) => withBody(reply, JSON.stringify({ manifests: entriesOf(reply) })),
  },
  {
    id: 'referrers-none-missing',
    title: 'The list of referrers of what has none is 404',
    layer,
    seenIn,
    breaks: ['referrers-filter-none', 'referrers-none', 'referrers-other-repository'],
    on: referrers,
    change: (reply) => (entriesOf(reply).length === 0 ? fail(404, 'MANIFEST_UNKNOWN')() : reply),
  },
  {
    id: 'referrers-malformed-accepted',
    title: 'The list of referrers of what is no digest is empty, not 400',
    layer,
    seenIn,
    breaks: ['referrers-digest-malformed'],
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
    breaks: ['referrers-filter-unasked'],
    on: referrers,
    change: set('OCI-Filters-Applied', 'artifactType'),
  },
  {
    id: 'referrers-size-zero',
    title: 'Descriptors of referrers have size 0',
    layer,
    seenIn,
    breaks: ['referrers-descriptor'],
    on: referrers,
    change: (reply) => eachEntry(reply, (entry) => ({ ...entry, size: 0 })),
  },
  {
    id: 'referrers-untyped',
    title: 'Descriptors of referrers have no artifactType',
    layer,
    seenIn,
    breaks: ['referrers-artifact-type', 'referrers-config-type', 'referrers-index-type'],
    on: referrers,
    change: (reply) => eachEntry(reply, ({ artifactType: _, ...entry }) => entry),
  },
  {
    id: 'referrers-index-typed',
    title: 'Indexes without artifactType get their media type as artifactType',
    layer,
    seenIn,
    breaks: ['referrers-index-untyped'],
    on: referrers,
    change: (reply) =>
      eachEntry(reply, (entry) =>
        entry.mediaType === mediaTypes.ociIndex
          ? { artifactType: mediaTypes.ociIndex, ...entry }
          : entry,
      ),
  },
  {
    id: 'referrers-config-unread',
    title: 'Referrers that have their type from the config are not listed',
    layer,
    seenIn,
    breaks: [
      'referrers-list',
      'referrers-pages',
      'referrers-filter-config',
      'referrers-config-type',
    ],
    on: referrers,
    change: (reply, { route, site }) => {
      const isTyped = ({ digest }: JsonObject) => {
        const stored = site.store.manifest(route.repository, `${digest}`);
        const document = asObject(parseJson(Buffer.from(stored?.bytes ?? []).toString()));
        return document?.artifactType !== undefined || document?.config === undefined;
      };
      return withEntries(reply, entriesOf(reply).filter(isTyped));
    },
  },
  {
    id: 'referrers-bare',
    title: 'Descriptors of referrers have no annotations',
    layer,
    seenIn,
    breaks: ['referrers-index-annotations', 'referrers-annotations'],
    on: referrers,
    change: (reply) => eachEntry(reply, ({ annotations: _, ...entry }) => entry),
  },
  {
    id: 'referrers-everywhere',
    title: 'Referrers of a digest are listed whichever repository they are in',
    layer,
    seenIn,
    breaks: ['referrers-other-repository'],
    on: referrers,
    change: (reply, { call, route, site }) => {
      if (entriesOf(reply).length > 0 || isFiltered(call)) return reply;
      const { store } = site;
      const all = store.repositories().flatMap((name) => store.referrers(name, route.reference));
      return all.length === 0 ? reply : withBody(reply, JSON.stringify(indexOf(all)));
    },
  },
];

function isFiltered(call: Call): boolean {
  return fieldOf(call, 'artifactType') !== undefined;
}

function indexOf(manifests: readonly unknown[]) {
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
}

export function entriesOf({ body }: Reply): JsonObject[] {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : '';
  return (asArray(asObject(parseJson(text))?.manifests) ?? []) as JsonObject[];
}

export function withEntries(reply: Reply, entries: readonly JsonObject[]): Reply {
  return withBody(reply, JSON.stringify(indexOf(entries)));
}

export function eachEntry(reply: Reply, change: (entry: JsonObject) => JsonObject): Reply {
  return withEntries(reply, entriesOf(reply).map(change));
}
