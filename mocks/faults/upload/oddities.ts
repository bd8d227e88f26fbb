// Legal oddities of pushing blobs: where uploads go on, what their replies say, mounts that are refused.
import { emptyReply, headerOf, jsonReply, type Reply, withHeader } from '../../call.ts';
import type { Behaviour, Fault, Scene } from '../fault.ts';
import { fieldOf, keyOf, mayPush, statusOfUpload, withoutFields } from '../kit/calls.ts';
import { claimedBy } from '../kit/digests.ts';
import { Memory } from '../kit/memory.ts';
import { Elsewhere, elsewhere, movedPushes, movedReads, writtenOtherwise } from '../kit/moves.ts';
import { clauses, oddity } from '../kit/oddity.ts';
import { drop, fail } from '../kit/words.ts';

const at = ['upload'] as const;
const sessions = { at, methods: ['POST', 'PATCH', 'GET'], statuses: [202, 204] };
const created = { at, methods: ['POST', 'PUT', 'PATCH'], statuses: [201] };
const { location, digest } = clauses;
const bare = 'spec.md demands Location alone here (and Range after a chunk)';

/** What is added to each Location, and taken no notice of when it comes back. */
const longState = `_state=${'abcDEF0123456789'.repeat(192)}`;

const located = (change: (url: string, scene: Scene) => string) => (reply: Reply, scene: Scene) =>
  withHeader(reply, 'Location', change(headerOf(reply, 'Location') ?? '', scene));

const locations = [
  oddity('upload-location-long', 'The Location of an upload has 3 KB of state in it', location, {
    on: sessions,
    change: located((url) => `${url}?${longState}`),
  }),
  oddity('upload-location-host', 'The Location of an upload begins with //host', location, {
    on: sessions,
    change: located((url, { call }) => call.origin.replace(/^https?:/, '') + url),
  }),
  oddity(
    'upload-location-otherwise',
    'The Location of an upload has scheme and host in capitals, and the usual port',
    location,
    {
      on: sessions,
      change: located((url, { call }) => writtenOtherwise(call.origin) + url),
    },
  ),
  oddity(
    'upload-location-odd',
    'The query of an upload has every sign that may be there',
    location,
    {
      on: sessions,
      change: located((url) => `${url}?a=%2F%3d+&b;c=:@!$'()*,-._~&&d&=e`),
    },
  ),
  oddity(
    'upload-location-new',
    'The Location of an upload is another one in each reply',
    location,
    {
      on: sessions,
      begin: () => {
        let replies = 0;
        return { change: located((url) => `${url}?_state=${++replies}`) };
      },
    },
  ),
  oddity('upload-location-escaped', 'The hyphens of the UUID of an upload are escaped', location, {
    on: sessions,
    change: located((url) => url.replace(/[^/]*$/, (id) => id.replaceAll('-', '%2D'))),
  }),
  oddity('upload-location-dots', 'The Location of an upload has dots in its path', location, {
    on: sessions,
    change: located((url) => url.replace('/blobs/uploads/', '/blobs/./x/../uploads/')),
  }),
  ...(['upload-location-elsewhere', 'upload-location-other-path'] as const).map((id) =>
    oddity(
      id,
      id === 'upload-location-elsewhere'
        ? 'Uploads go on at another host, which wants no credentials'
        : 'Uploads go on at a path of the registry outside of /v2/',
      location,
      {
        on: { at: [...at, ...elsewhere] },
        begin: () => {
          const away = new Elsewhere();
          return {
            instead: (scene) => (scene.place === 'upload' ? undefined : away.answer(scene)),
            // The registry answered with its own path, whichever place was asked.
            follow: (reply, scene) => {
              const url = headerOf(reply, 'Location') ?? '';
              const { call, place, site } = scene;
              const isOther = place === 'edge' || place === 'foreign';
              if (reply.status === 201 && isOther && url.startsWith('/')) {
                return withHeader(reply, 'Location', site.origins.registry + url);
              }
              const isSession = reply.status === 202 || reply.status === 204;
              if (!isSession || !/^\/v2\/.*\/blobs\/uploads\/./.test(url)) return reply;
              const isAway = id === 'upload-location-elsewhere' && site.origins.cdn !== '';
              const host = isAway ? site.origins.cdn : call.origin;
              return withHeader(reply, 'Location', host + away.add(scene, url));
            },
          };
        },
      },
    ),
  ),
];

