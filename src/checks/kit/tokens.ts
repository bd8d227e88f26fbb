// Tokens as checks ask for them: by GET, or by the form of OAuth2. One request each; whatever comes is the
// answer.

import { asInteger, type JsonObject } from '../../lib/json.ts';
import { PullFailure } from '../../protocol/failure.ts';
import { type Challenge, parseChallenges } from '../../protocol/grammar/challenge.ts';
import { encodeQueryComponent, hostOf, originOf } from '../../protocol/grammar/uri.ts';
import { isRedirect } from '../../protocol/redirect.ts';
import type { Session } from '../../protocol/session.ts';
import { type HttpReply, type HttpRequest, isRequest, type Talk } from '../../protocol/talk.ts';
import { fetchToken } from '../../protocol/talks/token.ts';
import { type CheckContext, Unsupported, type Void } from '../check.ts';
import { type Exchange, followed, lastOf } from './ask.ts';
import { describe, expectThat, fact, noteParty, quote } from './expect.ts';
import { notGiven } from './given.ts';

/** The challenge for a Bearer token in a reply, if there is one. */
export function bearerOf(reply: HttpReply): Challenge | undefined {
  const challenges = parseChallenges(reply.header('WWW-Authenticate') ?? '');
  return challenges.find(({ scheme }) => scheme === 'bearer');
}

/** A request that was answered by a Bearer challenge. */
export interface Challenged {
  readonly request: HttpRequest;
  readonly challenge: Challenge;
}

/** @throws Void when the reply has no Bearer challenge */
export function challengedBy(context: CheckContext, { request, reply }: Exchange): Challenged {
  const challenge = bearerOf(reply);
  if (challenge === undefined) {
    throw notGiven(context, 'token-challenge', `${describe(reply)} without a Bearer challenge`);
  }
  return { request, challenge };
}

/** The reply of a token server, and the token in it, if it has one. */
export interface TokenAnswer {
  readonly reply: HttpReply;
  readonly token?: string;
}

/**
 * One token request of the session's client, as the challenge asks for it; the session stays as it is.
 * @throws Void when the challenge does not even lead to a request
 */
export function* requestToken(
  context: CheckContext,
  session: Session,
  { request, challenge }: Challenged,
): Talk<TokenAnswer> {
  const talk = fetchToken({ ...session }, challenge, request);
  let reply: HttpReply | undefined;
  try {
    let next = talk.next();
    while (next.done !== true) {
      if (!isRequest(next.value)) throw new Error('a token is fetched by single requests');
      const answer: HttpReply = yield next.value;
      noteParty(
        answer,
        `${hostOf(next.value.url)}, the token server that the challenge names (realm)`,
      );
      reply = answer;
      next = talk.next(answer);
    }
    if (reply !== undefined) return { reply, token: next.value };
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    if (reply !== undefined) return { reply };
  }
  throw realmLess(context);
}

/** A token that a check needs. @throws Void where there is none, which other checks judge */
export function* givenToken(
  context: CheckContext,
  session: Session,
  challenged: Challenged,
): Talk<string> {
  const { reply, token } = yield* requestToken(context, session, challenged);
  if (token === undefined) throw notGiven(context, 'token-reply', describe(reply));
  return token;
}

/** Statuses by which servers say that they do not know the form (docs/client-facts.md 4). */
const formUnknown: readonly number[] = [400, 401, 404, 405, 415, 501];

/**
 * Asks for a token to pull with, by the form of OAuth2 with user and password; `more`: further fields.
 * @throws Unsupported where there are no credentials, or the server does not know the form
 */
export function* requestByForm(
  context: CheckContext,
  more: Readonly<Record<string, string>> = {},
): Talk<Exchange> {
  const request = formRequest(context);
  const fields = Object.entries(more).map(([name, value]) => `&${pair(name, value)}`);
  const exchange = yield* sent(context, { ...request, body: `${request.body}${fields.join('')}` });
  if (formUnknown.includes(exchange.reply.status)) {
    throw new Unsupported(`the token server does not take the form (${exchange.reply.status})`);
  }
  return exchange;
}

/** The same with a refresh token in place of user and password. */
export function* requestByRefresh(context: CheckContext, refreshToken: string): Talk<Exchange> {
  const { body, ...request } = formRequest(context);
  const kept = String(body)
    .split('&')
    .filter((field) => !/^(?:username|password|grant_type)=/.test(field));
  const own = [pair('grant_type', 'refresh_token'), pair('refresh_token', refreshToken)];
  return yield* sent(context, { ...request, body: [...kept, ...own].join('&') });
}

/** As containerd sends it; a client that knows the form tries it first. */
function formRequest(context: CheckContext): HttpRequest {
  const session = context.session(context.repository, 'pull');
  if (session.credentials === undefined) throw new Unsupported('the form needs credentials');
  const { request, challenge } = challengedBy(context, fact(context.facts.challenged));
  const token = { ...session.client.token, withCredentials: 'post-then-get' } as const;
  const client = { ...session.client, token };
  try {
    const { value } = fetchToken({ ...session, client }, challenge, request).next();
    if (typeof value === 'object' && isRequest(value)) return value;
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
  }
  throw realmLess(context);
}

/** Redirects are followed on the token server itself alone: the form holds a password. */
function* sent(context: CheckContext, request: HttpRequest): Talk<Exchange> {
  const reply: HttpReply = yield request;
  const start = { request, reply };
  return lastOf(yield* followed(context.session(), start, originOf(request.url)));
}

function pair(name: string, value: string): string {
  return `${name}=${encodeQueryComponent(value)}`;
}

function realmLess(context: CheckContext): Void {
  return notGiven(context, 'token-challenge', 'its realm leads nowhere');
}

/** `repository:<name>:<actions>`, where the type may carry a class and `*` stands for all actions. */
export function opens(scope: string, repository: string): boolean {
  const [, name, actions = ''] = /^repository(?:\([a-z0-9]+\))?:(.+):([^:]*)$/.exec(scope) ?? [];
  return name === repository && actions.split(',').some((one) => one === 'pull' || one === '*');
}

/** The content came, or where it is. */
export function isServed(reply: HttpReply): boolean {
  return reply.status === 200 || reply.status === 206 || isRedirect(reply);
}

/**
 * Whether what is served here without a token was refused to whoever has none when the run began, before it was read
 * with one: a cache keeps it for everybody. `token-challenge-every` fails then.
 */
export function isOpenSince({ facts }: CheckContext, { request, reply }: Exchange): boolean {
  return facts.challenged?.request.url === request.url && isServed(reply);
}

/** @throws Void where the manifest is open since the run has read it */
export function givenStillRefused(context: CheckContext, exchange: Exchange): void {
  if (!isOpenSince(context, exchange)) return;
  const because = `${describe(exchange.reply)} without a token, since it was read with one`;
  throw notGiven(context, 'token-challenge-every', because);
}

/** `expires_in` of a token reply is a number of seconds, and not too few. */
export function expectLifetime({ expires_in: seconds }: JsonObject): string {
  const said = `expires_in: ${quote(JSON.stringify(seconds) ?? 'none')}`;
  expectThat(asInteger(seconds) !== undefined, 'a whole number in expires_in', said);
  const lives = Number(seconds) >= lifetimeMinSeconds;
  expectThat(lives, `expires_in of ${lifetimeMinSeconds} at least`, said);
  return `a token that lives ${seconds} seconds`;
}

/** token.md, "Token Response Fields": older clients fail with tokens that live shorter. */
const lifetimeMinSeconds = 60;
