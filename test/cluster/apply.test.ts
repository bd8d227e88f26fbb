// `load --k8s DIR --apply` from the images to the joined report, where pods are held to Pod Security `restricted`: what
// it counts is what the mock was asked, and nothing stays in the cluster.
import { describe, expect, inject, test } from 'vitest';
import { claimName, Fleet, type Way } from '../lib/cluster/fleet.ts';
import { until } from '../lib/cluster/until.ts';
import { Workspace } from '../lib/cluster/workspace.ts';

const pulls = 40;

interface Case {
  readonly results: Way;
  readonly auth: 'basic' | 'bearer';
  readonly tls: boolean;
}

const cases: readonly Case[] = [
  { results: 'volume', auth: 'bearer', tls: false },
  { results: 'volume', auth: 'basic', tls: true },
  { results: 'logs', auth: 'bearer', tls: true },
];

describe('credentials and CA go by Secrets, the report is whole, and all is removed', () => {
  test.concurrent.each(cases)('$results, $auth, TLS: $tls', async ({ results, auth, tls }) => {
    const space = await Workspace.open(inject('cluster'), 'restricted');
    try {
      const mock = await space.mock('--auth', auth, ...(tls ? ['--tls'] : []));
      const fleet = new Fleet(space, mock);
      if (results === 'volume') await space.volume(claimName);
      const words = [
        ...['--iterations', String(pulls), '--vus', '4', '--slo', 'errors<1%'],
        ...[
          '--username',
          mock.username,
          '--password-stdin',
          '--results',
          results,
          '--start-in',
          '30s',
        ],
        ...(mock.ca === undefined ? [] : ['--ca', mock.ca]),
      ];
      const { code, stdout, stderr } = await fleet.load(words, { input: `${mock.password}\n` });
      expect(code, stderr).toBe(0);
      expect(stdout + stderr).not.toContain(mock.password);
      const { verdict, load } = fleet.results;
      expect(verdict).toBe('pass');
      expect(load?.pulls).toMatchObject({ ok: pulls, failed: 0 });
      expect(load?.merged).toMatchObject({ runs: 2, missing: [] });
      expect(load?.requests.total).toBe(fleet.asked.length);
      expect(load?.requests.total).toBeGreaterThan(pulls);
      await until('nothing is left', async () => (await fleet.left()).length === 0);
    } finally {
      await space.close();
    }
  });
});
