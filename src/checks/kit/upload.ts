// How checks push: the requests of an upload, whole blobs and manifests, and what has to be there afterwards.
// What a run leaves in the registry is noted for the cleaning up. It judges only what it is told to.
import { pathAt } from '../../protocol/grammar/uri.ts';
import type { Session } from '../../protocol/session.ts';
import type { Ask, HeaderLine, HttpReply, Talk } from '../../protocol/talk.ts';
import { octets, requestTo, locationOf as urlOf, withQuery } from '../../protocol/talks/upload.ts';
import { type CheckContext, type Leftover, Unsupported, Void } from '../check.ts';
import { ask, type Exchange, followed, lastOf, smallBytesMax } from './ask.ts';
import { expectStatus, expectThat, quote } from './expect.ts';
import { given } from './given.ts';

export { octets, withQuery };

/** A request of a push. `path` begins at the registry's origin, or is a whole URL that a reply named. */
export interface PushRequest {
  readonly method: Ask['method'];
  readonly path: string;
  readonly headers?: readonly HeaderLine[];
  readonly body?: Uint8Array;
  /** Streamed: sent in chunks, its length unsaid. */
  readonly chunked?: true;
  readonly repository?: string;
  /** Of the reply, default `smallBytesMax`. */
  readonly bodyBytesMax?: number;
  /** Whose authorization is used; default that of the repository for pushing. */
  readonly session?: Session;
}

/** Sends one request of a push, with a token for it if one is asked for, and after redirects. Any reply is an answer. */
export function* send(context: CheckContext, wanted: PushRequest): Talk<Exchange> {
  const { method, path, headers: extra = [], body, chunked } = wanted;
  const repository = wanted.repository ?? context.repository;
  const actions =
    method === 'DELETE' && !path.includes('/uploads/') ? 'delete,pull,push' : 'pull,push';
  const session = wanted.session ?? context.session(repository, actions);
  const shape = {
    method,
    path: '',
    extra,
    want: 'text',
    bodyBytesMax: wanted.bodyBytesMax ?? smallBytesMax,
    phase: 'other',
    ...(body !== undefined && { body }),
    ...(chunked !== undefined && { chunked }),
  } as const;
  const below = path.startsWith('/') ? path : pathAt(session.registryUrl, path);
  if (below !== undefined) {
    return lastOf(yield* ask(context, { ...shape, path: below }, session));
  }
  // Uploads may go to another host.
  const request = requestTo(session, path, shape);
  const reply: HttpReply = yield request;
  return lastOf(yield* followed(session, { request, reply }));
}

/** Where an upload goes on, as a whole URL. */
export interface Upload {
  readonly url: string;
  readonly reply: HttpReply;
}

/** `POST` of a new upload, which must be accepted. `query` without `?`. */
export function* openUpload(context: CheckContext, query = '', repository?: string): Talk<Upload> {
  const exchange = yield* postUpload(context, query, repository);
  expectStatus(exchange.reply, 202);
  return { url: locationOf(exchange), reply: exchange.reply };
}

/** An upload that a check needs. @throws Void where none begins, which other checks judge */
export function* givenUpload(context: CheckContext): Talk<Upload> {
  return yield* given(context, 'upload-post-put', () => openUpload(context));
}

/**
 * `POST` of a new upload; any reply is an answer.
 * @throws Unsupported, or Void, where the registry takes no push at all, as far as the run has seen
 */
export function* postUpload(
  context: CheckContext,
  query = '',
  repository = context.repository,
  body?: Uint8Array,
  session?: Session,
): Talk<Exchange> {
  const path = `/v2/${repository}/blobs/uploads/${query === '' ? '' : `?${query}`}`;
  const headers: HeaderLine[] = body === undefined ? [] : [octets];
  const exchange = yield* send(context, {
    method: 'POST',
    path,
    headers,
    repository,
    ...(body && { body }),
    ...(session && { session }),
  });
  if (exchange.reply.status === 202 || exchange.reply.status === 201) {
    begunIn(context).add(repository);
  }
  expectOffered(context, exchange.reply, repository);
  return exchange;
}

/** Repositories in which uploads have begun, of each run. */
const begun = new WeakMap<readonly Leftover[], Set<string>>();

function begunIn({ leftovers }: CheckContext): Set<string> {
  const known = begun.get(leftovers) ?? new Set();
  begun.set(leftovers, known);
  return known;
}

/**
 * A registry need not take pushes (spec.md, "Requirements": Push is a SHOULD), a repository may have to be made
 * before, and who may push is outside of the spec. Where an upload has begun in the run, none of that is so.
 * @throws Unsupported, Void
 */
export function expectOffered(
  context: CheckContext,
  { status }: HttpReply,
  repository = context.repository,
): void {
  if (begunIn(context).has(repository)) return;
  if (status === 404 || status === 405) {
    const made = status === 404 ? ', or it has to be made before' : '';
    throw new Unsupported(`the registry takes no push to ${repository} (${status})${made}`);
  }
  if (status === 401 || status === 403) {
    const tokens =
      status === 401 ? ', or the token server gives tokens that open less than was asked' : '';
    throw new Void(`these credentials may not push to ${repository} (${status})${tokens}`);
  }
}

/** What is smaller has to be taken by whoever takes pushes. */
const mebibyte = 1024 * 1024;

/** No text says how large a blob may be. @throws Unsupported where one of so many bytes is too large */
export function expectTaken({ status }: HttpReply, bytes: number): void {
  if (status !== 413 || bytes < mebibyte) return;
  throw new Unsupported(
    `${bytes} bytes are too many here (413): the registry, or a proxy before it, limits them`,
  );
}

/** Gives an upload up, as clients should that do not need it any more; whatever comes is fine. */
export function* giveUp(context: CheckContext, { url }: Pick<Upload, 'url'>): Talk<void> {
  yield* send(context, { method: 'DELETE', path: url });
}

/** As `ending`. An upload that it did not end may go on; a client that has no use for it gives it up. */
export function* endedOrGivenUp(
  context: CheckContext,
  url: string,
  ending: Talk<Exchange>,
): Talk<Exchange> {
  const exchange = yield* ending;
  if (exchange.reply.status !== 201) yield* giveUp(context, { url });
  return exchange;
}

/** Where the reply says to go on, as a whole URL. */
export function locationOf({ request, reply }: Exchange): string {
  const location = reply.header('Location');
  expectThat(location !== undefined, 'a Location header', 'none');
  const url = urlOf(request, reply);
  expectThat(url !== undefined, 'a URL in Location', `Location: ${quote(location)}`);
  return url;
}

/** `PUT` that ends an upload. */
export function* closeUpload(
  context: CheckContext,
  url: string,
  digest: string,
  body?: Uint8Array,
  headers: readonly HeaderLine[] = body === undefined ? [] : [octets],
  repository = context.repository,
): Talk<Exchange> {
  const path = withQuery(url, 'digest', digest);
  const put = { method: 'PUT', path, headers, repository, ...(body && { body }) } as const;
  const exchange = yield* send(context, put);
  if (isUnknownEnd(exchange))
    noteLeftover(context, { kind: 'blob', repository, reference: digest });
  return exchange;
}

/** Whether what was pushed may be there all the same: the server failed, or its answer did not arrive. */
export function isUnknownEnd({ reply: { status } }: Exchange): boolean {
  return status === 0 || status >= 500;
}

/** To be cleaned up when the run is over. */
export function noteLeftover(context: CheckContext, leftover: Leftover): void {
  context.leftovers.push(leftover);
}
