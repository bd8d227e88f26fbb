// The pushes beside the pulls of a load run: from what a user asks for to the plan, and from what was measured
// to the results.
import { randomBytes } from 'node:crypto';
import type { Pushes } from '../../../../reports/results.ts';
import { type K6Plan, type PlannedPush, tagPrefixOf } from '../../../../scenarios/lib/plan.ts';
import type { Image } from '../../target.ts';
import { countOf, errorsOf, together } from '../result/errors.ts';
import { interruptedOf } from '../result/interrupted.ts';
import type { RunFacts } from '../result/result.ts';
import { secondsBetween } from '../result/window.ts';
import type { PushTally } from '../timeline/pushes.ts';

/** What the plan of a user says of pushes. */
export interface PushWish
  extends Omit<PlannedPush, 'registryUrl' | 'repository' | 'credentials' | 'seed' | 'run'> {
  readonly target: Image;
  /** What was pushed is deleted afterwards, as far as the registry lets us. */
  readonly cleanUp: boolean;
}

/** What made-up content can be (SeededContent). */
const blobBytesMin = 2048;
const blobBytesUnit = 512;
export const blobBytesMax = 8 * 1024 ** 3;

/** The size that made-up content has when so many bytes are wished for. */
export function blobBytesOf(bytes: number): number {
  return Math.max(blobBytesMin, Math.ceil(bytes / blobBytesUnit) * blobBytesUnit);
}

/** A name that no other run has. */
export function plannedPush({ target, cleanUp, ...wish }: PushWish, seed: number): PlannedPush {
  const { registryUrl, repository, credentials } = target;
  const run = randomBytes(4).toString('hex');
  return { ...wish, registryUrl, repository, credentials, seed, run };
}

/** The plan for one of several runs of k6, whose pushes must not meet those of the others. */
export function withOwnPushes(plan: K6Plan, step: number): K6Plan {
  const { push } = plan;
  return push === undefined ? plan : { ...plan, push: { ...push, run: `${push.run}-${step}` } };
}

/** What a timeline tells of pushes, in a load that ends at `endMs`. */
export function pushFigures(
  tally: PushTally,
  endMs: number,
  { told, aborted }: Pick<RunFacts, 'told' | 'aborted'>,
): Omit<Pushes, 'repository' | 'vus' | 'left'> {
  const seconds = secondsBetween(tally.firstMs, Math.max(endMs, tally.lastMs));
  const { ok, dropped, known, bytes, requests, requestsFailed, failures, pending } = tally;
  const cut = aborted ? 0 : tally.started - ok - failures.total;
  const groups = together(failures, interruptedOf(cut, pending, undefined, told.pushFailure));
  return {
    ok,
    failed: countOf(groups),
    dropped,
    perSecond: ok / seconds,
    requests: { total: requests, failed: requestsFailed },
    bytes: { sent: bytes, perSecond: bytes / seconds },
    known,
    pushMs: tally.pushMs(),
    phases: tally.phases(),
    errors: errorsOf(groups, told.pushFailure),
  };
}

/** What so many pushes leave in the registry. */
export function leftBy({ run }: PlannedPush, tags: number): Pushes['left'][number] {
  return { tags, prefix: tagPrefixOf(run) };
}

/** The pushes of a run with this plan; nothing for one without. */
export function pushesOf(
  tally: PushTally,
  { push }: K6Plan,
  endMs: number,
  facts: Pick<RunFacts, 'told' | 'aborted'>,
): { pushes?: Pushes } {
  if (push === undefined) return {};
  const { registryUrl, repository, vus } = push;
  const figures = pushFigures(tally, endMs, facts);
  const host = registryUrl.slice(registryUrl.indexOf('//') + 2);
  const left = figures.ok === 0 ? [] : [leftBy(push, figures.ok)];
  return { pushes: { repository: `${host}/${repository}`, vus, ...figures, left } };
}
