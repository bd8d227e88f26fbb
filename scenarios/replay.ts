// Makes the requests of a recorded trace again, at the times at which they were made: for our own k6
// build, run by `pullproof load --trace`.
import { now, request } from 'k6/x/pullproof';
import type { Perform } from './lib/drive.ts';
import { optionsOf } from './lib/options.ts';
import { planFromEnvironment } from './lib/pull.ts';
import { replayOnce, traceOf } from './lib/replay.ts';

const { plan, client } = planFromEnvironment();
export const options = optionsOf(plan, client);
const trace = traceOf(plan);

const perform: Perform = (wanted, done) => request(wanted, plan.timeoutMs, done);

export default function replay(): void {
  replayOnce(plan, client, trace, perform, now);
}
