// Blobs of checks: pushing one that a check needs, and asking for it afterwards, at the place that the
// registry named, at its own, and by HEAD.

import type { Descriptor } from '../../protocol/grammar/manifest-document.ts';
import { isRedirect } from '../../protocol/redirect.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { algorithmOf } from '../../protocol/talks/blob.ts';
import { type CheckContext, Unsupported } from '../check.ts';
import { ask, askHere, blobShape, headOf, smallBytesMax } from './ask.ts';
import { type Content, freshContent } from './content.ts';
import {
  describe,
  expectContent,
  expectContentLength,
  expectStatus,
  expectThat,
  fact,
} from './expect.ts';
import { given } from './given.ts';
import {
  closeUpload,
  expectTaken,
  locationOf,
  noteLeftover,
  octets,
  postUpload,
  send,
} from './upload.ts';

const mediaType = octets[1];

/** The URL, of the registry or of another host, brings a blob (by sha256) byte for byte. */
export function* expectBlobUnder(
  context: CheckContext,
  url: string,
  { digest, size }: Content,
  repository = context.repository,
): Talk<void> {
  const bodyBytesMax = Math.max(size, smallBytesMax);
  const get = { method: 'GET', path: url, repository, bodyBytesMax } as const;
  const { reply } = yield* send(context, get);
  expectContent(reply, { digest, size, mediaType });
}

/** HEAD of the blob says that it is there, and how long it is. */
export function* expectHeadOfBlob(
  context: CheckContext,
  { digest, size }: Content,
  repository = context.repository,
): Talk<void> {
  const path = `/v2/${repository}/blobs/${digest}`;
  const shape = { ...blobShape(context, { digest, size, mediaType }), path };
  const session = context.session(repository, 'pull,push');
  const { last } = yield* ask(context, headOf(shape), session);
  expectStatus(last, 200);
  const length = expectContentLength(last);
  expectThat(length === size, `Content-Length: ${size}`, `Content-Length: ${length}`);
}

/**
 * A blob that a check needs in the registry, pushed the plainest way (POST, then PUT).
 * @throws Void where that does not work, which other checks judge; Unsupported (for sha512)
 */
export function* givenBlob(
  context: CheckContext,
  content: Content,
  repository = context.repository,
): Talk<void> {
  yield* given(context, 'upload-post-put', function* () {
    const refused = yield* pushPlain(context, content, repository);
    if (refused === undefined) return;
    // It is about the algorithm where sha256 is taken in the same way, and sha512 is refused each time.
    const usual = freshContent(context, `${content.digest} by sha256`, content.size);
    yield* pushPlain(context, usual, repository);
    const again = yield* pushPlain(context, content, repository);
    if (again !== undefined) throw noSha512(again);
  });
}

/** Pushes the blob. Returns the refusal of its algorithm, if it is sha512. @throws Broken */
function* pushPlain(
  context: CheckContext,
  { digest, bytes }: Content,
  repository: string,
): Talk<HttpReply | undefined> {
  const isSha512 = algorithmOf(digest) === 'sha512';
  const query = isSha512 ? 'digest-algorithm=sha512' : '';
  const begun = yield* postUpload(context, query, repository);
  if (isSha512 && refusesAlgorithm(begun.reply)) return begun.reply;
  expectStatus(begun.reply, 202);
  const url = locationOf(begun);
  const { reply } = yield* closeUpload(context, url, digest, bytes, [octets], repository);
  if (isSha512 && refusesAlgorithm(reply)) return reply;
  expectTaken(reply, bytes.length);
  expectStatus(reply, 201);
  noteLeftover(context, { kind: 'blob', repository, reference: digest });
  return undefined;
}

/** Statuses by which what is pushed is said to be of no use; not those that are about its length or its speed. */
const noUse: readonly number[] = [400, 405, 406, 415, 422];

/**
 * Whether what was pushed by sha512 was refused, as an algorithm may be that is not supported; that it is by 400
 * is a SHOULD (spec.md, "Pushing blobs").
 */
export function refusesAlgorithm({ status }: Pick<HttpReply, 'status'>): boolean {
  return noUse.includes(status);
}

