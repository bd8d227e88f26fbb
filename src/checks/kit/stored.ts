// Manifests that a check needs in the registry, pushed with all that they name, and reading them back.

import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import { pathAt } from '../../protocol/grammar/uri.ts';
import type { RequestShape } from '../../protocol/session.ts';
import type { HeaderLine, Talk } from '../../protocol/talk.ts';
import { algorithmOf } from '../../protocol/talks/blob.ts';
import type { CheckContext } from '../check.ts';
import { type Asked, ask, type Exchange, manifestShape } from './ask.ts';
import { givenBlob, isThere } from './blobs.ts';
import { type Content, commonContents, contentOf, freshContent } from './content.ts';
import { expectContent, expectStatus } from './expect.ts';
import { given } from './given.ts';
import { bare, type ManifestFixture, type PushedManifest } from './manifests.ts';
import { neutral } from './neutral.ts';
import { isUnknownEnd, locationOf, noteLeftover, send } from './upload.ts';

/** Pushes what the manifest names. @throws Void, Unsupported (for sha512) */
export function* givenNeeded(
  context: CheckContext,
  { blobs, children }: ManifestFixture,
  repository = context.repository,
): Talk<void> {
  // An upload in any case: trouble with tokens or rate limits is for other checks to judge.
  const first = blobs[0] ?? freshContent(context, 'an upload before', 10);
  yield* givenBlobOnce(context, first, repository);
  const known = new Set([first.digest]);
  for (const blob of blobs) {
    if (known.has(blob.digest)) continue;
    known.add(blob.digest);
    yield* givenBlobOnce(context, blob, repository);
  }
  for (const { content, mediaType } of children) {
    yield* givenManifest(context, content.digest, content, mediaType, repository);
  }
}

/** Pushes the manifest, and before it what it names, to each of the references. @throws Void */
export function* givenPushed(
  context: CheckContext,
  fixture: ManifestFixture,
  references: readonly string[] = [fixture.content.digest],
  repository = context.repository,
): Talk<void> {
  yield* givenNeeded(context, fixture, repository);
  for (const reference of references) {
    yield* givenManifest(context, reference, fixture.content, fixture.mediaType, repository);
  }
}

/** Pushes a small image of this name to each of the references. @throws Void */
export function* givenImage(
  context: CheckContext,
  name: string,
  references?: readonly string[],
  repository = context.repository,
): Talk<ManifestFixture> {
  const fixture = bare(context, name, {});
  yield* givenPushed(context, fixture, references, repository);
  return fixture;
}

/** A blob, by the algorithm of its digest; what all have in common is there from the start. */
function* givenBlobOnce(context: CheckContext, blob: Content, repository: string): Talk<void> {
  const isCommon = commonContents.some((content) => content.digest === blob.digest);
  if (isCommon && (yield* isThere(context, blob.digest, repository))) return;
  yield* givenBlob(context, blob, repository);
}

/** `PUT` of a manifest to a tag or a digest; any reply is an answer. */
export function put(
  context: CheckContext,
  reference: string,
  { content, mediaType }: PushedManifest,
  query = '',
): Talk<Exchange> {
  return putManifest(context, reference, content, mediaType, { query });
}

/** GET of a manifest that was pushed, its own type accepted besides the usual ones. */
export function readShape(
  context: CheckContext,
  reference: string,
  { content, mediaType }: PushedManifest,
  repository = context.repository,
): RequestShape {
  const usual = neutral.acceptResolve[0] ?? '';
  return {
    ...manifestShape(context, reference),
    path: `/v2/${repository}/manifests/${reference}`,
    accept: usual.includes(mediaType) ? neutral.acceptResolve : [`${usual}, ${mediaType}`],
    algorithm: algorithmOf(content.digest) ?? 'sha256',
  };
}

/** The manifest is there, byte for byte. */
export function* expectManifest(
  context: CheckContext,
  reference: string,
  pushed: PushedManifest,
  repository = context.repository,
): Talk<Asked> {
  const session = context.session(repository, 'pull,push');
  const asked = yield* ask(context, readShape(context, reference, pushed, repository), session);
  expectContent(asked.last, { ...pushed.content, mediaType: pushed.mediaType });
  return asked;
}

/** What the reply to a push names as Location is the manifest, byte for byte. */
export function* expectLocation(
  context: CheckContext,
  exchange: Exchange,
  pushed: PushedManifest,
): Talk<string> {
  const url = locationOf(exchange);
  const { registryUrl } = context;
  const shape = readShape(context, pushed.content.digest, pushed);
  const path = pathAt(registryUrl, url);
  if (path === undefined) {
    const headers = (shape.accept ?? []).map((types) => ['Accept', types] as const);
    const { reply } = yield* send(context, { method: 'GET', path: url, headers });
    expectContent(reply, { ...pushed.content, mediaType: pushed.mediaType });
    return url;
  }
  const session = context.session(context.repository, 'pull,push');
  const { last } = yield* ask(context, { ...shape, path }, session);
  expectContent(last, { ...pushed.content, mediaType: pushed.mediaType });
  return url;
}

/** `PUT` of a manifest; any reply is an answer. `query` without `?`. */
export function* putManifest(
  context: CheckContext,
  reference: string,
  { bytes }: Pick<Content, 'bytes'>,
  mediaType: string,
  { query = '', repository = context.repository }: { query?: string; repository?: string } = {},
): Talk<Exchange> {
  const path = `/v2/${repository}/manifests/${reference}${query === '' ? '' : `?${query}`}`;
  const headers: HeaderLine[] = [['Content-Type', mediaType]];
  const exchange = yield* send(context, { method: 'PUT', path, headers, body: bytes, repository });
  if (exchange.reply.status === 201 || isUnknownEnd(exchange)) {
    const { digest } = contentOf(bytes);
    noteLeftover(context, { kind: 'manifest', repository, reference: digest });
    if (reference !== digest)
      noteLeftover(context, { kind: 'manifest', repository, reference, digest });
  }
  return exchange;
}

/** Which check judges the push of a manifest of this type, where it is not `manifest-put-image`. */
const putChecks: Readonly<Record<string, string>> = {
  [mediaTypes.ociIndex]: 'manifest-put-index',
  [mediaTypes.dockerManifest]: 'manifest-put-docker-image',
  [mediaTypes.dockerManifestList]: 'manifest-put-docker-list',
};

/**
 * A manifest that a check needs in the registry.
 * @throws Void where it cannot be pushed, which other checks judge
 */
export function* givenManifest(
  context: CheckContext,
  reference: string,
  content: Content,
  mediaType: string,
  repository = context.repository,
): Talk<void> {
  yield* given(context, putChecks[mediaType] ?? 'manifest-put-image', function* () {
    const { reply } = yield* putManifest(context, reference, content, mediaType, { repository });
    expectStatus(reply, 201);
  });
}
