// Faults of authentication: challenges, tokens, and how bad tokens are answered.
import { headerOf, type Reply, withBody, withHeader } from '../call.ts';
import { fail, type ReplyFault, say } from './fault.ts';

const layer = 'response';
const issued = { at: ['token'], statuses: [200] } as const;
const endpoints = ['manifest', 'blob', 'tags'] as const;

export const authFaults: readonly ReplyFault[] = [
  {
    id: 'challenge-missing',
    title: 'A request without a token is answered 404, not 401 with a challenge',
    layer,
    seenIn: ['distribution#1984'],
    breaks: ['token-challenge'],
    on: { at: endpoints, statuses: [401], authorized: false },
    change: fail(404, 'NAME_UNKNOWN'),
  },
  {
    id: 'challenge-garbled',
    title: 'The challenge of a 401 is a sentence, not a scheme with parameters',
    layer,
    seenIn: [],
    breaks: ['token-challenge', 'token-invalid'],
    on: { at: endpoints, statuses: [401] },
    change: (reply) => withHeader(reply, 'WWW-Authenticate', 'please log in'),
  },
  {
    id: 'scope-wildcard',
    title: 'The challenge asks for the scope "*"',
    layer,
    seenIn: ['gitea#36907'],
    breaks: ['token-scope'],
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
    breaks: ['ping', 'manifest-by-tag', 'token-reply', 'pull-platform'],
    on: issued,
    change: say('{"expires_in":300}'),
  },
  {
    id: 'token-brief',
    title: 'Tokens say that they live for one second',
    layer,
    seenIn: ['containerd#8735'],
    breaks: ['token-reply'],
    on: issued,
    change: (reply) => withBody(reply, textOf(reply).replace(/"expires_in":\d+/, '"expires_in":1')),
  },
  {
    id: 'token-lifetime-unsaid',
    title: 'Token replies leave out expires_in, which then means 60 s',
    layer,
    seenIn: ['containerd#8735'],
    breaks: [],
    on: issued,
    change: (reply) => withBody(reply, textOf(reply).replace(/"expires_in":\d+,/, '')),
  },
  {
    id: 'token-once',
    title: 'Only the first token exchange works, every later one is 401',
    layer,
    seenIn: ['artifact-keeper#2477'],
    breaks: ['token-reply', 'token-repeatable', 'pull-platform'],
    on: issued,
    change: (reply, { strikes }) => (strikes === 1 ? reply : fail(401, 'UNAUTHORIZED')()),
  },
  {
    id: 'bad-token-denied',
    title: 'A token that is wrong or has expired is answered 403, not 401',
    layer,
    seenIn: ['docker_auth#240', 'moby#33558'],
    breaks: ['token-invalid'],
    on: { at: ['ping', ...endpoints], statuses: [401], authorized: true },
    change: fail(403, 'DENIED'),
  },
];

/** Of a token reply, which is made as bytes. */
function textOf({ body }: Reply): string {
  return body instanceof Uint8Array ? Buffer.from(body).toString() : '';
}
