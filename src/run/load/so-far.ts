// The figures of a load run that goes on, as the results will hold them, worked out no more often than they may cost.
import type { LoadResult } from '../../../reports/results.ts';
import type { K6Plan } from '../../../scenarios/lib/plan.ts';
import { Seldom } from '../seldom.ts';
import type { K6 } from './k6/find.ts';
import type { Segment } from './plan/segment.ts';
import { fromTimeline } from './result/result.ts';
import { nothingTold } from './result/told.ts';
import { missedSoFar, type Slo } from './slo.ts';
import type { Timeline } from './timeline/timeline.ts';
import { judgeShare, slosOfShare } from './verdict.ts';

/** What they cost is kept below a twentieth of a core, so that the measurement is not disturbed. */
const pace = { restFactor: 20, ageMsMin: 900, ageMsMax: 15_000 };

interface Beside {
  /** As asked for, for the whole of the load. */
  readonly slos: readonly Slo[];
  readonly segment?: Segment | undefined;
  /** Share of this machine's CPU in use since the start, 0 to 1. */
  readonly busy: () => number;
}

export class SoFar {
  readonly #slos: readonly Slo[];
  readonly #segment: Segment | undefined;
  readonly #load: Seldom<LoadResult>;

  constructor(timeline: Timeline, plan: K6Plan, k6: K6, { slos, segment, busy }: Beside) {
    this.#slos = slos;
    this.#segment = segment;
    this.#load = new Seldom(() => {
      const facts = { told: nothingTold(), busy: busy(), aborted: true };
      const load = fromTimeline(timeline, plan, k6, facts);
      load.slo = judgeShare(slos, load, segment);
      return load;
    }, pace);
  }

  /** Pulls under way are in no count; objectives are judged as if the run ended now. */
  load(): LoadResult {
    return this.#load.value();
  }

  /** Objectives that are missed already, with what was observed. */
  missed(): string[] {
    if (this.#slos.length === 0) return [];
    return missedSoFar(slosOfShare(this.#slos, this.#segment), this.load());
  }
}
