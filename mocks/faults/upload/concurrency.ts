// Faults of registries under load: of many requests at once, of pushes that race each other, and of
// several replicas that learn of a push one after the other.
import { joined } from '../../bytes.ts';
import { headerOf, type Reply, textReply } from '../../call.ts';
import type { Fault, Scene } from '../fault.ts';
import { fieldOf, mayPush } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { type Racer, raced } from '../kit/races.ts';
import { fail } from '../kit/words.ts';

const layer = 'response';
const readMethods = ['GET', 'HEAD'] as const;
const found = [200, 206, 302, 307] as const;

/** Pulling requests at once, above which there are too many. */
export const pullsMax = 32;
/** Uploads open at once, above which there are too many. */
export const uploadsMax = 4;
/** An upload that nobody touches is given up. */
const uploadIdleMs = 60_000;

/** How long after its push a blob cannot be named by a manifest. */
const settleMs = 200;
/** How long a push is fresh, and how many replicas take turns, the last of which does not know it yet. */
const freshMs = 10_000;
const replicas = 10;
const digests = /"(sha(?:256|512):[a-f0-9]{64,128})"/g;

export const concurrencyFaults: readonly Fault[] = [
  {
    id: 'first-uploads-crash',
    title:
      'Of uploads that begin at once in a repository that is not there yet, one alone is no 500',
    layer: 'response',
    seenIn: ['gitea#19586', 'pulp_container#1275'],
    noticedBy: ['uploads-first-at-once'],
    on: { at: ['upload'], methods: ['POST'], statuses: [202], repository: 'unknown' },
    counts: true,
    change: (reply, { underWay }) => (underWay > 1 ? fail(500, 'UNSUPPORTED')() : reply),
  },
  {
    id: 'first-upload-fails',
    title: 'The first upload to each repository that is not there yet is a 500',
    layer,
    seenIn: [],
    noticedBy: ['push-first'],
    on: { at: ['upload'], methods: ['POST'], statuses: [202, 201], repository: 'unknown' },
    begin: () => {
      const begun = new Set<string>();
      return {
        change: (reply, { route: { repository } }) => {
          if (begun.has(repository)) return reply;
          begun.add(repository);
          return fail(500, 'UNSUPPORTED')();
        },
      };
    },
  },
  {
    id: 'upload-asks-collide',
    title:
      'Of several who ask for, or give up, uploads at once, one is answered and the others get a 500',
    layer,
    seenIn: [],
    noticedBy: ['upload-status-at-once', 'upload-cancel-at-once'],
    on: { at: ['upload'], methods: ['GET', 'DELETE'], statuses: [204] },
    counts: true,
    change: (reply, { underWay }) => (underWay > 1 ? fail(500, 'UNSUPPORTED')() : reply),
  },
  {
    id: 'pull-crowd-refused',
    title: `With more than ${pullsMax} pulling requests under way, the next is answered 502`,
    layer,
    seenIn: ['harbor#20523'],
    noticedBy: [],
    gap: `pull with more than ${pullsMax} requests at once, as load does`,
    on: { at: ['manifest', 'blob', 'edge'], methods: ['GET'] },
    counts: true,
    change: (reply, { underWay }) =>
      underWay > pullsMax ? textReply(502, 'Bad Gateway', [['Content-Type', 'text/plain']]) : reply,
  },
  {
    id: 'push-crowd-refused',
    title: `With ${uploadsMax} uploads open, the next is answered 400`,
    layer,
    seenIn: ['harbor#19389'],
    noticedBy: ['upload-several-open'],
    on: { at: ['upload'], methods: ['POST'] },
    begin: () => {
      const uploads = openUploads();
      return {
        follow: uploads.follow,
        instead: (scene) => {
          const isCrowded = uploads.count(scene.site.now()) >= uploadsMax;
          return isCrowded && mayPush(scene) ? fail(400, 'BLOB_UPLOAD_INVALID')() : undefined;
        },
      };
    },
  },
  {
    id: 'pull-crash-while-pushing',
    title: 'While somebody uploads a blob, pulls are answered 500',
    layer,
    seenIn: ['neonKUBE#338'],
    noticedBy: ['pull-while-pushing'],
    on: { at: ['manifest', 'blob'], methods: ['GET'], statuses: found },
    begin: () => {
      const uploads = openUploads();
      return {
        follow: uploads.follow,
        change: (reply, { site }) =>
          uploads.count(site.now()) > 0 ? fail(500, 'UNSUPPORTED')() : reply,
      };
    },
  },
  {
    id: 'push-race-refused',
    title:
      'Of two pushes of a layer to two repositories within a second, the second is answered 400',
    layer,
    seenIn: ['nexus-public#967', 'artifact-keeper#3851'],
    noticedBy: ['blob-second-repository', 'blob-two-repositories', 'set-up-refused'],
    on: { at: ['upload'], methods: ['POST', 'PUT'] },
    begin: () => raced(layerOf, fail(400, 'BLOB_UPLOAD_INVALID')),
  },
  {
    id: 'push-race-unknown',
    title:
      'Of two pushes of a layer to two repositories within a second, the second is answered 404',
    layer,
    seenIn: ['pulp_container#1730'],
    noticedBy: ['blob-second-repository', 'blob-two-repositories'],
    on: { at: ['upload'], methods: ['POST', 'PUT'] },
    begin: () => raced(layerOf, fail(404, 'BLOB_UPLOAD_UNKNOWN')),
  },
  {
    id: 'tag-race-crash',
    title: 'Of two pushes of a tag within a second, the second is answered 500',
    layer,
    seenIn: [],
    noticedBy: [
      'manifest-again-*',
      'tag-moved',
      'tag-concurrent',
      'referrers-tag-schema',
      'delete-tag-again',
    ],
    on: { at: ['manifest'], methods: ['PUT'], by: 'tag' },
    begin: () => raced(tagOf, fail(500, 'UNSUPPORTED')),
  },
  {
    id: 'replica-behind',
    title: `Of the reads within ${freshMs / 1000} seconds after a push, one in ten is answered 404`,
    layer,
    seenIn: ['harbor#22417', 'harbor#15234', 'harbor#17504'],
    noticedBy: ['blob-read-after-write'],
    on: { at: ['manifest', 'blob'], methods: readMethods, statuses: found },
    begin: () => {
      const pushedAt = new Memory<number>();
      const reads = new Memory<number>();
      return {
        follow: (reply, scene) => {
          for (const name of pushedNames(reply, scene)) pushedAt.set(name, scene.site.now());
          return reply;
        },
        change: (reply, { place, route, site }) => {
          const name = nameOf(route.repository, route.reference);
          const at = pushedAt.get(name) ?? -Infinity;
          if (site.now() - at >= freshMs) return reply;
          const read = (reads.get(name) ?? 0) + 1;
          reads.set(name, read);
          if (read % replicas !== 0) return reply;
          return fail(404, place === 'blob' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN')();
        },
      };
    },
  },
  {
    id: 'blob-settles-late',
    title: `A manifest that names a blob pushed less than ${settleMs} ms ago is answered BLOB_UNKNOWN`,
    layer,
    seenIn: ['manifest-tool#191'],
    noticedBy: [
      '*-image-sparse',
      'manifest-put-image',
      'manifest-put-image-untyped',
      'manifest-put-annotations',
      'manifest-put-custom-fields',
      'manifest-put-data',
    ],
    on: { at: ['manifest'], methods: ['PUT'] },
    begin: () => {
      const pushedAt = new Memory<number>();
      return {
        follow: (reply, scene) => {
          for (const name of pushedNames(reply, scene)) pushedAt.set(name, scene.site.now());
          return reply;
        },
        instead: (scene) => {
          const { call, route, site } = scene;
          const text = Buffer.from(call.body).toString();
          const isFresh = [...text.matchAll(digests)].some(([, digest = '']) => {
            const at = pushedAt.get(nameOf(route.repository, digest)) ?? -Infinity;
            return site.now() - at < settleMs;
          });
          return isFresh && mayPush(scene) ? fail(404, 'BLOB_UNKNOWN')() : undefined;
        },
      };
    },
  },
  {
    id: 'push-doubled',
    title: 'Pushed blobs are stored twice over (in the wild: p=0.02)',
    layer,
    seenIn: ['distribution#2168'],
    noticedBy: [
      'upload-*-sha512',
      'upload-*-location',
      'upload-*-again',
      '*-resume',
      'upload-*-large',
      '*-end-head',
    ],
    on: { at: ['upload'], methods: ['POST', 'PUT'], statuses: [201] },
    change: (reply, { call, site }) => {
      const digest = headerOf(reply, 'Docker-Content-Digest') ?? '';
      const body = site.store.blobOfAny(digest);
      if (body === undefined || fieldOf(call, 'mount') !== undefined) return reply;
      site.store.corruptBlob(digest, joined([body, body]));
      return { ...reply };
    },
  },
];

function nameOf(repository: string, reference: string): string {
  return `${repository} ${reference}`;
}

/** Digest and tag under which something can be had that the reply says was pushed. */
function pushedNames(reply: Reply, { call, place, route }: Scene): string[] {
  if (reply.status !== 201) return [];
  const digest = headerOf(reply, 'Docker-Content-Digest') ?? '';
  if (place === 'upload') return [nameOf(route.repository, digest)];
  if (place !== 'manifest' || call.method !== 'PUT') return [];
  return [digest, route.reference].map((name) => nameOf(route.repository, name));
}

/** The blob that a request ends the upload of. */
function layerOf({ call, place, route }: Scene): Racer | undefined {
  const prize = place === 'upload' ? fieldOf(call, 'digest') : undefined;
  return prize === undefined ? undefined : { prize, name: route.repository };
}

/** The tag that a request pushes; each push is by somebody else. */
function tagOf({ call, place, route }: Scene): Racer | undefined {
  if (place !== 'manifest' || call.method !== 'PUT' || route.reference.includes(':')) return;
  return { prize: nameOf(route.repository, route.reference), name: '' };
}

/** Uploads that have begun and not ended. */
function openUploads() {
  const touchedAt = new Memory<number>();
  return {
    follow(reply: Reply, { call, place, route, site }: Scene): Reply {
      if (place !== 'upload') return reply;
      const begun = headerOf(reply, 'Location') ?? '';
      if (call.method === 'POST' && reply.status === 202) {
        touchedAt.set(begun.slice(begun.lastIndexOf('/') + 1), site.now());
      } else if (reply.status === 202) touchedAt.set(route.reference, site.now());
      else if (call.method === 'PUT' || call.method === 'DELETE') touchedAt.delete(route.reference);
      return reply;
    },
    count(now: number): number {
      return [...touchedAt.entries()].filter(([, at]) => now - at < uploadIdleMs).length;
    },
  };
}
