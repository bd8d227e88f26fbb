// A whole Kubernetes of two nodes with grafana's k6-operator, on this machine: in namespaces of its own, below one
// folder, ended at once with the process that opened it. Every image is pulled by the nodes from a mock, under the name
// that manifests call it by.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { findK6 } from '../../../src/run/load/k6/find.ts';
import { packageRoot } from '../../../src/run/package-root.ts';
import { goToolPath } from '../go-tools.ts';
import type { Namespace } from '../lab/namespace.ts';
import { accessIn, administrator, writeAccess } from './access.ts';
import { cgroupsNamed, makeCgroup, processesOf, removeCgroup } from './cgroups.ts';
import { startApi, startControllers, startStore } from './control-plane.ts';
import { writeClusterImages } from './images.ts';
import { startService } from './inside.ts';
import { untilKubectl } from './kubectl.ts';
import { type ClusterNode, furnish, nodeOf, openNamespace, startNode } from './node.ts';
import { installOperator } from './operator.ts';
import {
  cdnAddress,
  cdnPort,
  gatewayAddress,
  mockAddress,
  mockPort,
  nodePlaces,
  prefixBits,
} from './plan.ts';

/** What others need to work with it, in whatever process. */
export interface ClusterFacts {
  readonly folder: string;
  readonly nodes: readonly ClusterNode[];
  /** The mock's request log. */
  readonly log: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface Cluster extends ClusterFacts {
  close(): Promise<void>;
}

const namePrefix = 'pullproof-cluster-';
const programs = [
  ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler'],
  ...['kubectl', 'kubelet'],
];

/** `say` is told what it waits for. @throws Error with what the logs of its programs end with */
export async function openCluster(say: (step: string) => void): Promise<Cluster> {
  await removeAbandoned();
  const folder = mkdtempSync(join(tmpdir(), `${namePrefix}${process.pid}-`));
  const cgroup = basename(folder);
  const opened: Namespace[] = [];
  const close = async () => {
    await Promise.all(opened.map((namespace) => namespace.close()));
    await removeCgroup(cgroup);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    say('images');
    const environment = { variables: process.env, progress: say };
    writeClusterImages(join(folder, 'images'), (await findK6('built', environment)).path);
    writeAccess(folder);
    writePrograms(join(folder, 'bin'));
    for (const _ of nodePlaces) opened.push(await openNamespace());
    const nodes = nodePlaces.map((place, at) => nodeOf(place, opened[at]!, folder, cgroup));
    for (const node of nodes) makeCgroup(node.cgroup);
    wire(opened, nodes);
    for (const [at, node] of nodes.entries()) furnish(opened[at]!, node);
    const facts = factsOf(folder, nodes);
    await start(facts, say).catch((error: Error) => {
      throw new Error(`${error.message}\n${logsOf(facts)}`);
    });
    return { ...facts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The programs of Kubernetes, and the built command line. */
function writePrograms(bin: string): void {
  mkdirSync(bin);
  for (const name of programs) symlinkSync(goToolPath('kubernetes') ?? '', join(bin, name));
  const launcher = join(packageRoot, 'dist', 'src', 'cli', 'launcher.js');
  const script = `#!/bin/sh\nexec "${process.execPath}" "${launcher}" "$@"\n`;
  writeFileSync(join(bin, 'pullproof'), script, { mode: 0o755 });
}

/** What processes that were killed have left in the kernel: their names have its number. */
async function removeAbandoned(): Promise<void> {
  for (const name of cgroupsNamed(namePrefix)) {
    const pid = name.slice(namePrefix.length).split('-', 1)[0] ?? '';
    const isAbandoned = !existsSync(join('/proc', pid)) && processesOf(name).length === 0;
    if (isAbandoned) await removeCgroup(name);
  }
}

function factsOf(folder: string, nodes: readonly ClusterNode[]): ClusterFacts {
  const variables = {
    KUBECONFIG: accessIn(folder).kubeconfig(administrator),
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
  };
  return { folder, nodes, log: join(folder, 'requests.ndjson'), variables };
}

/** A bridge on the first node, to which the others are wired; and routes to each other's pods. */
function wire(namespaces: readonly Namespace[], nodes: readonly ClusterNode[]): void {
  for (const [at, node] of nodes.entries()) {
    const device = at === 0 ? 'nodes' : 'uplink';
    const addresses = [node.place.address, ...(at === 0 ? [mockAddress, cdnAddress] : [])];
    const others = nodes.filter((other) => other !== node);
    const first = namespaces[0]!;
    if (at === 0) first.run('ip', ['link', 'add', device, 'type', 'bridge']);
    else {
      const port = `port-${at + 1}`;
      const peer = ['peer', 'name', device, 'netns', String(node.pid)];
      first.run('ip', ['link', 'add', port, 'type', 'veth', ...peer]);
      first.run('ip', ['link', 'set', port, 'master', 'nodes', 'up']);
    }
    const lines = [
      'link set lo up',
      ...addresses.map((address) => `addr add ${address}/${prefixBits} dev ${device}`),
      `link set ${device} up`,
      `route add default via ${gatewayAddress} dev ${device} onlink`,
      ...others.map(({ place }) => `route add ${place.podRange} via ${place.address}`),
    ];
    namespaces[at]!.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
  }
}

async function start(facts: ClusterFacts, say: (step: string) => void): Promise<void> {
  const { nodes } = facts;
  const first = nodes[0]!;
  startStore(first);
  startApi(first);
  startMockOn(facts);
  say('API server');
  await untilKubectl(facts, ['get', '--raw', '/readyz']);
  startControllers(first);
  await Promise.all(nodes.map(startNode));
  say('nodes');
  await untilKubectl(facts, ['get', 'serviceaccount', 'default']);
  for (const { place } of nodes) {
    await untilKubectl(facts, [
      'wait',
      '--for=condition=Ready',
      `node/${place.name}`,
      '--timeout=60s',
    ]);
  }
  say('k6-operator');
  await installOperator(facts);
}

/** For the nodes' images and for what the tests pull. */
function startMockOn({ folder, nodes, log }: ClusterFacts): void {
  const words = [
    ...['mock', '--host', mockAddress, '--port', String(mockPort)],
    ...['--cdn-host', cdnAddress, '--cdn-port', String(cdnPort)],
    ...['--images', 'small', '--images', join(folder, 'images'), '--log', log],
  ];
  startService(nodes[0]!, join(folder, 'bin', 'pullproof'), words);
}

function logsOf({ nodes }: ClusterFacts): string {
  const ends = nodes.flatMap(({ place, logs }) =>
    ['pullproof', 'containerd', 'kubelet', 'kube-apiserver'].map((name) => {
      const text = readFileSync(join(logs, `${name}.log`), { encoding: 'utf8', flag: 'a+' });
      return `== ${place.name} ${name}\n${text.slice(-1500)}`;
    }),
  );
  return ends.join('\n');
}
