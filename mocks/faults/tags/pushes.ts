// Faults of pushing tags: which names are taken, what moving one does, and the parameters that name several.
import { isTag } from '../../../src/protocol/grammar/reference.ts';
import { withHeader } from '../../call.ts';
import { Fields } from '../../registry/query.ts';
import { digestOf } from '../../store.ts';
import type { Fault } from '../fault.ts';
import { fieldOf, mayPush, withoutFields } from '../kit/calls.ts';
import { hasOddName, shortTagCharsMax, stored } from '../kit/pushes.ts';
import { drop, fail } from '../kit/words.ts';

const tagPush = { at: ['manifest'], methods: ['PUT'], by: 'tag' } as const;

const seenIn: readonly string[] = [];

const push = { at: ['manifest'], methods: ['PUT'] } as const;
const refused = { ...push, statuses: [400] } as const;

const accepted = { ...push, statuses: [201] } as const;

const layer = 'response';

/** Tag parameters that a hasty registry reads. */
const fewTags = 4;

export const tagPushFaults: readonly Fault[] = [
  {
    id: 'tag-grammar-unchecked',
    title: 'A manifest is taken under names that are no tags',
    layer,
    seenIn,
    noticedBy: ['tag-refuse-*'],
    on: { ...refused, by: 'tag' },
    change: (reply, { call, route }) =>
      hasOddName(route.reference) ? stored(route.repository, digestOf(call.body)) : reply,
  },
  {
    id: 'tag-long-refused',
    title: `Tags of more than ${shortTagCharsMax} characters are refused`,
    layer,
    seenIn,
    noticedBy: ['tag-name-longest'],
    on: { ...push, by: 'tag' },
    instead: (scene) => {
      const { reference } = scene.route;
      const isLong = isTag(reference) && reference.length > shortTagCharsMax;
      return isLong && mayPush(scene) ? fail(400, 'MANIFEST_INVALID')() : undefined;
    },
  },
  {
    id: 'tag-case-blind',
    title: 'Tags are the same whatever their capitals',
    layer,
    seenIn,
    noticedBy: ['tags-odd-names', 'tag-case', 'tags-new'],
    on: { at: ['manifest'], by: 'tag' },
    instead: ({ call, registry, route }) => {
      const { reference } = route;
      const lower = reference.toLowerCase();
      if (lower === reference || !isTag(reference)) return undefined;
      return registry.answer({ ...call, path: `/v2/${route.repository}/manifests/${lower}` });
    },
  },
  {
    id: 'tag-stuck',
    title: 'A tag stays at the first manifest that was pushed to it, though later ones answer 201',
    layer,
    seenIn,
    noticedBy: ['tag-moved-head', 'tag-moved'],
    on: { ...push, by: 'tag' },
    instead: (scene) => {
      const { call, registry, route, site } = scene;
      const before = site.store.manifest(route.repository, route.reference)?.digest;
      if (before === undefined) return undefined;
      const reply = registry.answer(call);
      if (reply.status === 201) site.store.putTag(route.repository, route.reference, before);
      return reply;
    },
  },
  {
    id: 'tag-moved-collects',
    title: 'A manifest that loses its last tag is gone at once',
    layer,
    seenIn,
    noticedBy: ['tag-moved-keeps', 'tag-concurrent'],
    on: { ...push, by: 'tag' },
    instead: (scene) => {
      const { call, registry, route, site } = scene;
      const { repository, reference } = route;
      const before = site.store.manifest(repository, reference)?.digest;
      if (before === undefined) return undefined;
      const reply = registry.answer(call);
      const tags = site.store.tags(repository) ?? [];
      const isTagged = tags.some((tag) => site.store.manifest(repository, tag)?.digest === before);
      if (!isTagged) site.store.deleteManifest(repository, before);
      return reply;
    },
  },
  {
    id: 'tag-parameters-ignored',
    title: 'Tag parameters are ignored, which the spec allows',
    layer,
    seenIn,
    noticedBy: [],
    legal: 'spec.md, Pushing Manifests: the registry MAY support tag parameters',
    on: { ...push, by: 'digest' },
    instead: (scene) => {
      const { call, registry } = scene;
      if (fieldOf(call, 'tag') === undefined) return undefined;
      return drop('OCI-Tag')(registry.answer(withoutFields(call, 'tag')));
    },
  },
  {
    id: 'tag-parameters-unsaid',
    title: 'Tags of tag parameters are set, but no OCI-Tag says so',
    layer,
    seenIn,
    noticedBy: ['tag-parameters-said'],
    on: accepted,
    change: drop('OCI-Tag'),
  },
  {
    id: 'tag-parameters-few',
    title: `Of many tag parameters only ${fewTags} count`,
    layer,
    seenIn,
    noticedBy: ['tag-parameters-ten'],
    on: { ...push, by: 'digest' },
    instead: ({ call, registry }) => {
      const tags = new Fields(call.query).all('tag');
      if (tags.length <= fewTags) return undefined;
      const query = tags.slice(0, fewTags).map((tag) => `tag=${tag}`);
      return registry.answer({ ...call, query: query.join('&') });
    },
  },
  {
    id: 'tag-parameters-keep',
    title: 'OCI-Tag names a tag that was there before and still leads to its old manifest',
    layer,
    seenIn,
    noticedBy: ['tag-parameters-move'],
    on: { at: ['manifest'], methods: ['PUT'], when: ({ query }) => query.includes('tag=') },
    instead: ({ call, registry, route, site }) => {
      const { repository } = route;
      const before = (site.store.tags(repository) ?? []).map(
        (tag) => [tag, site.store.manifest(repository, tag)?.digest] as const,
      );
      const reply = registry.answer(call);
      for (const [tag, digest] of before) {
        if (digest !== undefined) site.store.putTag(repository, tag, digest);
      }
      return reply;
    },
  },
  {
    id: 'tag-moved-digest-old',
    title: 'The push that moves a tag is answered with the digest that the tag had before',
    layer,
    seenIn,
    noticedBy: ['tag-moved'],
    on: tagPush,
    instead: ({ call, registry, route, site }) => {
      const before = site.store.manifest(route.repository, route.reference)?.digest;
      const reply = registry.answer(call);
      const isMoved = before !== undefined && reply.status === 201;
      return isMoved ? withHeader(reply, 'Docker-Content-Digest', before) : reply;
    },
  },
];
