// A common start: who shares a load with others waits here until its time has come, with everything else done.
import { sleep } from 'k6';
import { type K6Plan, startMsOf } from './plan.ts';

/** The clock is looked at anew after this, as it may be set meanwhile. */
const lookEveryMs = 1000;

/** k6 calls it before the load, once: with k6-operator after all runners are there. */
export function waitForStart(plan: K6Plan): void {
  const startMs = startMsOf(plan) ?? 0;
  for (let left = startMs - Date.now(); left > 0; left = startMs - Date.now()) {
    sleep(Math.min(left, lookEveryMs) / 1000);
  }
}
