// Mounting a blob from another repository, as checks ask for it: the request, with a token for both.

import { PullFailure } from '../../protocol/failure.ts';
import type { RequestShape, Session } from '../../protocol/session.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type CheckContext, Unsupported } from '../check.ts';
import { ask, type Exchange, lastOf, smallBytesMax } from './ask.ts';
import { givenBlob } from './blobs.ts';
import { type Content, freshContent } from './content.ts';
import { describe, expectStatus } from './expect.ts';
import { notGiven } from './given.ts';
import { giveUp, locationOf, noteLeftover } from './upload.ts';

/** Asks for a mount, with a token for both repositories. `from` undefined: from wherever it is. */
export function* mount(
  context: CheckContext,
  content: Pick<Content, 'digest'>,
  from: string | undefined,
  session = sessionFor(context, from),
): Talk<Exchange> {
  return yield* mountAsWritten(context, content, from, queryOf(content, from), session);
}

/** As `mount`, by a query that the caller has written. */
export function* mountAsWritten(
  context: CheckContext,
  content: Pick<Content, 'digest'>,
  from: string | undefined,
  query: string,
  session = sessionFor(context, from),
): Talk<Exchange> {
  const exchange = yield* mountTo(context, context.repository, query, session);
  if (exchange.reply.status === 201) {
    noteLeftover(context, {
      kind: 'blob',
      repository: context.repository,
      reference: content.digest,
    });
  }
  return exchange;
}

/** A mount that was answered 201 or 202. @throws Unsupported where it was refused, which `mount-or-upload` judges */
export function expectMountAnswer({ reply }: Exchange): void {
  if (isMountRefused(reply)) throw noMounts(reply);
  expectStatus(reply, 201, 202);
}

/** 4xx, as the text only wants a 202 there (SHOULD); too slow and too often are no refusals. */
function isMountRefused({ status }: HttpReply): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function noMounts({ status }: HttpReply): Unsupported {
  return new Unsupported(`the registry refuses to mount (${status}), as mount-or-upload tells`);
}

/** An upload that began in place of a mount, and is of no use, is given up. */
export function* abandoned(context: CheckContext, exchange: Exchange): Talk<void> {
  const isBegun = exchange.reply.status === 202 && exchange.reply.header('Location') !== undefined;
  if (isBegun) yield* giveUp(context, { url: locationOf(exchange) });
}

/** A refused mount is held against `mount-or-upload` where plain mounts are refused, too. @throws Void */
export function* givenMountsAnswered(
  context: CheckContext,
  name: string,
  { reply }: Exchange,
): Talk<void> {
  if (!isMountRefused(reply)) return;
  const content = freshContent(context, `${name} plain`, 300);
  yield* givenBlob(context, content, context.otherRepository);
  const plain = yield* mount(context, content, context.otherRepository);
  yield* abandoned(context, plain);
  if (isMountRefused(plain.reply)) {
    throw notGiven(context, 'mount-or-upload', describe(plain.reply));
  }
}

/**
 * Into any repository, whose blob is for the caller to note.
 * @throws Unsupported where the token server gives no token for the two, which mount-scope-refused and
 *   token-two-scopes judge
 */
export function* mountTo(
  context: CheckContext,
  repository: string,
  query: string,
  session: Session,
): Talk<Exchange> {
  try {
    return lastOf(yield* ask(context, mountShape({ repository }, query), session));
  } catch (error) {
    const isRefused = error instanceof PullFailure && error.hop === 'token';
    if (!isRefused || ![401, 403, 404].includes(error.status)) throw error;
    throw new Unsupported(`there is no token for this mount: ${error.message}`);
  }
}

export function sessionFor(
  { repository, session }: CheckContext,
  from: string | undefined,
): Session {
  return session(repository, 'pull,push', from === undefined ? [] : [`repository:${from}:pull`]);
}

export function queryOf({ digest }: Pick<Content, 'digest'>, from: string | undefined): string {
  const source = from === undefined ? '' : `&from=${encodeURIComponent(from)}`;
  return `mount=${encodeURIComponent(digest)}${source}`;
}

export function mountShape(
  { repository }: Pick<CheckContext, 'repository'>,
  query: string,
): RequestShape {
  const path = `/v2/${repository}/blobs/uploads/?${query}`;
  return { method: 'POST', path, want: 'text', bodyBytesMax: smallBytesMax, phase: 'other' };
}
