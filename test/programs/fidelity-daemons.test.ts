// As fidelity.test.ts, for clients that are daemons: a pull by the real containerd (by CRI, as kubelet asks
// for it) or dockerd, and one by our profile of the same version, against the same mock with tokens and CDN.
// Node's pull shows that header lines agree, with their order; k6's, what goes over which connection.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, type TestContext } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { NodeDriver } from '../../src/drivers/node.ts';
import { profiles } from '../../src/profiles/index.ts';
import type { ClientProfile, Credentials } from '../../src/protocol/client.ts';
import { pull } from '../../src/protocol/talks/pull.ts';
import { bothDaemons, containerdTools, dockerTools } from '../lib/both-daemons.ts';
import { scratch } from '../lib/cli.ts';
import { demoImages } from '../lib/content.ts';
import type { Daemon } from '../lib/daemons.ts';
import { pullByK6 } from '../lib/k6-pull.ts';
import { byConnection, type Seen, seenDuring, unordered } from '../lib/seen.ts';
import { runTool, testWith } from '../lib/tools.ts';

const platform = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' };

const daemons = bothDaemons();

/** Who pulls, and how its profile is told to pull the same. */
interface Rival {
  readonly program: string;
  /** Of the profile, before the version. */
  readonly client: string;
  readonly tools: readonly string[];
  daemon(): Daemon | undefined;
  readonly change?: Partial<ClientProfile>;
}

const rivals: readonly Rival[] = [
  {
    program: 'containerd',
    client: 'containerd',
    tools: containerdTools,
    daemon: () => daemons.containerd,
    change: { parallelBlobs: 1 },
  },
  { program: 'dockerd', client: 'docker', tools: dockerTools, daemon: () => daemons.dockerd },
];

describe.each(rivals)('$program', (rival) => {
  describe.each([
    { over: 'HTTP', tls: false, images: demoImages },
    // Trust is about connections, not about images.
    { over: 'TLS', tls: true, images: demoImages.slice(0, 1) },
  ])('over $over', ({ tls, images }) => {
    let mock: RunningMock;
    const log = join(scratch(), 'requests.ndjson');
    beforeAll(async () => {
      mock = await startMock({ log, tls });
      // dockerd takes any certificate of 127.0.0.0/8.
      if (tls) daemons.containerd?.trust(mock);
    });
    afterAll(() => mock.close());

    const cases = images.flatMap(([repository, tag]) =>
      [false, true].map((withPassword) => ({ repository, tag, withPassword })),
    );
    for (const { repository, tag, withPassword } of cases) {
      const who = withPassword ? 'as its user' : 'as anybody';
      // Which idle connection a Go client takes next is a race with the end of the body before it.
      const raced = { retry: 2 };
      testWith(...rival.tools, 'k6')(`${repository}:${tag}, ${who}`, raced, async ({ skip }) => {
        const { client, daemon } = await rivalHere(rival, skip);
        const { registry: registryUrl, username, password, ca } = mock;
        const credentials = withPassword ? { username, password } : undefined;
        const image = { registryUrl, repository, reference: tag, credentials };
        const during = async (act: () => Promise<unknown>) =>
          (await seenDuring(log, act)).map((seen) => steady(seen, client));

        const name = `${new URL(registryUrl).host}/${repository}:${tag}`;
        const theirs = await during(() => daemon.pull(name, credentials));
        expect(theirs.length).toBeGreaterThan(8);
        expect(theirs.some(({ http2 }) => http2)).toBe(false);
        if (!tls) {
          const ours = await during(() => pullByNode(image, client));
          expect(inOrder(ours.map(kept), client)).toEqual(inOrder(theirs.map(kept), client));
        }
        const ours = await during(() =>
          pullByK6(
            { client: client.name, profiles: { [client.name]: client }, images: [image], platform },
            ca,
          ),
        );
        expect(inOrder(ours.map(unordered), client)).toEqual(
          inOrder(theirs.map(unordered), client),
        );
        expect(byConnection(ours.map(unordered))).toEqual(byConnection(theirs.map(unordered)));
      });
    }
  });
});

/** The daemon, and the profile of the version that is installed. */
async function rivalHere(
  { program, client, daemon, change }: Rival,
  skip: TestContext['skip'],
): Promise<{ client: ClientProfile; daemon: Daemon }> {
  const running = daemon() ?? skip(daemons.reason ?? `${program} was not started`);
  const { output } = await runTool(program, ['--version']);
  const name = `${client}@${/(\d+\.\d+)\.\d+/.exec(output)?.[1]}`;
  const profile = profiles[name] ?? skip(`there is no profile ${name}`);
  return { client: { ...profile, ...change }, daemon: running };
}

async function pullByNode(
  image: {
    registryUrl: string;
    repository: string;
    reference: string;
    credentials: Credentials | undefined;
  },
  client: ClientProfile,
): Promise<void> {
  const driver = new NodeDriver({ timeoutMs: 10_000 });
  await driver.run(pull({ ...image, platform, client, verification: 'all' }));
  await driver.close();
}

/** undici closes the connection after every HEAD, and says so. */
function kept(seen: Seen): Seen {
  return { ...seen, headers: seen.headers.filter((line) => line !== 'Connection: close') };
}

/** Requests without their connections: as they came, then those that travel side by side. */
function inOrder(seen: readonly Seen[], client: ClientProfile): unknown[] {
  const requests = seen.map(({ connection, ...request }) => request);
  if (client.parallelBlobs === 1) return requests;
  const first = requests.findIndex(({ what }) => what.includes('/blobs/'));
  const together = requests.slice(first).sort((a, b) => (a.what < b.what ? -1 : 1));
  return [...requests.slice(0, first), ...together];
}

/** Without what a program says of the machine and of its build, and what chance chose. */
function steady(seen: Seen, client: ClientProfile): Seen {
  const headers = seen.headers.map((line) =>
    line.replace(/\b(kernel|arch|go|git-commit|Docker-Client)\/[^ )]+/g, '$1/…'),
  );
  return { ...seen, headers: client.acceptRotates ? fromLeast(headers, 'Accept: ') : headers };
}

/** The neighbouring lines that begin so, rotated until the least of them is the first. */
function fromLeast(lines: readonly string[], start: string): string[] {
  const from = lines.findIndex((line) => line.startsWith(start));
  if (from < 0) return [...lines];
  const run = lines.filter((line) => line.startsWith(start));
  const least = run.indexOf([...run].sort()[0] ?? '');
  const rotated = [...run.slice(least), ...run.slice(0, least)];
  return [...lines.slice(0, from), ...rotated, ...lines.slice(from + run.length)];
}