const leastBytes = 1_000;

/** Announces a least length, and refuses what comes after a chunk that is shorter. */
function insistsOnLength(): Behaviour {
  const short = new Memory<true>();
  return {
    instead: (scene) => {
      const { call } = scene;
      const bytes = call.staged?.length ?? call.body.length;
      if (call.method !== 'PATCH' && call.method !== 'PUT') return undefined;
      if (bytes > 0 && short.has(keyOf(scene)) && statusOfUpload(scene).status === 204) {
        return fail(400, 'SIZE_INVALID')();
      }
      if (bytes < leastBytes && call.method === 'PATCH') short.set(keyOf(scene), true);
      return undefined;
    },
    change: (reply, { call }) =>
      call.method === 'POST' && reply.status === 202
        ? withHeader(reply, 'OCI-Chunk-Min-Length', `${leastBytes}`)
        : reply,
  };
}

const replies = [
  oddity('upload-start-bare', 'The reply that begins an upload has a Location alone', bare, {
    on: { at, methods: ['POST'], statuses: [202] },
    change: drop('Range', 'Docker-Upload-UUID'),
  }),
  oddity('upload-end-bare', 'The 201 of a blob has no Docker-Content-Digest', bare, {
    on: created,
    change: drop('Docker-Content-Digest', 'Docker-Upload-UUID'),
  }),
  oddity('upload-body', 'Replies to uploads have a body of JSON', clauses.http, {
    on: { at, methods: ['POST', 'PUT', 'PATCH'], statuses: [201, 202] },
    change: (reply) => ({
      ...jsonReply(reply.status, { state: 'fine' }),
      headers: [
        ...drop('Content-Length')(reply).headers,
        ...jsonReply(reply.status, { state: 'fine' }).headers,
      ],
    }),
  }),
  oddity(
    'upload-digest-sha512',
    'Docker-Content-Digest of the 201 of a blob is by sha512',
    digest,
    {
      on: created,
      change: (reply, { call, site }) => {
        const named = fieldOf(call, 'digest') ?? fieldOf(call, 'mount') ?? '';
        return claimedBy('sha512', reply, site.store.blobOfAny(named));
      },
    },
  ),
  oddity('upload-end-absolute', 'The Location of a pushed blob is a whole URL', location, {
    on: created,
    change: located((url, { call }) => call.origin + url),
  }),
  oddity(
    'upload-end-elsewhere',
    'The Location of a pushed blob is a signed URL of the CDN',
    'spec.md, Single POST: it does not have to be served by the registry, as a signed URL is not',
    {
      on: created,
      change: located((url, { call, cdn, site }) => {
        const pushed = url.split('/').at(-1) ?? '';
        const origin = site.origins.cdn || call.origin;
        return origin + cdn.signedPath(pushed, { origin });
      }),
    },
  ),
  oddity('upload-order-bare', 'A 416 to a chunk says nothing but that', bare, {
    on: { at, methods: ['PATCH', 'PUT'], statuses: [416] },
    change: () => emptyReply(416, []),
  }),
  oddity(
    'upload-least',
    'Chunks must have 1000 bytes at least, but the last',
    'spec.md, Pushing a blob in chunks: a registry may have a least length, OCI-Chunk-Min-Length',
    { on: { at }, begin: insistsOnLength },
  ),
  oddity(
    'upload-least-huge',
    'Chunks should have 100 MB at least, says OCI-Chunk-Min-Length',
    'spec.md, Pushing a blob in chunks: a registry may have a least length, OCI-Chunk-Min-Length',
    {
      on: { at, methods: ['POST'], statuses: [202] },
      change: (reply) => withHeader(reply, 'OCI-Chunk-Min-Length', '100000000'),
    },
  ),
  oddity(
    'upload-cancel-accepted',
    'An upload that is given up is answered 202',
    'spec.md, Cancel a blob upload: 204 is a SHOULD',
    {
      on: { at, methods: ['DELETE'], statuses: [204] },
      change: (reply) => ({ ...reply, status: 202 }),
    },
    { noticedBy: ['upload-cancel', 'upload-cancel-start'] },
  ),
  oddity(
    'upload-cancel-unsupported',
    'An upload cannot be given up: 405',
    'spec.md, Cancel a blob upload: clients SHOULD ignore any failures; 204 is a SHOULD',
    {
      on: { at, methods: ['DELETE'] },
      instead: (scene) => (mayPush(scene) ? fail(405, 'UNSUPPORTED')() : undefined),
    },
    { noticedBy: ['upload-cancel', 'upload-cancel-start', 'upload-*-cancel'] },
  ),
  oddity(
    'upload-single-post-refused',
    'A POST with the whole blob is answered 405',
    'spec.md, Single POST: a registry MAY support it, and SHOULD answer 202 otherwise',
    {
      on: { at, methods: ['POST'], when: (call) => fieldOf(call, 'digest') !== undefined },
      instead: (scene) => (mayPush(scene) ? fail(405, 'UNSUPPORTED')() : undefined),
    },
    { noticedBy: ['upload-single-post', 'upload-single-post-*'] },
  ),
  oddity(
    'sha512-not-known',
    'A POST that announces sha512, or brings such a digest, is answered 415',
    'spec.md, Pushing blobs: an unsupported algorithm is 400 by a SHOULD',
    {
      on: {
        at,
        methods: ['POST', 'PUT'],
        when: ({ query }) => query.includes('sha512') && !query.includes('mount='),
      },
      instead: (scene) => (mayPush(scene) ? fail(415, 'UNSUPPORTED')() : undefined),
    },
  ),
];

