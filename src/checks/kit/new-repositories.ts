// Repositories that nobody has pushed to, beside the run's own: not every registry makes them by a push.

import { PullFailure } from '../../protocol/failure.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type CheckContext, Unsupported, Void } from '../check.ts';
import type { Exchange } from './ask.ts';
import { describe, expectStatus } from './expect.ts';
import { given } from './given.ts';
import { bare } from './manifests.ts';
import { expectManifest, putManifest } from './stored.ts';
import { ownTag } from './tags.ts';
import { closeUpload, locationOf, noteLeftover, octets, postUpload, send } from './upload.ts';

/** A name of the run's own, in the namespace of its repository. */
export function newRepository({ repository, nonce }: CheckContext, name: string): string {
  const slash = repository.lastIndexOf('/');
  return `${repository.slice(0, slash + 1)}pullproof-${name}-${nonce}`;
}

/** As `newRepository`, with every separator in its name, and components that are called as endpoints are. */
export function oddRepository({ repository, nonce }: CheckContext, name: string): string {
  const slash = repository.lastIndexOf('/');
  return `${repository.slice(0, slash + 1)}p.q_r__s-t--u/tags/blobs/manifests/${name}-${nonce}`;
}

/**
 * An upload begins in a new repository.
 * @throws Unsupported where repositories have to be made beforehand, Void where the server fails
 */
export function* givenUploadTo(context: CheckContext, repository: string): Talk<void> {
  const begun = yield* beginIn(context, repository);
  if (begun.reply.status !== 202) throw firstUploadFails(describe(begun.reply));
  yield* send(context, { method: 'DELETE', path: locationOf(begun), repository });
}

/** 4xx that say something else than "no": too slow, come again later. */
const others: readonly number[] = [408, 429];

/** Whether new repositories are refused, as they may be; a server that fails refuses nothing. */
function isRefusal({ status }: Pick<HttpReply, 'status'>): boolean {
  return status >= 400 && status < 500 && !others.includes(status);
}

/** @throws Unsupported, Void */
function* beginIn(context: CheckContext, repository: string): Talk<Exchange> {
  try {
    const begun = yield* postUpload(context, '', repository);
    if (isRefusal(begun.reply)) throw noNewOnes(begun.reply);
    return begun;
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    throw isRefusal(error) ? noNewOnes(error) : firstUploadFails(error.message);
  }
}

function noNewOnes({ status }: Pick<HttpReply, 'status'>): Unsupported {
  return new Unsupported(`new repositories may not be pushed to (${status})`);
}

function firstUploadFails(what: string): Void {
  return new Void(`the first upload to a new repository fails: ${what}`);
}

/** The first push to a new repository of a plain name: a blob and a manifest. @throws Unsupported, Void, Broken */
export function* pushFirst(context: CheckContext, name: string): Talk<string> {
  const repository = newRepository(context, name);
  const fixture = bare(context, repository, {});
  for (const { digest, bytes } of fixture.blobs) {
    const begun = yield* beginIn(context, repository);
    expectStatus(begun.reply, 202);
    const url = locationOf(begun);
    const { reply } = yield* closeUpload(context, url, digest, bytes, [octets], repository);
    expectStatus(reply, 201);
    noteLeftover(context, { kind: 'blob', repository, reference: digest });
  }
  const { content, mediaType } = fixture;
  const tag = ownTag(context, 'first');
  const { reply } = yield* putManifest(context, tag, content, mediaType, { repository });
  expectStatus(reply, 201);
  yield* expectManifest(context, tag, fixture, repository);
  return repository;
}

/**
 * Such a push holds, each time to another repository. For what failed in a new one and may not be about what it
 * tried. @throws Void, Unsupported
 */
export function* givenFirstPush(context: CheckContext, name: string): Talk<void> {
  let tries = 0;
  yield* given(context, 'push-first', () => pushFirst(context, `${name}-${tries++}`));
}
