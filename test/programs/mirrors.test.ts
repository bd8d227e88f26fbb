// Pulls with a mirror in front of the registry: Debian's containerd (hosts.toml), skopeo and podman
// (registries.conf) and regctl, and our profile of the same version by real k6. Both mocks must be asked the
// same, where the mirror has everything, lacks something, fails, or is not there.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, type TestContext } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { profiles } from '../../src/profiles/index.ts';
import type { ClientProfile } from '../../src/protocol/client.ts';
import { scratch } from '../lib/cli.ts';
import { containersOf } from '../lib/clients.ts';
import { type Containerd, reasonForNoDaemons, startContainerd } from '../lib/daemons.ts';
import { deadOrigin } from '../lib/dead-origin.ts';
import { pullByK6 } from '../lib/k6-pull.ts';
import { seenDuring } from '../lib/seen.ts';
import { hasTools, runTool, testWith } from '../lib/tools.ts';

const hostPlatform = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' };
const amd64 = { os: 'linux', architecture: 'amd64' };

let containerd: Containerd | undefined;
let noDaemons: string | undefined;

beforeAll(async () => {
  if (!hasTools('unshare', 'containerd')) return;
  noDaemons = await reasonForNoDaemons();
  if (noDaemons === undefined) containerd = await startContainerd();
});
afterAll(() => containerd?.stop());

interface Rival {
  readonly program: string;
  readonly tools: readonly string[];
  /** Of the profile, before the version. */
  readonly client: string;
  readonly change?: Partial<ClientProfile>;
  readonly platform: typeof amd64;
  pull(registry: RunningMock, mirror: string, skip: TestContext['skip']): Promise<unknown>;
}

const image = 'demo/app';

const rivals: readonly Rival[] = [
  {
    program: 'containerd',
    tools: ['unshare', 'containerd'],
    client: 'containerd',
    change: { parallelBlobs: 1 },
    platform: hostPlatform,
    pull: async ({ registry }, mirror, skip) => {
      const daemon = containerd ?? skip(noDaemons ?? 'containerd was not started');
      daemon.mirror(registry, [mirror]);
      await daemon.pull(`${new URL(registry).host}/${image}:latest`);
    },
  },
  {
    program: 'skopeo',
    tools: ['skopeo'],
    client: 'skopeo',
    platform: hostPlatform,
    pull: async ({ registry }, mirror) => {
      const from = `docker://${new URL(registry).host}/${image}:latest`;
      const conf = ['--registries-conf', registriesConf(registry, mirror)];
      const words = [...conf, 'copy', '--quiet', from, `oci:${join(scratch(), 'image')}`];
      const { code, output } = await runTool('skopeo', words);
      expect(code, output).toBe(0);
    },
  },
  {
    program: 'podman',
    tools: ['podman'],
    client: 'podman',
    platform: hostPlatform,
    pull: async (mock, mirror) => {
      const { run } = containersOf('podman', mock);
      const conf = registriesConf(mock.registry, mirror);
      await run(
        '--registries-conf',
        conf,
        'pull',
        '--quiet',
        `${new URL(mock.registry).host}/${image}:latest`,
      );
    },
  },
  {
    program: 'regctl',
    tools: ['regctl'],
    client: 'regclient',
    platform: amd64,
    pull: async ({ registry }, mirror) => {
      const config = scratch();
      const [here, there] = [registry, mirror].map((url) => new URL(url).host) as [string, string];
      const hosts = {
        [here]: { tls: 'disabled', hostname: here, mirrors: [there] },
        [there]: { tls: 'disabled', hostname: there },
      };
      const file = join(config, 'regctl.json');
      writeFileSync(file, JSON.stringify({ hosts }));
      const to = `ocidir://${join(scratch(), 'image')}:pulled`;
      const words = ['image', 'copy', '--platform', 'linux/amd64', `${here}/${image}:latest`, to];
      const variables = { REGCTL_CONFIG: file, DOCKER_CONFIG: config };
      const { code, output } = await runTool('regctl', words, variables);
      expect(code, output).toBe(0);
    },
  },
];

function registriesConf(registry: string, mirror: string): string {
  const [here, there] = [registry, mirror].map((url) => new URL(url).host);
  const lines = [
    '[[registry]]',
    `location = "${here}"`,
    'insecure = true',
    '[[registry.mirror]]',
    `location = "${there}"`,
    'insecure = true',
  ];
  const file = join(scratch(), 'registries.conf');
  writeFileSync(file, lines.join('\n'));
  return file;
}

async function profileOf({ program, client, change }: Rival, skip: TestContext['skip']) {
  const { output } = await runTool(program, ['--version']);
  const version = `${client}@${/(\d+\.\d+)\.\d+/.exec(output)?.[1]}`;
  const profile = profiles[version] ?? profiles[client === 'regclient' ? client : ''];
  return { ...(profile ?? skip(`there is no profile ${version}`)), ...change };
}

describe.each(rivals)('$program', (rival) => {
  describe.each([
    { mirrorIs: 'whole', faults: [] },
    { mirrorIs: 'without the tag', faults: ['tag-unreachable'] },
    { mirrorIs: 'without an entry of the index', faults: ['index-child-lost'] },
    { mirrorIs: 'without a layer', faults: ['layer-lost'] },
    { mirrorIs: 'not there', faults: undefined },
  ])('a mirror that is $mirrorIs', ({ faults }) => {
    let registry: RunningMock;
    let mirror: RunningMock | undefined;
    let mirrorUrl: string;
    const log = join(scratch(), 'registry.ndjson');
    const mirrorLog = join(scratch(), 'mirror.ndjson');
    writeFileSync(mirrorLog, '');
    beforeAll(async () => {
      registry = await startMock({ log });
      if (faults !== undefined) mirror = await startMock({ log: mirrorLog, faults });
      mirrorUrl = mirror?.registry ?? (await deadOrigin());
    });
    afterAll(async () => {
      await registry.close();
      await mirror?.close();
    });

    testWith(...rival.tools, 'k6')('is asked as the real client asks', async ({ skip }) => {
      const client = await profileOf(rival, skip);
      if (client.mirrors?.each === 'source' && faults?.includes('layer-lost')) {
        skip('fails there, as its profile does');
      }
      const during = async (act: () => Promise<unknown>) => {
        let atRegistry: string[] = [];
        const atMirror = await linesDuring(mirrorLog, async () => {
          atRegistry = await linesDuring(log, act);
        });
        return { atMirror, atRegistry };
      };
      const theirs = await during(() => rival.pull(registry, mirrorUrl, skip));
      const ours = await during(() =>
        pullByK6({
          client: client.name,
          profiles: { [client.name]: client },
          images: [{ registryUrl: registry.registry, repository: image, reference: 'latest' }],
          platform: rival.platform,
          mirrors: [mirrorUrl],
        }),
      );
      expect(theirs.atMirror.length + theirs.atRegistry.length).toBeGreaterThan(8);
      expect(ours).toEqual(theirs);
    });
  });
});

/** What was asked, in any order: layers travel side by side. */
async function linesDuring(log: string, act: () => Promise<unknown>): Promise<string[]> {
  const seen = await seenDuring(log, act);
  return seen
    .map(({ what, status, headers }) => [what, status, ...[...headers].sort()].join(' | '))
    .sort();
}
