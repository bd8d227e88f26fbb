// Each check by itself: it stands alone, and some fault needs it. And what the faults name exists.
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { faults } from '../../mocks/faults/index.ts';
import { noticing } from '../../mocks/faults/noticed.ts';
import type { CheckResult } from '../../reports/results.ts';
import { checks } from '../../src/checks/catalogue.ts';
import { matchesAny } from '../../src/lib/globs.ts';
import { noticers, pushing, reference, run } from './matrix.ts';

/** For all checks one by one, each with an image of its own to push first. */
const aloneMsMax = 300_000;

/** Without what was found, which may count what others have pushed. */
const verdicts = (results: readonly CheckResult[]) =>
  results.map(({ id, verdict }) => `${id} ${verdict}`);

describe('each check', () => {
  test.runIf(process.env.PULLPROOF_TEST === 'all')(
    'comes to the same verdict when it runs alone',
    async () => {
      const together = verdicts([...(await run(reference)), ...(await run(pushing))]);
      const alone: string[] = [];
      for (const { id, needs } of checks) {
        const setup = needs.includes('push') ? pushing : reference;
        alone.push(...verdicts(await run({ ...setup, only: new Set([id]) })));
      }
      expect(alone.toSorted()).toEqual(together.toSorted());
      const missed: string[] = [];
      for (const { id, needs } of checks) {
        const setup = needs.includes('push') ? pushing : reference;
        // What a fault with a memory does depends on what was asked before.
        const able = faults.filter((each) => !('begin' in each) && noticing(each.id).includes(id));
        let isKilled = able.length === 0;
        for (const { id: fault } of able) {
          const results = await run({ ...setup, faults: [fault], only: new Set([id]) });
          isKilled ||= noticers(results).length > 0;
          if (isKilled) break;
        }
        if (!isKilled) missed.push(id);
      }
      expect(missed).toEqual([]);
    },
    aloneMsMax,
  );

  const needed = new Set(faults.flatMap(({ id }) => noticing(id)));

  test.each(
    checks.filter(({ level }) => level !== 'MAY').map(({ id, file }) => [id, file] as const),
  )('%s is needed to notice some fault', (id, file) => {
    const room = file.split('/')[2] ?? '';
    const hint = [
      `No fault is noticed by ${id}, so nothing proves that it can fail.`,
      `Write one that breaks just this (npm run new fault ${room}/FILE ID), or let an existing one show it;`,
      `then UPDATE=1 npx vitest run test/kill-matrix/${room}.test.ts`,
    ].join('\n');
    expect(needed.has(id), hint).toBe(true);
  });

  test('has faults of a room that is tested', () => {
    const tested = readdirSync(import.meta.dirname).map((file) => file.replace(/\.test\.ts$/, ''));
    const missing = [...new Set(faults.map(({ room }) => room))].filter(
      (room) => !tested.includes(room),
    );
    const hint = `add test/kill-matrix/ROOM.test.ts for ${missing.join(', ')}, as the others are`;
    expect(missing, hint).toEqual([]);
  });

  test('of level MUST minds no legal oddity', () => {
    const must = new Set(checks.filter(({ level }) => level === 'MUST').map(({ id }) => id));
    const legal = faults.filter((fault) => fault.legal !== undefined);
    const minded = legal.map(({ id }) => [id, noticing(id).filter((check) => must.has(check))]);
    expect(minded.filter(([, ids]) => ids !== undefined && ids.length > 0)).toEqual([]);
  });

  test('that a fault lists exists', () => {
    const ids = new Set(checks.map(({ id }) => id));
    expect([...needed].filter((id) => !ids.has(id))).toEqual([]);
  });
});

describe('what a fault is about', () => {
  test.each(faults.map((fault) => [fault.id, fault] as const))(
    '%s: its checks notice it',
    (id, { noticedBy, file, room }) => {
      const exact = noticing(id);
      const vain = noticedBy.filter((glob) => !exact.some((check) => matchesAny([glob], check)));
      const hint = [
        `${file}: no check that matches ${vain.join(', ')} is seen to notice ${id}.`,
        `Name those that should; if they do, UPDATE=1 npx vitest run test/kill-matrix/${room}.test.ts`,
        'writes down that they do.',
      ].join('\n');
      expect(vain, hint).toEqual([]);
      const silent = `${file}: ${id} is noticed by ${exact.join(', ')}. Name what it is about in noticedBy.`;
      expect(exact.length > 0, silent).toBe(noticedBy.length > 0);
    },
  );
});
