// Step 5: a thundering herd. A new version is deployed, and every node wants the same image at the same
// moment, one that no cache has: let it be a tag that nobody has pulled yet.
//   k6 run scenarios/05-herd.ts -e IMAGE=http://127.0.0.1:5000/demo/app:latest -e NODES=50
import { builtEngine } from './lib/built.ts';
import { pullOnce } from './lib/pull.ts';
import { planFromWords } from './lib/words.ts';

const { plan, client } = planFromWords();
export const options = {
  scenarios: {
    herd: { executor: 'per-vu-iterations', vus: Number(__ENV.NODES ?? 50), iterations: 1 },
  },
  // The slowest node decides when the deployment is done.
  thresholds: { pull_ok: ['count>0'], pull_failed: ['count<1'], pull_duration: ['max<30000'] },
};
const engine = builtEngine(plan.timeoutMs);

export default function herd(): void {
  pullOnce(plan, client, engine);
}
