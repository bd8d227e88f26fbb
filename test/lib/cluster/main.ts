// `node test/lib/cluster/main.ts`: the cluster by itself, for as long as this runs, for a look at it by hand.
import { once } from 'node:events';
import { openCluster } from './cluster.ts';
import { lacking } from './needs.ts';

const missing = lacking();
if (missing.length > 0) {
  console.error(missing.join('\n'));
  process.exit(2);
}
const startMs = performance.now();
const seconds = () => `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
// Also while it is still being opened.
const ending = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)));
const { close, ...facts } = await openCluster((step) => console.error(`${seconds()}: ${step}`));
console.log(JSON.stringify(facts));
const { KUBECONFIG } = facts.variables;
console.error(`${seconds()}: up, until Ctrl-C. A shell in it:
  KUBECONFIG=${KUBECONFIG} PATH=${facts.folder}/bin:$PATH nsenter --target ${facts.nodes[0]?.pid} --net`);
await ending;
await close();
