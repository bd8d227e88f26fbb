// Names what limited a load run. A hint from facts, not a proof: whether pulls succeed, how busy this machine
// was, whether the asked-for rate was reached, and where requests and the clients' own pauses spent the time.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { LoadAsked, LoadResult, RunnerLimit } from '../../../../reports/results.ts';
import type { K6Plan, Mix } from '../../../../scenarios/lib/plan.ts';
import { busyMin, ownPartMin } from '../timeline/runners.ts';

/** Where so many fail nothing can be said to suffice. */
const failedShareMax = 0.05;
/** With fewer pulls, and less time in their requests, start and end of the run are most of what was seen. */
const pullsMin = 10;
const requestsMsMin = 5_000;

export interface LimitFacts {
  /** Something else than the servers says when the next pull begins: a rate, a trace, or users who pause. */
  readonly paced: boolean;
  /** Pulls due by it but not started, or not in time. */
  readonly behind: number;
  /** The rate was raised until an objective broke. */
  readonly broke?: boolean | undefined;
  /** Pulls failed because this machine had no more files or ports. */
  readonly starved?: boolean | undefined;
  /** Pulls that succeeded, and that failed, those that never ended among them. */
  readonly ok: number;
  readonly failed: number;
  /** Pushes beside them. */
  readonly pushes?: { readonly ok: number; readonly failed: number } | undefined;
  /** Share of this machine's CPU in use while k6 ran, 0 to 1, and by k6 itself; undefined: not known. */
  readonly busy: number | undefined;
  readonly own?: number | undefined;
  /** That of k6, by what it told itself: a quota is not to be seen from outside. */
  readonly limit?: RunnerLimit | undefined;
  /** Milliseconds that requests took in all, by hop, also those that failed or never ended. */
  readonly hopMs: Readonly<Record<string, number>>;
  /** Milliseconds of pauses that clients made of their own accord. */
  readonly waitMs: number;
}

export function bottleneckOf(facts: LimitFacts): LoadResult['bottleneck'] {
  const { paced, behind, broke = false, starved = false, busy, own, ok, failed } = facts;
  if (starved) return 'client';
  if (ok + failed === 0) return 'unknown';
  if (failed >= ok) return 'pulls-fail';
  const requestsMs = Object.values(facts.hopMs).reduce((sum, ms) => sum + ms, 0);
  const isBrief = ok + failed < pullsMin && requestsMs < requestsMsMin;
  const isBusy = busy !== undefined && busy >= busyMin && (own ?? busy) >= busy * ownPartMin;
  const isSaturated = facts.limit !== undefined || isBusy;
  if (isSaturated && !isBrief) return 'client';
  const parties = Object.entries({ ...facts.hopMs, 'client-waits': facts.waitMs });
  if (paced && behind === 0 && !broke) {
    const all = parties.reduce((sum, [, ms]) => sum + ms, 0);
    if (facts.waitMs > all / 2) return 'client-waits';
    // Pulls were begun in time; that those which failed would have kept up is not said.
    return fails({ ok, failed }) || fails(facts.pushes) ? 'unknown' : 'none';
  }
  if (busy === undefined || isBrief) return 'unknown';
  const [slowest] = parties.filter(([, ms]) => ms > 0).sort(([, a], [, b]) => b - a);
  return partyOf(slowest?.[0]);
}

function fails({ ok, failed }: NonNullable<LimitFacts['pushes']> = { ok: 0, failed: 0 }): boolean {
  return failed > (ok + failed) * failedShareMax;
}

function partyOf(name: string | undefined): LoadResult['bottleneck'] {
  switch (name) {
    case 'registry':
    case 'edge':
    case 'token':
    case 'client-waits':
      return name;
  }
  return 'unknown';
}

/** The same where all servers are our mock, which says nothing of a registry. */
export function limitByMock(limit: LoadResult['bottleneck']): LoadResult['bottleneck'] {
  return limit === 'registry' || limit === 'edge' || limit === 'token' ? 'mock' : limit;
}

/** Whether the plan paces pulls that mostly take so long: users who pause for longer are waited for, not served. */
export function isPaced({ shape, mix }: Pick<K6Plan, 'shape' | 'mix'>, pullMs: number): boolean {
  if (shape.kind === 'rate' || shape.kind === 'replay') return true;
  if (shape.kind === 'stages' && shape.of === 'rate') return true;
  return (meanPauseMs(mix) ?? 0) > pullMs;
}

/** Undefined where users do not pause. */
export function meanPauseMs(mix: Pick<Mix, 'thinkMs'> | undefined): number | undefined {
  return mix?.thinkMs && (mix.thinkMs.min + mix.thinkMs.max) / 2;
}

/** The same of a run that was made, by what its results say of the plan. */
export function wasPaced({ asked, bottleneck, shape }: PacedRun, pullMs: number): boolean {
  if (shape === 'rate' || shape === 'replay' || asked?.perSecond !== undefined) return true;
  // Only where pulls were paced it can be that nothing limited.
  return bottleneck === 'none' || (asked?.pauseMs ?? 0) > pullMs;
}

interface PacedRun extends Pick<LoadResult, 'bottleneck' | 'shape'> {
  readonly asked?: LoadAsked | undefined;
}

/**
 * Starts watching this machine's CPU; the returned function tells the share in use since then, or since `fromMs`
 * (milliseconds since 1970) once that has come.
 */
export function watchCpu(fromMs = 0): () => number {
  let before = cpuTimes();
  at(fromMs, () => {
    before = cpuTimes();
  });
  return () => {
    const now = cpuTimes();
    const all = now.all - before.all;
    return all === 0 ? 0 : 1 - (now.idle - before.idle) / all;
  };
}

/** What is still to come is seen to when it has; no process lives for it. */
function at(ms: number, work: () => void): void {
  const waitMs = ms - Date.now();
  if (waitMs > 0) setTimeout(work, waitMs).unref();
}

/**
 * Share of all cores that a process took since it was started here, or as above since `fromMs`; undefined where the system does not tell
 * (/proc of Linux does). Ask while it runs: afterwards the last answer stands.
 */
export function watchProcess(pid: number | undefined, fromMs = 0): () => number | undefined {
  let from = { seconds: 0, ms: performance.now() };
  at(fromMs, () => {
    from = { seconds: processSeconds(pid) ?? from.seconds, ms: performance.now() };
  });
  let share: number | undefined;
  return () => {
    const seconds = processSeconds(pid);
    const ms = performance.now() - from.ms;
    if (seconds !== undefined && ms > 0) {
      share = (seconds - from.seconds) / (ms / 1000) / cpus().length;
    }
    return share;
  };
}

/** Processor time of a process; undefined when it has ended, and where the system is no Linux. */
function processSeconds(pid: number | undefined): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): utime and stime are fields 14 and 15; the name in parentheses may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return undefined;
  }
}

/** Linux counts processor time in these for every program (USER_HZ). */
const ticksPerSecond = 100;

function cpuTimes(): { all: number; idle: number } {
  let all = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    for (const ms of Object.values(times)) all += ms;
    idle += times.idle;
  }
  return { all, idle };
}
