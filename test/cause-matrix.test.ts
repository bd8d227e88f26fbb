// The cause matrix: each cause is found in its own situation and in no other, as each client pulls; what is found beside
// it stands in the row, with the reason. A healthy pull has none.
import { describe, expect, test } from 'vitest';
import { causes, findCauses } from '../src/doctor/causes/index.ts';
import { access } from './cause-matrix/access.ts';
import { answers } from './cause-matrix/answers.ts';
import { type CauseCase, everyClient } from './cause-matrix/case.ts';
import { certificates } from './cause-matrix/certificates.ts';
import { healthy } from './cause-matrix/healthy.ts';
import { network } from './cause-matrix/network.ts';
import { examineWorld } from './lib/doctor-world.ts';

const cases = [...network, ...certificates, ...access, ...answers];

async function foundIn({ situation }: CauseCase, client: string) {
  const made = typeof situation === 'function' ? await situation(client) : situation;
  const { facts } = await examineWorld({ client, ...made });
  return { facts, found: findCauses(facts) };
}

const rows = (all: readonly CauseCase[]) =>
  all.flatMap((row) =>
    (row.clients ?? everyClient).map(
      (client) => [`${row.cause}: ${row.what}`, client, row] as const,
    ),
  );

describe('every cause', () => {
  test.each(rows(cases))('%s, %s', async (_, client, row) => {
    const { found } = await foundIn(row, client);
    const ids = [...new Set(found.map(({ cause }) => cause.id))].sort();
    expect(ids).toEqual([row.cause, ...Object.keys(row.also ?? {})].sort());
    const own = found.find(({ cause }) => cause.id === row.cause)?.found;
    expect(own?.certainty).toBe(row.certainty ?? 'certain');
    expect(own?.isHarmless ?? false).toBe(row.isHarmless ?? false);
    expect(own?.evidence.length).toBeGreaterThan(0);
    for (const { found: one } of found) {
      expect(one.at).not.toBe('');
      expect(one.certainty === 'possible').toBe(one.wouldTell !== undefined);
    }
  });
});

test('every cause has a row', () => {
  const without = causes.filter(({ id }) => !cases.some(({ cause }) => cause === id));
  expect(without.map(({ id }) => id)).toEqual([]);
});

test.each(rows(healthy))('a healthy pull%s, %s', async (_, client, row) => {
  const { facts, found } = await foundIn(row, client);
  expect(facts.pulls.map(({ failure }) => failure?.message)).toEqual(
    facts.pulls.map(() => undefined),
  );
  expect(found.map(({ cause, found: one }) => [cause.id, ...one.evidence])).toEqual([]);
});
