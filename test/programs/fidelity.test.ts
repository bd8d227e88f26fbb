// A pull by the real skopeo, podman, crane, regctl or oras and one by our profile of the same version, against
// the same mock with tokens and CDN: its two request logs must agree, line by line and connection by connection.
// Over plain HTTP our pull is the Node driver's; over TLS, where HTTP/2 is offered, it is k6's.
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, type TestContext } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { NodeDriver } from '../../src/drivers/node.ts';
import { profiles } from '../../src/profiles/index.ts';
import type { ClientProfile } from '../../src/protocol/client.ts';
import { pull } from '../../src/protocol/talks/pull.ts';
import { scratch } from '../lib/cli.ts';
import { containersOf, craneOf, orasPull, regctlOf } from '../lib/clients.ts';
import { demoImages } from '../lib/content.ts';
import { pullByK6 } from '../lib/k6-pull.ts';
import { isOverHttp2, requestsIn } from '../lib/request-log.ts';
import { byConnection, type Seen, seenDuring, unordered } from '../lib/seen.ts';
import { runTool, testWith } from '../lib/tools.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
/** Programs that take the platform of the machine. */
const hostPlatform = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' };
/** Who pulls, and how its profile is told to pull the same. */
interface Rival {
  readonly tool: 'skopeo' | 'podman' | 'crane' | 'regctl' | 'oras';
  readonly to: string;
  pull(mock: RunningMock, image: string, withPassword: boolean): Promise<unknown>;
  /** What the program's words change in the profile. */
  readonly change?: Partial<ClientProfile>;
  readonly platform: { readonly os: string; readonly architecture: string };
}

const rivals: readonly Rival[] = [
  {
    tool: 'skopeo',
    to: 'oci:',
    pull: (mock, image, withPassword) => skopeo(mock, image, withPassword, 'oci'),
    platform: hostPlatform,
  },
  {
    tool: 'skopeo',
    to: 'dir:',
    pull: (mock, image, withPassword) => skopeo(mock, image, withPassword, 'dir'),
    // A folder takes one blob at a time.
    change: { parallelBlobs: 1 },
    platform: hostPlatform,
  },
  {
    tool: 'podman',
    to: 'its storage',
    pull: (mock, image, withPassword) => {
      const { run, access } = containersOf('podman', mock);
      const who = withPassword ? ['--creds', `${mock.username}:${mock.password}`] : [];
      return run('pull', '--quiet', ...access, ...who, image);
    },
    platform: hostPlatform,
  },
  {
    tool: 'crane',
    to: 'a tarball',
    pull: async (mock, image, withPassword) => {
      const crane = await craneOf(withPassword ? mock : undefined, mock.ca);
      return crane('pull', image, join(scratch(), 'image.tar'));
    },
    platform: amd64,
  },
  {
    tool: 'regctl',
    to: 'a layout',
    pull: (mock, image, withPassword) => {
      const regctl = regctlOf(mock, withPassword);
      const to = `ocidir://${join(scratch(), 'image')}:pulled`;
      return regctl('image', 'copy', '--platform', 'linux/amd64', image, to);
    },
    platform: amd64,
  },
  {
    tool: 'regctl',
    to: 'a tarball',
    pull: (mock, image, withPassword) => {
      const regctl = regctlOf(mock, withPassword);
      const to = join(scratch(), 'image.tar');
      return regctl('image', 'export', '--platform', 'linux/amd64', image, to);
    },
    // As crane writes one.
    change: { parallelBlobs: 1, config: 'first' },
    platform: amd64,
  },
  {
    tool: 'oras',
    to: 'a layout',
    pull: (mock, image, withPassword) => orasPull(mock, image, 'linux/amd64', withPassword),
    platform: amd64,
  },
];

/** The profile of a program that we build, of one version only. */
const profileOfBuilt: Readonly<Record<string, string>> = {
  crane: 'crane',
  regctl: 'regclient',
  oras: 'oras',
};

