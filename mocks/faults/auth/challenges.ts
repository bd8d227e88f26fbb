// Faults of challenges and tokens that show on some requests only, or to some clients.
import type { HeaderLine } from '../../../src/protocol/talk.ts';
import { headerOf, jsonReply, type Reply, withBody, withHeader } from '../../call.ts';
import { contentReply } from '../../range.ts';
import type { Fault, Scene } from '../fault.ts';
import { keyOf } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { drop, fail, set } from '../kit/words.ts';

const layer = 'response';
const endpoints = ['manifest', 'blob', 'tags'] as const;

export const challengeFaults: readonly Fault[] = [
  {
    id: 'challenge-unquoted',
    title: 'The realm of a challenge is a URL without quotes',
    layer,
    seenIn: [],
    noticedBy: ['token-challenge-form'],
    on: { at: ['ping', ...endpoints], statuses: [401] },
    change: (reply) => {
      const value = headerOf(reply, 'WWW-Authenticate') ?? '';
      return withHeader(reply, 'WWW-Authenticate', value.replace(/realm="([^"]*)"/, 'realm=$1'));
    },
  },
  {
    id: 'challenge-no-service',
    title: 'The challenge of /v2/ names no service',
    layer,
    seenIn: ['apple/container#2274'],
    noticedBy: ['token-challenge-service'],
    on: { at: ['ping'], statuses: [401] },
    change: (reply) => {
      const value = headerOf(reply, 'WWW-Authenticate') ?? '';
      return withHeader(reply, 'WWW-Authenticate', value.replace(/,\s*service="[^"]*"/, ''));
    },
  },
  {
    id: 'challenge-not-on-head',
    title: 'A 401 to HEAD has no challenge',
    layer,
    seenIn: [],
    noticedBy: ['token-challenge-every'],
    on: { at: endpoints, methods: ['HEAD'], statuses: [401] },
    change: drop('WWW-Authenticate'),
  },
  {
    id: 'blob-open',
    title: 'Blobs are served to anybody, with or without a token',
    layer,
    seenIn: [],
    noticedBy: ['token-challenge-every'],
    on: { at: ['blob'], methods: ['GET', 'HEAD'], statuses: [401] },
    change: (reply, { call, registry, route, site }: Scene) => {
      const bytes = site.store.blob(route.repository, route.reference);
      return bytes === undefined ? reply : registry.serveBlob(call, route.reference, bytes);
    },
  },
  {
    id: 'manifest-digest-open',
    title: 'GET of a manifest by its digest is served to anybody, with or without a token',
    layer,
    seenIn: [],
    noticedBy: ['token-challenge-every'],
    on: { at: ['manifest'], methods: ['GET'], by: 'digest', statuses: [401] },
    change: servedToAll,
  },
  {
    id: 'manifest-digest-any-token',
    title: 'GET of a manifest by its digest is served with whatever token, though not without one',
    layer,
    seenIn: [],
    noticedBy: ['token-invalid-every'],
    on: {
      at: ['manifest'],
      methods: ['GET'],
      by: 'digest',
      statuses: [401],
      when: (call) => call.header('authorization')?.startsWith('Bearer pullproof-') === true,
    },
    change: servedToAll,
  },
  {
    id: 'manifest-kept-open',
    title: 'A manifest that was read by its tag with a token is served to anybody from then on',
    layer,
    seenIn: ['docker-registry-proxy#51'],
    noticedBy: ['token-challenge-every'],
    on: { at: ['manifest'], methods: ['GET'], by: 'tag', statuses: [401], authorized: false },
    begin: () => {
      const read = new Memory<Reply>();
      return {
        follow: (reply, scene) => {
          const isRead = scene.place === 'manifest' && scene.call.method === 'GET';
          if (isRead && reply.status === 200) read.set(keyOf(scene), reply);
          return reply;
        },
        change: (reply, scene) => read.get(keyOf(scene)) ?? reply,
      };
    },
  },
  {
    id: 'lists-open',
    title: 'The lists of tags and referrers are shown to anybody, with or without a token',
    layer,
    seenIn: [],
    noticedBy: ['token-challenge-lists'],
    on: { at: ['tags', 'referrers'], methods: ['GET'], statuses: [401] },
    change: (_reply, { route }) =>
      jsonReply(200, { name: route.repository, tags: [], manifests: [] }),
  },
  {
    id: 'blob-bad-token-unknown',
    title: 'A token that is wrong or has expired is answered 404 by blobs, 401 by manifests',
    layer,
    seenIn: [],
    noticedBy: ['token-invalid-every'],
    on: { at: ['blob'], methods: ['GET', 'HEAD'], statuses: [401], authorized: true },
    change: fail(404, 'BLOB_UNKNOWN'),
  },
  {
    id: 'token-issued-tomorrow',
    title: 'Tokens say that they are issued a day from now',
    layer,
    seenIn: [],
    noticedBy: ['token-issued-at'],
    on: { at: ['token'], statuses: [200] },
    change: (reply, { site }) => issuedAt(reply, site.now() + dayMs),
  },
  {
    id: 'token-issued-yesterday',
    title: 'Tokens say that they were issued a day ago, so that they have ended',
    layer,
    seenIn: [],
    noticedBy: ['token-issued-at'],
    on: { at: ['token'], statuses: [200] },
    change: (reply, { site }) => issuedAt(reply, site.now() - dayMs),
  },
  {
    id: 'token-cacheable',
    title: 'Caches may keep the reply with a token, and give it to others',
    layer,
    seenIn: [],
    noticedBy: ['token-not-shared'],
    on: { at: ['token'], methods: ['GET'], statuses: [200] },
    change: set('Cache-Control', 'public, max-age=300'),
  },
];

function servedToAll(reply: Reply, { call, route, site }: Scene): Reply {
  const found = site.store.manifest(route.repository, route.reference);
  if (found === undefined) return reply;
  const headers: HeaderLine[] = [
    ['Content-Type', found.mediaType],
    ['Docker-Content-Digest', found.digest],
  ];
  return contentReply(call, found.bytes, `"${found.digest}"`, headers);
}

const dayMs = 24 * 60 * 60 * 1000;

function issuedAt(reply: Reply, time: number): Reply {
  const { body } = reply;
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : '';
  const field = `"issued_at":"${new Date(time).toISOString()}"`;
  return withBody(reply, text.replace(/"issued_at":"[^"]*"/, field));
}
