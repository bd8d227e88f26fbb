// The manifest conversations: resolve a reference, fetch a manifest or index, check its digest.

import { keep, remember, rememberByObject } from '../../lib/remember.ts';
import type { ClientProfile } from '../client.ts';
import { failureOf, PullFailure, requestLine } from '../failure.ts';
import { isWellFormedDigest } from '../grammar/digest.ts';
import {
  type Descriptor,
  type ManifestDocument,
  readManifestDocument,
} from '../grammar/manifest-document.ts';
import {
  kindOfMediaType,
  type ManifestKind,
  mediaTypes,
  parseContentType,
} from '../grammar/media-type.ts';
import type { Exchange } from '../redirect.ts';
import {
  exchange,
  knownOf,
  manifestBytesMax,
  openSession,
  type RequestShape,
  registryRequest,
  type Session,
  settle,
} from '../session.ts';
import type { HeaderLine, HttpReply, HttpRequest, Phase, Talk } from '../talk.ts';
import { acceptAlone, acceptOfType, algorithmOf } from './blob.ts';
import { fromHosts, isOpening, onwards } from './hosts.ts';
import { recover } from './resume.ts';

export interface FetchedManifest {
  readonly document: ManifestDocument;
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: number;
}

/**
 * Resolves a tag or digest the way this client does and fetches what it names.
 * @throws PullFailure
 */
export function* resolveManifest(
  session: Session,
  reference: string,
  phase: Phase,
): Talk<FetchedManifest> {
  const { client, hosts } = session;
  const accepted = acceptResolve(session);
  if (hosts !== undefined) {
    const asked = isDigest(reference) ? hosts : (session.resolvers ?? hosts);
    return yield* resolveAtHosts(asked, hosts, reference, accepted, phase);
  }
  const byGet = client.resolve === 'get' || (client.resolve === 'head-tag' && isDigest(reference));
  if (byGet) return yield* getManifest(session, reference, accepted, phase);
  const resolver = client.resolvesApart === undefined ? session : resolverOf(session);
  const shape = manifestShape(resolver, 'HEAD', reference, accepted, phase);
  let request = registryRequest(resolver, shape);
  let reply: HttpReply = yield request;
  if (reply.status !== 200) ({ request, reply } = yield* settle(resolver, shape, request, reply));
  const { headRefused } = client;
  const byGetInstead = headRefused === 'any' || headRefused?.includes(reply.status) === true;
  if (reply.failure !== '' || (reply.status !== 200 && !byGetInstead)) {
    throw failureOf(request, reply, knownOf(resolver, shape));
  }
  const digest = reply.header('Docker-Content-Digest') ?? '';
  if (reply.status !== 200 || !isUsableDigest(digest)) {
    if (client.headAlone) throw withoutDigest(request, reply);
    return yield* resolveByGet(session, resolver, reference, { request, reply }, phase);
  }
  return yield* getManifest(session, digest, acceptManifest(session, typeOf(reply)), phase);
}

/**
 * Without a usable digest clients ask by GET (containerd, docker), for the digest alone: what has it is
 * then fetched as usual. After a 403 containerd wants no more than the error's text.
 */
function* resolveByGet(
  session: Session,
  resolver: Session,
  reference: string,
  refused: Exchange,
  phase: Phase,
): Talk<FetchedManifest> {
  const shape = manifestShape(resolver, 'GET', reference, acceptResolve(resolver), phase);
  const { request, reply } = yield* exchange(resolver, shape);
  const isFailure = reply.failure !== '' || reply.status !== 200;
  if (isFailure) throw failureOf(request, reply, knownOf(resolver, shape));
  if (refused.reply.status === 403 && session.client.headRefused !== 'any') {
    throw failureOf(refused.request, refused.reply, knownOf(resolver, shape));
  }
  const told = reply.header('Docker-Content-Digest') ?? '';
  const digest = isUsableDigest(told) ? told : reply.digest;
  return yield* getManifest(session, digest, acceptManifest(session, typeOf(reply)), phase);
}

function withoutDigest(request: HttpRequest, reply: HttpReply): PullFailure {
  const message = `${requestLine(request)}: missing required header Docker-Content-Digest`;
  return new PullFailure('bad-manifest', request, reply.status, message, { reply });
}

const typeOf = (reply: HttpReply): string =>
  bareMediaType(reply.header('Content-Type') ?? '') || '*/*';

/**
 * The same at several hosts: the first that knows the reference says what it names, and that is asked of all
 * of them again. @throws PullFailure, the most telling: a status before a 404, that before no reply at all
 */
