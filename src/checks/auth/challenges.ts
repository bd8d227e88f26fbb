// Challenges wherever clients meet them first, and what else they rely on in the answers of a token server
// (docker-registry token.md). COMPAT, as the distribution spec leaves authentication open.

import { asInteger, asObject, asString, parseJson } from '../../lib/json.ts';
import { parseDateTime } from '../../lib/rfc3339.ts';
import { type Challenge, parseChallenges } from '../../protocol/grammar/challenge.ts';
import { dateOf } from '../../protocol/grammar/http-date.ts';
import type { RequestShape } from '../../protocol/session.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import type { Cell } from '../cells.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import {
  askAnonymously,
  askOnce,
  askWith,
  blobShape,
  type Exchange,
  headOf,
  manifestShape,
  pingShape,
  rangeOf,
  smallBytesMax,
} from '../kit/ask.ts';
import { describe, expectReply, expectThat, fact, quote } from '../kit/expect.ts';
import { notGiven } from '../kit/given.ts';
import { referrersPath } from '../kit/referrers.ts';
import { listPath } from '../kit/tags.ts';
import {
  bearerOf,
  challengedBy,
  givenStillRefused,
  isOpenSince,
  isServed,
  opens,
  requestToken,
} from '../kit/tokens.ts';

const authenticate = 'docker-registry/token.md#how-to-authenticate';

/** Clocks of a registry's machines may differ by this much. */
const skewMs = 60_000;

/** RFC 9110 11.6.1, as far as registries use it: a scheme with parameters, or several of them. */
const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameter = `${token}[ \\t]*=[ \\t]*(?:${token}|"(?:[^"\\\\]|\\\\.)*")`;
const token68 = '[A-Za-z0-9._~+/-]+=*';
const challengeList = new RegExp(
  `^${token}(?: +(?:${parameter}|${token68}))?(?:[ \\t]*,[ \\t]*(?:(?:${token} +)?${parameter}|${token}(?: +${token68})?))*$`,
);

/** Of all that `reads` asks for after the first. */
const readCells: readonly Cell[] = [
  'manifest-tag-head anonymous',
  'manifest-digest anonymous',
  'manifest-digest-head anonymous',
  'blob anonymous',
  'blob-head anonymous',
  'blob-range anonymous',
];

