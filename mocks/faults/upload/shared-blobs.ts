// Faults of blobs that several repositories have: what a mount takes away, and what shows where it must not.
import { isWellFormedDigest } from '../../../src/protocol/grammar/digest.ts';
import { type Call, emptyReply } from '../../call.ts';
import type { Fault, Scene } from '../fault.ts';
import { fieldOf, keyOf, mayPush } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { raced } from '../kit/races.ts';
import { fail } from '../kit/words.ts';

const layer = 'response';
const seenIn: readonly string[] = [];
const isMount = (call: Call) => fieldOf(call, 'mount') !== undefined;
const mount = { at: ['upload'], methods: ['POST'], when: isMount } as const;

export const sharedBlobFaults: readonly Fault[] = [
  {
    id: 'blob-everywhere',
    title: 'A blob that any repository has is served in all of them',
    layer,
    seenIn: ['zot#3642'],
    noticedBy: ['blob-other-repository'],
    on: { at: ['blob'], methods: ['GET', 'HEAD'], statuses: [404] },
    change: (reply, { call, registry, route, site }) => {
      const body = site.store.blobOfAny(route.reference);
      return body === undefined ? reply : registry.serveBlob(call, route.reference, body);
    },
  },
  {
    id: 'mount-moves',
    title: 'A blob that is mounted is gone where it came from',
    layer,
    seenIn,
    noticedBy: ['mount-keeps-source'],
    on: { ...mount, statuses: [201] },
    change: (reply, { call, site }) => {
      site.store.deleteBlob(fieldOf(call, 'from') ?? '', fieldOf(call, 'mount') ?? '');
      return { ...reply };
    },
  },
  {
    id: 'mount-known-refused',
    title: 'A mount of a blob that is there already is answered 409',
    layer,
    seenIn,
    noticedBy: ['mount-again', 'mount-twice-at-once'],
    on: mount,
    instead: (scene) => {
      const { call, route, site } = scene;
      const isThere = site.store.hasBlob(route.repository, fieldOf(call, 'mount') ?? '');
      return isThere && mayPush(scene) ? fail(409, 'DENIED')() : undefined;
    },
  },
  {
    id: 'mount-race-crash',
    title: 'Of two mounts of a blob within a second, the second is answered 500',
    layer,
    seenIn,
    noticedBy: ['mount-twice-at-once'],
    on: mount,
    begin: () => raced(mountOf, fail(500, 'UNSUPPORTED')),
  },
  {
    id: 'mount-bare-refused',
    title: 'A mount is answered 400 when its query has : or / in it, not %3A or %2F',
    layer,
    seenIn,
    noticedBy: ['mount-unescaped'],
    on: { ...mount, when: (call) => isMount(call) && /[:/]/.test(call.query) },
    instead: (scene) => (mayPush(scene) ? fail(400, 'DIGEST_INVALID')() : undefined),
  },
  {
    id: 'mount-absent-untrue',
    title: 'A mount of a blob that is not there is answered 201, and nothing is mounted',
    layer,
    seenIn,
    noticedBy: ['mount-absent-*', 'mount-deleted'],
    on: { ...mount, statuses: [202] },
    change: (reply, { call, route }) => {
      const digest = fieldOf(call, 'mount') ?? '';
      const isNamed = fieldOf(call, 'from') !== undefined && isWellFormedDigest(digest);
      const location = `/v2/${route.repository}/blobs/${digest}`;
      return isNamed ? emptyReply(201, [['Location', location]]) : reply;
    },
  },
  {
    id: 'push-known-unlinked',
    title: 'A blob that another repository has is pushed (201) and still not in this one',
    layer,
    seenIn,
    noticedBy: ['blob-second-repository', 'blob-two-repositories'],
    on: { at: ['upload'], methods: ['PUT'], statuses: [201] },
    change: (reply, { call, route, site }) => {
      const digest = fieldOf(call, 'digest') ?? '';
      const { repository } = route;
      if (site.store.repositoriesWith(digest).every((name) => name === repository)) return reply;
      site.store.deleteBlob(repository, digest);
      return { ...reply };
    },
  },
  {
    id: 'mount-deleted-untrue',
    title: 'A mount of a blob that was deleted there is answered 201, but nothing is mounted',
    layer,
    seenIn,
    noticedBy: ['mount-deleted'],
    on: { ...mount, statuses: [202] },
    begin: () => {
      const gone = new Memory<true>();
      return {
        follow: (reply, scene) => {
          if (isDeletion(reply.status, scene)) gone.set(keyOf(scene), true);
          return reply;
        },
        change: (reply, { call, route }) => {
          const digest = fieldOf(call, 'mount') ?? '';
          if (!gone.has(`${fieldOf(call, 'from')}@${digest}`)) return reply;
          return emptyReply(201, [['Location', `/v2/${route.repository}/blobs/${digest}`]]);
        },
      };
    },
  },
  {
    id: 'mount-linked',
    title: 'A blob that was mounted goes when it is deleted where it came from',
    layer,
    seenIn,
    noticedBy: ['mount-outlives-source'],
    on: { ...mount, statuses: [201] },
    begin: () => {
      /** The repository that mounted a blob, by where it came from. */
      const links = new Memory<string>();
      return {
        follow: (reply, scene) => {
          const { route, site } = scene;
          const target = isDeletion(reply.status, scene) ? links.get(keyOf(scene)) : undefined;
          if (target !== undefined) site.store.deleteBlob(target, route.reference);
          return reply;
        },
        change: (reply, { call, route }) => {
          links.set(`${fieldOf(call, 'from')}@${fieldOf(call, 'mount')}`, route.repository);
          return { ...reply };
        },
      };
    },
  },
];

function isDeletion(status: number, { call, place }: Scene): boolean {
  return place === 'blob' && call.method === 'DELETE' && status === 202;
}

/** Each mount is by somebody else. */
function mountOf({ call, place, route }: Scene) {
  const digest = place === 'upload' ? fieldOf(call, 'mount') : undefined;
  return digest === undefined
    ? undefined
    : { prize: `${route.repository} mount ${digest}`, name: '' };
}
