// Step 6: a mixed fleet. Which client makes pull number n is decided by the seed and n alone: the same run
// can be made again. What else may vary (images, platforms, nodes that keep layers) is in lib/plan.ts; with
// `pullproof load --plan FILE` it needs no code.
//   k6 run scenarios/06-fleet.ts -e IMAGE=http://127.0.0.1:5000/demo/app:latest --out pullproof=fleet.ndjson
import { builtEngine } from './lib/built.ts';
import { pullOnce } from './lib/pull.ts';
import { planFromWords } from './lib/words.ts';

const { plan, client } = planFromWords({
  seed: Number(__ENV.SEED ?? 1),
  clients: [
    { value: 'containerd', weight: 6 },
    { value: 'podman', weight: 3 },
    { value: 'crane', weight: 1 },
  ],
  thinkMs: { min: 50, max: 500 },
});
export const options = {
  stages: [
    { duration: '5s', target: 10 },
    { duration: '5s', target: 10 },
    { duration: '2s', target: 0 },
  ],
  thresholds: { pull_ok: ['count>0'], pull_failed: ['count<1'] },
};
const engine = builtEngine(plan.timeoutMs);

export default function fleet(): void {
  pullOnce(plan, client, engine);
}
