// What limited runs that were joined, by what all of them tell together.
import type { LoadResult } from '../../../../reports/results.ts';
import { bottleneckOf, limitByMock, wasPaced } from '../result/bottleneck.ts';
import type { Tally } from '../timeline/join.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Part } from './parts.ts';

/** A run, and what its timeline holds. */
export interface Tallied {
  readonly part: Part;
  readonly tally: Tally;
}

/** Runs of which is known how busy their machine was: without evidence there is none. */
export function knownOf(tallied: readonly Tallied[]): number {
  return tallied.reduce((sum, one) => sum + knownOfOne(one), 0);
}

function knownOfOne({ part: { isBare, results }, tally }: Tallied): number {
  const { bottleneck, merged, processors } = results.load;
  if (merged !== undefined) return merged.known ?? 0;
  const says = !isBare && (processors !== undefined || bottleneck !== 'unknown');
  return says || tally.hasRunner ? 1 : 0;
}

/** How many runs there are, those that were joined before counted each. */
export function runsOf(tallied: readonly Tallied[]): number {
  return tallied.reduce((sum, { part }) => sum + (part.results.load.merged?.runs ?? 1), 0);
}

/** Whether all of them were made against our mock. */
export function isFromMock(tallied: readonly Tallied[]): boolean {
  return tallied.every(({ part: { results } }) => {
    // Runs of earlier versions say it by their limit alone.
    const { fromMock, bottleneck } = results.load;
    return fromMock === true || bottleneck === 'mock';
  });
}

interface Figures extends Pick<LoadResult, 'pulls' | 'pullMs'> {
  readonly pushes: LoadResult['pushes'] | undefined;
}

/** `figures` are those of all runs together. */
export function limitOfAll(
  tallied: readonly Tallied[],
  timeline: Timeline,
  { pulls, pullMs, pushes }: Figures,
): LoadResult['bottleneck'] {
  const loads = tallied.map(({ part }) => part.results.load);
  const [runners] = timeline.runners.told()?.limits ?? [];
  const isAtLimit = loads.some(({ bottleneck }) => bottleneck === 'client');
  const limit = bottleneckOf({
    paced: loads.every((load) => wasPaced(load, pullMs.p50)),
    behind: timeline.dropped + timeline.late,
    starved: timeline.errors.has('client-limit'),
    ok: pulls.ok,
    failed: pulls.failed,
    pushes,
    // Machines that are not at their limit have said so.
    busy: knownOf(tallied) === runsOf(tallied) ? 0 : undefined,
    limit: runners?.limit ?? (isAtLimit ? 'machine' : undefined),
    hopMs: timeline.hopMs(),
    waitMs: timeline.waits.totalMs(),
  });
  return isFromMock(tallied) ? limitByMock(limit) : limit;
}
