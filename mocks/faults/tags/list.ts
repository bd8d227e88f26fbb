// Faults of the list of tags: its order, its pages, and what is in it.
import { asObject, parseJson } from '../../../src/lib/json.ts';
import {
  type Call,
  headerOf,
  type Reply,
  withBody,
  withHeader,
  withoutHeader,
} from '../../call.ts';
import { nextLine } from '../../registry/paging.ts';
import type { Behaviour, Fault, Scene } from '../fault.ts';
import { fieldOf, keyOf, withoutFields } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { byCodePoints, listAgain, withTags } from '../kit/tag-list.ts';
import { fail, set } from '../kit/words.ts';

const seenIn: readonly string[] = [];
const tagPush = { at: ['manifest'], methods: ['PUT'], by: 'tag' } as const;
const tags = { at: ['tags'], statuses: [200] } as const;

const layer = 'response';
const listed = { at: ['tags'], statuses: [200] } as const;
const has =
  (...names: readonly string[]) =>
  (call: Call) =>
    names.every((name) => fieldOf(call, name) !== undefined);
const asksForNone = (call: Call) => /^0+$/.test(fieldOf(call, 'n') ?? '');

/** Of a list that is cut. */
const cutTags = 4;

export const tagListFaults: readonly Fault[] = [
  {
    id: 'tags-list-absent',
    title: 'The list of tags of any repository is 404',
    layer,
    seenIn,
    noticedBy: ['tags-list'],
    on: listed,
    change: fail(404, 'NAME_UNKNOWN'),
  },
  {
    id: 'tags-unsorted',
    title: 'Tags come in reverse order',
    layer,
    seenIn: ['distribution#3143', 'distribution#3203'],
    noticedBy: [
      'tags-last-*',
      'tags-end',
      'tags-order',
      'tags-order-pages',
      'tags-last',
      'tags-pages',
    ],
    on: listed,
    change: (reply, scene) => listAgain(reply, scene, { compare: byReverse }),
  },
  {
    id: 'tags-unsorted-across-pages',
    title:
      'Each page of tags is sorted, but a later page has tags that belong before an earlier one',
    layer,
    seenIn: ['distribution#3143'],
    noticedBy: ['tags-last-*', 'tags-end', 'tags-order-pages', 'tags-last', 'tags-pages'],
    on: listed,
    change: (reply, scene) => listAgain(reply, scene, { compare: byReverse, sortsPages: true }),
  },
  {
    id: 'tags-caseless',
    title: 'Tags are sorted whatever their case, which the spec allows',
    layer,
    seenIn: [],
    noticedBy: [],
    legal: 'spec.md, Listing Tags: lexical order is case-insensitive',
    on: listed,
    change: (reply, scene) => listAgain(reply, scene, { compare: byLowerCase }),
  },
  {
    id: 'tags-n-ignored',
    title: 'n is ignored: all tags come at once',
    layer,
    seenIn: ['distribution#3232'],
    noticedBy: ['tags-n', 'tags-n-zero'],
    on: { ...listed, when: has('n') },
    change: (_reply, { call, registry }) => registry.answer(withoutFields(call, 'n')),
  },
  {
    id: 'tags-query-dropped',
    title: 'A front drops the query: whatever n and last say, the whole list comes',
    layer,
    seenIn: [],
    noticedBy: ['tags-read-n', 'tags-read-last', 'tags-read-n-zero', 'tags-n', 'tags-last'],
    on: { ...listed, when: (call) => call.query !== '' },
    change: (_reply, { call, registry }) => registry.answer({ ...call, query: '' }),
  },
  {
    id: 'tags-link-nowhere',
    title: 'The Link of a list of tags leads to a path that does not exist',
    layer,
    seenIn: ['nexus-public#1011'],
    noticedBy: ['tags-read-pages'],
    on: listed,
    change: (reply) => {
      const link = headerOf(reply, 'Link');
      if (link === undefined) return reply;
      return withHeader(reply, 'Link', link.replace('/tags/list?', '/tags/lists?'));
    },
  },
  {
    id: 'tags-cut-unsaid',
    title: `Without n the list of tags ends after ${cutTags} of them, and no Link says that more follow`,
    layer,
    seenIn: [],
    noticedBy: ['tags-read', 'tags-new', 'tags-odd-names'],
    on: { ...listed, when: (call) => !has('n')(call) },
    change: (_reply, { call, registry }) => {
      const query = [call.query, `n=${cutTags}`].filter(Boolean).join('&');
      return withoutHeader(registry.answer({ ...call, query }), 'Link');
    },
  },
  {
    id: 'tags-last-inclusive',
    title: 'A page of tags begins with the one named by last, not after it',
    layer,
    seenIn: ['distribution#3203'],
    noticedBy: ['tags-order-pages', 'tags-last', 'tags-last-alone', 'tags-last-end', 'tags-pages'],
    on: { ...listed, when: has('last') },
    change: (reply, scene) => listAgain(reply, scene, { startsAtLast: true }),
  },
  {
    id: 'tags-last-ignored',
    title: 'last is ignored: every page of tags is the first',
    layer,
    seenIn: ['distribution#3203'],
    noticedBy: ['tags-last-*', 'tags-order-pages', 'tags-last', 'tags-end', 'tags-pages'],
    on: { ...listed, when: has('last') },
    change: (_reply, { call, registry }) => registry.answer(withoutFields(call, 'last')),
  },
  {
    id: 'tags-last-wraps',
    title: 'After the last tag the list begins anew',
    layer,
    seenIn: [],
    noticedBy: ['tags-last-end', 'tags-order-pages'],
    on: { ...listed, when: has('last') },
    change: (reply, { call, registry }) =>
      (tagsIn(reply) as readonly unknown[]).length > 0
        ? reply
        : registry.answer(withoutFields(call, 'last')),
  },
  {
    id: 'tags-with-digests',
    title: 'The list of tags has the digests that manifests were pushed to, too',
    layer,
    seenIn: [],
    noticedBy: ['tags-no-digests'],
    on: { ...listed, when: (call) => !has('n')(call) && !has('last')(call) },
    begin: () => {
      const pushed = new Memory<string>();
      return {
        follow: (reply, { call, place, route }) => {
          const isPush = place === 'manifest' && call.method === 'PUT' && reply.status === 201;
          const { reference, repository } = route;
          if (isPush && reference.includes(':')) pushed.set(reference, repository);
          return reply;
        },
        change: (reply, { route, site }) => {
          const tags = site.store.tags(route.repository) ?? [];
          const own = [...pushed.entries()].filter(([, name]) => name === route.repository);
          const digests = own.map(([digest]) => digest);
          return withTags(reply, route.repository, [...tags, ...digests].toSorted());
        },
      };
    },
  },
  {
    id: 'tags-n-zero-full',
    title: 'n=0 brings all tags, not none',
    layer,
    seenIn: ['distribution-spec#132', 'distribution-spec#583'],
    noticedBy: ['tags-n-zero'],
    on: { ...listed, when: asksForNone },
    change: (_reply, { call, registry }) => registry.answer(withoutFields(call, 'n')),
  },
  {
    id: 'tags-n-zero-link',
    title: 'n=0 brings no tags, but a Link to a next page of none',
    layer,
    seenIn: ['distribution-spec#583'],
    noticedBy: ['tags-n-zero-link'],
    on: { ...listed, when: asksForNone },
    change: (reply, { call }) => withHeader(reply, ...nextLine(call.path, 'n=0&last=')),
  },
  {
    id: 'tags-cursor-opaque',
    title: 'The Link of a list of tags has a cursor of its own, which the spec allows',
    layer,
    seenIn: ['docker_registry2#56'],
    noticedBy: [],
    legal: 'RFC 8288 3: the target of a Link is any URI',
    on: listed,
    ...cursors((text) => text),
  },
  {
    id: 'tags-cursor-comma',
    title: 'The Link of a list of tags has a comma in its URL, which the spec allows',
    layer,
    seenIn: ['drydock#927'],
    noticedBy: [],
    legal: 'RFC 3986 3.4: a comma may stand in a query',
    on: listed,
    ...cursors((text) => `${text.slice(0, 2)},${text.slice(2)}`),
  },
  {
    id: 'tags-no-name',
    title: 'The list of tags does not say of which repository',
    layer,
    seenIn: ['containers-roadmap#1795'],
    noticedBy: ['tags-list'],
    on: listed,
    change: (reply) => withBody(reply, JSON.stringify({ tags: tagsIn(reply) })),
  },
  {
    id: 'tags-always-empty',
    title: 'The list of tags is empty, whatever was pushed',
    layer,
    seenIn: ['artifact-keeper#796'],
    noticedBy: [
      'tags-concurrent',
      'tags-end',
      'tags-moved',
      'tags-odd-names',
      'tags-new',
      'tags-n',
    ],
    on: listed,
    change: (reply, { route }) => withTags(withoutHeader(reply, 'Link'), route.repository, []),
  },
  {
    id: 'tags-end-cut',
    title: 'The last page of tags lacks the very last tag',
    layer,
    seenIn,
    noticedBy: ['tags-pages', 'tags-end'],
    on: { at: ['tags'], statuses: [200], when: (call) => fieldOf(call, 'last') !== undefined },
    change: (reply, scene) => {
      const tags = scene.site.store.tags(scene.route.repository) ?? [];
      return listAgain(reply, scene, {}, tags.slice(0, -1));
    },
  },
  {
    id: 'tags-odd-hidden',
    title: 'Tags that begin with _ are not in the list',
    layer,
    seenIn,
    noticedBy: ['tags-odd-names'],
    on: { at: ['tags'], statuses: [200] },
    change: (reply, scene) => {
      const tags = scene.site.store.tags(scene.route.repository) ?? [];
      const shown = tags.filter((tag) => !tag.startsWith('_'));
      return shown.length === tags.length ? reply : listAgain(reply, scene, {}, shown);
    },
  },
  {
    id: 'tags-page-nameless',
    title: 'A page of tags after the first does not say of which repository',
    layer,
    seenIn,
    noticedBy: ['tags-list'],
    on: { at: ['tags'], statuses: [200], when: (call) => fieldOf(call, 'last') !== undefined },
    change: (reply) => {
      const text = Buffer.from(reply.body as Uint8Array).toString();
      return withBody(reply, JSON.stringify({ tags: asObject(parseJson(text))?.tags }));
    },
  },
  {
    id: 'tags-moved-twice',
    title: 'A tag that was moved is in the list twice',
    layer,
    seenIn,
    noticedBy: ['tags-moved'],
    on: tagPush,
    begin: () => {
      const moved = new Memory<true>();
      return {
        instead: (scene) => {
          const { call, registry, route, site } = scene;
          const before = site.store.manifest(route.repository, route.reference)?.digest;
          const reply = registry.answer(call);
          const after = site.store.manifest(route.repository, route.reference)?.digest;
          if (before !== undefined && before !== after) moved.set(keyOf(scene), true);
          return reply;
        },
        follow: (reply, scene) => {
          const { place, route, site } = scene;
          if (place !== 'tags' || reply.status !== 200) return reply;
          const tags = site.store.tags(route.repository) ?? [];
          const again = tags.filter((tag) => moved.has(`${route.repository}@${tag}`));
          if (again.length === 0) return reply;
          return listAgain(reply, scene, {}, [...tags, ...again]);
        },
      };
    },
  },
  {
    id: 'tags-race-lost',
    title: 'Of tags that are pushed at once the first alone stays, though all are answered 201',
    layer,
    seenIn,
    noticedBy: ['tag-concurrent', 'tags-concurrent'],
    on: { ...tagPush, statuses: [201] },
    counts: true,
    change: (reply, { route, site, underWay }) => {
      if (underWay < 2) return reply;
      site.store.deleteTag(route.repository, route.reference);
      return { ...reply };
    },
  },
  {
    id: 'tags-plain-text',
    title: 'The list of tags comes as text/plain',
    layer,
    seenIn,
    noticedBy: ['tags-list-type'],
    on: tags,
    change: set('Content-Type', 'text/plain; charset=utf-8'),
  },
  {
    id: 'tags-link-bare',
    title: 'The Link of a list of tags is a URL without <>',
    layer,
    seenIn,
    noticedBy: ['tags-link'],
    on: tags,
    change: (reply) => {
      const link = headerOf(reply, 'Link');
      return link === undefined ? reply : withHeader(reply, 'Link', link.replace(/[<>]/g, ''));
    },
  },
  {
    id: 'catalog-n-ignored',
    title: 'The catalog brings all names, whatever n says',
    layer,
    seenIn,
    noticedBy: ['catalog-read'],
    on: { at: ['catalog'], statuses: [200], when: has('n') },
    change: (_reply, { call, registry }) => registry.answer(withoutFields(call, 'n')),
  },
  {
    id: 'catalog-link-nowhere',
    title: 'The Link of the catalog leads to a path that does not exist',
    layer,
    seenIn,
    noticedBy: ['catalog-read'],
    on: { at: ['catalog'], statuses: [200] },
    change: (reply) => {
      const link = headerOf(reply, 'Link');
      if (link === undefined) return reply;
      return withHeader(reply, 'Link', link.replace('/_catalog?', '/_catalogue?'));
    },
  },
  {
    id: 'catalog-stale',
    title: 'The catalog lists nothing that was pushed',
    layer,
    seenIn,
    noticedBy: ['catalog-new'],
    on: { at: ['catalog'], statuses: [200] },
    change: (reply) => withBody(reply, '{"repositories":[]}'),
  },
];

