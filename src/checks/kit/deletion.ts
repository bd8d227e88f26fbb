// Deleting as checks do it: a registry may not offer it, and says so by its status.

import { PullFailure } from '../../protocol/failure.ts';
import type { Session } from '../../protocol/session.ts';
import type { Talk } from '../../protocol/talk.ts';
import { type CheckContext, Unsupported, Void } from '../check.ts';
import { ask, type Exchange, smallBytesMax } from './ask.ts';
import { expectStatus } from './expect.ts';
import { given } from './given.ts';
import { send } from './upload.ts';

/**
 * DELETE of what stands at the path below the repository; any reply is an answer. `over`: how the session is used.
 * @throws Void when the run's credentials may not delete, or get no token to do so
 */
export function* tryDelete(
  context: CheckContext,
  below: string,
  repository = context.repository,
  over: (session: Session) => Session = (session) => session,
): Talk<Exchange> {
  const path = `/v2/${repository}/${below}`;
  const session = over(context.session(repository, 'delete,pull,push'));
  let exchange: Exchange;
  try {
    exchange = yield* send(context, { method: 'DELETE', path, repository, session });
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    throw new Void(`no token to delete with: ${error.message}`);
  }
  const { status } = exchange.reply;
  if (status === 401 || status === 403)
    throw new Void(`these credentials may not delete (${status})`);
  return exchange;
}

/** DELETE, which must be accepted, the first time. @throws Unsupported when the registry has disabled it */
export function* expectDeleted(
  context: CheckContext,
  below: string,
  what: string,
  repository?: string,
): Talk<void> {
  expectAccepted(yield* tryDelete(context, below, repository), what);
}

/** @throws Unsupported when the registry has disabled it */
export function expectAccepted({ reply }: Exchange, what: string): void {
  // spec.md, "Content Management": the two answers of a registry where it is disabled.
  if (reply.status === 400 || reply.status === 405) {
    throw new Unsupported(`the registry does not delete ${what} (${reply.status})`);
  }
  expectStatus(reply, 202);
}

/** Times that a 5xx is asked again, where the deletion is not what is judged. */
const stumblesMax = 2;

/**
 * As `expectDeleted`, for checks that judge something else. These ask again after a 5xx, so that they can
 * judge that: the evidence has both answers, and `check` is the one that fails.
 * @throws Void, Unsupported
 */
export function* givenDeleted(
  context: CheckContext,
  below: string,
  what: string,
  check: string,
  repository?: string,
): Talk<void> {
  yield* given(context, check, function* () {
    let exchange = yield* tryDelete(context, below, repository);
    for (let again = 0; exchange.reply.status >= 500 && again < stumblesMax; again++) {
      exchange = yield* tryDelete(context, below, repository);
    }
    expectAccepted(exchange, what);
  });
}

/** HEAD of what stands at the path below the repository is 404, too. */
export function* expectHeadAbsent(context: CheckContext, below: string): Talk<void> {
  const path = `/v2/${context.repository}/${below}`;
  const shape = { method: 'HEAD', path, want: 'none', phase: 'other' } as const;
  const session = context.session(context.repository, 'pull,push');
  const { last } = yield* ask(context, { ...shape, bodyBytesMax: smallBytesMax }, session);
  expectStatus(last, 404);
}

/** DELETE of what is not there is 404, of a registry that was seen to delete. */
export function* expectNotFound(
  context: CheckContext,
  below: string,
  repository?: string,
): Talk<string> {
  const { reply } = yield* tryDelete(context, below, repository);
  expectStatus(reply, 404);
  return '404';
}

/** DELETE of what is not there is 404. @throws Unsupported where deletion is disabled */
export function* expectUnknown(context: CheckContext, below: string): Talk<string> {
  const { reply } = yield* tryDelete(context, below);
  if (reply.status === 400 || reply.status === 405) {
    throw new Unsupported(`the registry does not delete that (${reply.status})`);
  }
  expectStatus(reply, 404);
  return '404';
}
