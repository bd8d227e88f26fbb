// The checks that push: the sound mock passes them, and each fault is noticed by exactly those that it lists.
import { expect, test } from 'vitest';
import { faults } from '../../mocks/faults/index.ts';
import { kills, pushing, pushingChecks, run, said } from './matrix.ts';

const ids = new Set(pushingChecks.map(({ id }) => id));
/** Where most of the time is waiting for bodies that do not come. */
const waitingJobs = 16;

test('the sound mock passes every check', async () => {
  const results = await run(pushing);
  expect(results.length).toBe(pushingChecks.length);
  expect(said(results.filter(({ verdict }) => verdict !== 'pass'))).toEqual([]);
});

test.each(faults.map((fault) => [fault.id, fault] as const))(
  '%s is noticed by exactly the checks that it lists',
  async (id, fault) => {
    const jobs = fault.layer === 'wire' && !('begin' in fault) ? waitingJobs : 1;
    const results = await run({ ...pushing, faults: [id], jobs });
    expect(said(results.filter(({ verdict }) => verdict === 'harness-error'))).toEqual([]);
    const listed = fault.breaks.filter((check) => ids.has(check)).toSorted();
    expect(kills(results), said(results).join('\n')).toEqual(listed);
  },
);
