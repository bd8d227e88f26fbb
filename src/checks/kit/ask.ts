// How checks ask: with the session's authorization or without, through redirects one by one, and the
// shapes of the requests that several sections need. It judges nothing but what it was told to.
import { PullFailure, requestLine } from '../../protocol/failure.ts';
import { parseChallenges } from '../../protocol/grammar/challenge.ts';
import { isWellFormedDigest } from '../../protocol/grammar/digest.ts';
import type { Descriptor } from '../../protocol/grammar/manifest-document.ts';
import { hostOf, originOf, resolveUri } from '../../protocol/grammar/uri.ts';
import { type Exchange, isRedirect, redirected } from '../../protocol/redirect.ts';
import {
  authenticate,
  manifestBytesMax,
  type RequestShape,
  registryRequest,
  type Session,
} from '../../protocol/session.ts';
import type { HttpReply, HttpRequest, Talk } from '../../protocol/talk.ts';
import { algorithmOf } from '../../protocol/talks/blob.ts';
import { Broken, type CheckContext, Void } from '../check.ts';
import { claimsIn } from './claims.ts';
import { contentOf } from './content.ts';
import { describe, expectThat, fact, noteParty, quote } from './expect.ts';
import { neutral } from './neutral.ts';

/** Replies that are only looked at, such as error pages, are read up to this size. */
export const smallBytesMax = 1024 * 1024;

export type { Exchange };

/** All exchanges of one asking. */
export interface Asked {
  /** From the registry's own reply on; at least one. */
  readonly exchanges: readonly Exchange[];
  readonly first: HttpReply;
  /** The reply after all redirects. */
  readonly last: HttpReply;
}

/**
 * Sends one request with the session's authorization, renews that once when it is refused, and follows
 * redirects, of whatever method and status.
 * @throws PullFailure when no token can be had, or a redirect leads nowhere or never ends
 */
export function* ask(
  context: CheckContext,
  shape: RequestShape,
  session: Session = context.session(),
): Talk<Asked> {
  return yield* askAs(session, shape);
}

/** As `ask`, but only as far as redirects stay at the registry: one that leads away, or on and on, is the answer. */
export function* askHere(
  context: CheckContext,
  shape: RequestShape,
  session: Session = context.session(),
): Talk<Exchange> {
  return lastOf(yield* askAs(session, shape, originOf(session.registryUrl)));
}

/** As `ask`, outside of a check. `within`: see `followed`. */
export function* askAs(session: Session, shape: RequestShape, within?: string): Talk<Asked> {
  const start = yield* askOnceAs(session, shape);
  const asked = yield* followed(session, start, within);
  const { request, reply } = lastOf(asked);
  // A registry may redirect before it asks who is there.
  const isRefused = reply.status === 401 && reply.header('WWW-Authenticate') !== undefined;
  if (asked.exchanges.length === 1 || !isRefused || !isAt(session, request.url)) return asked;
  yield* authenticate(session, request, reply);
  const again = registryRequest(session, shape);
  return yield* followed(session, { request: again, reply: yield again }, within);
}

/** The request after all redirects, and the reply to it. */
export function lastOf({ exchanges }: Asked): Exchange {
  return exchanges.at(-1) as Exchange;
}

/** Whether the URL is one of the registry itself. */
export function isAt({ registryUrl }: Pick<Session, 'registryUrl'>, url: string): boolean {
  return originOf(url) === originOf(registryUrl);
}

/** As `ask`, but a redirect is the answer. */
export function* askOnce(
  context: CheckContext,
  shape: RequestShape,
  session: Session = context.session(),
): Talk<Exchange> {
  return yield* askOnceAs(session, shape);
}

function* askOnceAs(session: Session, shape: RequestShape): Talk<Exchange> {
  let request = registryRequest(session, shape);
  let reply: HttpReply = yield request;
  if (reply.status === 401 && reply.header('WWW-Authenticate') !== undefined) {
    yield* authenticate(session, request, reply);
  } else if (!isHidden(session, request, reply) || !(yield* logInByPing(session))) {
    return { request, reply };
  }
  request = registryRequest(session, shape);
  reply = yield request;
  return { request, reply };
}

/** Statuses by which some registries answer whoever is not logged in, so that nobody learns what there is. */
const hiding: readonly number[] = [401, 403, 404];
/** Sessions whose registry was seen to ask for no login at /v2/, or that got none. */
const strangers = new WeakSet<Session>();

