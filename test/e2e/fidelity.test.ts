// A pull by the real skopeo, podman or crane and one by our profile of the same version, against the same
// mock with tokens and CDN: its two request logs must agree, line by line and connection by connection.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, type TestContext } from 'vitest';
import type { LogEntry } from '../../mocks/http/log.ts';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { NodeDriver } from '../../src/drivers/node.ts';
import { profiles } from '../../src/profiles/index.ts';
import type { ClientProfile } from '../../src/protocol/client.ts';
import { pull } from '../../src/protocol/pull.ts';
import { scratch } from '../lib/cli.ts';
import { containersOf, craneOf } from '../lib/clients.ts';
import { demoImages } from '../lib/content.ts';
import { requestsIn } from '../lib/request-log.ts';
import { runTool, testWith } from '../lib/tools.ts';

/** Programs that take the platform of the machine. */
const hostPlatform = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' };
/** The log is complete when no line has come for so long. */
const settleMs = 50;

/** One request as the mock saw it, without what differs from run to run. */
interface Seen {
  readonly what: string;
  readonly status: number;
  readonly bodyBytes: number;
  readonly headers: readonly string[];
  readonly connection: number;
}

/** Who pulls, and how its profile is told to pull the same. */
interface Rival {
  readonly tool: 'skopeo' | 'podman' | 'crane';
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
      const crane = await craneOf(withPassword ? mock : undefined);
      return crane('pull', image, join(scratch(), 'image.tar'));
    },
    platform: { os: 'linux', architecture: 'amd64' },
  },
];

async function skopeo(
  mock: RunningMock,
  image: string,
  withPassword: boolean,
  transport: 'oci' | 'dir',
): Promise<void> {
  const access = withPassword ? ['--src-creds', `${mock.username}:${mock.password}`] : [];
  const to = `${transport}:${join(scratch(), 'image')}`;
  const words = ['copy', '--quiet', '--src-tls-verify=false', ...access, `docker://${image}`, to];
  const { code, output } = await runTool('skopeo', words);
  expect(code, output).toBe(0);
}

/** The profile of the version that is installed; of crane we build one version only. */
async function profileOf(tool: string, skip: TestContext['skip']): Promise<ClientProfile> {
  let name = tool;
  if (tool !== 'crane') {
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

  /** What `act` made the mock log. */
  async function seenDuring(act: () => Promise<unknown>): Promise<Seen[]> {
    const before = requestsIn(log).length;
    await act();
    let entries: LogEntry[];
    let count = -1;
    // Lines are written when a reply is over, which can be after its reader is gone.
    do {
      entries = requestsIn(log).slice(before);
      if (count === entries.length) break;
      count = entries.length;
    } while (await sleep(settleMs, true));
    return comparable(entries);
  }

  const cases = demoImages.flatMap(([repository, tag]) =>
    [false, true].map((withPassword) => ({ repository, tag, withPassword })),
  );
  for (const { repository, tag, withPassword } of cases) {
    const who = withPassword ? 'as its user' : 'as anybody';
    testWith(tool)(`${repository}:${tag}, ${who}`, async ({ skip }) => {
      const client = { ...(await profileOf(tool, skip)), ...change };
      const { host } = new URL(mock.registry);
      const theirs = await seenDuring(() =>
        pullByTool(mock, `${host}/${repository}:${tag}`, withPassword),
      );
      const ours = await seenDuring(async () => {
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
      const inOrder = theirs.length - sideBySide(theirs, client);
      expect(ours.slice(0, inOrder)).toEqual(theirs.slice(0, inOrder));
      expect(byConnection(ours)).toEqual(byConnection(theirs));
    });
  }
});

/** How many requests at the end have no order of their own: layers that travel together. */
function sideBySide(seen: readonly Seen[], client: ClientProfile): number {
  if (client.parallelBlobs === 1) return 0;
  const first = seen.findIndex(({ what }) => what.includes('/blobs/'));
  // The config comes alone before them, through its redirect.
  return seen.length - first - (client.config === 'first' ? 2 : 0);
}

/** What went over each connection, whatever the order among the connections. */
function byConnection(seen: readonly Seen[]): string[] {
  const connections = new Map<number, string[]>();
  for (const { connection, ...rest } of seen) {
    connections.set(connection, [...(connections.get(connection) ?? []), JSON.stringify(rest)]);
  }
  return [...connections.values()].map((requests) => requests.join('\n')).sort();
}

function comparable(entries: readonly LogEntry[]): Seen[] {
  const numbers = new Map<number, number>();
  return entries.map(({ role, method, path, query, status, bodyBytes, headers, connection }) => {
    const number = numbers.get(connection) ?? numbers.size + 1;
    numbers.set(connection, number);
    return {
      what: `${role} ${method} ${path}?${steady(query)}`,
      status,
      // A token's length follows from what is random in it.
      bodyBytes: role === 'token' ? 0 : bodyBytes,
      headers: headers.map(([name, value]) => `${name}: ${steady(value)}`),
      connection: number,
    };
  });
}

/** Signatures, tokens and passwords are not in the log. */
function steady(text: string): string {
  return text.replace(/Expires=\d+/g, 'Expires=…');
}