function* resolveAtHosts(
  resolvers: readonly Session[],
  hosts: readonly Session[],
  reference: string,
  accepted: readonly string[],
  phase: Phase,
): Talk<FetchedManifest> {
  const byTag = (host: Session) => getManifest(host, reference, accepted, phase);
  if (resolvers[0]?.client.resolve === 'get') return yield* fromHosts(resolvers, byTag);
  let worst: PullFailure | undefined;
  for (let i = 0; i < resolvers.length; i++) {
    const host = resolvers[i] as Session;
    const { failure, request, reply } = yield* headAt(host, reference, accepted, phase);
    if (failure === undefined) {
      const digest = reply.header('Docker-Content-Digest') ?? '';
      if (reply.status === 405 || !isUsableDigest(digest)) return yield* byTag(host);
      const accept = acceptManifest(host, typeOf(reply));
      return yield* fromHosts(hosts, (at) => getManifest(at, digest, accept, phase));
    }
    if (reply?.status === 403 && request !== undefined) yield* wordsOfRefusal(byTag(host));
    if (worst === undefined || weightOf(failure) > weightOf(worst)) worst = failure;
    if (i + 1 < resolvers.length) yield onwards(failure);
  }
  throw worst;
}

type Headed =
  | (Exchange & { readonly failure: undefined })
  | (Partial<Exchange> & { readonly failure: PullFailure });

function* headAt(
  host: Session,
  reference: string,
  accepted: readonly string[],
  phase: Phase,
): Talk<Headed> {
  const resolver = host.client.resolvesApart === undefined ? host : resolverOf(host);
  try {
    const shape = manifestShape(resolver, 'HEAD', reference, accepted, phase);
    const met = yield* exchange(resolver, shape);
    const { status, failure } = met.reply;
    const isKnown = failure === '' && (status === 200 || status === 405);
    return {
      ...met,
      failure: isKnown ? undefined : failureOf(met.request, met.reply, knownOf(host, shape)),
    };
  } catch (error) {
    if (error instanceof PullFailure && isOpening(error)) return { failure: error };
    throw error;
  }
}

/** A GET for the text of an error that HEAD has no room for; whatever comes of it changes nothing. */
function* wordsOfRefusal(asked: Talk<FetchedManifest>): Talk<void> {
  try {
    yield* asked;
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
  }
}

const weightOf = ({ status }: PullFailure): number => (status === 0 ? 0 : status === 404 ? 1 : 2);

/** The same dealings over other connections, without a token yet; a line of the configuration may be there. */
function resolverOf(session: Session): Session {
  const { registryUrl, repository, client, credentials, actions, extraScopes } = session;
  const own = apart(client);
  const resolver = openSession(registryUrl, repository, own, credentials, actions, extraScopes);
  resolver.authorization = session.authorization;
  resolver.clock = session.clock;
  resolver.random = session.random;
  return resolver;
}

const apart = rememberByObject(
  (client: ClientProfile): ClientProfile => ({ ...client, apart: true }),
);

/** Fetches the manifest of a descriptor, its size checked as well. */
export function fetchManifest(
  session: Session,
  descriptor: Descriptor,
  phase: Phase,
): Talk<FetchedManifest> {
  const { digest, mediaType, size } = descriptor;
  const accept = acceptManifest(session, mediaType);
  const { hosts } = session;
  if (hosts === undefined) return getManifest(session, digest, accept, phase, size);
  return fromHosts(hosts, (host) => getManifest(host, digest, accept, phase, size));
}

function acceptResolve({ client, random }: Session): readonly string[] {
  const { acceptResolve: types, acceptRotates } = client;
  return acceptRotates === undefined ? types : rotated(types, random);
}

function acceptManifest({ client, random }: Session, mediaType: string): readonly string[] {
  const { acceptManifest: types, acceptRotates } = client;
  if (types === 'descriptor') return acceptOfType(mediaType);
  if (types === 'media-type') return acceptAlone(mediaType);
  return acceptRotates === undefined ? types : rotated(types, random);
}

/** Every rotation of a list, made once, so that requests can be remembered by it. */
const rotations = rememberByObject((types: readonly string[]): (readonly string[])[] =>
  types.map((_, i) => [...types.slice(i), ...types.slice(0, i)]),
);

function rotated(types: readonly string[], random: (() => number) | undefined): readonly string[] {
  const at = Math.floor((random?.() ?? 0) * types.length);
  return rotations(types)[at] ?? types;
}

const isDigest = (reference: string): boolean => reference.includes(':');

