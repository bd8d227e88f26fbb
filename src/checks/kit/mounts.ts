// Mounting a blob from another repository, as checks ask for it: the request, with a token for both.

import type { RequestShape, Session } from '../../protocol/session.ts';
import type { Talk } from '../../protocol/talk.ts';
import type { CheckContext } from '../check.ts';
import { askOnce, type Exchange, smallBytesMax } from './ask.ts';
import type { Content } from './content.ts';
import { noteLeftover, sentOn } from './upload.ts';

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

/** Into any repository, whose blob is for the caller to note. */
export function* mountTo(
  context: CheckContext,
  repository: string,
  query: string,
  session: Session,
): Talk<Exchange> {
  const asked = yield* askOnce(context, mountShape({ repository }, query), session);
  return yield* sentOn(session, asked);
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
