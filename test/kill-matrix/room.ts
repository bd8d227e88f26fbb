// The tests of the faults of one room, against all checks that could see them: each is noticed by exactly the
// checks of the room's snapshot (mocks/faults/ROOM/noticed.json), and in other set-ups by no others. With
// PULLPROOF_TEST=rest more of them run, with PULLPROOF_TEST=all every check. UPDATE=1 writes the snapshot anew, by
// all that could see them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type CatalogueFault, faults } from '../../mocks/faults/index.ts';
import type { CheckResult } from '../../reports/results.ts';
import { checks } from '../../src/checks/catalogue.ts';
import { matchesAny } from '../../src/lib/globs.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import {
  name,
  noticers,
  others,
  pushing,
  pushingChecks,
  readingChecks,
  reference,
  run,
  type Setup,
  said,
} from './matrix.ts';
import { inReach } from './reach.ts';

const isUpdate = process.env.UPDATE === '1';
const isWhole = process.env.PULLPROOF_TEST === 'all';
/** Where most of the time is waiting for bodies that do not come. */
const waitingJobs = 16;

const isMore = process.env.PULLPROOF_TEST === 'rest';
/** Of the checks that could see a fault, so many run beside those that are said to notice it. */
const reachMax = isMore ? 150 : 60;
/** The same where each may wait for what does not come. */
const waitingReachMax = isMore ? 40 : 10;

/** Oddities that a run in process does not meet: they are in the bytes on the wire, or come after thousands of requests. */
const unseen: readonly string[] = [
  'rate-limited',
  'token-ends-early',
  'token-form-unknown',
  // No check asks for lists packed, or pushes to a third repository.
  'lists-packed',
  'repository-made-before',
];

type Snapshot = Record<string, readonly string[]>;

