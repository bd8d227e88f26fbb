// Faults of caches that keep what was not there: it is pushed, and is missing still.
import type { Reply } from '../../call.ts';
import type { Behaviour, Fault, Scene } from '../fault.ts';
import { keyOf } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { listAgain } from '../kit/tag-list.ts';
import { fail } from '../kit/words.ts';

const layer = 'response';
const content = ['manifest', 'blob'] as const;

export const missFaults: readonly Fault[] = [
  {
    id: 'miss-kept-get',
    title: 'GET of what was asked for by GET and missing stays 404 after it was pushed',
    layer,
    seenIn: ['harbor#12713'],
    noticedBy: ['tag-after-miss', 'manifest-after-miss', 'blob-after-miss'],
    on: { at: content, methods: ['GET'], statuses: [404], repository: 'known' },
    begin: () => keptMisses('GET', content, placeOf),
  },
  {
    id: 'miss-kept-head',
    title: 'HEAD of what was asked for by HEAD and missing stays 404 after it was pushed',
    layer,
    seenIn: [],
    noticedBy: ['tag-after-miss-head', 'manifest-after-miss-head', 'blob-after-miss-head'],
    on: { at: content, methods: ['HEAD'], statuses: [404], repository: 'known' },
    begin: () => keptMisses('HEAD', content, placeOf),
  },
  {
    id: 'repository-miss-kept',
    title:
      'No manifest of a repository that did not exist when it was asked for is found once it does',
    layer,
    seenIn: [],
    noticedBy: ['repository-after-miss'],
    on: { at: ['manifest'], methods: ['GET'], statuses: [404], repository: 'unknown' },
    begin: () => keptMisses('GET', ['manifest'], ({ route }) => route.repository),
  },
  {
    id: 'tags-list-kept',
    title: 'The list of tags stays as it was when it was asked for first',
    layer,
    seenIn: [],
    noticedBy: ['tags-new', 'tags-moved'],
    on: { at: ['tags'], methods: ['GET'], statuses: [200] },
    begin: () => {
      const kept = new Memory<Reply>();
      return {
        change: (reply, { call }) => {
          const key = `${call.path}?${call.query}`;
          const before = kept.get(key) ?? reply;
          kept.set(key, before);
          return before;
        },
      };
    },
  },
  {
    id: 'tags-push-after-list-hidden',
    title:
      'A tag that is the first to be pushed after a list of tags was read is in none until the next is',
    layer,
    seenIn: [],
    noticedBy: ['tags-after-miss'],
    on: { at: ['tags'], methods: ['GET'], statuses: [200] },
    begin: hiddenAfterList,
  },
];

/** A blob and a manifest may have the same digest. */
function placeOf(scene: Scene): string {
  return `${scene.place} ${keyOf(scene)}`;
}

/** `nameOf`: what is missing. */
function keptMisses(
  method: string,
  places: readonly Scene['place'][],
  nameOf: (scene: Scene) => string,
): Behaviour {
  const missing = new Memory<true>();
  return {
    follow: (reply, scene) => {
      const isRead = places.includes(scene.place) && scene.call.method === method;
      return isRead && reply.status < 400 && missing.has(nameOf(scene)) ? unknown() : reply;
    },
    change: (reply, scene) => {
      const { reference, repository } = scene.route;
      // Of a tag that exists, a 404 means that nothing of it fits Accept.
      const exists = scene.site.store.manifest(repository, reference) !== undefined;
      if (!exists) missing.set(nameOf(scene), true);
      return reply;
    },
  };
}

const unknown = fail(404, 'MANIFEST_UNKNOWN');

function hiddenAfterList(): Behaviour {
  const listed = new Memory<true>();
  const hidden = new Memory<string>();
  return {
    follow: (reply, { call, place, route: { reference, repository } }) => {
      const isPush = place === 'manifest' && call.method === 'PUT' && reply.status === 201;
      if (!isPush || reference.includes(':')) return reply;
      if (listed.has(repository)) hidden.set(repository, reference);
      else hidden.delete(repository);
      listed.delete(repository);
      return reply;
    },
    change: (reply, scene) => {
      const { repository } = scene.route;
      listed.set(repository, true);
      const tags = scene.site.store.tags(repository) ?? [];
      const shown = tags.filter((tag) => tag !== hidden.get(repository));
      return shown.length === tags.length ? reply : listAgain(reply, scene, {}, shown);
    },
  };
}