async function skopeo(
  mock: RunningMock,
  image: string,
  withPassword: boolean,
  transport: 'oci' | 'dir',
): Promise<void> {
  const who = withPassword ? ['--src-creds', `${mock.username}:${mock.password}`] : [];
  const trust =
    mock.ca === undefined ? ['--src-tls-verify=false'] : ['--src-cert-dir', dirname(mock.ca)];
  const access = [...trust, ...who];
  const to = `${transport}:${join(scratch(), 'image')}`;
  const words = ['copy', '--quiet', ...access, `docker://${image}`, to];
  const { code, output } = await runTool('skopeo', words);
  expect(code, output).toBe(0);
}

/** The profile of the version that is installed. */
async function profileOf(tool: string, skip: TestContext['skip']): Promise<ClientProfile> {
  let name = profileOfBuilt[tool];
  if (name === undefined) {
    const { output } = await runTool(tool, ['--version']);
    name = `${tool}@${/(\d+\.\d+)\.\d+/.exec(output)?.[1]}`;
  }
  return profiles[name] ?? skip(`there is no profile ${name}`);
}

describe.each(rivals)('$tool to $to', ({ tool, pull: pullByTool, change, platform }) => {
  let mock: RunningMock;
  const log = join(scratch(), 'requests.ndjson');
  beforeAll(async () => {
    // crane follows no redirect to another private address (docs/clients.md).
    mock = await startMock({ log, cdnPlace: tool === 'crane' ? 'port' : 'host' });
  });
  afterAll(() => mock.close());

  const cases = demoImages.flatMap(([repository, tag]) =>
    [false, true].map((withPassword) => ({ repository, tag, withPassword })),
  );
  for (const { repository, tag, withPassword } of cases) {
    const who = withPassword ? 'as its user' : 'as anybody';
    testWith(tool)(`${repository}:${tag}, ${who}`, async ({ skip }) => {
      const client = { ...(await profileOf(tool, skip)), ...change };
      const { host } = new URL(mock.registry);
      const theirs = await seenDuring(log, () =>
        pullByTool(mock, `${host}/${repository}:${tag}`, withPassword),
      );
      const ours = await seenDuring(log, async () => {
        const driver = new NodeDriver({ timeoutMs: 10_000 });
        const { username, password } = mock;
        const talk = pull({
          registryUrl: mock.registry,
          repository,
          reference: tag,
          platform,
          client,
          credentials: withPassword ? { username, password } : undefined,
          verification: 'all',
        });
        await driver.run(talk);
        await driver.close();
      });
      expect(theirs.length).toBeGreaterThan(8);
      // Node reads every body, so that the connection of a request that was refused lives on.
      expectSame(ours, theirs, client, client.closesRefused !== true);
    });
  }
});

/** k6 knows profiles by name: what a program's words change in one is compared above. */
const unchanged = rivals.filter(({ change }) => change === undefined);

const byK6 = unchanged.flatMap((rival) => [
  { ...rival, tls: true, over: 'TLS' },
  { ...rival, tls: false, over: 'plain HTTP' },
]);

describe.each(byK6)('k6 over $over: $tool to $to', ({ tool, pull: pullByTool, platform, tls }) => {
  let mock: RunningMock;
  const log = join(scratch(), 'requests.ndjson');
  beforeAll(async () => {
    mock = await startMock({ log, tls, cdnPlace: tool === 'crane' ? 'port' : 'host' });
  });
  afterAll(() => mock.close());

  for (const withPassword of [false, true]) {
    const who = withPassword ? 'as its user' : 'as anybody';
    testWith(tool, 'k6')(`HTTP version, connections and headers, ${who}`, async ({ skip }) => {
      const client = await profileOf(tool, skip);
      const { host } = new URL(mock.registry);
      const { username, password } = mock;
      const theirs = await seenDuring(log, () =>
        pullByTool(mock, `${host}/demo/app:latest`, withPassword),
      );
      const credentials = withPassword ? { username, password } : undefined;
      const ours = await seenDuring(log, () =>
        pullByK6(
          {
            client: client.name,
            profiles,
            images: [
              {
                registryUrl: mock.registry,
                repository: 'demo/app',
                reference: 'latest',
                credentials,
              },
            ],
            platform,
          },
          mock.ca,
        ),
      );
      expect(theirs.length).toBeGreaterThan(8);
      expect(new Set(theirs.map(({ http2 }) => http2))).toEqual(
        new Set([tls && client.httpVersion === '2']),
      );
      expectSame(ours.map(unordered), theirs.map(unordered), client, true);
    });
  }
});