export const tokenChallengeChecks: readonly Check[] = [
  {
    id: 'token-challenge-form',
    level: 'COMPAT',
    section: authenticate,
    requirement:
      'The parameters of a challenge are separated by commas, and quoted unless they are one word.',
    why: 'Docker and containerd read no further than the first colon or missing comma.',
    needs: ['bearer'],
    dependsOn: ['token-challenge', 'token-challenge-every'],
    *run(context) {
      const exchange = yield* anonymousManifest(context);
      givenStillRefused(context, exchange);
      const { reply } = exchange;
      const lines = reply.headerLines.filter(([name]) => /^www-authenticate$/i.test(name));
      const bearers = lines.map(([, value]) => value.trim()).filter(isBearer);
      if (bearers.length === 0) throw notGiven(context, 'token-challenge', 'no Bearer challenge');
      for (const value of bearers) {
        expectThat(challengeList.test(value), 'a challenge as RFC 9110 has it', quote(value));
      }
      return bearers.map(quote).join(', ');
    },
  },
  {
    id: 'token-challenge-service',
    level: 'COMPAT',
    section: authenticate,
    requirement: 'The challenges of /v2/ and of a manifest name the service that tokens are for.',
    why: 'Clients pass it on to the token server; some take a challenge without it for none.',
    needs: ['bearer'],
    dependsOn: ['token-challenge'],
    covers: ['ping anonymous', 'manifest-tag anonymous'],
    *run(context) {
      const seen: string[] = [];
      const shapes = [
        ['/v2/', pingShape],
        ['a manifest', manifestShape(context, context.reference)],
      ] as const;
      for (const [what, shape] of shapes) {
        const { reply } = yield* askAnonymously(context, shape);
        const bearer = bearerOf(reply);
        if (reply.status !== 401 || bearer === undefined) continue;
        const { service } = bearer.params;
        const said = quote(reply.header('WWW-Authenticate') ?? '');
        expectThat(!!service, `a service in the challenge of ${what}`, said);
        seen.push(service);
      }
      if (seen.length === 0) throw notGiven(context, 'token-challenge', 'no Bearer challenge');
      return seen.map((service) => `service=${quote(service)}`).join(', ');
    },
  },
  {
    id: 'token-challenge-every',
    level: 'COMPAT',
    section: authenticate,
    requirement:
      'HEAD of a manifest, GET and HEAD of it by its digest, and of a blob, also of a range, demand the same authentication as GET of the manifest by its tag, which goes on to demand it.',
    why: 'containerd begins with HEAD and logs in from its reply; what needs no token, or none any more, leaks.',
    needs: ['challenge', 'image'],
    dependsOn: ['token-challenge'],
    covers: readCells,
    *run(context) {
      const first = yield* anonymousManifest(context);
      expectStillRefused(context, first);
      const { reply } = first;
      const demanded = usable(reply);
      if (reply.status !== 401 || demanded === undefined) {
        throw notGiven(context, 'token-challenge', `${describe(reply)} without a challenge`);
      }
      for (const [what, shape] of reads(context).slice(1)) {
        // With the token of the run before: what is kept of that is not for everybody.
        yield* askOnce(context, shape);
        const exchange = yield* askAnonymously(context, shape);
        expectReply(exchange.reply);
        const expected = `status 401 for ${what} without a token`;
        expectThat(exchange.reply.status === 401, expected, `status ${exchange.reply.status}`);
        expectSame(context, what, demanded, exchange.reply);
      }
      return `401 with a ${demanded.scheme} challenge, for each`;
    },
  },
  {
    id: 'token-challenge-lists',
    level: 'COMPAT',
    section: authenticate,
    requirement:
      'The lists of tags and of referrers of a repository demand the same authentication as its manifests.',
    why: 'The names of tags and signatures tell what is built and who trusts it.',
    needs: ['challenge', 'top'],
    dependsOn: ['token-challenge', 'token-challenge-every'],
    covers: ['tags anonymous', 'referrers anonymous'],
    *run(context) {
      const manifest = yield* anonymousManifest(context);
      givenStillRefused(context, manifest);
      const { reply } = manifest;
      const demanded = usable(reply);
      if (reply.status !== 401 || demanded === undefined) {
        throw notGiven(context, 'token-challenge', `${describe(reply)} without a challenge`);
      }
      const lists = [
        ['the list of tags', listPath(context)],
        ['the list of referrers', referrersPath(context, fact(context.facts.top).digest)],
      ] as const;
      const seen: number[] = [];
      for (const [what, path] of lists) {
        const shape = { path, want: 'text', bodyBytesMax: smallBytesMax, phase: 'other' } as const;
        const exchange = yield* askAnonymously(context, shape);
        expectReply(exchange.reply);
        const { status } = exchange.reply;
        seen.push(status);
        // Not offered, or denied for good: nothing leaks.
        if ([400, 403, 404, 405, 501].includes(status)) continue;
        expectThat(status === 401, `status 401 for ${what} without a token`, `status ${status}`);
        expectSame(context, what, demanded, exchange.reply);
      }
      return seen.join(', ');
    },
  },
  {
    id: 'token-invalid-every',
    level: 'COMPAT',
    section: 'docker-registry/token.md#using-the-bearer-token',
    requirement:
      'HEAD of a manifest, GET and HEAD of it by its digest, and of a blob, also of a range, answer 401 to an invalid token.',
    why: 'A token that ends in the middle of a pull is renewed after 401 only.',
    needs: ['bearer', 'image'],
    dependsOn: ['token-invalid'],
    covers: readCells,
    *run(context) {
      const token = `Bearer pullproof-${context.nonce}`;
      const [manifest, ...others] = reads(context);
      const { reply: first } = yield* askWith(context, manifest[1], token);
      if (first.status !== 401) {
        throw notGiven(context, 'token-invalid', `${describe(first)} for an invalid token`);
      }
      for (const [what, shape] of others) {
        yield* askOnce(context, shape);
        const { reply } = yield* askWith(context, shape, token);
        expectReply(reply);
        // Whoever may read a blob without a token may do so with any.
        if (isServed(reply) && isServed((yield* askAnonymously(context, shape)).reply)) continue;
        const expected = `status 401 for ${what} with an invalid token`;
        expectThat(reply.status === 401, expected, `status ${reply.status}`);
      }
      return '401 for each';
    },
  },
  {
    id: 'token-issued-at',
    level: 'COMPAT',
    section: 'docker-registry/token.md#token-response-fields',
    requirement: 'issued_at, where it is sent, is not in the future, and the token is still good.',
    why: 'Docker adds expires_in to it: it keeps a dead token, or fetches one for each request.',
    needs: ['bearer'],
    dependsOn: ['token-reply'],
    *run(context) {
      const { reply } = yield* requestAgain(context);
      const body = asObject(parseJson(reply.text));
      const issued = parseDateTime(asString(body?.issued_at) ?? '');
      if (issued === undefined) throw new Unsupported('no issued_at, which is optional');
      // The clock that issued is the one to judge by; the Date of the reply is nearest to it.
      const now = dateOf(reply) ?? context.now();
      const livesMs = (asInteger(body?.expires_in) ?? 60) * 1000;
      const actual = `${Math.round((issued - now) / 1000)} s from now, living ${livesMs / 1000} s`;
      expectThat(issued <= now + skewMs, 'an issued_at that is not in the future', actual);
      expectThat(issued + livesMs > now - skewMs, 'a token that has not ended', actual);
      return actual;
    },
  },
  {
    id: 'token-lifetime-countable',
    level: 'COMPAT',
    section: 'docker-registry/token.md#token-response-fields',
    requirement: 'expires_in is a number of seconds that clients can count: of 292 years at most.',
    why: 'Docker counts nanoseconds in 64 bits: what is more wraps around, to a token that is dead, or is kept when it is.',
    needs: ['bearer'],
    dependsOn: ['token-reply'],
    *run(context) {
      const { reply } = yield* requestAgain(context);
      const seconds = asInteger(asObject(parseJson(reply.text))?.expires_in);
      if (seconds === undefined) throw new Unsupported('no expires_in, which is optional');
      const isCounted = seconds <= lifetimeMaxSeconds;
      expectThat(
        isCounted,
        `expires_in of ${lifetimeMaxSeconds} at most`,
        `expires_in: ${seconds}`,
      );
      return `expires_in: ${seconds}`;
    },
  },
  {
    id: 'token-not-shared',
    level: 'COMPAT',
    section: 'RFC 6749 section 5.1',
    requirement: 'No shared cache is told to keep the reply with a token.',
    why: 'A proxy in between would hand the token of one user to the next.',
    needs: ['bearer'],
    dependsOn: ['token-reply'],
    *run(context) {
      const { reply } = yield* requestAgain(context);
      const value = reply.header('Cache-Control') ?? '';
      // RFC 9111 3.5: without these, what was asked for with credentials is not kept for others.
      const isShared = /(?:^|[,\s])(?:public|s-maxage\s*=)/i.test(value);
      const isKept = !/\b(?:no-store|private|no-cache)\b/i.test(value);
      const said = `Cache-Control: ${quote(value)}`;
      expectThat(!isShared || !isKept, 'no-store, or nothing that lets caches keep it', said);
      return value === '' ? 'no Cache-Control' : said;
    },
  },
];

