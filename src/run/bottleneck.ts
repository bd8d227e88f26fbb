// Names what limited a load run. A hint from three facts, not a proof: how busy this machine was, whether
// the asked-for rate was reached, and where the requests spent their time.
import { cpus } from 'node:os';
import type { LoadResult } from '../../reports/results.ts';
import type { PlannedShape } from '../../scenarios/lib/plan.ts';

/** From this share of all cores on, the machine that makes the load is itself the limit. */
const busyMin = 0.9;

export interface LimitFacts {
  readonly shape: PlannedShape['kind'];
  /** Pulls due by the rate but not started. */
  readonly dropped: number;
  /** Share of this machine's CPU in use while k6 ran, 0 to 1. */
  readonly busy: number;
  /** Milliseconds that requests took in all, by hop. */
  readonly hopMs: Readonly<Record<string, number>>;
}

export function bottleneckOf({
  shape,
  dropped,
  busy,
  hopMs,
}: LimitFacts): LoadResult['bottleneck'] {
  const [slowest] = Object.entries(hopMs).sort(([, a], [, b]) => b - a);
  if (slowest === undefined) return 'none';
  if (busy >= busyMin) return 'client';
  if (shape === 'rate' && dropped === 0) return 'none';
  const [hop] = slowest;
  return hop === 'registry' || hop === 'edge' || hop === 'token' ? hop : 'none';
}

/** Starts watching this machine's CPU; the returned function tells the share in use since then. */
export function watchCpu(): () => number {
  const before = cpuTimes();
  return () => {
    const now = cpuTimes();
    const all = now.all - before.all;
    return all === 0 ? 0 : 1 - (now.idle - before.idle) / all;
  };
}

function cpuTimes(): { all: number; idle: number } {
  let all = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    for (const ms of Object.values(times)) all += ms;
    idle += times.idle;
  }
  return { all, idle };
}
