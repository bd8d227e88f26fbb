// Takes away what the run has pushed, as far as the registry lets it.
import { PullFailure } from '../../protocol/failure.ts';
import type { Talk } from '../../protocol/talk.ts';
import type { CheckContext, Leftover } from '../check.ts';
import { commonContents, contentOf } from '../kit/content.ts';
import { send } from '../kit/upload.ts';

/**
 * Deletes what the run has left: tags, then manifests, then blobs, of each the last first, so that what
 * points to other content goes before it. Returns what is left. Never throws for what a registry does.
 */
export function* cleanUp(context: CheckContext): Talk<Leftover[]> {
  const left: Leftover[] = [];
  for (const group of groupsOf(context.leftovers)) left.push(...(yield* deleted(context, group)));
  // A registry may delete no tags; they go with their manifest (spec.md, "Deleting Manifests").
  const paths = new Set(left.map(pathOf));
  return left.filter(({ digest, ...one }) => {
    return digest === undefined || paths.has(pathOf({ ...one, reference: digest }));
  });
}

/** A registry that refuses three of a kind refuses all of it; hundreds of requests would only annoy. */
const refusalsMax = 3;
const deletionsAtOnce = 4;

/** Content of no run's own: another run that uses the repository may need it at this moment. */
const commonDigests: ReadonlySet<string> = new Set(
  commonContents.flatMap(({ bytes }) => {
    return (['sha256', 'sha512'] as const).map((by) => contentOf(bytes, by).digest);
  }),
);

function groupsOf(leftovers: readonly Leftover[]): Leftover[][] {
  const each = new Map(leftovers.map((one) => [pathOf(one), one]));
  const latest = [...each.values()].reverse();
  const isTag = ({ kind, reference }: Leftover) => kind === 'manifest' && !reference.includes(':');
  const manifests = latest.filter(({ kind }) => kind === 'manifest');
  return [
    manifests.filter(isTag),
    manifests.filter((one) => !isTag(one)),
    latest.filter(({ kind }) => kind === 'blob'),
  ];
}

function pathOf({ kind, repository, reference }: Leftover): string {
  return `/v2/${repository}/${kind}s/${reference}`;
}

function* deleted(context: CheckContext, group: readonly Leftover[]): Talk<Leftover[]> {
  const left: Leftover[] = [];
  let refusals = 0;
  const one = function* (leftover: Leftover): Talk<void> {
    const isCommon = commonDigests.has(leftover.reference);
    const isGone = !isCommon && refusals < refusalsMax && (yield* isDeleted(context, leftover));
    if (isGone) return;
    left.push(leftover);
    if (!isCommon) refusals++;
  };
  yield { parallel: group.map(one), limit: deletionsAtOnce };
  return left;
}

function* isDeleted(context: CheckContext, leftover: Leftover): Talk<boolean> {
  try {
    const { repository } = leftover;
    const wanted = { method: 'DELETE', path: pathOf(leftover), repository } as const;
    const { reply } = yield* send(context, wanted);
    return reply.status === 202 || reply.status === 200 || reply.status === 404;
  } catch (error) {
    if (error instanceof PullFailure) return false;
    throw error;
  }
}
