// The cluster's addresses and names. All of them are in network namespaces of its own, so that none can meet one of this
// machine's.

export interface NodePlace {
  readonly name: string;
  readonly address: string;
  /** Of its pods, in CIDR form. */
  readonly podRange: string;
}

export const nodePlaces: readonly [NodePlace, ...NodePlace[]] = [
  { name: 'node-1', address: '10.44.0.1', podRange: '10.45.1.0/24' },
  { name: 'node-2', address: '10.44.0.2', podRange: '10.45.2.0/24' },
];

/** Of nodes and of what else is beside them. */
export const prefixBits = 24;
/** Where packets to everywhere else are sent, and nobody is. */
export const gatewayAddress = '10.44.0.254';
export const podRange = '10.45.0.0/16';
export const serviceRange = '10.46.0.0/24';
/** The first of `serviceRange`, which is the API server's. */
export const serviceAddress = '10.46.0.1';
export const apiPort = 6443;
export const etcdUrl = 'http://127.0.0.1:2379';

/** On the first node, for the mock alone. */
export const mockAddress = '10.44.0.100';
export const cdnAddress = '10.44.0.101';
export const mockPort = 5000;
export const cdnPort = 5001;

/** Names by which manifests, the operator and containerd's settings call the images that `images.ts` makes. */
export const imageNames = {
  pause: 'registry.k8s.io/pause:3.10',
  busybox: 'docker.io/library/busybox:1.37',
  operator: 'ghcr.io/grafana/k6-operator:controller-v1.5.0',
  starter: 'ghcr.io/grafana/k6-operator:latest-starter',
  k6: 'registry.example/team/pullproof-k6:1',
} as const;