function tagsIn({ body }: Reply): unknown {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : '';
  return (parseJson(text) as { tags?: unknown } | undefined)?.tags;
}

function byLowerCase(a: string, b: string): number {
  return byCodePoints(a.toLowerCase(), b.toLowerCase()) || byCodePoints(a, b);
}

/** Wrong for any two tags, so that a list of two is enough to see it. */
function byReverse(a: string, b: string): number {
  return byCodePoints(b, a);
}

/** Links with a cursor that only this registry can read. `write` may put commas into it. */
function cursors(write: (text: string) => string): Required<Pick<Behaviour, 'follow' | 'change'>> {
  const veil = (reply: Reply, { call }: Scene): Reply => {
    const [, query] = /^<[^?>]*\?([^>]*)>/.exec(headerOf(reply, 'Link') ?? '') ?? [];
    if (query === undefined) return reply;
    const cursor = write(Buffer.from(query).toString('base64url'));
    return withHeader(reply, ...nextLine(call.path, `cursor=${cursor}`));
  };
  return {
    follow: (reply, scene) => {
      const { call, place, registry } = scene;
      const cursor = place === 'tags' ? fieldOf(call, 'cursor') : undefined;
      if (cursor === undefined) return reply;
      const query = Buffer.from(cursor.replaceAll(',', ''), 'base64url').toString();
      return veil(registry.answer({ ...call, query }), scene);
    },
    change: veil,
  };
}
