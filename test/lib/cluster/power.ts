// A node that goes as when its power fails, and comes back.
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { processesOf } from './cgroups.ts';
import type { ClusterFacts } from './cluster.ts';
import { untilKubectl } from './kubectl.ts';
import { type ClusterNode, startNode } from './node.ts';
import { until } from './until.ts';

/** Kills all that runs there, pods too, but for the first process, with which the node's namespaces would end. */
export async function powerOff(node: ClusterNode): Promise<void> {
  await until(`nothing runs on ${node.place.name}`, () => {
    const running = [...processesOn(node), ...processesOf(node.cgroup)];
    for (const pid of running) kill(pid);
    return running.length === 0;
  });
}

/** Resolves when pods can run there again. */
export async function powerOn(facts: ClusterFacts, node: ClusterNode): Promise<void> {
  await startNode(node);
  const wait = ['wait', '--for=condition=Ready', `node/${node.place.name}`, '--timeout=60s'];
  await untilKubectl(facts, wait);
}

/** Ends a program at once. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

/** Those of containers are in namespaces of their own. */
function processesOn({ pid: first }: ClusterNode): number[] {
  const own = namespaceOf(first);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => pid !== first && namespaceOf(pid) === own);
}

function namespaceOf(pid: number): string {
  try {
    return readlinkSync(join('/proc', String(pid), 'ns', 'pid'));
  } catch {
    return '';
  }
}
