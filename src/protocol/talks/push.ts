// The push conversation: each blob is asked for, and uploaded when it is not there, whole or in chunks; then
// config and manifest under a tag. As clients do it, but without their retries: what fails is counted.

import { rememberByObject } from '../../lib/remember.ts';
import type { ClientProfile, Credentials } from '../client.ts';
import { failureOf, PullFailure, requestLine } from '../failure.ts';
import { originOf } from '../grammar/uri.ts';
import { type Exchange, follow, isRedirect, isSafeOrigin } from '../redirect.ts';
import { authenticate, openSession, type RequestShape, type Session } from '../session.ts';
import { type Ask, type HttpReply, type HttpRequest, isRequest, type Talk } from '../talk.ts';
import { ping } from './ping.ts';
import { chunkBytesMin, chunkHeaders, locationOf, octets, requestTo, withQuery } from './upload.ts';

/** Replies of uploads are read up to this size; they have no body unless they are errors. */
const replyBytesMax = 1024 * 1024;
/** Chunks of one blob. */
export const chunksMax = 10_000;

/** A blob to push. */
export interface Upload {
  readonly digest: string;
  readonly size: number;
  /** Bytes from `from` to `to` (excluded), as the driver can send them. */
  readonly part: (from: number, to: number) => HttpRequest['body'];
  /** Most bytes of a chunk; absent: all of them in the PUT that ends the upload. */
  readonly chunkBytes?: number | undefined;
}

export interface PushedManifest {
  readonly text: string;
  readonly digest: string;
  readonly mediaType: string;
}

export interface PushOptions {
  /** Origin of the registry, no path. */
  readonly registryUrl: string;
  readonly repository: string;
  readonly tag: string;
  readonly client: ClientProfile;
  readonly credentials?: Credentials | undefined;
  readonly layers: readonly Upload[];
  readonly config: Upload;
  readonly manifest: PushedManifest;
}

export interface PushResult {
  /** Bytes of blobs that were uploaded, and how many of the blobs the registry had already. */
  readonly bytes: number;
  readonly known: number;
}

/**
 * Pushes an image: layers side by side, as many as the client downloads at once, then the config, then the
 * manifest.
 * @throws PullFailure
 */
export function* push(options: PushOptions): Talk<PushResult> {
  const { registryUrl, repository, client, credentials, layers, config, manifest, tag } = options;
  const session = openSession(registryUrl, repository, client, credentials, 'pull,push');
  if (client.ping) yield* ofPush(ping(session));
  const parallel = layers.map((layer) => pushBlob(session, layer));
  const sent: (number | undefined)[] = yield { parallel, limit: client.parallelBlobs };
  sent.push(yield* pushBlob(session, config));
  yield* putManifest(session, tag, manifest);
  const bytes = sent.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  return { bytes, known: sent.filter((one) => one === undefined).length };
}

/**
 * Begins an upload as a push does, and cancels it: whether these credentials may push there at all.
 * @throws PullFailure
 */
export function* tryPush({
  registryUrl,
  repository,
  client,
  credentials,
}: Pick<PushOptions, 'registryUrl' | 'repository' | 'client' | 'credentials'>): Talk<void> {
  const session = openSession(registryUrl, repository, client, credentials, 'pull,push');
  if (client.ping) yield* ofPush(ping(session));
  const opened = yield* begin(session);
  // Not every registry can cancel, and none keeps what was begun for ever.
  const url = locationOf(opened.request, opened.reply);
  if (url === undefined || !isSafeOrigin(originOf(url), originOf(opened.request.url))) return;
  yield* send(session, url, {
    method: 'DELETE',
    want: 'none',
    bodyBytesMax: replyBytesMax,
    phase: 'upload-start',
  });
}

/** Returns the bytes that were sent; undefined for a blob that the registry has. @throws PullFailure */
function* pushBlob(session: Session, blob: Upload): Talk<number | undefined> {
  if (yield* isThere(session, blob.digest)) return undefined;
  const opened = yield* begin(session);
  const { size, chunkBytes } = blob;
  if (chunkBytes === undefined) {
    yield* finish(session, opened, blob, { extra: [octets], body: blob.part(0, size) });
    return size;
  }
  let at = opened;
  const length = Math.max(chunkBytes, chunkBytesMin(opened.reply), Math.ceil(size / chunksMax));
  for (let from = 0; from < size; from += length) {
    const to = Math.min(from + length, size);
    const extra = chunkHeaders(from, to - from);
    const body = blob.part(from, to);
    at = yield* accepted(session, placeAfter(at), {
      method: 'PATCH',
      extra,
      body,
      want: 'text',
      bodyBytesMax: replyBytesMax,
      phase: 'upload-chunk',
    });
  }
  yield* finish(session, at, blob);
  return size;
}

