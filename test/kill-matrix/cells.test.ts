// What checks say that they cover of the matrix of endpoints and states (src/checks/cells.ts): the cells are there, and
// the requests that they make on the sound mock show those states that can be seen.
import { describe, expect, test } from 'vitest';
import { checks } from '../../src/checks/catalogue.ts';
import {
  type Cell,
  type Endpoint,
  endpoints,
  observable,
  type State,
  senseless,
  states,
  whySenseless,
  writing,
} from '../../src/checks/cells.ts';
import { ObservedCells } from '../lib/observed-cells.ts';
import { pushing, pushingChecks, readingChecks, reference, run } from './matrix.ts';

function partsOf(cell: Cell): [Endpoint, State] {
  return cell.split(' ') as [Endpoint, State];
}

describe.each([
  ['reads', reference, readingChecks],
  ['pushes', pushing, pushingChecks],
] as const)('what %s', (_, setup, checks) => {
  test('makes sense', () => {
    const wrong = checks.flatMap(({ id, covers = [] }) =>
      covers
        .filter((cell) => whySenseless(...partsOf(cell)) !== undefined)
        .map((cell) => `${id}: ${cell}`),
    );
    expect(wrong).toEqual([]);
  });

  test('is asked for on the sound mock, in the states that can be seen', async () => {
    const observed = new ObservedCells();
    await run(
      setup,
      ({ view, check, status }) => {
        const isRefused = status === 401 || status === 403;
        if (check === undefined && !isRefused) observed.note(view.call.method, view.call.path);
      },
      (check, talk) => observed.watch(check, talk),
    );
    if (process.env.SHOW === '1') {
      for (const { id } of checks) console.log(`${id}: ${[...observed.of(id)].join(', ')}`);
    }
    const untrue = checks.flatMap(({ id, covers = [] }) =>
      covers
        .filter((cell) => observable.has(partsOf(cell)[1]) && !observed.of(id).has(cell))
        .map((cell) => `${id}: ${cell}`),
    );
    expect(untrue).toEqual([]);
  });
});

test.each([
  ['full', checks, false],
  ['read-only', readingChecks, true],
] as const)('no cell of a %s run is open', (_, chosen, isReading) => {
  const covered = new Set(chosen.flatMap(({ covers = [] }) => covers));
  const asked = (Object.keys(endpoints) as Endpoint[]).filter(
    (endpoint) => !isReading || !writing.has(endpoint),
  );
  const cells = asked.flatMap((endpoint) =>
    (Object.keys(states) as State[])
      .filter((state) => whySenseless(endpoint, state, isReading) === undefined)
      .map((state): Cell => `${endpoint} ${state}`),
  );
  expect(cells.filter((cell) => !covered.has(cell))).toEqual([]);
});

test('no cell is said to be senseless twice, and each reason is of some cell that there is', () => {
  const all = senseless.flatMap((one) =>
    one.endpoints.flatMap((endpoint) => one.states.map((state): Cell => `${endpoint} ${state}`)),
  );
  expect(all.filter((cell, at) => all.indexOf(cell) !== at)).toEqual([]);
  for (const cell of all) {
    const [endpoint, state] = partsOf(cell);
    expect([endpoint in endpoints, state in states]).toEqual([true, true]);
  }
});
