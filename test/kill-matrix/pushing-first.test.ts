// The sound mock passes every check that pushes; the first half of the faults.
import { expect, test } from 'vitest';
import { pushing, pushingChecks, run, said } from './matrix.ts';
import { testPushing } from './pushing.ts';

test('the sound mock passes every check', async () => {
  const results = await run(pushing);
  expect(results.length).toBe(pushingChecks.length);
  expect(said(results.filter(({ verdict }) => verdict !== 'pass'))).toEqual([]);
});

testPushing(0);