/** `HEAD` of the blob, as clients ask before they upload. @throws PullFailure */
function* isThere(session: Session, digest: string): Talk<boolean> {
  const url = `${session.registryUrl}/v2/${session.repository}/blobs/${digest}`;
  const shape = { method: 'HEAD', want: 'none', bodyBytesMax: 0, phase: 'upload-check' } as const;
  const { request, reply } = yield* send(session, url, shape);
  if (reply.failure === '' && reply.status === 404) return false;
  if (reply.failure !== '' || reply.status !== 200) throw failureOf(request, reply);
  return true;
}

function begin(session: Session): Talk<Exchange> {
  const url = `${session.registryUrl}/v2/${session.repository}/blobs/uploads/`;
  return accepted(session, url, {
    method: 'POST',
    want: 'text',
    bodyBytesMax: replyBytesMax,
    phase: 'upload-start',
  });
}

function* finish(
  session: Session,
  last: Exchange,
  { digest }: Upload,
  rest: Pick<RequestShape, 'extra' | 'body'> = {},
): Talk<void> {
  const url = withQuery(placeAfter(last), 'digest', digest);
  const done = yield* accepted(session, url, {
    method: 'PUT',
    want: 'text',
    bodyBytesMax: replyBytesMax,
    phase: 'upload-finish',
    ...rest,
  });
  expectDigest(done, digest);
}

function* putManifest(session: Session, tag: string, manifest: PushedManifest): Talk<void> {
  const { text, digest, mediaType } = manifest;
  const url = `${session.registryUrl}/v2/${session.repository}/manifests/${tag}`;
  const done = yield* accepted(session, url, {
    method: 'PUT',
    extra: [['Content-Type', mediaType]],
    body: text,
    want: 'text',
    bodyBytesMax: replyBytesMax,
    phase: 'manifest-put',
  });
  expectDigest(done, digest);
}

/** Where the upload goes on. @throws PullFailure `redirect-invalid` */
function placeAfter({ request, reply }: Exchange): string {
  const url = locationOf(request, reply);
  if (url !== undefined && isSafeOrigin(originOf(url), originOf(request.url))) return url;
  const said = reply.header('Location');
  const what =
    said === undefined ? 'no Location' : `Location ${JSON.stringify(said.slice(0, 200))}`;
  const message = `${requestLine(request)}: ${what} where the upload could go on`;
  throw new PullFailure('redirect-invalid', request, reply.status, message);
}

/** The registry computed the digest too: if it tells another, it holds something else. @throws PullFailure */
function expectDigest({ request, reply }: Exchange, digest: string): void {
  const told = reply.header('Docker-Content-Digest');
  if (told === undefined || told === digest || !told.startsWith('sha256:')) return;
  const message = `${requestLine(request)}: pushed ${digest}, the registry says ${told.slice(0, 200)}`;
  throw new PullFailure('wrong-digest', request, reply.status, message);
}

/** A request that must succeed. @throws PullFailure */
function* accepted(
  session: Session,
  url: string,
  shape: Omit<RequestShape, 'path'>,
): Talk<Exchange> {
  const done = yield* send(session, url, shape);
  const { failure, status } = done.reply;
  if (failure !== '' || status < 200 || status >= 300) throw failureOf(done.request, done.reply);
  return done;
}

/** One request of a push, with a token for it if one is asked for, and after redirects. Any reply is an answer. */
function* send(session: Session, url: string, shape: Omit<RequestShape, 'path'>): Talk<Exchange> {
  let request = requestTo(session, url, shape);
  let reply: HttpReply = yield request;
  const challenged = reply.status === 401 && reply.header('WWW-Authenticate') !== undefined;
  if (challenged && request.hop === 'registry') {
    yield* ofPush(authenticate(session, request, reply));
    request = requestTo(session, url, shape);
    reply = yield request;
  }
  if (isRedirect(reply)) return yield* follow(session.client, request, reply);
  return { request, reply };
}

const renamed = { ping: 'push-ping', token: 'push-token' } as const;

const askOfPush = rememberByObject((ask: Ask): Ask => {
  const { phase } = ask;
  return phase === 'ping' || phase === 'token' ? { ...ask, phase: renamed[phase] } : ask;
});

/** A conversation that pulls have too, of single requests, measured as part of a push. */
function* ofPush<T>(talk: Talk<T>): Talk<T> {
  let next = talk.next();
  while (next.done !== true) {
    const wanted = next.value;
    const own = isRequest(wanted) ? { ...wanted, ask: askOfPush(wanted.ask) } : wanted;
    next = talk.next(yield own);
  }
  return next.value;
}
