// The checks that read, in other set-ups of the mock: it passes what applies, and a fault breaks nothing there
// that it does not list.
import { expect, test } from 'vitest';
import { faults } from '../../mocks/faults/index.ts';
import { kills, name, others, run, said } from './matrix.ts';

test.each(others.map((setup) => [name(setup), setup] as const))(
  'the sound mock passes (%s)',
  async (_, setup) => {
    const results = await run(setup);
    const verdicts = ['pass', 'unsupported'];
    expect(said(results.filter(({ verdict }) => !verdicts.includes(verdict)))).toEqual([]);
  },
);

test.each(faults.map((fault) => [fault.id, fault] as const))(
  '%s breaks nothing more',
  async (id, fault) => {
    // All at once: much of the time is waiting for what does not come.
    const results = await Promise.all(others.map((setup) => run({ ...setup, faults: [id] })));
    const more = results.map((one) => kills(one).filter((check) => !fault.breaks.includes(check)));
    expect(Object.fromEntries(others.map((setup, at) => [name(setup), more[at]]))).toEqual(
      Object.fromEntries(others.map((setup) => [name(setup), []])),
    );
  },
);
