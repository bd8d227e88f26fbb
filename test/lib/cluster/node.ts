// One node: namespaces with a network, mounts and processes of their own, and in them containerd, kubelet and
// kube-proxy. Of this machine's files it changes none but those of its folder.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isServing } from '../cri.ts';
import { goToolPath } from '../go-tools.ts';
import { Namespace } from '../lab/namespace.ts';
import { accessIn } from './access.ts';
import { type Place, startService } from './inside.ts';
import { pluginFolder } from './needs.ts';
import {
  imageNames,
  mockAddress,
  mockPort,
  type NodePlace,
  podRange as podsOfAll,
} from './plan.ts';

/** As it can be told to other processes. */
export interface ClusterNode extends Place {
  readonly place: NodePlace;
  /** Of the whole cluster. */
  readonly folder: string;
  readonly logs: string;
  /** Relative to the roots of hierarchies. */
  readonly cgroup: string;
}

export function nodeOf(
  place: NodePlace,
  namespace: Namespace,
  folder: string,
  cgroup: string,
): ClusterNode {
  const logs = join(folder, 'logs', place.name);
  return { place, pid: namespace.pid, folder, logs, cgroup: `${cgroup}/${place.name}` };
}

/** Namespaces that end with this process. */
export function openNamespace(): Promise<Namespace> {
  return Namespace.open(goToolPath('pause') ?? '', ['attached']);
}

/** Settings of the kernel that kubelet would make for the whole machine: it finds them made. */
const kernelSettings: Readonly<Record<string, string>> = {
  'kernel/keys/root_maxbytes': '25000000',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'vm/overcommit_memory': '1',
};

const hostsFolder = 'certs.d';
const containerdSocket = '/run/containerd/containerd.sock';
const servingMsMax = 60_000;

/** What containerd and kubelet keep, each in the node's part of the cluster's folder. */
const kept = ['containerd', 'kubelet'] as const;

/** Mounts, files and settings of the node. */
export function furnish(namespace: Namespace, node: ClusterNode): void {
  const own = join(node.folder, node.place.name);
  const script = [
    'mount --make-rshared /',
    'mount -t tmpfs tmpfs /run && mkdir -p /run/lock /run/netns /run/settings',
    // Of what lies there nothing is needed, and what is missing cannot be made there.
    'mount -t tmpfs tmpfs /var/lib && mount -t tmpfs tmpfs /var/log',
    'mkdir -p /var/lib/containerd /var/lib/kubelet',
    ...kept.map((name) => `mount --bind ${join(own, name)} /var/lib/${name}`),
    'mount --make-rshared /var/lib/kubelet',
    ...Object.entries(kernelSettings).map(([path, value]) => {
      const name = `/run/settings/${path.replaceAll('/', '-')}`;
      return `echo ${value} > ${name} && mount --bind ${name} /proc/sys/${path}`;
    }),
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
  ];
  for (const name of [...kept, 'cni']) mkdirSync(join(own, name), { recursive: true });
  namespace.run('sh', ['-ec', script.join('\n')]);
  writeFileSync(join(own, 'cni', '10-pods.conflist'), JSON.stringify(podNetwork(node.place)));
  // Every registry that a manifest names is the mock.
  writeHosts(node, '_default', onlyAt(`http://${mockAddress}:${mockPort}`));
  writeFileSync(join(own, 'containerd.toml'), containerdSettings(own));
  writeFileSync(join(own, 'kubelet.json'), JSON.stringify(kubeletSettings(node, own)));
  writeFileSync(join(own, 'kube-proxy.json'), JSON.stringify(proxySettings(node)));
}

/** Starts what makes it a node. Resolves when it can run containers. @throws Error when that takes too long */
export async function startNode(node: ClusterNode): Promise<void> {
  const own = join(node.folder, node.place.name);
  const { name, address } = node.place;
  startService(node, 'containerd', ['--config', join(own, 'containerd.toml')]);
  // Without it kubelet ends at once.
  await untilServing(join('/proc', String(node.pid), 'root', containerdSocket));
  const program = (binary: string) => join(node.folder, 'bin', binary);
  const kubelet = [
    ...['--config', join(own, 'kubelet.json')],
    ...['--kubeconfig', accessIn(node.folder).kubeconfig(name)],
    ...['--hostname-override', name, '--node-ip', address],
  ];
  startService(node, program('kubelet'), kubelet);
  const proxy = ['--config', join(own, 'kube-proxy.json')];
  startService(node, program('kube-proxy'), proxy);
}

async function untilServing(socket: string): Promise<void> {
  const endMs = performance.now() + servingMsMax;
  while (!(await isServing(socket))) {
    if (performance.now() > endMs) throw new Error('containerd does not serve');
    await sleep(100);
  }
}

/** A wire to each pod, and packets between them go by the node's routes. */
function podNetwork({ podRange }: NodePlace): object {
  const ipam = {
    type: 'host-local',
    dataDir: '/run/cni',
    ranges: [[{ subnet: podRange }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [{ type: 'ptp', ipMasq: false, mtu: 1500, ipam }],
  };
}

/** Of hosts.toml: this origin is asked, and nobody else. containerd 1.6 heeds `server` only beside a table. */
export function onlyAt(origin: string, ca?: string): string {
  const trust = ca === undefined ? '' : `ca = "${ca}"\n`;
  return `server = "${origin}"\n${trust}[host."${origin}"]\n${trust}`;
}

/** Has containerd of the node read this where a registry of the name is asked; `_default`: of every other name. */
export function writeHosts({ folder, place }: ClusterNode, registry: string, table: string): void {
  const own = join(folder, place.name, hostsFolder, registry);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'hosts.toml'), table);
}

function containerdSettings(own: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return [
    'version = 2',
    '[plugins."io.containerd.internal.v1.opt"]\npath = "/run/containerd/opt"',
    `[${cri}]`,
    `sandbox_image = "${imageNames.pause}"`,
    'disable_apparmor = true',
    'restrict_oom_score_adj = true',
    `[${cri}.cni]\nbin_dir = "${pluginFolder}"\nconf_dir = "${join(own, 'cni')}"`,
    `[${cri}.registry]\nconfig_path = "${join(own, hostsFolder)}"`,
  ].join('\n');
}

function kubeletSettings({ cgroup }: ClusterNode, own: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    // Only the cluster can reach it.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    featureGates: { KubeletInUserNamespace: true },
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    volumePluginDir: join(own, 'plugins'),
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%' },
    // So that a node that goes is missed within seconds, and a busy machine is not taken for one.
    nodeLeaseDurationSeconds: 20,
  };
}

function proxySettings({ folder, place }: ClusterNode): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig: accessIn(folder).kubeconfig('kube-proxy') },
    clusterCIDR: podsOfAll,
    hostnameOverride: place.name,
    // They are the machine's.
    conntrack: { maxPerCore: 0, min: 0 },
  };
}
