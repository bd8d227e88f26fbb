// What the joined report says the limit was, on a real cluster: the runners where their limits throttle them, the mock
// where that is all there is, nothing at a rate that strains nobody. And a herd of eight begins at once.
import { describe, expect, inject, test } from 'vitest';
import type { Results } from '../../reports/results.ts';
import { claimName, Fleet } from '../lib/cluster/fleet.ts';
import { Workspace } from '../lib/cluster/workspace.ts';

const startsWithinSeconds = 0.2;

async function loaded(
  words: readonly string[],
  mockWords: readonly string[] = [],
): Promise<Results> {
  const space = await Workspace.open(inject('cluster'));
  try {
    await space.volume(claimName);
    const fleet = new Fleet(space, await space.mock(...mockWords));
    const { code, stderr } = await fleet.load(words);
    expect(code, stderr).toBe(0);
    expect(fleet.results.load?.requests.total).toBe(fleet.asked.length);
    return fleet.results;
  } finally {
    await space.close();
  }
}

test('a herd of eight runners begins within a fifth of a second', async () => {
  const results = await loaded([
    '--shape',
    'herd',
    '--vus',
    '16',
    '--parallelism',
    '8',
    '--start-in',
    '40s',
  ]);
  expect(results.load?.merged?.runs).toBe(8);
  expect(results.load?.merged?.startsWithinSeconds).toBeLessThanOrEqual(startsWithinSeconds);
});

describe('the limit', () => {
  const cases = [
    {
      is: 'client',
      of: 'runners that are throttled',
      words: ['--vus', '40', '--cpu-limit', '60m'],
    },
    {
      is: 'none',
      of: 'a rate that strains nobody',
      words: ['--rate', '2/s', '--vus', '4'],
    },
    {
      is: 'mock',
      of: 'a mock that takes its time',
      words: ['--vus', '8'],
      mock: ['--latency', 'registry=300ms'],
    },
  ];
  test.concurrent.each(cases)('of $of is $is', async ({ is, words, mock }) => {
    const results = await loaded(['--start-in', '20s', '--duration', '15s', ...words], mock);
    expect(results.load?.bottleneck).toBe(is);
  });
});
