// The checks that read: the sound mock passes them, and each fault is noticed by exactly those that it lists.
import { expect, test } from 'vitest';
import { faults } from '../../mocks/faults/index.ts';
import { kills, name, readingChecks, reference, run, said } from './matrix.ts';

/** Requests that one check may make of an image with few layers. */
const requestsMax = 20;
const ids = new Set(readingChecks.map(({ id }) => id));

test(`the sound mock passes every check (${name(reference)})`, async () => {
  const results = await run(reference);
  expect(said(results.filter(({ verdict }) => verdict !== 'pass'))).toEqual([]);
  const wordy = results.filter(({ evidence }) => evidence.length > requestsMax);
  expect(wordy.map(({ id, evidence }) => `${id}: ${evidence.length} requests`)).toEqual([]);
  const silent = results.filter(({ evidence }) => evidence.length === 0);
  expect(silent.map(({ id }) => id)).toEqual([]);
});

test.each(faults.map((fault) => [fault.id, fault] as const))(
  '%s is noticed by exactly the checks that it lists',
  async (id, fault) => {
    const results = await run({ ...reference, faults: [id] });
    expect(said(results.filter(({ verdict }) => verdict === 'harness-error'))).toEqual([]);
    const listed = fault.breaks.filter((check) => ids.has(check)).toSorted();
    expect(kills(results), said(results).join('\n')).toEqual(listed);
  },
);
