// Deleting as checks do it: a registry may not offer it, and says so by its status.
import { PullFailure } from '../protocol/failure.ts';
import type { Talk } from '../protocol/talk.ts';
import { askOnce, type Hop, smallBytesMax } from './ask.ts';
import { type CheckContext, expectStatus, Unsupported, Void } from './check.ts';
import { prepared, step } from './push.ts';

/**
 * DELETE of what stands at the path below the repository; any reply is an answer.
 * @throws Void when the run's credentials may not delete, or get no token to do so
 */
export function* tryDelete(
  context: CheckContext,
  below: string,
  repository = context.repository,
): Talk<Hop> {
  const path = `/v2/${repository}/${below}`;
  let hop: Hop;
  try {
    hop = yield* step(context, { method: 'DELETE', path, repository });
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    throw new Void(`no token to delete with: ${error.message}`);
  }
  const { status } = hop.reply;
  if (status === 401 || status === 403)
    throw new Void(`these credentials may not delete (${status})`);
  return hop;
}

/** Times that a 5xx is asked again. */
const stumblesMax = 2;

/** DELETE, which must be accepted. @throws Unsupported when the registry has disabled it */
export function* expectDeleted(
  context: CheckContext,
  below: string,
  what: string,
  repository?: string,
): Talk<void> {
  let { reply } = yield* tryDelete(context, below, repository);
  // Registries that look through all tags stumble over what other checks push or delete meanwhile, and do
  // not the next time. Whether they do that is not what is judged here.
  for (let again = 0; reply.status >= 500 && again < stumblesMax; again++) {
    ({ reply } = yield* tryDelete(context, below, repository));
  }
  // spec.md, "Content Management": the two answers of a registry where it is disabled.
  if (reply.status === 400 || reply.status === 405) {
    throw new Unsupported(`the registry does not delete ${what} (${reply.status})`);
  }
  expectStatus(reply, 202);
}

/** As `expectDeleted`, for checks that judge something else. @throws Void, Unsupported */
export function* haveDeleted(
  context: CheckContext,
  below: string,
  what: string,
  check: string,
  repository?: string,
): Talk<void> {
  yield* prepared(check, () => expectDeleted(context, below, what, repository));
}

/** HEAD of what stands at the path below the repository is 404, too. */
export function* expectHeadAbsent(context: CheckContext, below: string): Talk<void> {
  const path = `/v2/${context.repository}/${below}`;
  const shape = { method: 'HEAD', path, want: 'none', phase: 'other' } as const;
  const session = context.session(context.repository, 'pull,push');
  const { reply } = yield* askOnce(context, { ...shape, bodyBytesMax: smallBytesMax }, session);
  expectStatus(reply, 404);
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
