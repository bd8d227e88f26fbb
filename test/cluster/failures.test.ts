// Runs that cannot come to an end by themselves on a real cluster: `--apply` ends them, within its patience, says which
// reason it was and what to do, and leaves nothing behind.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { reasons } from '../../src/run/load/k8s/apply/reasons.ts';
import { claimName, Fleet, fleetName } from '../lib/cluster/fleet.ts';
import { onlyAt, writeHosts } from '../lib/cluster/node.ts';
import { imageNames, mockAddress } from '../lib/cluster/plan.ts';
import { until } from '../lib/cluster/until.ts';
import { type PodSecurity, Workspace } from '../lib/cluster/workspace.ts';

/** For what may mend itself; it may come to this once for the volume and once for the run. */
const patienceSeconds = 15;
const endsSecondsMax = 150;

interface Failure {
  readonly what: string;
  /** Of the reasons that `--apply` knows, or words that must be said. */
  readonly says: string | RegExp;
  readonly exit?: number;
  /** Of `load`, when the folder is written. */
  readonly words?: readonly string[];
  readonly security?: PodSecurity;
  readonly login?: true;
  /** Between writing and applying. */
  prepare?(fleet: Fleet): Promise<void> | void;
}

const logs = ['--results', 'logs'];
const silentRegistry = 'silent.example';
const cluster = inject('cluster');
beforeAll(() => {
  const nobody = onlyAt(`http://${mockAddress}:1`);
  for (const node of cluster.nodes) writeHosts(node, silentRegistry, nobody);
});

const failures: readonly Failure[] = [
  {
    what: 'no node has the room',
    says: 'unschedulable',
    words: [...logs, '--cpu-request', '64'],
  },
  {
    what: 'no node has the label',
    says: 'unschedulable',
    words: [...logs, '--node-selector', 'pool=none'],
  },
  {
    what: 'the registry has no such image',
    says: 'image-absent',
    words: [...logs, '--k6-image', 'registry.example/team/none:1'],
  },
  {
    what: 'the registry of the image does not answer',
    says: 'image-not-pulled',
    words: [...logs, '--k6-image', `${silentRegistry}/team/pullproof-k6:1`],
  },
  {
    what: 'a Secret is missing',
    says: new RegExp(`${fleetName}-login-1`),
    exit: 2,
    login: true,
    words: logs,
  },
  { what: 'the claim has no volume', says: 'claim-not-bound' },
  {
    what: 'the volume is not writable for the runners',
    says: /12345/,
    prepare: async ({ space }) => void (await space.volume(claimName, 0o755)),
  },
  {
    what: 'Pod Security refuses a runner that was changed by hand',
    says: 'pod-security',
    security: 'restricted',
    words: logs,
    prepare: (fleet) =>
      change(fleet, (spec) => {
        spec.runner.containerSecurityContext = { allowPrivilegeEscalation: true };
        spec.runner.securityContext = { runAsUser: 0 };
      }),
  },
  {
    what: 'the quota has no room',
    says: 'quota-exceeded',
    words: logs,
    prepare: ({ space }) =>
      space.apply({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'small' },
        spec: { hard: { pods: '1' } },
      }),
  },
  {
    what: 'the script is broken',
    says: 'initializer-failed',
    words: logs,
    prepare: ({ dir }) => writeFileSync(join(dir, 'scenario.js'), 'export default function ( {'),
  },
  {
    what: 'the image is not ours',
    says: 'image-not-ours',
    words: [...logs, '--k6-image', imageNames.busybox],
  },
];

describe('--apply ends by itself', () => {
  test.concurrent.each(failures)('$what', async (failure) => {
    const { says, exit = 3, words = [], security, login, prepare } = failure;
    const space = await Workspace.open(cluster, security);
    try {
      const mock = await space.mock(...(login === true ? ['--auth', 'basic'] : []));
      const fleet = new Fleet(space, mock);
      const user = login === true ? ['--username', mock.username, '--password-stdin'] : [];
      await fleet.write(['--vus', '2', '--iterations', '4', ...words, ...user], {
        input: `${mock.password}\n`,
      });
      await prepare?.(fleet);
      const startMs = performance.now();
      const { code, stderr } = await fleet.apply(['--patience', `${patienceSeconds}s`]);
      expect(code, stderr).toBe(exit);
      if (typeof says === 'string')
        expect(
          titlesOf(says).some((one) => stderr.includes(one)),
          stderr,
        ).toBe(true);
      else expect(stderr).toMatch(says);
      expect(stderr).toContain('hint: ');
      expect(performance.now() - startMs).toBeLessThan(endsSecondsMax * 1000);
      await until('nothing is left', async () => (await fleet.left()).length === 0);
    } finally {
      await space.close();
    }
  });
});

/** What is shown of a reason of any kind with this id. */
function titlesOf(id: string): string[] {
  const titles = reasons.filter((one) => one.id === id).map(({ title }) => title);
  expect(titles, id).not.toEqual([]);
  return titles;
}

// biome-ignore lint/suspicious/noExplicitAny: a TestRun's spec, of the operator's schema
function change({ dir }: Fleet, edit: (spec: any) => void): void {
  const file = join(dir, 'testrun.yaml');
  const testRun = parse(readFileSync(file, 'utf8'));
  edit(testRun.spec);
  writeFileSync(file, stringify(testRun));
}
