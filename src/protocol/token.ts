// The token conversation: from a Bearer challenge to a token (docker-registry token.md and oauth.md).
import { base64 } from './base64.ts';
import type { Challenge } from './challenge.ts';
import type { Credentials } from './client.ts';
import { failureOf, PullFailure, requestLine } from './failure.ts';
import { asObject, asString, parseJson } from './json.ts';
import { isSafeOrigin } from './redirect.ts';
import { remember } from './remember.ts';
import type { Session } from './session.ts';
import type { HeaderLine, HttpReply, HttpRequest, Talk } from './talk.ts';
import { encodeQueryComponent, originOf, resolveUri } from './uri.ts';

/** Token replies are read up to this size (clients.md: 1 MiB). */
const tokenBytesMax = 1024 * 1024;
/** The statuses after which containerd falls back from POST to GET. */
const postRefused: readonly number[] = [400, 401, 404, 405];

/** Value of `Authorization` for user and password (RFC 7617). */
export function basic(credentials: Credentials): string {
  return `Basic ${base64(`${credentials.username}:${credentials.password}`)}`;
}

/** What is asked for: pulling the session's repository; without one, what the challenge names. */
function scopeOf(session: Session, challenge: Challenge): string {
  if (session.repository === '') return challenge.params.scope ?? '';
  return `repository:${session.repository}:pull`;
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
  const { client, credentials } = session;
  const realm = resolveUri(challenged.url, challenge.params.realm ?? '');
  if (
    challenge.params.realm === undefined ||
    realm === undefined ||
    !isSafeOrigin(originOf(realm), originOf(challenged.url))
  ) {
    const message = `${requestLine(challenged)}: the challenge's realm is no URL to send credentials to`;
    throw new PullFailure('bad-challenge', challenged, 401, message);
  }
  if (credentials !== undefined && client.token.withCredentials === 'post-then-get') {
    const request = postRequest(session, realm, challenge);
    const reply: HttpReply = yield request;
    if (!postRefused.includes(reply.status)) return readToken(session, request, reply);
  }
  const request = getRequest(session, realm, challenge);
  const reply: HttpReply = yield request;
  return readToken(session, request, reply);
}

/** `GET realm?account&scope&service`, keys sorted as Go encodes a query. */
function getRequest(session: Session, realm: string, challenge: Challenge): HttpRequest {
  const { client, credentials } = session;
  const pairs: [string, string][] = [];
  if (credentials !== undefined && client.token.account)
    pairs.push(['account', credentials.username]);
  pairs.push(['scope', scopeOf(session, challenge)]);
  if (challenge.params.service !== undefined) pairs.push(['service', challenge.params.service]);
  const headers: HeaderLine[] = [['User-Agent', client.userAgent]];
  if (credentials !== undefined) headers.push(['Authorization', basic(credentials)]);
  const url = `${realm}${realm.includes('?') ? '&' : '?'}${encodePairs(pairs)}`;
  return { ...tokenShape, method: 'GET', url, headers };
}

/** The OAuth2 form of containerd (clients.md section 4). */
function postRequest(session: Session, realm: string, challenge: Challenge): HttpRequest {
  const { client, credentials } = session;
  const body = encodePairs([
    ['client_id', client.token.clientId],
    ['grant_type', 'password'],
    ['password', credentials?.password ?? ''],
    ['scope', scopeOf(session, challenge)],
    ['service', challenge.params.service ?? ''],
    ['username', credentials?.username ?? ''],
  ]);
  const headers: HeaderLine[] = [
    ['User-Agent', client.userAgent],
    ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8'],
  ];
  return { ...tokenShape, method: 'POST', url: realm, headers, body };
}

const tokenShape = {
  want: 'text',
  algorithm: 'sha256',
  bodyBytesMax: tokenBytesMax,
  phase: 'token',
  hop: 'token',
} as const;

const encode = remember(encodeQueryComponent);

function encodePairs(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
}

function readToken(session: Session, request: HttpRequest, reply: HttpReply): string {
  if (reply.failure !== '' || reply.status !== 200) throw failureOf(request, reply);
  const body = asObject(parseJson(reply.text)) ?? {};
  const { prefers } = session.client.token;
  const second = prefers === 'token' ? 'access_token' : 'token';
  const token = asString(body[prefers]) || asString(body[second]) || '';
  // A token goes into a header line: anything that could break out of one is not a token.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    const message = `${requestLine(request)}: the reply holds no usable token or access_token`;
    throw new PullFailure('bad-token', request, reply.status, message);
  }
  return token;
}
