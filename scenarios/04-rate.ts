// Step 4: an open model. Pulls start at a constant rate, whether or not earlier ones have ended, as nodes
// of a fleet do that know nothing of each other. Users in a closed model wait for a slow registry, and so
// hide how slow it is.
//   k6 run scenarios/04-rate.ts -e IMAGE=http://127.0.0.1:5000/demo/app:latest -e RATE=10
import { builtEngine } from './lib/built.ts';
import { pullOnce } from './lib/pull.ts';
import { planFromWords } from './lib/words.ts';

const { plan, client } = planFromWords();
const rate = Number(__ENV.RATE ?? 10);
export const options = {
  scenarios: {
    pull: {
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: '1s',
      duration: '10s',
      preAllocatedVUs: Math.max(10, rate * 5),
    },
  },
  // A pull that was due and found no user free is the registry's failure too.
  thresholds: { pull_ok: ['count>0'], dropped_iterations: ['count<1'] },
};
const engine = builtEngine(plan.timeoutMs);

export default function constantRate(): void {
  pullOnce(plan, client, engine);
}
