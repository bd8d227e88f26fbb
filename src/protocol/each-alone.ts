// Requests of a client that keeps no token: each is sent without one, answers its own challenge and is sent again,
// as Apple's container does. What it makes of challenges is its own, too: a Bearer challenge without a service is
// the end.
import { asInteger, asObject, asString, type JsonObject, parseJson } from '../lib/json.ts';
import type { AloneTraits } from './client.ts';
import { failureOf, PullFailure, requestLine } from './failure.ts';
import { originOf } from './grammar/uri.ts';
import { type Exchange, follow, isRedirect, isSafeOrigin } from './redirect.ts';
import type { Session } from './session.ts';
import type { Ask, HttpReply, HttpRequest, Talk, Wait } from './talk.ts';
import { readToken, tokenBytesMax } from './talks/token.ts';

interface Token {
  readonly authorization: string;
  readonly scope: string | undefined;
  /** It says by itself, in a form that the client reads, how long it lives. */
  readonly isDated: boolean;
}

/**
 * The rest of an exchange whose first reply was not 200; `followed` redirects lie behind it already, `afresh` makes
 * its request once more.
 */
export function* settleAlone(
  session: Session,
  afresh: () => HttpRequest,
  first: Exchange,
  traits: AloneTraits,
  followed: number,
): Talk<Exchange> {
  let token: Token | undefined;
  let met = yield* landed(session, first, followed);
  let retries = 0;
  // The real one asks for token after token where a registry refuses them all: no client of ours asks for ever.
  for (let made = 1; made < traits.requestsMax; made++) {
    const { request, reply } = met;
    let authorization: string;
    if (reply.failure === '' && (reply.status === 401 || reply.status === 403)) {
      const challenge = challengeOf(request, reply);
      if (challenge === undefined) return met;
      if (token?.isDated === true && token.scope === challenge.scope) return met;
      if (token !== undefined) yield again(met, session, 0);
      token = yield* tokenFor(session, challenge, request, traits);
      authorization = token.authorization;
    } else if (reply.status === 400 && request.authorization !== '') {
      yield again(met, session, 0);
      authorization = '';
    } else {
      const mayPass = reply.status >= 500 || reply.status === 0;
      if (!mayPass || retries >= traits.retriesMax) return met;
      yield again(met, session, traits.waitMs);
      authorization = token?.authorization ?? session.authorization;
    }
    retries++;
    const next = { ...afresh(), authorization };
    const answer: HttpReply = yield next;
    met = yield* landed(session, { request: next, reply: answer }, 0);
  }
  return met;
}

function* landed(session: Session, { request, reply }: Exchange, followed: number): Talk<Exchange> {
  if (!isRedirect(reply)) return { request, reply };
  return yield* follow(session.client, request, reply, undefined, followed);
}

function again({ request, reply }: Exchange, { worked }: Session, waitMs: number): Wait {
  return { waitMs, why: 'back-off', after: failureOf(request, reply, { worked }) };
}

interface ReadChallenge {
  readonly realm: string;
  readonly service: string;
  readonly scope: string | undefined;
}

/** As its authors read it: by header line, its scheme as written, values in quotes alone. */
function challengeOf(request: HttpRequest, reply: HttpReply): ReadChallenge | undefined {
  const lines = reply.headerLines.filter(([name]) => /^www-authenticate$/i.test(name));
  const bearer = lines.map(([, value]) => value.trim()).find((value) => /^Bearer +\S/.test(value));
  if (bearer === undefined) {
    // Who showed a password, or met a 403, is refused; else nobody said how to ask.
    if (reply.status === 403 || request.authorization !== '') return undefined;
    throw badChallenge(request, reply, 'missing Bearer challenge in WWW-Authenticate header');
  }
  const params = new Map<string, string>();
  for (const [, key = '', value = ''] of bearer.matchAll(/(\w+)="([^"]+)/g)) params.set(key, value);
  for (const key of ['realm', 'service']) {
    if (params.has(key)) continue;
    throw badChallenge(request, reply, `cannot parse ${key} from WWW-Authenticate header`);
  }
  const { realm = '', service = '' } = Object.fromEntries(params);
  if (!isSafeOrigin(originOf(realm), originOf(request.url))) {
    throw badChallenge(request, reply, 'the realm is no URL to send credentials to');
  }
  return { realm, service, scope: params.get('scope') };
}

function badChallenge(request: HttpRequest, reply: HttpReply, reason: string): PullFailure {
  const message = `${requestLine(request)}: HTTP ${reply.status}, ${reason}`;
  return new PullFailure('bad-challenge', request, reply.status, message, { reply });
}

const tokenAsk: Ask = {
  method: 'GET',
  headers: [],
  want: 'text',
  algorithm: 'sha256',
  bodyBytesMax: tokenBytesMax,
  phase: 'token',
};

/** @throws PullFailure */
function* tokenFor(
  session: Session,
  challenge: ReadChallenge,
  challenged: HttpRequest,
  { retriesMax, waitMs }: AloneTraits,
): Talk<Token> {
  const { realm, service, scope } = challenge;
  const pairs = [
    ['client_id', session.client.token.clientId],
    ['service', service],
    ...(scope === undefined ? [] : [['scope', scope]]),
  ];
  // The query of the realm, if it has one, is lost.
  const query = pairs.map(([key = '', value = '']) => `${key}=${encoded(value)}`).join('&');
  const url = `${realm.replace(/[?#].*$/, '')}?${query}`;
  const ask: Ask = { ...tokenAsk, network: session.client };
  const { authorization } = session;
  const request: HttpRequest = { url, ask, hop: 'token', authorization, referer: '' };
  let met = yield* landed(session, { request, reply: yield request }, 0);
  for (let retries = 0; retries < retriesMax; retries++) {
    const { status } = met.reply;
    if (status !== 0 && status < 500) break;
    yield again(met, session, waitMs);
    met = yield* landed(session, { request, reply: yield request }, 0);
  }
  const body = asObject(parseJson(met.reply.text)) ?? {};
  const token = readToken(session, body, challenged, met.request, met.reply);
  return { authorization: `Bearer ${token}`, scope, isDated: isDated(body) };
}

/** `issued_at` with fractions of a second, which is all that the client reads, and an end. */
function isDated(body: JsonObject): boolean {
  const issued = asString(body.issued_at) ?? '';
  const isRead = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d\d:?\d\d)$/.test(issued);
  return isRead && (asInteger(body.expires_in) ?? 0) > 0;
}

/** What a query may hold stays as it is (RFC 3986, section 3.4), `+` too. */
function encoded(value: string): string {
  return encodeURIComponent(value).replaceAll(/%(3A|2F|2C|40|24|2B|3B|3F)/g, decodeURIComponent);
}
