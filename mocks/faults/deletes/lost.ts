// Faults of deleting: what goes that must stay, and what never comes back.
import { asArray, asObject, asString, parseJson } from '../../../src/lib/json.ts';
import { emptyReply, headerOf, type Reply } from '../../call.ts';
import type { Fault, Scene } from '../fault.ts';
import { keyOf, mayPush } from '../kit/calls.ts';
import { firstTimes, Memory } from '../kit/memory.ts';
import { fail } from '../kit/words.ts';

const layer = 'response';
const seenIn: readonly string[] = [];
const deletion = { methods: ['DELETE'], statuses: [202] } as const;

export const lostContentFaults: readonly Fault[] = [
  {
    id: 'delete-unknown-accepted',
    title: 'DELETE of what is not there is answered 202',
    layer,
    seenIn,
    noticedBy: [
      '*-twice',
      'delete-tag-unknown',
      'delete-manifest-unknown',
      'delete-unknown-repository',
      'delete-blob-unknown',
    ],
    on: { at: ['manifest', 'blob'], methods: ['DELETE'], statuses: [404] },
    change: () => emptyReply(202, []),
  },
  {
    id: 'delete-unknown-refused',
    title: 'DELETE of what is not there is answered 400',
    layer,
    seenIn,
    noticedBy: ['delete-unknown-repository', 'delete-blob-unknown', 'delete-blob-twice'],
    on: { at: ['manifest', 'blob'], methods: ['DELETE'], statuses: [404] },
    change: fail(400, 'NAME_UNKNOWN'),
  },
  {
    id: 'delete-stumbles',
    title: 'The first DELETE of a manifest or blob is answered 500, the same again as it should be',
    layer,
    seenIn,
    noticedBy: [
      'delete-blob-sha512',
      'delete-tag',
      'delete-tag-unknown',
      'delete-manifest',
      'delete-manifest-unknown',
      'delete-unknown-repository',
    ],
    on: { at: ['manifest', 'blob'], methods: ['DELETE'] },
    begin: () => {
      const isFirst = firstTimes();
      return {
        instead: (scene) =>
          mayPush(scene) && isFirst(keyOf(scene)) ? fail(500, 'UNSUPPORTED')() : undefined,
      };
    },
  },
  {
    id: 'delete-tag-untags-all',
    title: 'Deleting a tag deletes its manifest, and so its other tags',
    layer,
    seenIn,
    noticedBy: ['delete-tag-listed', 'delete-tag-keeps-manifest', 'delete-tag-keeps-others'],
    on: { at: ['manifest'], methods: ['DELETE'], by: 'tag' },
    instead: ({ call, registry, route, site }) => {
      const { repository, reference } = route;
      const digest = site.store.manifest(repository, reference)?.digest;
      const reply = registry.answer(call);
      if (reply.status === 202 && digest !== undefined) {
        site.store.deleteManifest(repository, digest);
      }
      return reply;
    },
  },
  {
    id: 'delete-last-tag-untags',
    title: 'Deleting the last tag of a manifest deletes the manifest',
    layer,
    seenIn,
    noticedBy: ['delete-tag-keeps-manifest'],
    on: { at: ['manifest'], methods: ['DELETE'], by: 'tag' },
    instead: ({ call, registry, route, site }) => {
      const { repository, reference } = route;
      const digest = site.store.manifest(repository, reference)?.digest;
      const reply = registry.answer(call);
      const named = (site.store.tags(repository) ?? []).map(
        (tag) => site.store.manifest(repository, tag)?.digest,
      );
      const isLast = reply.status === 202 && digest !== undefined && !named.includes(digest);
      if (isLast) site.store.deleteManifest(repository, digest);
      return reply;
    },
  },
  {
    id: 'delete-manifest-takes-moved-tags',
    title: 'Deleting a manifest deletes the tags that it ever had, whatever they name now',
    layer,
    seenIn,
    noticedBy: ['delete-manifest-keeps-moved-tag'],
    on: { at: ['manifest'], ...deletion, by: 'digest' },
    begin: () => {
      /** Tags by repository and digest. */
      const had = new Memory<readonly string[]>();
      return {
        follow: (reply, { call, place, route }) => {
          const { reference, repository } = route;
          const isPush = place === 'manifest' && call.method === 'PUT' && reply.status === 201;
          if (!isPush || reference.includes(':')) return reply;
          const key = `${repository}@${headerOf(reply, 'Docker-Content-Digest')}`;
          had.set(key, [...(had.get(key) ?? []), reference]);
          return reply;
        },
        change: (reply, scene) => {
          const { route, site } = scene;
          for (const tag of had.get(keyOf(scene)) ?? []) {
            site.store.deleteTag(route.repository, tag);
          }
          return { ...reply };
        },
      };
    },
  },
  {
    id: 'delete-sha512-ignored',
    title: 'Deleting a blob by its sha512 digest is answered 202, and changes nothing',
    layer,
    seenIn,
    noticedBy: ['delete-blob-sha512'],
    on: { at: ['blob'], methods: ['DELETE'], when: ({ path }) => path.includes('/sha512:') },
    instead: (scene) => {
      const { route, site } = scene;
      const isThere = site.store.hasBlob(route.repository, route.reference);
      return isThere && mayPush(scene) ? emptyReply(202, []) : undefined;
    },
  },
  {
    id: 'delete-manifest-everywhere',
    title: 'Deleting a manifest deletes it in all repositories',
    layer,
    seenIn,
    noticedBy: ['delete-manifest-other-repository'],
    on: { at: ['manifest'], ...deletion, by: 'digest' },
    change: (reply, { route, site }) => {
      const { store } = site;
      for (const name of store.repositories()) store.deleteManifest(name, route.reference);
      return { ...reply };
    },
  },
  {
    id: 'delete-index-cascades',
    title: 'Deleting an index deletes the manifests that it lists',
    layer,
    seenIn,
    noticedBy: ['delete-index-keeps-children'],
    on: { at: ['manifest'], methods: ['DELETE'], by: 'digest' },
    instead: (scene) =>
      cascading(scene, 'manifests', (repository, digest) =>
        scene.site.store.deleteManifest(repository, digest),
      ),
  },
  {
    id: 'delete-referrer-takes-subject',
    title: 'Deleting a manifest deletes its subject',
    layer,
    seenIn,
    noticedBy: ['referrers-deleted'],
    on: { at: ['manifest'], methods: ['DELETE'], by: 'digest' },
    instead: ({ call, registry, route, site }) => {
      const { repository, reference } = route;
      const subject = site.store.manifest(repository, reference)?.subject;
      const reply = registry.answer(call);
      if (reply.status === 202) site.store.deleteManifest(repository, subject ?? '');
      return reply;
    },
  },
  {
    id: 'delete-manifest-takes-blobs',
    title: 'Deleting a manifest deletes its blobs, though others have them too',
    layer,
    seenIn,
    noticedBy: ['delete-manifest-keeps-shared'],
    on: { at: ['manifest'], methods: ['DELETE'], by: 'digest' },
    instead: (scene) =>
      cascading(scene, 'layers', (repository, digest) =>
        scene.site.store.deleteBlob(repository, digest),
      ),
  },
  {
    id: 'delete-blob-everywhere',
    title: 'Deleting a blob deletes it in all repositories',
    layer,
    seenIn,
    noticedBy: ['delete-blob-other-repository'],
    on: { at: ['blob'], ...deletion },
    change: (reply, { route, site }) => {
      const { store } = site;
      for (const name of store.repositories()) store.deleteBlob(name, route.reference);
      return { ...reply };
    },
  },
  {
    id: 'delete-blob-lasting',
    title: 'A blob that was deleted is 404 for ever, however often it is pushed again',
    layer,
    seenIn,
    noticedBy: ['delete-blob-again'],
    on: { at: ['blob'], ...deletion },
    begin: () => {
      const gone = new Memory<true>();
      return {
        follow: (reply, scene) => {
          const isGone = scene.place === 'blob' && gone.has(keyOf(scene));
          return isGone && reply.status < 400 ? fail(404, 'BLOB_UNKNOWN')() : reply;
        },
        change: (reply, scene) => {
          gone.set(keyOf(scene), true);
          return { ...reply };
        },
      };
    },
  },
];

/** The sound reply; where it is 202, what the document named there goes as well. */
function cascading(
  { call, registry, route, site }: Scene,
  member: 'manifests' | 'layers',
  remove: (repository: string, digest: string) => void,
): Reply {
  const { repository, reference } = route;
  const bytes = site.store.manifest(repository, reference)?.bytes ?? [];
  const reply = registry.answer(call);
  const document = asObject(parseJson(Buffer.from(bytes).toString()));
  if (reply.status !== 202 || document === undefined) return reply;
  const listed = asArray(document[member]) ?? [];
  for (const each of member === 'layers' ? [document.config, ...listed] : listed) {
    remove(repository, asString(asObject(each)?.digest) ?? '');
  }
  return reply;
}