/** Declares the tests. */
export function testRoom(room: string): void {
  const own = faults.filter((fault) => fault.room === room);
  const file = join(packageRoot, 'mocks/faults', room, 'noticed.json');
  const known: Snapshot = JSON.parse(readFileSync(file, 'utf8'));
  const seen = new Map<string, string[]>();
  const struck = new Set<string>();
  const onStrikes = (id: string, strikes: number) => {
    if (strikes > 0) struck.add(id);
  };
  const noticing = ({ id }: CatalogueFault) => known[id] ?? [];

  const sides = [
    [reference, new Set(readingChecks.map(({ id }) => id))],
    [pushing, new Set(pushingChecks.map(({ id }) => id))],
  ] as const;
  for (const [setup, ids] of sides) {
    test.each(own.map((fault) => [fault.id, fault] as const))(
      '%s is noticed by exactly the checks that it lists',
      async (id, fault) => {
        const results = await runWith(fault, { ...setup, onStrikes }, noticing(fault));
        expect(said(results.filter(({ verdict }) => verdict === 'harness-error'))).toEqual([]);
        const found = noticers(results);
        seen.set(id, [...(seen.get(id) ?? []), ...found]);
        expect(accusations(fault, results), `${id} is legal: ${fault.legal}`).toEqual([]);
        if (isUpdate) return;
        const listed = noticing(fault).filter((check) => ids.has(check));
        expect(found, hint(id, room, results)).toEqual(listed.toSorted());
      },
    );
  }

  test.each(own.map((fault) => [fault.id, fault] as const))(
    '%s breaks nothing more',
    async (id, fault) => {
      const known = isUpdate ? (seen.get(id) ?? []) : noticing(fault);
      const listed = [...known, ...(moreElsewhere[id] ?? [])];
      // In one set-up after the other, fault by fault, or in all.
      const setups = isWhole
        ? others
        : others.filter((_, at) => at === own.indexOf(fault) % others.length);
      // All at once: much of the time is waiting for what does not come.
      const results = await Promise.all(setups.map((setup) => runWith(fault, setup, listed)));
      expect(accusations(fault, results.flat()), `${fault.id} is legal: ${fault.legal}`).toEqual(
        [],
      );
      const more = results.map((one) => noticers(one).filter((check) => !listed.includes(check)));
      const found = Object.fromEntries(setups.map((setup, at) => [name(setup), more[at]]));
      const none = Object.fromEntries(setups.map((setup) => [name(setup), []]));
      expect(found, hint(id, room, results.flat())).toEqual(none);
    },
  );

  const odd = own.filter(({ legal, id }) => legal !== undefined && !unseen.includes(id));
  test.each(odd.map(({ id }) => id))('%s is met by the checks', async (id) => {
    // By some of them, else by all.
    for (const [setup] of struck.has(id) ? [] : sides) {
      await run({ ...setup, faults: [id], jobs: waitingJobs, onStrikes });
    }
    expect(struck.has(id)).toBe(true);
  });

  afterAll(() => {
    if (!isUpdate) return;
    // What did not run (-t) stays as it is known.
    const snapshot = own.map((fault) => {
      return [fault.id, (seen.get(fault.id) ?? noticing(fault)).toSorted()] as const;
    });
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(snapshot), null, 2)}\n`);
  });
}

/** What more a fault breaks where the reference names no index, so that other content is cold, or is not there. */
const moreElsewhere: Readonly<Record<string, readonly string[]>> = {
  'get-after-head-empty': [
    'manifest-by-digest',
    'manifest-head-length',
    'manifest-tag-digest-closes',
  ],
  'unknown-blob-crash': ['blob-empty-read'],
  'unknown-blob-head-ok': ['blob-empty-read'],
};

/** What judges the whole run stands for any check: it is run for what is about it alone. */
const ofWholeRun = new Set(checks.filter(({ judgesRun }) => judgesRun).map(({ id }) => id));

/** Runs the checks that could see the fault, and those that are said to notice it. */
async function runWith(
  fault: CatalogueFault,
  setup: Setup,
  listed: readonly string[],
): Promise<CheckResult[]> {
  // What a fault remembers depends on the order, unless nothing may come of it.
  const isOrdered = 'begin' in fault && fault.noticedBy.length > 0;
  const jobs = fault.layer === 'wire' && !isOrdered ? waitingJobs : 1;
  const bent = { ...setup, faults: [fault.id], jobs };
  const about = [...ofWholeRun].filter((id) => matchesAny(fault.noticedBy, id));
  // Whoever is hit now and then may be anybody.
  if (about.length > 0) return run(bent);
  const left = checks.flatMap(({ id }) => (ofWholeRun.has(id) ? [] : [id]));
  if (isWhole) return run({ ...bent, only: new Set(left) });
  const reach = spread(await inReach(fault, setup), reachMaxOf(fault));
  const only = new Set([...reach, ...listed].filter((id) => !ofWholeRun.has(id)));
  return only.size === 0 ? [] : run({ ...bent, only });
}

function reachMaxOf({ layer, legal }: CatalogueFault): number {
  // Whoever is accused wrongly once stops reading.
  const isQuick = layer !== 'wire';
  if (isUpdate || (isMore && isQuick && legal !== undefined)) return Number.POSITIVE_INFINITY;
  return isQuick ? reachMax : waitingReachMax;
}

/** What checks of level MUST say of a legal oddity, which should be nothing. */
function accusations({ legal }: CatalogueFault, results: readonly CheckResult[]): string[] {
  if (legal === undefined) return [];
  return said(results.filter(({ level, verdict }) => level === 'MUST' && verdict === 'fail'));
}

/** As many as may be of those in reach, from all parts of the catalogue. */
function spread(ids: ReadonlySet<string>, countMax: number): string[] {
  const each = Math.max(1, ids.size / countMax);
  return [...ids].filter((_, at) => Math.floor(at / each) !== Math.floor((at - 1) / each));
}

function hint(id: string, room: string, results: readonly CheckResult[]): string {
  return [
    `${id}: other checks notice it than stand in mocks/faults/${room}/noticed.json.`,
    `Where that is right: UPDATE=1 npx vitest run test/kill-matrix/${room}.test.ts -t '${id} ', and review the diff`,
    '(without -t for a new check, which may notice other faults as well).',
    ...said(results.filter(({ verdict }) => verdict !== 'pass')),
  ].join('\n');
}
