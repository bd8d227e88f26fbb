// The checks that push, against every fault: each is noticed by exactly those that it lists. The longest part
// of the matrix, so its files share the faults, to run side by side.
import { expect, test } from 'vitest';
import { faults } from '../../mocks/faults/index.ts';
import { kills, pushing, pushingChecks, run, said } from './matrix.ts';

const ids = new Set(pushingChecks.map(({ id }) => id));
/** Where most of the time is waiting for bodies that do not come. */
const waitingJobs = 16;
const parts = 2;

/** Declares the tests of every `parts`th fault, from the one with this index on. */
export function testPushing(part: number): void {
  const some = faults.filter((_, index) => index % parts === part);
  test.each(some.map((fault) => [fault.id, fault] as const))(
    '%s is noticed by exactly the checks that it lists',
    async (id, fault) => {
      const jobs = fault.layer === 'wire' && !('begin' in fault) ? waitingJobs : 1;
      const results = await run({ ...pushing, faults: [id], jobs });
      expect(said(results.filter(({ verdict }) => verdict === 'harness-error'))).toEqual([]);
      const listed = fault.breaks.filter((check) => ids.has(check)).toSorted();
      expect(kills(results), said(results).join('\n')).toEqual(listed);
    },
  );
}
