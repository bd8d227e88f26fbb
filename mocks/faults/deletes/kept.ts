// Faults of deleting: what is gone and still there.
import { emptyReply, type Reply } from '../../call.ts';
import type { Behaviour, Fault, Scene } from '../fault.ts';
import { keyOf, mayPush } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { listAgain } from '../kit/tag-list.ts';
import { fail } from '../kit/words.ts';

const layer = 'response';
const content = ['manifest', 'blob'] as const;
const readBefore = ['delete-tag-read', 'delete-manifest-read', 'delete-blob-read'];
const deletion = { methods: ['DELETE'], statuses: [202] } as const;

export const keptContentFaults: readonly Fault[] = [
  {
    id: 'blob-delete-shared-kept',
    title: 'A blob that another repository has too is still served where it was deleted',
    layer,
    seenIn: ['zot#3642'],
    noticedBy: ['delete-blob-shared'],
    on: { at: ['blob'], ...deletion },
    change: (reply, { route, site }) => {
      const { repository, reference: digest } = route;
      const blob = site.store.blobOfAny(digest);
      if (blob !== undefined) site.store.addBlob(repository, digest, blob);
      return reply;
    },
  },
  {
    id: 'manifest-delete-ignored',
    title: 'Deleting a manifest or a tag is answered 202, and changes nothing',
    layer,
    seenIn: [],
    noticedBy: ['*-listed', 'delete-tag', 'delete-manifest', 'delete-manifest-twice'],
    on: { at: ['manifest'], methods: ['DELETE'] },
    instead: (scene) => (wouldDelete(scene) ? emptyReply(202, []) : undefined),
  },
  {
    id: 'tags-list-stale',
    title: 'Tags that were deleted are still in the list of tags',
    layer,
    seenIn: ['harbor#10749'],
    noticedBy: ['delete-tag-listed', 'delete-manifest-listed'],
    on: { at: ['manifest'], methods: ['DELETE'] },
    begin: () => {
      /** By repository. */
      const gone = new Memory<ReadonlySet<string>>();
      return {
        instead: ({ call, registry, route, site }) => {
          if (site.store.manifest(route.repository, route.reference) === undefined)
            return undefined;
          const before = site.store.tags(route.repository) ?? [];
          const reply = registry.answer(call);
          const after = new Set(site.store.tags(route.repository));
          const lost = before.filter((tag) => !after.has(tag));
          const earlier = gone.get(route.repository) ?? [];
          gone.set(route.repository, new Set([...earlier, ...lost]));
          return reply;
        },
        follow: (reply, scene) => {
          const { place, route, site } = scene;
          const stale = place === 'tags' ? gone.get(route.repository) : undefined;
          if (stale === undefined || reply.status !== 200) return reply;
          const tags = site.store.tags(route.repository) ?? [];
          return listAgain(reply, scene, {}, [...new Set([...tags, ...stale])]);
        },
      };
    },
  },
  {
    id: 'deleted-kept-get',
    title: 'What was read by GET before it was deleted is served by GET from then on',
    layer,
    seenIn: [],
    noticedBy: readBefore,
    on: { at: content, methods: ['GET'], statuses: [404] },
    begin: () => keptReads('GET'),
  },
  {
    id: 'deleted-kept-head',
    title: 'What was asked for by HEAD before it was deleted is there for HEAD from then on',
    layer,
    seenIn: [],
    noticedBy: readBefore,
    on: { at: content, methods: ['HEAD'], statuses: [404] },
    begin: () => keptReads('HEAD'),
  },
  {
    id: 'deletes-collide',
    title:
      'Of deletions at once in the same registry, one alone is done: the others are answered 500',
    layer,
    seenIn: [],
    noticedBy: ['delete-tag-at-once', 'delete-manifest-at-once', 'delete-blob-at-once'],
    on: { at: ['manifest', 'blob'], ...deletion },
    counts: true,
    change: (reply, { underWay }) => (underWay > 1 ? fail(500, 'UNSUPPORTED')() : reply),
  },
  {
    id: 'delete-odd-names-unknown',
    title: 'DELETE in a repository whose name has the word of an endpoint in it is answered 404',
    layer,
    seenIn: [],
    noticedBy: ['delete-tag-names', 'delete-manifest-names', 'delete-blob-names'],
    on: { at: ['manifest', 'blob'], methods: ['DELETE'] },
    instead: (scene) => {
      const isOdd = /(?:^|\/)(?:tags|blobs|manifests)\//.test(scene.route.repository);
      return isOdd && mayPush(scene) ? fail(404, 'NAME_UNKNOWN')() : undefined;
    },
  },
];

/** A blob and a manifest may have the same digest. */
function placeOf(scene: Scene): string {
  return `${scene.place} ${keyOf(scene)}`;
}

/** A cache of what was read by the method; of blobs the registry itself serves what it keeps. */
function keptReads(method: string): Behaviour {
  const kept = new Memory<Reply>();
  return {
    follow: (reply, scene) => {
      const { call, place, registry, route, site } = scene;
      const isRead = call.method === method && reply.status < 400;
      if (!isRead || (place !== 'manifest' && place !== 'blob')) return reply;
      const blob = site.store.blob(route.repository, route.reference);
      const isBlob = place === 'blob' && blob !== undefined;
      kept.set(placeOf(scene), isBlob ? registry.serveBlob(call, route.reference, blob) : reply);
      return reply;
    },
    change: (reply, scene) => kept.get(placeOf(scene)) ?? reply,
  };
}

/** Whether a DELETE would do what it says; nothing is deleted to find out. */
function wouldDelete({ call, registry, route, site }: Scene): boolean {
  const isThere = site.store.manifest(route.repository, route.reference) !== undefined;
  const kinds = ['tag', 'manifest'] as const;
  const kind = route.reference.includes(':') ? 'manifest' : 'tag';
  if (!isThere || site.policy.noDelete.includes(kind)) return false;
  // A registry that never deletes says so only to those who might.
  return registry.under({ noDelete: kinds }).answer(call).status === 405;
}
