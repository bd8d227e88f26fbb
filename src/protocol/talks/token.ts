// The token conversation: from a Bearer challenge to a token (docker-registry token.md and oauth.md).

import { asInteger, asObject, asString, type JsonObject, parseJson } from '../../lib/json.ts';
import { keep, remember, rememberByObject } from '../../lib/remember.ts';
import type { ClientProfile, Credentials, TokenLifetime } from '../client.ts';
import { failureOf, PullFailure, requestLine } from '../failure.ts';
import { base64 } from '../grammar/base64.ts';
import type { Challenge } from '../grammar/challenge.ts';
import { encodeQueryComponent, hostOf, originOf, resolveUri } from '../grammar/uri.ts';
import {
  type Exchange,
  follow,
  hostNameOf,
  isLoopback,
  isRedirect,
  isSafeOrigin,
} from '../redirect.ts';
import { retryPause } from '../retry.ts';
import type { Session } from '../session.ts';
import type { Ask, HeaderLine, HttpReply, HttpRequest, Talk } from '../talk.ts';
import { linesOfTransport } from '../transport-lines.ts';

/** Token replies are read up to this size (docs/client-facts.md 2, Limits). */
export const tokenBytesMax = 1024 * 1024;
/** The statuses after which containerd falls back from POST to GET. */
const postRefused: readonly number[] = [400, 401, 404, 405];
const never: readonly number[] = [];

/** Value of `Authorization` for user and password (RFC 7617). */
export function basic(credentials: Credentials): string {
  return `Basic ${base64(`${credentials.username}:${credentials.password}`)}`;
}

/** What is asked for: the session's repository and what else; without one, what the challenge names. */
function scopesOf(session: Session, challenge: Challenge): string[] {
  const { repository, actions, extraScopes, client } = session;
  const { scope: asked, error } = challenge.params;
  if (repository === '') return [asked ?? '', ...extraScopes];
  const usual = `repository:${repository}:${actions}`;
  // Spreading costs k6's engine more than all else in here.
  const own = extraScopes.length === 0 ? [usual] : [usual, ...extraScopes];
  if (asked === undefined || asked === usual || asked === '' || own.includes(asked)) return own;
  switch (client.token.challengeScope) {
    case 'first':
      return [asked, ...own];
    case 'sorted':
      return [...own, asked].sort();
    case 'if-insufficient':
      return error === 'insufficient_scope' ? [...own, asked] : own;
    default:
      return own;
  }
}

/**
 * Fetches a token for pulling the session's repository.
 * @throws PullFailure of the token request, or `bad-token`, `bad-challenge`
 */
export function* fetchToken(
  session: Session,
  challenge: Challenge,
  challenged: HttpRequest,
): Talk<string> {
  const { client } = session;
  const thenGet = afterPost(session);
  if (thenGet !== undefined) {
    const request = postRequest(session, realmOf(session, challenge, challenged), challenge);
    const reply: HttpReply = yield request;
    if (!thenGet.includes(reply.status)) {
      return accept(session, challenge, challenged, request, reply);
    }
  }
  let request = getRequest(session, challenge, challenged);
  let reply: HttpReply = yield request;
  if (isRedirect(reply)) ({ request, reply } = yield* follow(client, request, reply));
  if (reply.status !== 200 && client.token.triedAgain) {
    ({ request, reply } = yield* tryAgain(session, challenged, { request, reply }));
  }
  return accept(session, challenge, challenged, request, reply);
}

/** The statuses after which a form is no answer yet; undefined where none is sent. */
function afterPost({ client, credentials }: Session): readonly number[] | undefined {
  if (credentials === undefined) return undefined;
  const { refresh, withCredentials } = client.token;
  if (hasIdentity(credentials)) return refresh?.thenGet ?? never;
  return withCredentials === 'post-then-get' ? postRefused : undefined;
}

function hasIdentity({ identityToken = '' }: Credentials): boolean {
  return identityToken !== '';
}

/** Beside an identity token there need be no password. */
function hasPassword({ username, password }: Credentials): boolean {
  return username !== '' || password !== '';
}

