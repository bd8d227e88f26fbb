// The sound mock passes every check, in all its set-ups.
import { expect, test } from 'vitest';
import {
  name,
  others,
  pushing,
  pushingChecks,
  readingChecks,
  reference,
  run,
  said,
} from './matrix.ts';

/** Requests that one check may make of an image with few layers. */
const requestsMax = 20;

test(`the sound mock passes every check (${name(reference)})`, async () => {
  const results = await run(reference);
  expect(results.length).toBe(readingChecks.length);
  expect(said(results.filter(({ verdict }) => verdict !== 'pass'))).toEqual([]);
  const wordy = results.filter(({ evidence }) => evidence.length > requestsMax);
  expect(wordy.map(({ id, evidence }) => `${id}: ${evidence.length} requests`)).toEqual([]);
  const silent = results.filter(({ evidence }) => evidence.length === 0);
  expect(silent.map(({ id }) => id)).toEqual([]);
});

test('the sound mock passes every check', async () => {
  const results = await run(pushing);
  expect(results.length).toBe(pushingChecks.length);
  expect(said(results.filter(({ verdict }) => verdict !== 'pass'))).toEqual([]);
});

test.each(others.map((setup) => [name(setup), setup] as const))(
  'the sound mock passes (%s)',
  async (_, setup) => {
    const results = await run(setup);
    const verdicts = ['pass', 'unsupported'];
    expect(said(results.filter(({ verdict }) => !verdicts.includes(verdict)))).toEqual([]);
  },
);
