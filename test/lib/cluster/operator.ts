// grafana's k6-operator in the cluster: installed from the manifest of its release, and taken away for a while.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { packageRoot } from '../../../src/run/package-root.ts';
import type { ClusterFacts } from './cluster.ts';
import { kubectl, untilKubectl } from './kubectl.ts';

const moduleName = 'github.com/grafana/k6-operator';
const inNamespace = ['-n', 'k6-operator-system'];
const deployment = 'deployment/k6-operator-controller-manager';

/** On the first node, so that it stays when another goes. */
export async function installOperator(facts: ClusterFacts): Promise<void> {
  const items = manifests().map((one) => {
    if (one.kind !== 'Deployment') return one;
    const first = { 'kubernetes.io/hostname': facts.nodes[0]?.place.name };
    one.spec.template.spec.nodeSelector = first;
    return one;
  });
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(facts, ['apply', '--server-side', '--force-conflicts', '-f', '-'], list);
  await untilAvailable(facts);
}

/** Without it, and without the kinds that it brings, for as long as `act` takes. */
export async function withoutOperator(
  facts: ClusterFacts,
  act: (removeKinds: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  await kubectl(facts, [...inNamespace, 'scale', deployment, '--replicas=0']);
  try {
    await untilKubectl(facts, [
      ...inNamespace,
      'wait',
      '--for=delete',
      'pod',
      '--all',
      '--timeout=60s',
    ]);
    await act(() => kubectl(facts, ['delete', 'customresourcedefinition', 'testruns.k6.io']));
  } finally {
    await installOperator(facts);
  }
}

function untilAvailable(facts: ClusterFacts): Promise<void> {
  const wait = ['rollout', 'status', deployment, '--timeout=60s'];
  return untilKubectl(facts, [...inNamespace, ...wait]);
}

function manifests() {
  const said = execFileSync('go', ['mod', 'download', '-json', moduleName], {
    cwd: join(packageRoot, 'test', 'tools', 'k6-operator'),
    encoding: 'utf8',
    env: { ...process.env, GOWORK: 'off' },
  });
  const text = readFileSync(join(JSON.parse(said).Dir, 'bundle.yaml'), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS());
}