/** As requests to the registry are tried again: by a transport that all of them go through. */
function* tryAgain(session: Session, challenged: HttpRequest, first: Exchange): Talk<Exchange> {
  const { client } = session;
  const rule = client.retry?.request;
  let last = first;
  for (let tries = 1; rule !== undefined && last.reply.status !== 200; tries++) {
    const { request, reply } = last;
    const { status, failure } = reply;
    const failed = { tries, status, failure, statusBefore: 0, reply };
    const pause = retryPause(rule, failed, session.random?.() ?? 0.5);
    if (pause === undefined) return last;
    yield { ...pause, after: refusalOf(challenged, request, reply) };
    const again: HttpReply = yield request;
    last = isRedirect(again) ? yield* follow(client, request, again) : { request, reply: again };
  }
  return last;
}

/**
 * Where tokens are to be had, and may be shown credentials.
 * @throws PullFailure `bad-challenge`
 */
function realmOf(session: Session, challenge: Challenge, challenged: HttpRequest): string {
  const realm = resolveUri(challenged.url, challenge.params.realm ?? '');
  if (
    challenge.params.realm === undefined ||
    realm === undefined ||
    !isSafeOrigin(originOf(realm), originOf(challenged.url))
  ) {
    const message = `${requestLine(challenged)}: the challenge's realm is no URL to send credentials to`;
    throw new PullFailure('bad-challenge', challenged, 401, message);
  }
  const { credentials } = session;
  if (credentials !== undefined && !mayLearn(originOf(realm), challenged.url, credentials)) {
    const message = `${requestLine(challenged)}: the challenge's realm is ${originOf(realm)}, another host without TLS: no credentials are sent there`;
    throw new PullFailure('bad-challenge', challenged, 401, message);
  }
  return realm;
}

/** Whether a token server may be shown them: by TLS, on this machine, on the registry's host, or where allowed. */
function mayLearn(origin: string, registryUrl: string, { realms = [] }: Credentials): boolean {
  if (origin.startsWith('https:') || isLoopback(origin)) return true;
  return hostNameOf(origin) === hostNameOf(registryUrl) || realms.includes(hostOf(origin));
}

/** Reads the token, and notes when it ends for a client that looks. */
function accept(
  session: Session,
  challenge: Challenge,
  challenged: HttpRequest,
  request: HttpRequest,
  reply: HttpReply,
): string {
  const body = asObject(parseJson(reply.text)) ?? {};
  const token = readToken(session, body, challenged, request, reply);
  const seconds = secondsOf(session.client.token.lifetime, body);
  if (seconds > 0 && session.clock !== undefined) {
    session.renewal = { challenge, challenged, dueMs: session.clock() + seconds * 1000 };
  }
  return token;
}

/** How long this client uses the token; 0: until it is refused. `issued_at` needs a calendar: left out. */
function secondsOf(lifetime: TokenLifetime | undefined, body: JsonObject): number {
  if (lifetime === undefined) return 0;
  const told = asInteger(body.expires_in) ?? 0;
  const seconds = told > 0 ? told : lifetime.secondsDefault;
  return seconds === 0 ? 0 : Math.max(seconds, lifetime.secondsMin) - lifetime.earlySeconds;
}

/** URLs for anonymous tokens that were made before: every pull of a load test asks for the same. */
const knownUrls = rememberByObject((_: Challenge) =>
  rememberByObject((_: ClientProfile) => new Map<string, string>()),
);

function getRequest(session: Session, challenge: Challenge, challenged: HttpRequest): HttpRequest {
  const { client, credentials, repository, actions, extraScopes } = session;
  const ask = tokenAsks(client).get;
  if (credentials !== undefined || extraScopes.length > 0) {
    const url = tokenUrl(session, realmOf(session, challenge, challenged), challenge);
    const isShown = credentials !== undefined && hasPassword(credentials);
    const authorization = isShown ? basic(credentials) : '';
    return { url, ask, hop: 'token', authorization, referer: '' };
  }
  const known = knownUrls(challenge)(client);
  const key = `${actions} ${repository} ${challenged.url}`;
  let url = known.get(key);
  if (url === undefined) {
    url = tokenUrl(session, realmOf(session, challenge, challenged), challenge);
    keep(known, key, url);
  }
  return { url, ask, hop: 'token', authorization: '', referer: '' };
}

