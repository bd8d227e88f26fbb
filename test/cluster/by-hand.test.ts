// `load --k8s DIR`, and then what DIR/README.md says, line by line, as a user would. What the joined report counts is
// what the mock was asked.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { LogEntry } from '../../mocks/http/log.ts';
import type { Results } from '../../reports/results.ts';
import { kubeletContainerd } from '../../src/profiles/kubelet.ts';
import { readResults } from '../lib/cli.ts';
import { imageNames } from '../lib/cluster/plan.ts';
import { inShell, sectionsOf } from '../lib/cluster/runbook.ts';
import { type ClusterMock, Workspace } from '../lib/cluster/workspace.ts';
import { requestsIn } from '../lib/request-log.ts';

const pulls = 40;
const fleet = 'pullproof-fleet';

describe.each(['volume'])('timelines by %s', (results) => {
  let space: Workspace;
  let mock: ClusterMock;
  beforeAll(async () => {
    space = await Workspace.open(inject('cluster'), 'restricted');
    mock = await space.mock();
  });
  afterAll(() => space.close());

  test('each step of the README works, and the report has the requests of the mock’s log', async () => {
    const dir = join(space.folder, 'fleet');
    if (results === 'volume') await space.volume(`${fleet}-results`);
    const words = [
      ...['load', `http://${mock.images[0]}`, '--client', 'kubelet-containerd', '--seed', '3'],
      ...['--iterations', String(pulls), '--vus', '4', '--slo', 'errors<1%', '--k8s', dir],
      ...['--parallelism', '2', '--cpu-request', '100m', '--k6-image', imageNames.k6],
      ...['--results', results],
    ];
    const written = await space.cli(words);
    expect(written.code, written.stderr).toBe(0);
    const steps = sectionsOf(dir);
    for (const time of ['first', 'again']) {
      const before = requestsIn(mock.log).length;
      for (const title of ['Run, and wait for the end', 'Collect and join']) {
        const lines = steps.get(title)?.flat() ?? [];
        const { code, output } = await inShell(space, dir, lines);
        expect(code, output).toBe(0);
      }
      const { load, verdict } = newestIn(join(dir, 'pullproof-results'));
      const asked = requestsIn(mock.log).slice(before);
      expect(new Set(asked.map(agentOf))).toEqual(new Set([kubeletContainerd.userAgent]));
      expect(load?.requests.total).toBe(asked.length);
      expect(verdict).toBe('pass');
      // As fast as the mock answers is no registry without limits.
      expect(load?.bottleneck).not.toBe('none');
      expect(load?.merged).toMatchObject({ runs: 2, missing: [] });
      expect(load?.pulls).toMatchObject({ ok: pulls, failed: 0 });
      const [again = [], away = []] = steps.get('Again, or away') ?? [];
      const { code, output } = await inShell(space, dir, time === 'first' ? again : away);
      expect(code, output).toBe(0);
    }
  });
});

function newestIn(folder: string): Results {
  const names = readdirSync(folder).sort();
  return readResults(join(folder, names.at(-1) ?? ''));
}

function agentOf({ headers }: LogEntry): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1];
}
