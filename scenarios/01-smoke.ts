// Step 1: one pull, as podman makes it, by any k6.
//   k6 run scenarios/01-smoke.ts -e IMAGE=http://127.0.0.1:5000/demo/app:latest
// A pull is a ping, a token, the index, the manifest, the config and the layers, each blob through its
// redirect. Its outcome is counted in metrics of our own: pull_ok, pull_failed, pull_duration.
import { pullOnce } from './lib/pull.ts';
import { stockEngine } from './lib/stock.ts';
import { planFromWords } from './lib/words.ts';

const { plan, client } = planFromWords();
export const options = {
  vus: 1,
  iterations: 1,
  // A run in which nothing succeeded must not be green: k6 itself would not mind.
  thresholds: { pull_ok: ['count>0'], pull_failed: ['count<1'] },
};
const engine = stockEngine(plan.timeoutMs);

export default function smoke(): void {
  pullOnce(plan, client, engine);
}