testWith('k6')('clients of a mix keep their own HTTP version and connections', async () => {
  const log = join(scratch(), 'requests.ndjson');
  const mock = await startMock({ log, tls: true });
  const clients = ['cri-o', 'crane', 'skopeo@1.9'];
  try {
    await pullByK6(
      {
        client: 'cri-o',
        profiles,
        images: [{ registryUrl: mock.registry, repository: 'demo/single', reference: '1.0' }],
        platform: hostPlatform,
        mix: { seed: 2, clients: clients.map((value) => ({ value, weight: 1 })) },
      },
      mock.ca,
      12,
    );
    const byConnections = new Map<number, { client: string; pings: number; requests: number }>();
    const entries = requestsIn(log);
    for (const entry of entries) {
      const agent = entry.headers.find(([name]) => /^user-agent$/i.test(name))?.[1] ?? '';
      const { connection, path } = entry;
      const before = byConnections.get(connection) ?? { client: agent, pings: 0, requests: 0 };
      expect(before.client).toBe(agent);
      expect(isOverHttp2(entry)).toBe(agent.startsWith('crane/'));
      const pings = before.pings + (path === '/v2/' ? 1 : 0);
      byConnections.set(connection, { client: agent, pings, requests: before.requests + 1 });
    }
    const all = [...byConnections.values()];
    // Each pull is a process of its own, so no connection sees two.
    expect(all.every(({ pings }) => pings <= 1)).toBe(true);
    const perRequest = all.filter(({ client }) => client.startsWith('skopeo/'));
    expect(perRequest.every(({ requests }) => requests === 1)).toBe(true);
    expect(new Set(all.map(({ client }) => client)).size).toBe(clients.length);
  } finally {
    await mock.close();
  }
});

/** The same requests, and in the same order and over the same connections where neither is chance. */
function expectSame(
  ours: readonly Seen[],
  theirs: readonly Seen[],
  client: ClientProfile,
  withConnections: boolean,
): void {
  const inOrder = theirs.length - sideBySide(theirs, client);
  const first = (seen: readonly Seen[]) =>
    seen.slice(0, inOrder).map((one) => (withConnections ? one : { ...one, connection: 0 }));
  expect(first(ours)).toEqual(first(theirs));
  const whole = (seen: readonly Seen[]) =>
    byConnection(withConnections ? ofCertainConnections(seen, client) : eachAlone(seen));
  expect(whole(ours)).toEqual(whole(theirs));
}

/** Requests side by side share connections by chance; over HTTP/2 there is one, and its order is chance. */
function ofCertainConnections(seen: readonly Seen[], client: ClientProfile): readonly Seen[] {
  if (client.parallelBlobs === 1 || client.connections === 'per-request') return seen;
  if (seen.some(({ http2 }) => !http2)) return eachAlone(seen);
  return [...seen].sort((a, b) => (a.what < b.what ? -1 : 1));
}

function eachAlone(seen: readonly Seen[]): Seen[] {
  return seen.map((one, connection) => ({ ...one, connection }));
}

/** How many requests at the end have no order of their own: layers that travel together. */
function sideBySide(seen: readonly Seen[], client: ClientProfile): number {
  if (client.parallelBlobs === 1) return 0;
  const first = seen.findIndex(({ what }) => what.includes('/blobs/'));
  // The config comes alone before them, through its redirect: one that is read twice does, too.
  const readTwice = seen.slice(first + 1).some(({ what }) => what === seen[first]?.what);
  return seen.length - first - (client.config === 'first' || readTwice ? 2 : 0);
}
