// Legal oddities of logging in: the form of challenges, what a token reply holds, and where tokens are had.
import { asObject, parseJson } from '../../../src/lib/json.ts';
import { headerOf, type Reply, withBody } from '../../call.ts';
import type { Fault, Place } from '../fault.ts';
import { movedReads } from '../kit/moves.ts';
import { clauses, oddity } from '../kit/oddity.ts';
import { fail, set } from '../kit/words.ts';

const registry: readonly Place[] = [
  'ping',
  'manifest',
  'blob',
  'tags',
  'referrers',
  'upload',
  'catalog',
];
const challenges = { at: registry, statuses: [401] };
const tokens = { at: ['token'], statuses: [200] } as const;
const challengeForm = 'RFC 9110 11.6.1: schemes and names have no case, parameters no order';
const { auth } = clauses;
const optional = 'docker-registry token.md, Token Response Fields: optional';

const challenged =
  (write: (value: string) => readonly string[]) =>
  (reply: Reply): Reply => {
    const value = headerOf(reply, 'WWW-Authenticate');
    if (value?.startsWith('Bearer ') !== true) return reply;
    const headers = reply.headers.filter(([name]) => name !== 'WWW-Authenticate');
    const lines = write(value).map((line) => ['WWW-Authenticate', line] as const);
    return { ...reply, headers: [...headers, ...lines] };
  };

const parametersOf = (value: string) =>
  value.slice('Bearer '.length).match(/[a-z]+="[^"]*"/g) ?? [];

const basic = 'Basic realm="registry", charset="UTF-8"';

/** A token reply written anew. */
const replied =
  (write: (fields: Readonly<Record<string, unknown>>) => object) =>
  (reply: Reply): Reply => {
    const text = reply.body instanceof Uint8Array ? Buffer.from(reply.body).toString() : '';
    return withBody(reply, JSON.stringify(write(asObject(parseJson(text)) ?? {})));
  };

const without = (name: string) =>
  replied((fields) => Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name)));

/** Repositories that make a token long, of which anyone may pull. */
const filler = 'pullproof%2Ffiller';
const fillers = Array.from(
  { length: 40 },
  (_, at) => `scope=repository%3A${filler}-${at}%3Apull`,
).join('&');

const scopesIn = (query: string) => query.split('&').filter((pair) => pair.startsWith('scope='));

const hiding = [403, 404].map((status) =>
  oddity(
    `login-hidden-${status}`,
    `Whoever is not logged in is answered ${status} everywhere; /v2/ alone says how to log in`,
    'RFC 9110 15.5.4, 15.5.5: what is there may be hidden from those who may not know of it',
    {
      on: { at: registry.filter((place) => place !== 'ping'), statuses: [401], authorized: false },
      change: fail(status, status === 404 ? 'NAME_UNKNOWN' : 'DENIED'),
    },
    { noticedBy: ['token-challenge'] },
  ),
);

const firstScopeAlone = oddity(
  'token-first-scope-alone',
  'Of several scope parameters the token server reads the first alone',
  auth,
  {
    on: { at: ['token'], methods: ['GET'], when: ({ query }) => scopesIn(query).length > 1 },
    instead: ({ call, tokens: server }) => {
      const [, ...others] = scopesIn(call.query);
      const kept = call.query.split('&').filter((pair) => !others.includes(pair));
      return server.answer({ ...call, query: kept.join('&') });
    },
  },
  {
    seenIn: ['harbor#2411', 'docker_auth#67', 'manifest-tool#53'],
    noticedBy: ['token-two-scopes', 'mount-or-upload'],
  },
);

export const authOddities: readonly Fault[] = [
  ...hiding,
  oddity(
    'challenge-small',
    'The scheme of a challenge is bearer, in small letters',
    challengeForm,
    {
      on: challenges,
      change: challenged((value) => [value.replace('Bearer', 'bearer')]),
    },
  ),
  oddity(
    'challenge-negotiate',
    'Before the Bearer challenge stand Negotiate alone and NTLM with a token68, in the same line',
    'RFC 9110 11.3, 11.6.1: a challenge is a scheme with a token68, with parameters, or with nothing',
    {
      on: challenges,
      change: challenged((value) => [`Negotiate, NTLM TlRMTVNTUAAC/+==, ${value}`]),
    },
  ),
  oddity(
    'challenge-order',
    'The parameters of a challenge come in another order, with blanks around commas and one more',
    challengeForm,
    {
      on: challenges,
      change: challenged((value) => [
        `Bearer ${[...parametersOf(value), 'hint="see, the \\"docs\\""'].toReversed().join(' ,  ')}`,
      ]),
    },
  ),
  oddity(
    'challenge-basic-first',
    'A challenge for Basic stands before that for Bearer',
    challengeForm,
    {
      on: challenges,
      change: challenged((value) => [`${basic}, ${value}`]),
    },
  ),
  oddity('challenge-lines', 'Challenges for Bearer and Basic stand in two lines', challengeForm, {
    on: challenges,
    change: challenged((value) => [basic, value]),
  }),
  oddity('challenge-scope-wide', 'Every challenge asks for the scope to pull and to push', auth, {
    on: challenges,
    change: challenged((value) => [value.replace(/:pull"/, ':pull,push"')]),
  }),
  oddity('token-field-token', 'A token reply has token alone, no access_token', optional, {
    on: { ...tokens, methods: ['GET'] },
    change: without('access_token'),
  }),
  oddity('token-field-access', 'A token reply has access_token alone, no token', optional, {
    on: { ...tokens, methods: ['GET'] },
    change: without('token'),
  }),
  oddity('token-issued-unsaid', 'A token reply has no issued_at', optional, {
    on: tokens,
    change: without('issued_at'),
  }),
  oddity('token-members', 'A token reply has members that no spec knows', optional, {
    on: tokens,
    change: replied((fields) => ({ token_type: 'Bearer', ...fields, account: null, jti: ['1'] })),
  }),
  oddity('token-lasting', 'A token is said to live a year', optional, {
    on: tokens,
    change: replied((fields) => ({ ...fields, expires_in: 31_536_000 })),
  }),
  oddity('token-plain', 'A token reply calls itself plain text', clauses.auth, {
    on: tokens,
    change: set('Content-Type', 'text/plain; charset=utf-8'),
  }),
  oddity('token-long', 'Tokens have some thousand characters', 'RFC 6750 2.1: of any length', {
    on: { at: ['token'], methods: ['GET'], when: ({ query }) => !query.includes(filler) },
    instead: ({ call, tokens: server }) =>
      server.answer({ ...call, query: `${call.query}&${fillers}` }),
  }),
  firstScopeAlone,
  ...movedReads('token', 'GET of a token', ['token']),
];
