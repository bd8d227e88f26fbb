// Faults of authentication: challenges, tokens, and how bad tokens are answered.
import { headerOf, type Reply, withBody, withHeader } from '../../call.ts';
import { Fields } from '../../registry/query.ts';
import type { Fault, ReplyFault, Scene } from '../fault.ts';
import { withoutRequestHeader } from '../kit/calls.ts';
import { firstTimes, Memory } from '../kit/memory.ts';
import { fail, say } from '../kit/words.ts';

const layer = 'response';
const issued = { at: ['token'], statuses: [200] } as const;
const endpoints = ['manifest', 'blob', 'tags'] as const;

export const tokenFaults: readonly Fault[] = [
  {
    id: 'challenge-missing',
    title: 'A request without a token is answered 404, not 401 with a challenge',
    layer,
    seenIn: ['distribution#1984'],
    noticedBy: ['token-challenge'],
    on: { at: endpoints, statuses: [401], authorized: false },
    change: fail(404, 'NAME_UNKNOWN'),
  },
  {
    id: 'challenge-garbled',
    title: 'The challenge of a 401 is a sentence, not a scheme with parameters',
    layer,
    seenIn: [],
    noticedBy: ['token-challenge', 'token-invalid'],
    on: { at: endpoints, statuses: [401] },
    change: (reply) => withHeader(reply, 'WWW-Authenticate', 'please log in'),
  },
  {
    id: 'scope-wildcard',
    title: 'The challenge asks for the scope "*"',
    layer,
    seenIn: ['gitea#36907'],
    noticedBy: ['token-scope'],
    on: { at: endpoints, statuses: [401] },
    change: (reply) => {
      const challenge = headerOf(reply, 'WWW-Authenticate') ?? '';
      const wild = challenge.replace(/scope="[^"]*"/, 'scope="*"');
      return withHeader(reply, 'WWW-Authenticate', wild);
    },
  },
  {
    id: 'token-absent',
    title: 'The token reply holds neither token nor access_token',
    layer,
    seenIn: [],
    noticedBy: ['token-reply'],
    on: issued,
    change: say('{"expires_in":300}'),
  },
  {
    id: 'token-brief',
    title: 'Tokens say that they live for one second',
    layer,
    seenIn: ['containerd#8735'],
    noticedBy: ['token-reply', 'token-form-lifetime'],
    on: issued,
    change: (reply) => withBody(reply, textOf(reply).replace(/"expires_in":\d+/, '"expires_in":1')),
  },
  {
    id: 'token-lifetime-nanoseconds',
    title: 'Tokens say in nanoseconds how long they live',
    layer,
    // olareg v0.2.2 sends int64(time.Duration).
    seenIn: [],
    noticedBy: ['token-lifetime-countable'],
    on: issued,
    change: (reply) =>
      withBody(reply, textOf(reply).replace(/"expires_in":(\d+)/, '"expires_in":$1000000000')),
  },
  {
    id: 'token-lifetime-unsaid',
    title: 'Token replies leave out expires_in, which then means 60 s',
    layer,
    seenIn: ['containerd#8735'],
    noticedBy: [],
    legal: 'docker-registry token.md, Token Response Fields: expires_in is optional',
    // The reply to the form must say it.
    on: { ...issued, methods: ['GET'] },
    change: (reply) => withBody(reply, textOf(reply).replace(/"expires_in":\d+,/, '')),
  },
  {
    id: 'token-once',
    title: 'Only the first token exchange works, every later one is 401',
    layer,
    seenIn: ['artifact-keeper#2477'],
    noticedBy: ['token-reply', 'token-repeatable'],
    on: issued,
    begin: () => {
      let exchanges = 0;
      return { change: (reply) => (++exchanges === 1 ? reply : fail(401, 'UNAUTHORIZED')()) };
    },
  },
  {
    id: 'bad-token-denied',
    title: 'A token that is wrong or has expired is answered 403, not 401',
    layer,
    seenIn: ['docker_auth#240', 'moby#33558'],
    noticedBy: ['token-invalid'],
    on: { at: ['ping', ...endpoints], statuses: [401], authorized: true },
    change: fail(403, 'DENIED'),
  },
  {
    id: 'bad-token-unknown',
    title: 'A token that is wrong or has expired is answered 404, as if nothing were there',
    layer,
    seenIn: ['docker_auth#240', 'distribution#1984'],
    noticedBy: ['token-invalid', 'token-action-manifest', 'token-action-delete'],
    on: { at: endpoints, statuses: [401], authorized: true },
    change: fail(404, 'NAME_UNKNOWN'),
  },
  {
    id: 'token-ends-early',
    title: 'A token is refused from a minute after its first use on, whatever expires_in said',
    layer,
    seenIn: ['docker_auth#240', 'moby#33558'],
    // A 401 with a challenge: clients log in again and go on, also in the middle of a pull.
    noticedBy: [],
    legal: 'docker-registry token.md: a client should be prepared for a 401 at any time',
    on: { at: endpoints, statuses: [200, 206, 302, 307], authorized: true },
    begin: () => {
      const usedAt = new Memory<number>();
      return {
        change: (reply, scene) => {
          const authorization = scene.call.header('authorization') ?? '';
          if (!/^Bearer /i.test(authorization)) return reply;
          const now = scene.site.now();
          const first = usedAt.get(authorization) ?? now;
          if (first === now) usedAt.set(authorization, now);
          return now - first >= tokenMs ? challenged(scene) : reply;
        },
      };
    },
  },
  {
    id: 'refresh-token-once',
    title: 'A refresh token works once, and no other one comes in its place',
    layer,
    seenIn: ['artifact-keeper#2477'],
    noticedBy: ['token-form-refresh'],
    on: { at: ['token'], methods: ['POST'], statuses: [200] },
    begin: () => {
      const isFirst = firstTimes();
      return {
        change: (reply, { call }) => {
          const refresh = new Fields(call.form).one('refresh_token');
          if (refresh === undefined || isFirst(refresh)) return reply;
          return fail(401, 'UNAUTHORIZED')();
        },
      };
    },
  },
  {
    id: 'token-unavailable',
    title: 'The token server is down, and so is all that needs a token',
    layer,
    seenIn: ['git-pkgs/proxy#199'],
    noticedBy: ['token-reply'],
    on: { at: ['token'] },
    change: fail(503, 'UNSUPPORTED'),
  },
  {
    id: 'realm-link-local',
    title: 'The challenge sends clients to a link-local address, where clouds hand out identities',
    layer,
    seenIn: ['ggcr#2440', 'oras-go#1197'],
    noticedBy: ['token-challenge'],
    on: { at: ['ping', ...endpoints], statuses: [401] },
    // With the scheme of the registry, so that only the address is wrong.
    change: withRealm(
      (origin) => `${origin.slice(0, origin.indexOf(':'))}://169.254.169.254/token`,
    ),
  },
  {
    id: 'realm-unreachable',
    title: 'The challenge names a token server that nothing listens at, as one that lacks its port',
    layer,
    seenIn: [],
    noticedBy: ['token-reply'],
    on: { at: ['ping', ...endpoints], statuses: [401] },
    // A name that never has an address (RFC 2606).
    change: withRealm((origin) => `${origin.slice(0, origin.indexOf(':'))}://auth.invalid/token`),
  },
  {
    id: 'realm-downgrade',
    title: 'The challenge of an https registry sends clients to a plain http token server',
    layer,
    seenIn: ['oras-go#1197'],
    noticedBy: ['token-challenge'],
    on: {
      at: ['ping', ...endpoints],
      statuses: [401],
      when: (call) => call.origin.startsWith('https:'),
    },
    change: withRealm((_origin, realm) => realm.replace(/^https:/, 'http:')),
  },
  {
    id: 'storage-failure-unauthorized',
    title: 'A blob that the storage cannot give is answered 401, to whatever token',
    layer,
    seenIn: ['nora#922'],
    noticedBy: [
      'upload-*-head',
      'upload-*-sha512',
      'upload-*-location',
      'upload-*-again',
      '*-resume',
      'upload-*-large',
    ],
    on: { at: ['blob'], statuses: [200, 206, 302, 307], authorized: true },
    change: (_reply, scene) => challenged(scene),
  },
];

/** How long `token-ends-early` lets a token live. */
const tokenMs = 60_000;

/** What the registry says to the same request without a token. */
function challenged({ call, registry }: Scene): Reply {
  return registry.answer(withoutRequestHeader(call, 'authorization'));
}

type Change = NonNullable<ReplyFault['change']>;

/** A Bearer challenge with another realm, made of the registry's origin and the right realm. */
function withRealm(realm: (origin: string, sound: string) => string): Change {
  return (reply, { call }) => {
    const value = headerOf(reply, 'WWW-Authenticate') ?? '';
    const [, sound] = /^Bearer realm="([^"]*)"/.exec(value) ?? [];
    if (sound === undefined) return reply;
    const other = value.replace(sound, realm(call.origin, sound));
    return withHeader(reply, 'WWW-Authenticate', other);
  };
}

/** Of a token reply, which is made as bytes. */
function textOf({ body }: Reply): string {
  return body instanceof Uint8Array ? Buffer.from(body).toString() : '';
}
