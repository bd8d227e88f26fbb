// What rules the cluster, on its first node: etcd, the API server, its controllers and the scheduler.
import { join } from 'node:path';
import { accessIn } from './access.ts';
import { startService } from './inside.ts';
import type { ClusterNode } from './node.ts';
import { etcdUrl, podRange, serviceRange } from './plan.ts';

/** How long a node may be silent before its pods are given up, and how long they are then left to come back. */
const silenceSeconds = 25;
const tolerationSeconds = 5;

type Flags = Readonly<Record<string, string | number | boolean>>;

export function startStore(node: ClusterNode): void {
  start(node, 'etcd', {
    'data-dir': join(node.folder, 'etcd'),
    'listen-client-urls': etcdUrl,
    'advertise-client-urls': etcdUrl,
    'listen-peer-urls': 'http://127.0.0.1:2380',
    // Nothing of it is kept.
    'unsafe-no-fsync': true,
  });
}

export function startApi(node: ClusterNode): void {
  const files = accessIn(node.folder);
  start(node, 'kube-apiserver', {
    'etcd-servers': etcdUrl,
    'service-cluster-ip-range': serviceRange,
    'advertise-address': node.place.address,
    'tls-cert-file': files.certificate,
    'tls-private-key-file': files.key,
    'token-auth-file': files.tokens,
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': files.accountPublicKey,
    'service-account-signing-key-file': files.accountKey,
    'authorization-mode': 'Node,RBAC',
    'allow-privileged': true,
    'kubelet-preferred-address-types': 'InternalIP',
    'default-not-ready-toleration-seconds': tolerationSeconds,
    'default-unreachable-toleration-seconds': tolerationSeconds,
    profiling: false,
  });
}

export function startControllers(node: ClusterNode): void {
  const files = accessIn(node.folder);
  start(node, 'kube-controller-manager', {
    kubeconfig: files.kubeconfig('kube-controller-manager'),
    'service-account-private-key-file': files.accountKey,
    'root-ca-file': files.ca,
    'use-service-account-credentials': true,
    'cluster-cidr': podRange,
    'leader-elect': false,
    'node-monitor-grace-period': `${silenceSeconds}s`,
  });
  start(node, 'kube-scheduler', {
    kubeconfig: files.kubeconfig('kube-scheduler'),
    'leader-elect': false,
  });
}

function start(node: ClusterNode, program: string, flags: Flags): void {
  const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  startService(node, join(node.folder, 'bin', program), words);
}