/** Whether the answer may be to nobody in particular, though the session has credentials. */
function isHidden(
  session: Session,
  { authorization }: HttpRequest,
  { status }: HttpReply,
): boolean {
  const isUnknown = authorization === '' && session.credentials !== undefined;
  return isUnknown && hiding.includes(status) && !strangers.has(session);
}

/** Logs in as /v2/ says, where only that says how. */
export function* logInByPing(session: Session): Talk<boolean> {
  // Another request of the same session may have done so meanwhile.
  if (session.authorization !== '') return true;
  const nobody = { ...session, authorization: '' };
  const knock = registryRequest(nobody, pingShape);
  try {
    const start = { request: knock, reply: yield knock };
    const { request, reply } = lastOf(yield* followed(nobody, start, originOf(knock.url)));
    if (canAnswer(reply)) {
      yield* authenticate(session, request, reply);
      return true;
    }
  } catch (error) {
    // That is for the checks of tokens to judge; here what was answered before stays.
    if (!(error instanceof PullFailure)) throw error;
  }
  strangers.add(session);
  return false;
}

/** `GET /v2/`, which says whether this is a registry and how to authenticate. */
export const pingShape: RequestShape = {
  path: '/v2/',
  want: 'text',
  bodyBytesMax: smallBytesMax,
  phase: 'ping',
};

/** A challenge that clients know how to answer. */
export function canAnswer(reply: HttpReply): boolean {
  const challenges = parseChallenges(reply.header('WWW-Authenticate') ?? '');
  return reply.status === 401 && challenges.some(({ scheme }) => /^(?:bearer|basic)$/.test(scheme));
}

/** Sends one request without any authorization; a 401 is an answer. */
export function* askAnonymously(context: CheckContext, shape: RequestShape): Talk<Exchange> {
  return yield* askWith(context, shape, '');
}

/** Sends one request with exactly this `Authorization` ('': none); whatever comes after redirects is the answer. */
export function* askWith(
  context: CheckContext,
  shape: RequestShape,
  authorization: string,
): Talk<Exchange> {
  const session = { ...context.session(), authorization };
  const request = registryRequest(session, shape);
  const reply: HttpReply = yield request;
  return lastOf(yield* followed(session, { request, reply }));
}

/**
 * Follows redirects as spec.md, "API", has it ("any request", by RFC 9110 15.4): the same request goes to the new
 * place, body and all; after a 303 it is a GET, unless it was a HEAD. `within`: an origin; a redirect that leads
 * out of it, or on and on, is the answer. @throws PullFailure
 */
export function* followed(session: Session, start: Exchange, within?: string): Talk<Asked> {
  const { client } = session;
  const exchanges = [start];
  let at = start;
  while (isRedirect(at.reply)) {
    if (exchanges.length > client.redirectsMax) {
      if (within !== undefined) break;
      const message = `${requestLine(start.request)}: gave up after ${client.redirectsMax} redirects`;
      throw new PullFailure('redirect-loop', at.request, at.reply.status, message);
    }
    const target = resolveUri(at.request.url, at.reply.header('Location') ?? '') ?? '';
    if (within !== undefined && originOf(target) !== within) break;
    const request = redirected(client, sentTo(at), at.reply);
    at = { request, reply: yield request };
    exchanges.push(at);
    const host = hostOf(request.url);
    if (within === undefined && host !== hostOf(session.registryUrl)) {
      noteParty(at.reply, `${host}, where the registry redirects to`);
    }
  }
  return { exchanges, first: start.reply, last: at.reply };
}

function sentTo({ request, reply }: Exchange): HttpRequest {
  const { ask, body: _, chunked: __, ...rest } = request;
  const isOther = reply.status === 303 && ask.method !== 'GET' && ask.method !== 'HEAD';
  return isOther ? { ...rest, ask: { ...ask, method: 'GET' } } : request;
}

/** GET of a manifest with every type a current client accepts. */
export function manifestShape(context: CheckContext, reference: string): RequestShape {
  return {
    path: `/v2/${context.repository}/manifests/${reference}`,
    accept: neutral.acceptResolve,
    want: 'text',
    algorithm: algorithmOf(reference) ?? 'sha256',
    bodyBytesMax: manifestBytesMax,
    phase: 'manifest',
  };
}

/**
 * The digest by which the registry serves what the reference names: by the algorithm of its own header, or by
 * sha256 where that is only told (spec.md, "Pulling manifests": the algorithms MAY differ).
 */
