// The figures of a load run that goes on, as the results will hold them, worked out no more often than they may cost.
import type { LoadResult } from '../../../reports/results.ts';
import type { K6Plan } from '../../../scenarios/lib/plan.ts';
import type { K6 } from './k6/find.ts';
import type { Segment } from './plan/segment.ts';
import { fromTimeline } from './result/result.ts';
import { nothingTold } from './result/told.ts';
import { missedSoFar, type Slo } from './slo.ts';
import type { Timeline } from './timeline/timeline.ts';
import { judgeShare, slosOfShare } from './verdict.ts';

/** What they cost is kept below a twentieth of a core, so that the measurement is not disturbed. */
const restFactor = 20;
const ageMsMin = 900;
const ageMsMax = 15_000;

interface Beside {
  /** As asked for, for the whole of the load. */
  readonly slos: readonly Slo[];
  readonly segment?: Segment | undefined;
  /** Share of this machine's CPU in use since the start, 0 to 1. */
  readonly busy: () => number;
}

export class SoFar {
  readonly #timeline: Timeline;
  readonly #plan: K6Plan;
  readonly #k6: K6;
  readonly #slos: readonly Slo[];
  readonly #segment: Segment | undefined;
  readonly #busy: () => number;
  #load: LoadResult | undefined;
  #freshUntilMs = 0;

  constructor(timeline: Timeline, plan: K6Plan, k6: K6, { slos, segment, busy }: Beside) {
    this.#timeline = timeline;
    this.#plan = plan;
    this.#k6 = k6;
    this.#slos = slos;
    this.#segment = segment;
    this.#busy = busy;
  }

  /** Pulls under way are in no count; objectives are judged as if the run ended now. */
  load(): LoadResult {
    const nowMs = performance.now();
    if (this.#load !== undefined && nowMs < this.#freshUntilMs) return this.#load;
    const facts = { told: nothingTold(), busy: this.#busy(), aborted: true };
    const before = process.cpuUsage();
    const load = fromTimeline(this.#timeline, this.#plan, this.#k6, facts);
    load.slo = judgeShare(this.#slos, load, this.#segment);
    const { user, system } = process.cpuUsage(before);
    const restMs = Math.min(ageMsMax, (restFactor * (user + system)) / 1000);
    this.#freshUntilMs = performance.now() + Math.max(ageMsMin, restMs);
    this.#load = load;
    return load;
  }

  /** Objectives that are missed already, with what was observed. */
  missed(): string[] {
    if (this.#slos.length === 0) return [];
    return missedSoFar(slosOfShare(this.#slos, this.#segment), this.load());
  }
}