const isMount = {
  at,
  methods: ['POST'],
  when: (call: Scene['call']) => fieldOf(call, 'mount') !== undefined,
};
const mountClause = 'spec.md, Mounting: where it is not supported, 202 is a SHOULD';

const mounts = [
  ...[400, 401, 403, 404, 405].map((status) =>
    oddity(
      `mount-refused-${status}`,
      `Mounts are answered ${status}`,
      mountClause,
      {
        on: isMount,
        instead: (scene) => (mayPush(scene) ? fail(status, 'UNSUPPORTED')() : undefined),
      },
      { noticedBy: ['mount-or-upload'] },
    ),
  ),
  oddity(
    'mount-from-needed',
    'A mount that names no repository begins an upload',
    'spec.md, Mounting: the registry MAY treat from as optional',
    {
      on: isMount,
      instead: ({ call, registry }) =>
        fieldOf(call, 'from') === undefined
          ? registry.answer(withoutFields(call, 'mount'))
          : undefined,
    },
  ),
];

const operations = [
  ...[403, 404, 405].map((status) =>
    oddity(
      `push-refused-${status}`,
      `A mirror that is only read: every push, and every deletion, is answered ${status}`,
      'spec.md, Requirements: Pull is all that a registry MUST support',
      {
        on: { at: ['upload', 'manifest', 'blob'], methods: ['POST', 'PUT', 'PATCH', 'DELETE'] },
        instead: ({ call, site }) =>
          site.auth !== 'none' && call.header('authorization') === undefined
            ? undefined
            : fail(status, status === 403 ? 'DENIED' : 'UNSUPPORTED')(),
      },
    ),
  ),
  oddity(
    'repository-made-before',
    'Only the first two repositories that are pushed to exist: others would have to be made before',
    'spec.md, Endpoints: 404 is a failure of a push, and where repositories come from is not said',
    {
      on: { at: ['upload', 'manifest'], methods: ['POST', 'PUT'] },
      begin: () => {
        const known = new Set<string>();
        return {
          instead: (scene) => {
            const { route } = scene;
            if (known.has(route.repository) || !mayPush(scene)) return undefined;
            if (known.size >= 2) return fail(404, 'NAME_UNKNOWN')();
            known.add(route.repository);
            return undefined;
          },
        };
      },
    },
  ),
];

export const uploadOddities: readonly Fault[] = [
  ...locations,
  ...replies,
  ...mounts,
  ...operations,
  ...movedReads('upload-status', 'Asking for the status of an upload', at),
  ...movedPushes('upload-start', 'The POST that begins an upload', at, ['POST'], [301, 302, 308]),
  ...movedPushes('upload-chunk', 'The PATCH of a chunk', at, ['PATCH']),
  ...movedPushes('upload-end', 'The PUT that ends an upload', at, ['PUT'], [301, 302, 307, 308]),
  ...movedPushes('upload-cancel', 'Giving an upload up', at, ['DELETE']),
];