/** So many nanoseconds are the largest number of 63 bits: time.Duration of Go. */
const lifetimeMaxSeconds = 9_223_372_036;

function anonymousManifest(context: CheckContext): ReturnType<typeof askAnonymously> {
  return askAnonymously(context, manifestShape(context, context.reference));
}

/** What was refused to whoever has no token when the run began is refused to them still. */
function expectStillRefused(context: CheckContext, exchange: Exchange): void {
  const expected =
    'status 401 for GET of the manifest without a token, as before anybody had read it';
  const actual = `${describe(exchange.reply)}: what was read with a token is served without one since`;
  expectThat(!isOpenSince(context, exchange), expected, actual);
}

/** GET of the manifest first, and then what else a pull asks for. */
function reads(
  context: CheckContext,
): readonly [readonly [string, RequestShape], ...(readonly [string, RequestShape])[]] {
  const manifest = manifestShape(context, context.reference);
  const { entry, top } = context.facts;
  // The survey has read it, so that the first ask of the other one is left to those who judge it.
  const pinned = manifestShape(context, entry?.digest ?? fact(top).digest);
  const blob = { ...blobShape(context, fact(context.facts.image).config), want: 'none' as const };
  return [
    ['GET of the manifest', manifest],
    ['HEAD of the manifest', headOf(manifest)],
    ['GET of a manifest by its digest', pinned],
    ['HEAD of a manifest by its digest', headOf(pinned)],
    ['GET of a blob', blob],
    ['HEAD of a blob', headOf(blob)],
    ['GET of a range of a blob', rangeOf(blob, '0-0')],
  ];
}

function isBearer(value: string): boolean {
  return parseChallenges(value).some(({ scheme }) => scheme === 'bearer');
}

/** The challenge that clients take: Bearer before Basic. */
function usable(reply: HttpReply): Challenge | undefined {
  const challenges = parseChallenges(reply.header('WWW-Authenticate') ?? '');
  const basic = challenges.find(({ scheme }) => scheme === 'basic');
  return challenges.find(({ scheme }) => scheme === 'bearer') ?? basic;
}

/** The same scheme and realm, and a scope that opens the repository where that of the manifest does. */
function expectSame(
  { repository }: CheckContext,
  what: string,
  demanded: Challenge,
  reply: HttpReply,
): void {
  const value = reply.header('WWW-Authenticate');
  const actual = value === undefined ? '401 without WWW-Authenticate' : quote(value);
  const challenge = usable(reply);
  const isSame =
    challenge?.scheme === demanded.scheme && challenge.params.realm === demanded.params.realm;
  const expected = `for ${what} the challenge of the manifest: ${demanded.scheme}`;
  expectThat(isSame, `${expected}, realm ${quote(demanded.params.realm ?? '')}`, actual);
  if (!opensRepository(demanded, repository)) return; // token-scope says so
  const isOpen = opensRepository(challenge, repository);
  expectThat(isOpen, `scope="repository:${repository}:pull" for ${what}`, actual);
}

function opensRepository({ params }: Challenge, repository: string): boolean {
  return (params.scope ?? '').split(' ').some((scope) => opens(scope, repository));
}

/** Another token, as the first challenge asks. @throws Void where none comes */
function* requestAgain(context: CheckContext): Talk<{ reply: HttpReply }> {
  const challenged = challengedBy(context, fact(context.facts.challenged));
  const { reply } = yield* requestToken(context, context.session(), challenged);
  if (reply.status !== 200) throw notGiven(context, 'token-reply', describe(reply));
  return { reply };
}
