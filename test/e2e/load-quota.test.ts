// `load` where it may use only a part of the machine: the limit is its own, whatever room the machine has.
import { join } from 'node:path';
import { expect } from 'vitest';
import { startMock } from '../../mocks/server.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { canLimitCpu, withCpuQuota } from '../lib/cpu-quota.ts';
import { testWith } from '../lib/tools.ts';

const test = testWith('k6').skipIf(!canLimitCpu);

test('a quota that is used up is the limit, of one run and of joined ones', async () => {
  const mock = await startMock();
  try {
    const folder = scratch();
    const share = async (which: number, by?: Parameters<Parameters<typeof withCpuQuota>[1]>[0]) => {
      const out = join(folder, `${which}`);
      const words = ['--vus', '20', '--duration', '4s', '--segment', `${which}/2`, '--out', out];
      const ended = await cli(['load', `http://${mock.images[0]}`, ...words], {
        ...(by && { by }),
      });
      expect(ended.code, ended.stderr).toBe(0);
      return { out, load: readResults(out).load };
    };
    const free = await share(1);
    expect(free.load?.runner?.cpus).toBeGreaterThanOrEqual(1);
    expect(free.load?.runner).not.toHaveProperty('throttled');
    const limited = await withCpuQuota(0.3, async (by) => await share(2, by));
    expect(limited.load).toMatchObject({
      bottleneck: 'client',
      runner: { cpus: 0.3, limit: 'throttled' },
    });
    const out = join(folder, 'joined');
    const joined = await cli(['report', 'merge', free.out, limited.out, '--out', out]);
    expect(joined.code, joined.stderr).toBe(0);
    const { load } = readResults(out);
    expect(load).toMatchObject({
      ...{ bottleneck: 'client', fromMock: true },
      merged: { runs: 2, known: 2, runners: { told: 2 } },
    });
    expect(load?.merged?.runners?.worst.map(({ id }) => id)).toContain(limited.load?.runner?.id);
    // One after the other is not at once, and a constant number of users depends on that.
    expect(load?.merged?.togetherSeconds).toBe(0);
    expect(joined.stdout).toContain('--start-at');
  } finally {
    await mock.close();
  }
});
