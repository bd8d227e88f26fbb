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

/**
 * A registry that refuses three in a row refuses all of the kind; hundreds of requests would only annoy. Each repository
 * and each form of reference counts for itself: who knows no tag or algorithm may delete by another all the same.
 */
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
  const refusalsInRow = new Map<string, number>();
  const one = function* (leftover: Leftover): Talk<void> {
    const kind = refusedWith(leftover);
    const refusals = () => refusalsInRow.get(kind) ?? 0;
    const isCommon = commonDigests.has(leftover.reference);
    const isTried = !isCommon && refusals() < refusalsMax;
    const isGone = isTried && (yield* isDeleted(context, leftover));
    if (isTried) refusalsInRow.set(kind, isGone ? 0 : refusals() + 1);
    if (!isGone) left.push(leftover);
  };
  yield { parallel: group.map(one), limit: deletionsAtOnce };
  return left;
}

/** What a refusal of this one says something of: its repository, and whether a tag or which algorithm names it. */
function refusedWith({ repository, reference }: Leftover): string {
  const colon = reference.indexOf(':');
  return `${repository} ${colon < 0 ? 'tag' : reference.slice(0, colon)}`;
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
