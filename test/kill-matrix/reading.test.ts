// The checks that read: the sound mock passes them in every set-up, and each fault is noticed by exactly
// those that it lists.
import { describe, expect, test } from 'vitest';
import { faults } from '../../mocks/faults/index.ts';
import { kills, name, others, readingChecks, reference, run, said } from './matrix.ts';

/** Requests that one check may make of an image with few layers. */
const requestsMax = 20;
const ids = new Set(readingChecks.map(({ id }) => id));

describe('the sound mock', () => {
  test(`passes every check (${name(reference)})`, async () => {
    const results = await run(reference);
    expect(said(results.filter(({ verdict }) => verdict !== 'pass'))).toEqual([]);
    const wordy = results.filter(({ evidence }) => evidence.length > requestsMax);
    expect(wordy.map(({ id, evidence }) => `${id}: ${evidence.length} requests`)).toEqual([]);
    const silent = results.filter(({ evidence }) => evidence.length === 0);
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  test.each(others.map((setup) => [name(setup), setup] as const))(
    'passes (%s)',
    async (_, setup) => {
      const results = await run(setup);
      const verdicts = ['pass', 'unsupported'];
      expect(said(results.filter(({ verdict }) => !verdicts.includes(verdict)))).toEqual([]);
    },
  );
});

describe.each(faults.map((fault) => [fault.id, fault] as const))('%s', (id, fault) => {
  test('is noticed by exactly the checks that it lists', async () => {
    const results = await run({ ...reference, faults: [id] });
    expect(said(results.filter(({ verdict }) => verdict === 'harness-error'))).toEqual([]);
    const listed = fault.breaks.filter((check) => ids.has(check)).toSorted();
    expect(kills(results), said(results).join('\n')).toEqual(listed);
  });

  test('breaks nothing more elsewhere', async () => {
    for (const setup of others) {
      const killed = kills(await run({ ...setup, faults: [id] }));
      const more = killed.filter((check) => !fault.breaks.includes(check));
      expect(more, name(setup)).toEqual([]);
    }
  });
});
