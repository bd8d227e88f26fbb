// Deleting as checks do it: a registry may not offer it, and says so by its status.

import { PullFailure } from '../../protocol/failure.ts';
import type { Session } from '../../protocol/session.ts';
import type { Talk } from '../../protocol/talk.ts';
import { type CheckContext, type Leftover, Unsupported, Void } from '../check.ts';
import { ask, type Exchange, smallBytesMax } from './ask.ts';
import { absentStatuses, givenBlob } from './blobs.ts';
import { freshContent } from './content.ts';
import { expectStatus } from './expect.ts';
import { given } from './given.ts';
import { givenImage } from './stored.ts';
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
    throw new Void(`${kindOf(below).many} may not be deleted here (${status})`);
  return exchange;
}

/** What can be deleted; by the path, as both kinds of manifests have one endpoint. */
interface Kind {
  readonly one: string;
  readonly many: string;
}

const kinds = {
  tag: { one: 'tag', many: 'tags' },
  manifest: { one: 'manifest', many: 'manifests' },
  blob: { one: 'blob', many: 'blobs' },
} as const satisfies Record<string, Kind>;

function kindOf(below: string): Kind {
  if (below.startsWith('blobs/')) return kinds.blob;
  return below.includes(':') ? kinds.manifest : kinds.tag;
}

/** DELETE, which must be accepted, the first time. @throws Unsupported when the registry has disabled it */
export function* expectDeleted(
  context: CheckContext,
  below: string,
  what: string,
  repository?: string,
): Talk<void> {
  const exchange = yield* tryDelete(context, below, repository);
  yield* unlessInUse(context, exchange, below, repository);
  expectAccepted(exchange, what);
}

/** Statuses by which registries keep what something else needs: a conflict, or as if it were disabled. */
const keeping: readonly number[] = [400, 405, 409];

/** Whether one thing may have been kept because of what names it. */
export function isKept({ reply }: Exchange): boolean {
  return keeping.includes(reply.status);
}

/**
 * What is in use a registry may keep: that it deletes others shows by one that nothing names.
 * `use`: what names it, where the run's own pushes do not tell. @throws Unsupported
 */
function* unlessInUse(
  context: CheckContext,
  exchange: Exchange,
  below: string,
  repository = context.repository,
  use = useOf(context, below, repository),
): Talk<void> {
  if (use === undefined || !isKept(exchange)) return;
  const kind = kindOf(below);
  const plain = yield* tryDelete(context, yield* plainOne(context, kind, repository), repository);
  if (plain.reply.status !== 202) return;
  const { status } = exchange.reply;
  throw new Unsupported(`the registry deletes no ${kind.one} ${use} (${status})`);
}

/** Pushes a manifest or blob that nothing names. */
function* plainOne(context: CheckContext, kind: Kind, repository: string): Talk<string> {
  const name = `${context.running?.id ?? ''} that nothing names`;
  if (kind !== kinds.blob) {
    const { content } = yield* givenImage(context, name, undefined, repository);
    return `manifests/${content.digest}`;
  }
  const content = freshContent(context, name, 300);
  yield* givenBlob(context, content, repository);
  return `blobs/${content.digest}`;
}

/** What the run has pushed that needs the manifest or blob: a tag of it, or the same in another repository. */
function useOf({ leftovers }: CheckContext, below: string, repository: string): string | undefined {
  const reference = below.slice(below.indexOf('/') + 1);
  if (kindOf(below) === kinds.tag) return undefined;
  if (tagged(leftovers, repository).includes(reference)) return 'that a tag names';
  const isElsewhere = leftovers.some(
    (one) => one.repository !== repository && one.reference === reference,
  );
  return isElsewhere ? 'that another repository has' : undefined;
}

/** Digests to which tags were pushed, each tag where it led last. */
function tagged(leftovers: readonly Leftover[], repository: string): readonly string[] {
  const tags = leftovers.flatMap(({ repository: of, reference, digest }) =>
    of === repository && digest !== undefined ? [[reference, digest] as const] : [],
  );
  return [...new Map(tags).values()];
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
 * judge that: the evidence has both answers, and `check` is the one that fails. `use`: what names it, besides tags.
 * @throws Void, Unsupported
 */
export function* givenDeleted(
  context: CheckContext,
  below: string,
  what: string,
  check: string,
  repository?: string,
  use?: string,
): Talk<void> {
  yield* given(context, check, function* () {
    let exchange = yield* tryDelete(context, below, repository);
    for (let again = 0; exchange.reply.status >= 500 && again < stumblesMax; again++) {
      exchange = yield* tryDelete(context, below, repository);
    }
    yield* unlessInUse(context, exchange, below, repository, use);
    expectAccepted(exchange, what);
  });
}

/** HEAD of what stands at the path below the repository says that it is not there, too. */
export function* expectHeadAbsent(context: CheckContext, below: string): Talk<void> {
  const path = `/v2/${context.repository}/${below}`;
  const shape = { method: 'HEAD', path, want: 'none', phase: 'other' } as const;
  const session = context.session(context.repository, 'pull,push');
  const { last } = yield* ask(context, { ...shape, bodyBytesMax: smallBytesMax }, session);
  expectStatus(last, ...absentStatuses(below));
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
