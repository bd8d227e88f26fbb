// Step 3: every blob verified by digest while it streams, in constant memory, by our build of k6.
//   k6 run scenarios/03-verified.ts -e IMAGE=http://127.0.0.1:5000/demo/app:latest
// Stock k6 would have to hold each layer in memory. `k6` here and below is the one that `pullproof load`
// builds: it lies in ~/.cache/pullproof/k6-*/k6.
import { builtEngine } from './lib/built.ts';
import { pullOnce } from './lib/pull.ts';
import { planFromWords } from './lib/words.ts';

const { plan, client } = planFromWords();
export const options = {
  vus: 5,
  duration: '10s',
  thresholds: { pull_ok: ['count>0'], pull_failed: ['count<1'] },
};
const engine = builtEngine(plan.timeoutMs);

export default function verified(): void {
  pullOnce(plan, client, engine);
}
