// Makes the requests of a recorded trace again, at the times at which they were made: for our own k6
// build, run by `pullproof load --trace`.
import { builtEngine } from './lib/built.ts';
import { optionsOf } from './lib/options.ts';
import { planFromEnvironment } from './lib/pull.ts';
import { replayOnce, traceOf } from './lib/replay.ts';
import { waitForStart } from './lib/start.ts';

const { plan, client } = planFromEnvironment();
export const options = optionsOf(plan, client, 'built');
const trace = traceOf(plan);

const engine = builtEngine(plan.timeoutMs);

export function setup(): void {
  waitForStart(plan);
}

export default function replay(): void {
  replayOnce(plan, client, trace, engine);
}