function* getManifest(
  session: Session,
  reference: string,
  accept: readonly string[],
  phase: Phase,
  size?: number,
): Talk<FetchedManifest> {
  const algorithm = algorithmOf(reference);
  const shape = manifestShape(session, 'GET', reference, accept, phase);
  let request = registryRequest(session, shape);
  // No look at the clock: manifests follow the token at once.
  let reply: HttpReply = yield request;
  if (reply.status !== 200) ({ request, reply } = yield* settle(session, shape, request, reply));
  const isPart = reply.status === 206 && shape.extra !== undefined;
  let { bytes, text } = reply;
  if (reply.failure === 'short-body' && session.client.resume?.manifests) {
    const wanted = size ?? Number(reply.header('Content-Length') ?? 0);
    const whole = yield* recover(session, shape, phase, wanted, { request, reply });
    ({ request, reply } = whole.last);
    ({ bytes, text } = whole);
  } else if (reply.failure !== '' || (reply.status !== 200 && !isPart)) {
    throw failureOf(request, reply, { ...knownOf(session, shape), bytesExpected: size });
  }
  session.worked = session.authorization !== '';
  const known = { reply, reference, bytesExpected: size };
  if (algorithm !== undefined && reply.digest !== reference) {
    const message = `${requestLine(request)}: the bytes hash to ${reply.digest}`;
    throw new PullFailure('wrong-digest', request, reply.status, message, known);
  }
  if (size !== undefined && bytes !== size) {
    const kind = bytes < size ? 'short-body' : 'long-body';
    const message = `${requestLine(request)}: ${bytes} bytes came, the descriptor says ${size}`;
    throw new PullFailure(kind, request, reply.status, message, known);
  }
  return readFetched(session.client, { request, reply }, reference, text, bytes);
}

function readFetched(
  client: ClientProfile,
  { request, reply }: Exchange,
  reference: string,
  text: string,
  bytes: number,
): FetchedManifest {
  const { digest } = reply;
  const mediaType = bareMediaType(reply.header('Content-Type') ?? '');
  const read = cachedDocument(digest, text, mediaType);
  if (typeof read === 'string') {
    const message = `${requestLine(request)}: ${read}`;
    throw new PullFailure('bad-manifest', request, reply.status, message, { reply, reference });
  }
  if (!isTaken(client, read.kind, mediaType)) {
    const came = mediaType === '' ? 'without a Content-Type that can be read' : `as ${mediaType}`;
    const message = `${requestLine(request)}: ${read.kind === 'index' ? 'an' : 'a'} ${read.kind} comes ${came}`;
    throw new PullFailure('bad-manifest', request, reply.status, message, { reply, reference });
  }
  return { document: read, digest, bytes, mediaType };
}

/** Whether the client takes what came for what it is. */
function isTaken(
  { ignoresTypes, needsTypes }: ClientProfile,
  kind: ManifestKind,
  mediaType: string,
): boolean {
  if (needsTypes) return kind === 'schema1' || kindOfMediaType(mediaType) !== undefined;
  return kind !== 'index' || mediaType === '' || isIndexType(mediaType) || ignoresTypes === true;
}

/** What clients take for an index; they do not look into what comes as anything else. */
function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerManifestList;
}

/** `type/subtype` of a Content-Type value; '' when it cannot be read. */
const bareMediaType = remember((value) => parseContentType(value)?.type ?? '');

const isUsableDigest = remember(isWellFormedDigest);

/** Load runs read the same few manifests a million times; parsed ones are kept by digest and type. */
const documents = new Map<string, ManifestDocument>();
const documentsMax = 64;

function cachedDocument(
  digest: string,
  text: string,
  mediaType: string,
): ManifestDocument | string {
  const key = `${digest} ${mediaType}`;
  const known = documents.get(key);
  if (known !== undefined) return known;
  const read = readManifestDocument(text, mediaType);
  if (typeof read === 'string' || digest === '') return read;
  keep(documents, key, read, documentsMax);
  return read;
}

/** What was asked for before, by its `Accept` types and its path: the same object for the same. */
const knownShapes = rememberByObject((_: readonly string[]) => new Map<string, RequestShape>());

/** A client that reads in open ranges asks for manifests so, too. */
const wholeRange: readonly HeaderLine[] = [['Range', 'bytes=0-']];

function manifestShape(
  { repository, client }: Session,
  method: 'GET' | 'HEAD',
  reference: string,
  accept: readonly string[],
  phase: Phase,
): RequestShape {
  const path = `/v2/${repository}/manifests/${reference}`;
  const inRange = client.ranges?.form === 'open' && method === 'GET' && isDigest(reference);
  const key = inRange ? `${path} ` : path;
  const known = knownShapes(accept);
  const before = known.get(key);
  if (before !== undefined && before.method === method && before.phase === phase) return before;
  const want = method === 'HEAD' ? 'none' : 'text';
  const algorithm = algorithmOf(reference) ?? 'sha256';
  const shape = {
    method,
    path,
    accept,
    want,
    algorithm,
    phase,
    bodyBytesMax: manifestBytesMax,
    ...(inRange && { extra: wholeRange }),
  } as const;
  keep(known, key, shape);
  return shape;
}