export function* servedDigest(context: CheckContext): Talk<string> {
  const { digest } = fact(context.facts.top);
  if (algorithmOf(digest) === 'sha256') return digest;
  const { last } = yield* ask(context, manifestShape(context, digest));
  if (last.status === 200) return digest;
  return (yield* ask(context, manifestShape(context, context.reference))).last.digest;
}

/** The same for the reference of the run, and for what it leads to by its digest. */
export function manifestShapes(context: CheckContext): readonly RequestShape[] {
  const { entry, top } = context.facts;
  const digest = entry?.digest ?? top?.digest ?? context.reference;
  return [...new Set([context.reference, digest])].map((each) => manifestShape(context, each));
}

/** GET of a blob, its bytes hashed and dropped. More bytes than the descriptor says are a failure. */
export function blobShape(context: CheckContext, blob: Descriptor): RequestShape {
  const algorithm = algorithmOf(blob.digest);
  return {
    path: `/v2/${context.repository}/blobs/${blob.digest}`,
    want: algorithm === undefined ? 'none' : 'digest',
    algorithm: algorithm ?? 'sha256',
    // An error page may be longer than the blob.
    bodyBytesMax: Math.max(blob.size, smallBytesMax),
    phase: 'layer',
  };
}

/** The same request as HEAD. */
export function headOf(shape: RequestShape): RequestShape {
  return { ...shape, method: 'HEAD', want: 'none' };
}

/** The same request for a part of the body only: `bytes=…`. */
export function rangeOf(shape: RequestShape, range: string): RequestShape {
  return { ...shape, extra: [...(shape.extra ?? []), ['Range', `bytes=${range}`]] };
}

/** A session like this one whose every request goes over a connection of its own, closed after it. */
export function overFreshConnections(session: Session): Session {
  return { ...session, client: { ...session.client, connections: 'per-request' } };
}

/** A digest whose content nobody has. */
export function absentDigest(context: CheckContext): string {
  return `sha256:${context.nonce.repeat(8).slice(0, 64).padEnd(64, '0')}`;
}

/** A tag that nobody has pushed. */
export function absentTag(context: CheckContext): string {
  return `pullproof-absent-${context.nonce}`;
}

/** A repository beside the given one (so in a namespace that exists) that nobody has made. */
export function absentRepository(context: CheckContext): string {
  const slash = context.repository.lastIndexOf('/');
  return `${context.repository.slice(0, slash + 1)}pullproof-absent-${context.nonce}`;
}

/**
 * Docker-Content-Digest must be on one of the exchanges at least, and right wherever it is. It may use
 * another algorithm than the one that was asked by; then the body is fetched once more and hashed so.
 * `known` is the body's digest as far as it is known, `get` how to fetch the body.
 */
export function* expectDigestHeader(
  context: CheckContext,
  exchanges: readonly Exchange[],
  known: string,
  get: RequestShape,
): Talk<string> {
  const claims = exchanges.flatMap(({ reply }) => claimsIn(reply));
  expectThat(claims.length > 0, 'a Docker-Content-Digest header', 'none');
  for (const claim of new Set(claims)) {
    const said = `Docker-Content-Digest: ${quote(claim)}`;
    expectThat(isWellFormedDigest(claim), 'a digest in Docker-Content-Digest', said);
    const algorithm = algorithmOf(claim);
    if (algorithm === undefined) continue; // we cannot compute it, so we cannot judge it
    const digest =
      algorithmOf(known) === algorithm ? known : yield* bodyDigest(context, { ...get, algorithm });
    // A body that did not come is not to be told as a wrong header.
    if (claim !== digest && isOfNothing(digest))
      throw new Void('GET brought 200 and an empty body');
    if (claim !== digest) throw new Broken(`Docker-Content-Digest: ${digest}`, said);
  }
  return claims.join(', ');
}

/** Digests of no bytes at all. */
const digestsOfNothing: readonly string[] = (['sha256', 'sha512'] as const).map(
  (algorithm) => contentOf(new Uint8Array(0), algorithm).digest,
);

function isOfNothing(digest: string): boolean {
  return digestsOfNothing.includes(digest);
}

function* bodyDigest(context: CheckContext, shape: RequestShape): Talk<string> {
  const want = shape.want === 'none' ? 'digest' : shape.want;
  const { last } = yield* ask(context, { ...shape, want });
  if (last.status !== 200 || last.failure !== '') {
    throw new Void(`the body to compare with did not come: ${describe(last)}`);
  }
  return last.digest;
}
