// Before the tests on a Kubernetes: what they need is looked for, and said where it is missing; what is not built yet
// is built; and one cluster is opened for all of them.
import { readFileSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { type ClusterFacts, openCluster } from '../lib/cluster/cluster.ts';
import { clusterModules, isBuilt, lacking } from '../lib/cluster/needs.ts';
import { buildGoTools } from '../lib/go-tools.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly cluster: ClusterFacts;
  }
}

/** File with what `node test/lib/cluster/main.ts` said: the tests then run on that one. */
const runningVariable = 'PULLPROOF_TEST_CLUSTER';

export default async function setup(
  project: TestProject,
): Promise<(() => Promise<void>) | undefined> {
  const running = process.env[runningVariable];
  if (running !== undefined) {
    project.provide('cluster', JSON.parse(readFileSync(running, 'utf8')));
    return undefined;
  }
  const missing = lacking();
  if (missing.length > 0) {
    throw new Error(`the cluster cannot run here:\n${missing.map((one) => `- ${one}`).join('\n')}`);
  }
  if (!isBuilt()) {
    console.error('Kubernetes and k6-operator are built: once, some 16 minutes of two idle cores');
    buildGoTools(clusterModules);
  }
  const { close, ...facts } = await openCluster(() => undefined);
  project.provide('cluster', facts);
  return close;
}
