// `load --k8s DIR`, and then what DIR/README.md says, line by line, as a user would, where pods are held to Pod Security
// `restricted`. What the joined report counts is what the mock was asked.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import type { LogEntry } from '../../mocks/http/log.ts';
import type { Results } from '../../reports/results.ts';
import { kubeletContainerd } from '../../src/profiles/kubelet.ts';
import { readResults } from '../lib/cli.ts';
import { claimName, Fleet, type Way } from '../lib/cluster/fleet.ts';
import { inShell, sectionsOf } from '../lib/cluster/runbook.ts';
import { Workspace } from '../lib/cluster/workspace.ts';
import { requestsIn } from '../lib/request-log.ts';

const pulls = 40;
const ways: readonly Way[] = ['volume', 'logs'];

test.concurrent.each(ways)(
  'the steps of the README, timelines by %s: once, and again',
  async (way) => {
    const space = await Workspace.open(inject('cluster'), 'restricted');
    try {
      if (way === 'volume') await space.volume(claimName);
      const fleet = new Fleet(space, await space.mock());
      const asked = ['--iterations', String(pulls), '--vus', '4', '--slo', 'errors<1%'];
      await fleet.write([...asked, '--results', way]);
      const steps = sectionsOf(fleet.dir);
      const follow = async (lines: readonly string[] | undefined) => {
        const { code, output } = await inShell(space, fleet.dir, lines ?? []);
        expect(code, output).toBe(0);
      };
      const [again, away] = steps.get('Again, or away') ?? [];
      for (const next of [again, away]) {
        const before = requestsIn(fleet.mock.log).length;
        await follow(steps.get('Run, and wait for the end')?.flat());
        await follow(steps.get('Collect and join')?.flat());
        expectWhole(fleet, requestsIn(fleet.mock.log).slice(before));
        expect(next).toBeDefined();
        await follow(next);
      }
      expect(await fleet.left()).toEqual([]);
    } finally {
      await space.close();
    }
  },
);

function expectWhole({ dir }: Fleet, asked: readonly LogEntry[]): void {
  const { load, verdict } = newestIn(join(dir, 'pullproof-results'));
  expect(new Set(asked.map(agentOf))).toEqual(new Set([kubeletContainerd.userAgent]));
  expect(load?.requests.total).toBe(asked.length);
  expect(verdict).toBe('pass');
  // As fast as the mock answers is no registry without limits.
  expect(load?.bottleneck).not.toBe('none');
  expect(load?.merged).toMatchObject({ runs: 2, missing: [] });
  expect(load?.pulls).toMatchObject({ ok: pulls, failed: 0 });
}

function newestIn(folder: string): Results {
  const names = readdirSync(folder).sort();
  return readResults(join(folder, names.at(-1) ?? ''));
}

function agentOf({ headers }: LogEntry): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1];
}
