// What the steps of an upload look like, for pushes under load and for checks alike: where it goes on, who
// may see credentials there, and how chunks and digests are told.

import { pathAt, resolveUri } from '../grammar/uri.ts';
import { type RequestShape, registryRequest, type Session } from '../session.ts';
import type { Ask, HeaderLine, HttpReply, HttpRequest } from '../talk.ts';

/** Header line of bodies that are bytes of a blob. */
export const octets: HeaderLine = ['Content-Type', 'application/octet-stream'];

/**
 * Where the reply says that the upload goes on, as a whole URL; undefined when it does not. A fragment is no
 * part of what is asked (RFC 9110 7.1).
 */
export function locationOf(request: HttpRequest, reply: HttpReply): string | undefined {
  const location = reply.header('Location');
  return location === undefined ? undefined : resolveUri(request.url, location)?.split('#', 1)[0];
}

/** A URL with one more pair in its query. */
export function withQuery(url: string, name: string, value: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`;
}

/** Header lines of a chunk of `length` bytes whose first stands at `from` (spec.md, "Pushing a blob in chunks"). */
export function chunkHeaders(from: number, length: number): HeaderLine[] {
  return [octets, ['Content-Range', `${from}-${from + length - 1}`]];
}

/**
 * How many bytes every chunk but the last must have at least, by the reply that began the upload; 1 where it
 * does not say.
 */
export function chunkBytesMin(reply: HttpReply): number {
  const value = reply.header('OCI-Chunk-Min-Length') ?? '';
  return /^\d{1,15}$/.test(value) ? Math.max(1, Number(value)) : 1;
}

/** A request to a URL that a reply named: other hosts than the registry get no credentials of ours. */
export function requestTo(
  session: Session,
  url: string,
  shape: Omit<RequestShape, 'path'>,
): HttpRequest {
  const { registryUrl, client } = session;
  const path = pathAt(registryUrl, url);
  if (path !== undefined) return registryRequest(session, { ...shape, path });
  const { method = 'GET', extra = [], want, algorithm = 'sha256', bodyBytesMax, phase } = shape;
  const headers: HeaderLine[] = [['User-Agent', client.userAgent], ...extra];
  const ask: Ask = { method, headers, want, algorithm, bodyBytesMax, phase, network: client };
  const { body, chunked } = shape;
  return {
    url,
    ask,
    hop: 'edge',
    authorization: '',
    referer: '',
    ...(body !== undefined && { body }),
    ...(chunked !== undefined && { chunked }),
  };
}
