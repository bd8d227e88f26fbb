// Step 2: some users for some seconds, and objectives on whole pulls and on single hops, by any k6.
//   k6 run scenarios/02-objectives.ts -e IMAGE=http://127.0.0.1:5000/demo/app:latest
// Every request has the tags phase (ping, token, index, manifest, config, layer) and hop (registry, token,
// edge): who is slow, the registry or its CDN?
import { pullOnce } from './lib/pull.ts';
import { stockEngine } from './lib/stock.ts';
import { planFromWords } from './lib/words.ts';

const { plan, client } = planFromWords();
export const options = {
  vus: 5,
  duration: '10s',
  // podman is a new process for each pull, and so makes new connections.
  noVUConnectionReuse: client.connections === 'per-pull',
  thresholds: {
    pull_ok: ['count>0'],
    pull_duration: ['p(95)<2000'],
    'http_req_waiting{hop:edge}': ['p(99)<300'],
    'http_req_duration{phase:manifest}': ['p(95)<500'],
  },
};
const engine = stockEngine(plan.timeoutMs);

export default function objectives(): void {
  pullOnce(plan, client, engine);
}
