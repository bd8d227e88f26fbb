// Proves the checks: the sound mock passes all of them, each fault of the mock is noticed by exactly the
// checks that it lists, and every check is needed to notice some fault. Writes docs/kill-matrix.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { faults } from '../mocks/faults/index.ts';
import { createRegistry, type RegistryOptions } from '../mocks/index.ts';
import type { CheckResult } from '../reports/results.ts';
import { checks } from '../src/checks/catalogue.ts';
import { standardTag } from '../src/checks/standard-image.ts';
import { Redactor } from '../src/drivers/redact.ts';
import { runChecks } from '../src/run/checks.ts';
import { inProcess } from './lib/in-process.ts';
import { matrixPage } from './lib/matrix-page.ts';

const page = new URL('../docs/kill-matrix.md', import.meta.url);
/** One moment for all runs: signatures and tokens depend on the clock. */
const now = () => Date.UTC(2026, 0, 2);
/** Requests that one check may make of an image with few layers. */
const requestsMax = 20;
/** For all checks one by one, each with an image of its own to push first. */
const aloneMsMax = 300_000;

type Setup = Pick<RegistryOptions, 'auth' | 'redirect' | 'faults'> & {
  /** Which of the mock's images is read. */
  readonly image?: number;
  /** Run the checks that push, with the user's credentials, instead of those that read. */
  readonly push?: true;
  /** Ids of the checks to run, default all. */
  readonly only?: readonly string[];
};

/** Where every fault shows: an index, bearer tokens, a redirect that is demanded. */
const reference: Setup = { image: 0, auth: 'bearer', redirect: 302 };

/** The same for the checks that push. */
const pushing: Setup = { ...reference, push: true };

const others: readonly Setup[] = [
  { image: 1, auth: 'bearer', redirect: 307 },
  { image: 2, auth: 'basic', redirect: 302 },
  { image: 0, auth: 'none', redirect: 'none' },
  { image: 1, auth: 'none', redirect: 302 },
  { image: 2, auth: 'bearer', redirect: 'none' },
];

async function run(setup: Setup): Promise<CheckResult[]> {
  const { auth = 'bearer', redirect = 302 } = setup;
  // Above the driver's own limit, so that it is the driver that gives up.
  const registry = createRegistry({
    auth,
    redirect,
    faults: setup.faults,
    // Somebody else's, for mounts that may not be.
    permissions: ['user:pullproof-foreign-*=none'],
    stallMs: 300,
    slowMs: 1,
    now,
  });
  const image = registry.images[setup.image ?? 0];
  const { username, password } = registry;
  const { results } = await runChecks({
    checks: checks.filter(
      ({ id, needs }) =>
        needs.includes('push') === (setup.push === true) && (setup.only?.includes(id) ?? true),
    ),
    perform: inProcess(registry.fetch),
    redactor: new Redactor(),
    registryUrl: registry.origins.registry,
    ...(setup.push === true
      ? { repository: 'scratch/one', reference: standardTag({ nonce: '00000001' }) }
      : { repository: image?.repository ?? '', reference: image?.tag ?? '' }),
    otherRepository: 'scratch/two',
    mayPush: setup.push === true,
    credentials: auth === 'basic' || setup.push === true ? { username, password } : undefined,
    redirectPolicy: redirect === 'none' ? 'forbidden' : 'required',
    allowHosts: [new URL(registry.origins.cdn).hostname],
    seed: 1,
    now,
  });
  return results;
}

/** Ids of the checks that noticed something; what is void or unsupported noticed nothing. */
function kills(results: readonly CheckResult[]): string[] {
  return results
    .filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
    .map(({ id }) => id)
    .sort();
}

const said = (results: readonly CheckResult[]) =>
  results.map((result) => `${result.id} ${result.verdict}: ${result.actual.slice(0, 300)}`);

/** Without what was found, which may count what others have pushed. */
const verdicts = (results: readonly CheckResult[]) =>
  results.map(({ id, verdict }) => `${id} ${verdict}`);

const name = ({ image, auth, redirect }: Setup) =>
  `image ${image}, auth ${auth}, redirect ${redirect}`;

describe('the sound mock', () => {
  test(`passes every check (${name(reference)})`, async () => {
    const results = await run(reference);
    expect(said(results.filter(({ verdict }) => verdict !== 'pass'))).toEqual([]);
    const wordy = results.filter(({ evidence }) => evidence.length > requestsMax);
    expect(wordy.map(({ id, evidence }) => `${id}: ${evidence.length} requests`)).toEqual([]);
    const silent = results.filter(({ evidence }) => evidence.length === 0);
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  test('passes every check that pushes', async () => {
    const results = await run(pushing);
    expect(results.length).toBeGreaterThan(0);
    expect(said(results.filter(({ verdict }) => verdict !== 'pass'))).toEqual([]);
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

describe('each fault', () => {
  test.each(faults.map((fault) => [fault.id, fault] as const))(
    '%s is noticed by exactly the checks that it lists',
    async (id, fault) => {
      const results = [
        ...(await run({ ...reference, faults: [id] })),
        ...(await run({ ...pushing, faults: [id] })),
      ];
      expect(said(results.filter(({ verdict }) => verdict === 'harness-error'))).toEqual([]);
      expect(kills(results), said(results).join('\n')).toEqual([...fault.breaks].sort());
    },
  );

  test.each(faults.map((fault) => [fault.id, fault] as const))(
    '%s breaks nothing more elsewhere',
    async (id, fault) => {
      for (const setup of others) {
        const killed = kills(await run({ ...setup, faults: [id] }));
        expect(
          killed.filter((check) => !fault.breaks.includes(check)),
          name(setup),
        ).toEqual([]);
      }
    },
  );
});

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
        // What a fault with a memory does depends on what was asked before.
        const fault = faults.find((each) => !('begin' in each) && each.breaks.includes(id));
        if (fault === undefined) continue;
        const setup = needs.includes('push') ? pushing : reference;
        const killed = kills(await run({ ...setup, faults: [fault.id], only: [id] }));
        if (killed.length === 0) missed.push(`${id} of ${fault.id}`);
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

test('docs/kill-matrix.md is up to date (UPDATE=1 npx vitest run test/kill-matrix.test.ts writes it)', () => {
  const wanted = matrixPage(checks, faults);
  if (process.env.UPDATE === '1') writeFileSync(page, wanted);
  expect(readFileSync(page, 'utf8')).toBe(wanted);
});