export function noSha512({ status }: Pick<HttpReply, 'status'>): Unsupported {
  return new Unsupported(`the registry does not take sha512 digests (${status})`);
}

/** The blob is there, byte for byte. */
export function* expectBlob(
  context: CheckContext,
  { digest, size }: Content,
  repository = context.repository,
): Talk<void> {
  const path = `/v2/${repository}/blobs/${digest}`;
  const session = context.session(repository, 'pull,push');
  const shape = { ...blobShape(context, { digest, size, mediaType: octets[1] }), path };
  const { last } = yield* ask(context, shape, session);
  expectContent(last, { digest, size, mediaType: octets[1] });
}

/** By these it is not there: 404, and 400 for a digest of an algorithm that a registry need not know. */
export function absentStatuses(below: string): readonly number[] {
  const isOfOther = below.includes(':') && !below.includes('/sha256:');
  return isOfOther ? [404, 400] : [404];
}

/** Whatever stands at the path below the repository is not there. */
export function* expectAbsent(
  context: CheckContext,
  below: string,
  repository = context.repository,
): Talk<void> {
  const session = context.session(repository, 'pull,push');
  const shape = { path: `/v2/${repository}/${below}`, want: 'none', phase: 'other' } as const;
  const { last } = yield* ask(context, { ...shape, bodyBytesMax: smallBytesMax }, session);
  const statuses = absentStatuses(below);
  const isAbsent = statuses.includes(last.status);
  expectThat(isAbsent, `${statuses.join(' or ')} for ${below}`, describe(last));
}

/** Asked as clients do before they push. */
export function* isThere(context: CheckContext, digest: string, repository: string): Talk<boolean> {
  return yield* given(context, 'upload-post-put', function* () {
    const { reply } = yield* askHere(...headOfBlob(context, digest, repository));
    return reply.status === 200 || isRedirect(reply);
  });
}

/** The registry has the blob: it serves it, or says where. */
export function* expectBlobThere(
  context: CheckContext,
  { digest }: Content,
  repository = context.repository,
): Talk<void> {
  const { reply } = yield* askHere(...headOfBlob(context, digest, repository));
  expectStatus(reply, 200, 301, 302, 303, 307, 308);
}

function headOfBlob(
  context: CheckContext,
  digest: string,
  repository: string,
): Parameters<typeof askHere> {
  const path = `/v2/${repository}/blobs/${digest}`;
  const shape = { path, want: 'none', bodyBytesMax: smallBytesMax, phase: 'other' } as const;
  return [context, headOf(shape), context.session(repository, 'pull,push')];
}

/** Pushes the blob and sees that it is there. @throws Void */
export function* givenBlobThere(
  context: CheckContext,
  content: Content,
  repository = context.repository,
): Talk<void> {
  yield* givenBlob(context, content, repository);
  yield* given(context, 'upload-post-put', () => expectBlobThere(context, content, repository));
}

/** The config and, if it is small enough, the smallest layer: registries may treat them differently. */
export function sampleBlobs(context: CheckContext): readonly Descriptor[] {
  const { config } = fact(context.facts.image);
  const [layer] = servedLayers(context).filter(({ size }) => size <= sampleBytesMax);
  return layer === undefined || layer.digest === config.digest ? [config] : [config, layer];
}

export function eachOnce(blobs: readonly Descriptor[]): readonly Descriptor[] {
  const unique = new Map(blobs.map((blob) => [blob.digest, blob]));
  return [...unique.values()].sort((a, b) => a.size - b.size);
}

/** A layer larger than this is no sample: it would be downloaded by several checks. */
const sampleBytesMax = 64 * 1024 * 1024;

/** Each layer once, the smallest first. */
function servedLayers(context: CheckContext): readonly Descriptor[] {
  return eachOnce(fact(context.facts.image).layers.filter(isServedHere));
}

/** Whether the registry owes us this layer; foreign ones lie elsewhere. */
export function isServedHere({ mediaType }: Descriptor): boolean {
  return !/\.foreign\.|\.nondistributable\./.test(mediaType);
}
