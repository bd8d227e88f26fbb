// Faults of caches that keep what was not there: it is pushed, and is missing still.
import type { Reply } from '../../call.ts';
import type { Behaviour, Fault, Scene } from '../fault.ts';
import { keyOf } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
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
    noticedBy: ['tags-after-miss'],
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
