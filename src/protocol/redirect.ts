// Redirects: when a reply is one, what is asked next, and who may see credentials on the way. Following
// them is part of the conversation, so that every exchange is seen, timed and judged apart.

import { remember } from '../lib/remember.ts';
import type { ClientProfile } from './client.ts';
import { PullFailure, requestLine } from './failure.ts';
import { referenceIn, withoutQuery } from './failure-evidence.ts';
import { originOf, plainOriginOf, resolveUri } from './grammar/uri.ts';
import type { HttpReply, HttpRequest, Talk } from './talk.ts';

/** A request and the reply to it; of several, one after another, mostly the last. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly reply: HttpReply;
}

export function isRedirect(reply: HttpReply): boolean {
  const { status } = reply;
  const known =
    status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
  // An empty one is none, to Go's clients.
  return known && (reply.header('Location') ?? '') !== '';
}

/**
 * Follows redirects one by one from a redirecting reply to the first other one. `exchanges` gets every one
 * that was made, for those who look at each; `followedBefore` redirects count as followed already. The path
 * that was asked for first ends in what is wanted, which a failure tells.
 * @throws PullFailure `redirect-invalid` or `redirect-loop`
 */
export function* follow(
  client: ClientProfile,
  first: HttpRequest,
  redirect: HttpReply,
  exchanges?: Exchange[],
  followedBefore = 0,
  path = first.url,
): Talk<Exchange> {
  let request = first;
  let reply = redirect;
  for (let followed = followedBefore; followed < client.redirectsMax; followed++) {
    request = redirected(client, request, reply, path);
    reply = yield request;
    exchanges?.push({ request, reply });
    if (!isRedirect(reply)) return { request, reply };
  }
  const message = `${requestLine(first)}: gave up after ${client.redirectsMax} redirects`;
  const reference = referenceIn(path);
  throw new PullFailure('redirect-loop', request, reply.status, message, { reply, reference });
}

/**
 * The request that a redirect asks for. `Authorization` goes along as far as the client lets it, and once
 * dropped stays dropped.
 */
export function redirected(
  client: ClientProfile,
  from: HttpRequest,
  reply: HttpReply,
  path = from.url,
): HttpRequest {
  const location = reply.header('Location') ?? '';
  const plain = plainOriginOf(location);
  const url = plain === '' ? (resolveUri(from.url, location) ?? '') : location;
  const origin = plain === '' ? originOf(url) : plain;
  const here = from.hop === 'registry' ? originOfOften(from.url) : originOf(from.url);
  if (!isSafeOrigin(origin, here)) {
    const message = `${requestLine(from)}: redirects to ${JSON.stringify(withoutQuery(location).slice(0, 200))}`;
    const known = { reply, reference: referenceIn(path) };
    throw new PullFailure('redirect-invalid', from, reply.status, message, known);
  }
  const { ask, body } = from;
  const downgrades = from.url.startsWith('https:') && url.startsWith('http:');
  if (downgrades && client.staysSecure) {
    const message = `${requestLine(from)}: redirects from https to ${origin}`;
    const known = { reply, reference: referenceIn(path) };
    throw new PullFailure('redirect-invalid', from, reply.status, message, known);
  }
  const { authorization, began } = shown(client, from, origin, here);
  const referer = client.referer && !downgrades ? from.url : '';
  const next = { url, ask, hop: 'edge', authorization, referer, follows: reply, began } as const;
  if (from.resumes !== undefined) return { ...next, resumes: from.resumes };
  if (from.joins !== undefined) return { ...next, joins: from.joins };
  if (body === undefined) return next;
  return from.chunked === undefined ? { ...next, body } : { ...next, body, chunked: true };
}

type Shown = Pick<HttpRequest, 'authorization' | 'began'>;
const nothing: Shown = { authorization: '' };

/** What the next host sees of credentials (`ClientProfile.authorization`). */
function shown(client: ClientProfile, from: HttpRequest, origin: string, here: string): Shown {
  const rule = client.authorization;
  if (rule === undefined) return origin === here ? from : nothing;
  const began = from.began ?? from;
  if (rule === 'last-host-and-port') {
    const { url, authorization } = began;
    if (authorization === '') return nothing;
    const goes = origin === here || isWithin(origin, here, true);
    return { authorization: goes ? authorization : '', began: { url, authorization } };
  }
  if (from.authorization === '') return nothing;
  const first = from.began === undefined ? here : originOf(began.url);
  if (origin !== first && !isWithin(origin, first, false)) return nothing;
  const { url, authorization } = began;
  return { authorization, began: { url, authorization } };
}

/** Whether an origin's host is that of another one, or a subdomain of it. */
function isWithin(origin: string, other: string, withPort: boolean): boolean {
  const [host, port] = addressOf(origin);
  const [otherHost, otherPort] = addressOf(other);
  if (withPort && port !== otherPort) return false;
  // An address has no subdomains.
  return host === otherHost || (host.endsWith(`.${otherHost}`) && !/^[\d.]+$|:/.test(host));
}

/** Host and port of an origin, which has a port wherever that is not the scheme's own. */
const addressOf = remember((origin): readonly [host: string, port: string] => {
  const [, scheme, host = '', port] = /^(https?):\/\/(.*?)(?::(\d+))?$/.exec(origin) ?? [];
  return [host, port ?? (scheme === 'https' ? '443' : '80')];
});

/** For URLs of registries, which come again at every pull as signed ones do not. */
const originOfOften = remember(originOf);

/**
 * Addresses where clouds keep the credentials of the machine (GHSA-xf85-363p-868w): the link-local ones, also
 * within IPv6 (mapped, compatible, NAT64), and those of Azure, Alibaba, Oracle and Google.
 */
const isMetadata = remember((origin) =>
  /^https?:\/\/(?:169\.254\.|\[fe[89ab][0-9a-f]:|\[fd00:ec2:|\[(?:0*:)*:?(?:ffff:)?(?:169\.254\.|a9fe:)|\[64:ff9b:(?:0*:)*(?:169\.254\.|a9fe:)|168\.63\.129\.16(?:$|:)|100\.100\.100\.200(?:$|:)|192\.0\.0\.192(?:$|:)|metadata\.google\.internal\.?(?:$|:))/i.test(
    origin,
  ),
);

/**
 * An address in another form than four numbers, which resolvers of C take for one, and those of Go for a name; or a host
 * with escapes, which Go refuses, and browsers' rules undo.
 */
const isOddAddress = remember(
  (origin) =>
    origin.includes('%') ||
    (/^https?:\/\/(?:0x[\da-f]+|\d+)(?:\.(?:0x[\da-f]+|\d+)){0,3}(?:$|:)/i.test(origin) &&
      !/^https?:\/\/(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})(?:$|:)/.test(origin)),
);

/**
 * Whether an origin that a server named may be asked: http or https ('' is neither), and no address that is
 * a secret place of the machine's own, unless the server itself has such a one.
 */
export function isSafeOrigin(origin: string, namedBy: string): boolean {
  if (origin === '' || isOddAddress(origin)) return false;
  return !isMetadata(origin) || isMetadata(namedBy);
}

/** Whether an origin is this machine: what goes there is on no wire. */
export function isLoopback(origin: string): boolean {
  const host = hostNameOf(origin);
  return /^(?:127(?:\.\d{1,3}){3}|\[::1\]|(?:.*\.)?localhost)$/i.test(host);
}

/** Host of a URL or origin, without port. */
export function hostNameOf(url: string): string {
  return addressOf(originOf(url))[0];
}
