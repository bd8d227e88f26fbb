// Legal oddities two by two: what each of them is allowed alone is allowed to both, so no check of level MUST may
// fail. The pairs are drawn by a seed, which the test names: PAIRS_SEED=N draws them again, PULLPROOF_TEST=all
// draws many more and asks with every check.
import { expect, test } from 'vitest';
import { type CatalogueFault, faults } from '../../mocks/faults/index.ts';
import { randomOf } from '../../mocks/random.ts';
import type { CheckResult } from '../../reports/results.ts';
import { pushing, pushingChecks, readingChecks, reference, run, said } from './matrix.ts';
import { inReach } from './reach.ts';

const isWhole = process.env.PULLPROOF_TEST === 'all';
const seed = Number(process.env.PAIRS_SEED ?? (isWhole ? Date.now() % 1_000_000 : 1));
const pairsMax = Number(process.env.PAIRS ?? (isWhole ? 400 : 40));
/** Checks of a pair, of those that could see one of the two. */
const checksMax = isWhole ? Number.POSITIVE_INFINITY : 50;
const jobs = 8;

/** Pairs that mean nothing together, and why. */
const opposed: readonly (readonly [string, string, string])[] = [];

/** What one of two does leaves nothing for the other, or both write the same line. */
function opposition(one: string, two: string): string | undefined {
  return opposed.find(([a, b]) => matches(a, b, one, two) || matches(b, a, one, two))?.[2];
}

function matches(a: string, b: string, one: string, two: string): boolean {
  return new RegExp(`^(?:${a})$`).test(one) && new RegExp(`^(?:${b})$`).test(two);
}

const oddities = faults.filter(({ legal }) => legal !== undefined);
const random = randomOf(seed, 'pairs of oddities');
const must = new Set(
  [...readingChecks, ...pushingChecks].filter(({ level }) => level === 'MUST').map(({ id }) => id),
);

function drawn(): [string, CatalogueFault, CatalogueFault][] {
  const pairs = new Map<string, [string, CatalogueFault, CatalogueFault]>();
  while (pairs.size < pairsMax) {
    const [one, two] = [pick(), pick()];
    if (one === two || opposition(one.id, two.id) !== undefined) continue;
    const key = `${one.id} and ${two.id}`;
    pairs.set(key, [key, one, two]);
  }
  return [...pairs.values()];
}

function pick(): CatalogueFault {
  return oddities[Math.floor(random() * oddities.length)] as CatalogueFault;
}

test.each(drawn())(`no check of level MUST minds %s (PAIRS_SEED=${seed})`, async (_, one, two) => {
  const failures: CheckResult[] = [];
  for (const setup of [reference, pushing]) {
    const ids = new Set([...(await inReach(one, setup)), ...(await inReach(two, setup))]);
    const only = sample([...ids].filter((id) => must.has(id)));
    if (only.size === 0) continue;
    const results = await run({ ...setup, faults: [one.id, two.id], only, jobs });
    failures.push(...results.filter(isAccusation));
  }
  expect(said(failures)).toEqual([]);
});

function isAccusation({ level, verdict }: CheckResult): boolean {
  return verdict === 'harness-error' || (level === 'MUST' && verdict === 'fail');
}

function sample(ids: readonly string[]): Set<string> {
  const shuffled = ids.map((id) => [random(), id] as const).sort(([a], [b]) => a - b);
  return new Set(shuffled.slice(0, checksMax).map(([, id]) => id));
}