/** `realm?account&client_id&scope&service`, keys sorted as Go encodes a query. */
function tokenUrl(session: Session, realm: string, challenge: Challenge): string {
  const { client, credentials } = session;
  const { service } = challenge.params;
  const account =
    credentials !== undefined && client.token.account && credentials.username !== ''
      ? pair('account', credentials.username)
      : '';
  const { clientId, clientIdInQuery } = client.token;
  const id = clientIdInQuery ? pair('client_id', clientId) : '';
  // One parameter each (token.md, "Requesting a Token").
  const scopes = scopesOf(session, challenge);
  let scope = '';
  for (let i = 0; i < scopes.length; i++) scope += pair('scope', scopes[i] as string);
  const query = account + id + scope + (service === undefined ? '' : pair('service', service));
  return realm + (realm.includes('?') ? query : `?${query.slice(1)}`);
}

/** The form of oauth.md: with an identity token, or with user and password; keys sorted as Go encodes them. */
function postRequest(session: Session, realm: string, challenge: Challenge): HttpRequest {
  const { client, credentials } = session;
  const { identityToken = '', username = '', password = '' } = credentials ?? {};
  const isRefresh = identityToken !== '';
  const scopes = scopesOf(session, challenge);
  const isApart = isRefresh && client.token.refresh?.scopesApart === true;
  const body =
    pair('client_id', client.token.clientId) +
    pair('grant_type', isRefresh ? 'refresh_token' : 'password') +
    (isRefresh ? pair('refresh_token', identityToken) : pair('password', password)) +
    (isApart ? scopes : [scopes.join(' ')]).map((scope) => pair('scope', scope)).join('') +
    pair('service', challenge.params.service ?? '') +
    (isRefresh ? '' : pair('username', username));
  const ask = tokenAsks(client).post;
  return { url: realm, ask, hop: 'token', authorization: '', referer: '', body: body.slice(1) };
}

const tokenAsks = rememberByObject((client: ClientProfile): { get: Ask; post: Ask } => {
  const headers: readonly HeaderLine[] = client.token.headers ?? [['User-Agent', client.userAgent]];
  const { refresh, withCredentials } = client.token;
  const hasCharset = refresh?.charset === true || withCredentials === 'post-then-get';
  const type = 'application/x-www-form-urlencoded';
  const form: HeaderLine = ['Content-Type', hasCharset ? `${type}; charset=utf-8` : type];
  const reply = {
    want: 'text',
    algorithm: 'sha256',
    bodyBytesMax: tokenBytesMax,
    phase: 'token',
    network: client,
    ...(client.helloMs !== undefined && { limitMs: client.helloMs }),
    ...(client.goGzip === true && { unpacks: true }),
  } as const;
  const headersLast = linesOfTransport(client, 'GET', headers);
  return {
    get: { ...reply, method: 'GET', headers, headersLast },
    post: { ...reply, method: 'POST', headers: [...headers, form], headersLast },
  };
});

const encode = remember(encodeQueryComponent);

/** One pair of a form or a query, with the `&` before it. */
function pair(name: string, value: string): string {
  return `&${name}=${encode(value)}`;
}

/** Says who sent the client there: a realm that is wrong is the registry's to mend. */
function refusalOf(challenged: HttpRequest, request: HttpRequest, reply: HttpReply): PullFailure {
  const { class: kind, status, message } = failureOf(request, reply);
  const named = `this is the token server that the challenge of ${hostOf(challenged.url)} names (realm)`;
  return new PullFailure(kind, request, status, `${message}; ${named}`, {
    reply,
    challenged,
  });
}

/** @throws PullFailure */
export function readToken(
  session: Session,
  body: JsonObject,
  challenged: HttpRequest,
  request: HttpRequest,
  reply: HttpReply,
): string {
  if (reply.failure !== '' || reply.status !== 200) throw refusalOf(challenged, request, reply);
  const { prefers } = session.client.token;
  const second = prefers === 'token' ? 'access_token' : 'token';
  const token = asString(body[prefers]) || asString(body[second]) || '';
  // A token goes into a header line: anything that could break out of one is not a token.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    const message = `${requestLine(request)}: the reply holds no usable token or access_token`;
    throw new PullFailure('bad-token', request, reply.status, message, {
      reply,
      challenged,
    });
  }
  return token;
}
