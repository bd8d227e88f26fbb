// A real kubelet on its containerd, and our profile of both: the same requests to a mock with tokens and a CDN, also
// where the registry that a pod names has a mirror.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { containerd } from '../../src/profiles/containerd.ts';
import { profiles } from '../../src/profiles/index.ts';
import { kubeletContainerd } from '../../src/profiles/kubelet.ts';
import type { ClientProfile, Credentials } from '../../src/protocol/client.ts';
import { onlyAt, writeHosts } from '../lib/cluster/node.ts';
import { type ClusterMock, Workspace } from '../lib/cluster/workspace.ts';
import { demoImages } from '../lib/content.ts';
import { pullByK6 } from '../lib/k6-pull.ts';
import { type Seen, seenDuring, unordered } from '../lib/seen.ts';
import { runTool } from '../lib/tools.ts';

const platform = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' };
const cluster = inject('cluster');
const node = cluster.nodes[0]!;

let space: Workspace;
let client: ClientProfile;
beforeAll(async () => {
  space = await Workspace.open(cluster);
  client = await kubeletOnInstalled();
});
afterAll(() => space.close());

/** Of each mock: its content is new to the node, which keeps what it has pulled. */
let seed = 1000 + (process.pid % 1000) * 100;

describe.each([
  { over: 'HTTP', tls: false, images: demoImages },
  // Trust is about connections, not about images.
  { over: 'TLS', tls: true, images: demoImages.slice(0, 1) },
])('over $over', ({ tls, images }) => {
  let mock: ClusterMock;
  beforeEach(async () => {
    seed += 1;
    mock = await space.mock('--seed', String(seed), ...(tls ? ['--tls'] : []));
    writeHosts(node, hostOf(mock), onlyAt(mock.registry, mock.ca));
  });
  afterEach(() => mock.close());

  const cases = images.flatMap(([repository, tag]) =>
    [false, true].map((withPassword) => ({ repository, tag, withPassword })),
  );
  test.each(cases)('$repository:$tag, with a pull secret: $withPassword', async (one) => {
    const { repository, tag, withPassword } = one;
    const { registry: registryUrl, username, password } = mock;
    const credentials = withPassword ? { username, password } : undefined;
    const image = { registryUrl, repository, reference: tag, credentials };
    const theirs = await seenDuring(mock.log, () =>
      pullByKubelet(`${hostOf(mock)}/${repository}:${tag}`, hostOf(mock), credentials),
    );
    const ours = await seenDuring(mock.log, () => pullAs(client, image, mock.ca));
    expectSame(ours, theirs);
  });

  test('through a mirror of the registry that the pod names', async () => {
    const named = 'mirrored.example';
    writeHosts(node, named, onlyAt(mock.registry, mock.ca));
    const theirs = await seenDuring(mock.log, () =>
      pullByKubelet(`${named}/demo/app:latest`, named),
    );
    const image = { registryUrl: `https://${named}`, repository: 'demo/app', reference: 'latest' };
    const ours = await seenDuring(mock.log, () => pullAs(client, image, mock.ca, mock.registry));
    expect(theirs.filter(({ what }) => what.includes(`ns=${named}`)).length).toBeGreaterThan(5);
    expectSame(ours, theirs);
  });
});

function expectSame(ours: readonly Seen[], theirs: readonly Seen[]): void {
  expect(theirs.length).toBeGreaterThan(8);
  expect(theirs.some(({ what }) => what.startsWith('edge GET'))).toBe(true);
  expect(comparable(ours)).toEqual(comparable(theirs));
}

/** The installed containerd under kubelet: its version's profile, with what kubelet adds to the newest. */
async function kubeletOnInstalled(): Promise<ClientProfile> {
  const { output } = await runTool('containerd', ['--version']);
  const name = `containerd@${/(\d+\.\d+)\.\d+/.exec(output)?.[1]}`;
  const installed = profiles[name];
  if (installed === undefined) throw new Error(`there is no profile ${name}`);
  const { retry, ...own } = kubeletContainerd;
  const added = Object.entries(own).filter(
    ([key, value]) => value !== (containerd as ClientProfile)[key as keyof ClientProfile],
  );
  const whole = { ...installed, ...Object.fromEntries(added) };
  return { ...whole, retry: { ...installed.retry, ...retry } };
}

/** A pod whose image is not there; what it would run is of no matter. */
async function pullByKubelet(image: string, host: string, who?: Credentials): Promise<void> {
  const name = `puller-${seed}`;
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'pull' },
    type: 'kubernetes.io/dockerconfigjson',
    stringData: { '.dockerconfigjson': JSON.stringify({ auths: { [host]: who ?? {} } }) },
  };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeName: node.place.name,
      restartPolicy: 'Never',
      containers: [{ name: 'main', image, command: ['/none'] }],
      ...(who !== undefined && { imagePullSecrets: [{ name: 'pull' }] }),
    },
  };
  await space.apply(secret, pod);
  const events = ['events', `--for=pod/${name}`];
  const reasons = ['--watch', '--output=jsonpath={.reason}{"\\n"}'];
  await untilSaid([...events, ...reasons], /^(Pulled|Failed|BackOff)$/);
  const said = await space.kubectl(...events);
  expect(said).toMatch(/\bPulled\b/);
  expect(said).not.toMatch(/\bBackOff\b/);
  await space.kubectl('delete', 'pod', name, '--now', '--wait=false');
}

/** Reads what kubectl says until a line of it fits. */
async function untilSaid(words: readonly string[], wanted: RegExp): Promise<void> {
  const child = space.start('kubectl', words);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      said += chunk;
      if (said.split('\n').some((line) => wanted.test(line))) resolve();
    });
    child.once('close', () => reject(new Error(`kubectl ended: ${said}`)));
  });
  child.kill();
}

function pullAs(
  profile: ClientProfile,
  image: Parameters<typeof pullByK6>[0]['images'][number],
  ca: string | undefined,
  mirror?: string,
): Promise<void> {
  const plan = {
    client: profile.name,
    profiles: { [profile.name]: profile },
    images: [image],
    platform,
    ...(mirror !== undefined && { mirrors: [mirror] }),
  };
  return pullByK6(plan, ca, 1, space.by);
}

/** As they came; from the first blob on, which travel side by side, in any order. k6 sorts header lines. */
function comparable(seen: readonly Seen[]): unknown[] {
  const requests = seen.map((one) => {
    const { connection: _, ...request } = unordered(one);
    return request;
  });
  const first = requests.findIndex(({ what }) => what.includes('/blobs/'));
  const together = requests.slice(first).sort((a, b) => (a.what < b.what ? -1 : 1));
  return [...requests.slice(0, first), ...together];
}

function hostOf({ registry }: ClusterMock): string {
  return new URL(registry).host;
}
