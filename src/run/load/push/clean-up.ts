// Takes away what the pushes of a load run left, as far as the registry lets us: manifests, and their tags
// with them. Blobs that nothing names any more are for its garbage collection.
import type { Pushes } from '../../../../reports/results.ts';
import { type PlannedPush, tagPrefixOf } from '../../../../scenarios/lib/plan.ts';
import type { ClientProfile } from '../../../protocol/client.ts';
import { PullFailure } from '../../../protocol/failure.ts';
import { exchange, openSession, type Session } from '../../../protocol/session.ts';
import type { Talk } from '../../../protocol/talk.ts';
import { listTags } from '../../../protocol/talks/listing.ts';
import { ping } from '../../../protocol/talks/ping.ts';
import type { Access } from '../../context.ts';
import { withDriver } from '../../with-driver.ts';

/** A registry that refuses this many refuses all of it. */
const refusalsMax = 3;
const deletionsAtOnce = 4;
/** Times that the tags are listed: a page may hold only some of them. */
const roundsMax = 1000;
const replyBytesMax = 1024 * 1024;

/** What is left of `left`. Never throws for what a registry does. */
export function cleanUpPushes(
  push: PlannedPush,
  left: Pushes['left'],
  client: ClientProfile,
  access: Access,
  signal: AbortSignal,
): Promise<Pushes['left']> {
  const { registryUrl, repository, credentials, run } = push;
  const session = openSession(registryUrl, repository, client, credentials, 'delete,pull,push');
  return withDriver(access, signal, async (driver) => {
    const gone = await driver.run(deleteAll(session, tagPrefixOf(run)));
    return left
      .map((one) => ({ ...one, tags: Math.max(0, one.tags - gone) }))
      .filter(({ tags }) => tags > 0);
  });
}

/** Returns how many tags are gone. */
function* deleteAll(session: Session, prefix: string): Talk<number> {
  let gone = 0;
  let refusals = 0;
  const one = function* (tag: string): Talk<void> {
    if (refusals >= refusalsMax) return;
    if (yield* isDeleted(session, tag)) gone++;
    else refusals++;
  };
  // The others answer a challenge when there is one.
  if (session.client.ping && !(yield* isWelcome(session))) return 0;
  for (let round = 0; round < roundsMax && refusals < refusalsMax; round++) {
    const tags = yield* tagsWith(session, prefix);
    if (tags.length === 0) break;
    yield { parallel: tags.map(one), limit: deletionsAtOnce };
  }
  return gone;
}

function* isWelcome(session: Session): Talk<boolean> {
  try {
    yield* ping(session);
    return true;
  } catch (error) {
    if (error instanceof PullFailure) return false;
    throw error;
  }
}

function* tagsWith(session: Session, prefix: string): Talk<string[]> {
  try {
    return (yield* listTags(session)).filter((tag) => tag.startsWith(prefix));
  } catch (error) {
    if (error instanceof PullFailure) return [];
    throw error;
  }
}

/** By digest, for many registries delete no tags; these go with their manifest. */
function* isDeleted(session: Session, tag: string): Talk<boolean> {
  const path = (reference: string) => `/v2/${session.repository}/manifests/${reference}`;
  const shape = { want: 'none', bodyBytesMax: replyBytesMax, phase: 'other' } as const;
  const accept = session.client.acceptResolve;
  try {
    const head = yield* exchange(session, { ...shape, method: 'HEAD', path: path(tag), accept });
    const digest = head.reply.header('Docker-Content-Digest');
    const { reply } = yield* exchange(session, {
      ...shape,
      method: 'DELETE',
      path: path(digest ?? tag),
    });
    return reply.status === 202 || reply.status === 200 || reply.status === 404;
  } catch (error) {
    if (error instanceof PullFailure) return false;
    throw error;
  }
}
