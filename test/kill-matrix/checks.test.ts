// Each check by itself: it stands alone, and some fault needs it. Writes docs/kill-matrix.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { faults } from '../../mocks/faults/index.ts';
import type { CheckResult } from '../../reports/results.ts';
import { checks } from '../../src/checks/catalogue.ts';
import { matrixPage } from '../../tools/docs/kill-matrix-page.ts';
import { kills, pushing, reference, run } from './matrix.ts';

const page = new URL('../../docs/kill-matrix.md', import.meta.url);
/** For all checks one by one, each with an image of its own to push first. */
const aloneMsMax = 300_000;

/** Without what was found, which may count what others have pushed. */
const verdicts = (results: readonly CheckResult[]) =>
  results.map(({ id, verdict }) => `${id} ${verdict}`);

describe('each check', () => {
  test(
    'comes to the same verdict when it runs alone',
    async () => {
      const together = verdicts([...(await run(reference)), ...(await run(pushing))]);
      const alone: string[] = [];
      for (const { id, needs } of checks) {
        const setup = needs.includes('push') ? pushing : reference;
        alone.push(...verdicts(await run({ ...setup, only: [id] })));
      }
      expect(alone.toSorted()).toEqual(together.toSorted());
      const missed: string[] = [];
      for (const { id, needs } of checks) {
        const setup = needs.includes('push') ? pushing : reference;
        // What a fault with a memory does depends on what was asked before.
        const able = faults.filter((each) => !('begin' in each) && each.breaks.includes(id));
        let isKilled = able.length === 0;
        for (const { id: fault } of able) {
          isKilled ||= kills(await run({ ...setup, faults: [fault], only: [id] })).length > 0;
          if (isKilled) break;
        }
        if (!isKilled) missed.push(id);
      }
      expect(missed).toEqual([]);
    },
    aloneMsMax,
  );

  const killed = new Set(faults.flatMap(({ breaks }) => breaks));

  test.each(checks.filter(({ level }) => level !== 'MAY').map(({ id }) => id))(
    '%s is needed to notice some fault',
    (id) => {
      expect(killed).toContain(id);
    },
  );

  test('that a fault lists exists', () => {
    const ids = new Set(checks.map(({ id }) => id));
    expect([...killed].filter((id) => !ids.has(id))).toEqual([]);
  });
});

test('docs/kill-matrix.md is up to date (UPDATE=1 npx vitest run test/kill-matrix writes it)', () => {
  const wanted = matrixPage(checks, faults);
  if (process.env.UPDATE === '1') writeFileSync(page, wanted);
  expect(readFileSync(page, 'utf8')).toBe(wanted);
});
