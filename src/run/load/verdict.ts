// What a load run comes to: its objectives, those of a share of it, and the verdict.
import type { LoadResult } from '../../../reports/results.ts';
import type { Segment } from './plan/segment.ts';
import { judgeSlos, type Slo } from './slo.ts';

/**
 * Without SLOs every failed pull or push counts; with SLOs they decide. No pull at all is never a success,
 * and where pushes were wished for, no push at all neither.
 */
export function verdictOf({ pulls, pushes, slo, knee }: LoadResult): 'pass' | 'fail' {
  if (pulls.ok === 0 || pushes?.ok === 0) return 'fail';
  // To break is what a breakpoint run is for; only a registry that holds no rate at all has failed.
  if (knee !== undefined) return knee.perSecond > 0 ? 'pass' : 'fail';
  const failed = pulls.failed + (pushes?.failed ?? 0);
  const held = slo.length > 0 ? slo.every((one) => one.held) : failed === 0;
  return held ? 'pass' : 'fail';
}

function isRate({ metric }: Slo): boolean {
  return metric === 'pulls' || metric === 'pushes';
}

/** Objectives as one share of the load can meet them: its part of the pulls per second. */
export function slosOfShare(slos: readonly Slo[], segment: Segment | undefined): readonly Slo[] {
  if (segment === undefined) return slos;
  return slos.map((slo) => (isRate(slo) ? { ...slo, bound: slo.bound * segment.share } : slo));
}

/** The objectives of a run or, with a segment, of a share. */
export function judgeShare(
  slos: readonly Slo[],
  load: LoadResult,
  segment: Segment | undefined,
): LoadResult['slo'] {
  const shared = slosOfShare(slos, segment);
  return judgeSlos(shared, load).map((judged, at) => {
    const slo = shared[at] as Slo;
    if (segment === undefined || !isRate(slo)) return judged;
    const told = Math.round(slo.bound * 1000) / 1000;
    return { ...judged, observed: `${judged.observed}, where ${told}/s is the share` };
  });
}
