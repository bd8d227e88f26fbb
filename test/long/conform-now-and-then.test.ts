// Registries that fail now and then, or limit in mid-run: what is found is told with its count, and another run
// comes to the same verdict.
import { describe, expect, test } from 'vitest';
import { startMock } from '../../mocks/server.ts';
import type { Results } from '../../reports/results.ts';
import { sentence } from '../../reports/summary.ts';
import { runConform } from '../../src/run/conform/conform.ts';

const runs = 10;
/** Of those that mostly wait, several at once. */
const runsAtOnce = 5;
const tenRunsMsMax = 900_000;

/** A full run of all checks, over sockets, against a mock with the fault. */
async function conform(fault: string, seed: number): Promise<Results> {
  const mock = await startMock({ seed, auth: 'bearer', faults: [fault] });
  try {
    const registry = mock.registry.slice('http://'.length);
    const { username, password } = mock;
    const image = { registryUrl: mock.registry, registry, repository: 'scratch/app' };
    const target = {
      ...image,
      reference: '',
      text: `${registry}/scratch/app`,
      credentials: { username, password },
    };
    return await runConform(
      {
        only: [],
        skip: [],
        level: 'all',
        target,
        jobs: 4,
        redirectPolicy: 'allowed',
        access: { timeoutMs: 10_000, insecure: false },
      },
      {
        progress: () => undefined,
        work: () => undefined,
        signal: new AbortController().signal,
        seed,
        command: 'pullproof conform',
      },
    );
  } finally {
    await mock.close();
  }
}

const failing = ({ checks = [] }: Results) =>
  checks
    .filter(({ verdict }) => verdict !== 'pass' && verdict !== 'unsupported')
    .map(({ id, verdict }) => `${id} ${verdict}`);

describe.each([
  ['server-errors-now-and-then', ['server-errors warn'], 'server-error'],
  ['connections-dropped-now-and-then', ['broken-connections warn'], 'connection'],
] as const)('%s', (fault, expected, kind) => {
  test(
    `${runs} runs find the same`,
    async () => {
      for (let seed = 1; seed <= runs; seed++) {
        const results = await conform(fault, seed);
        expect(failing(results), `seed ${seed}`).toEqual(expected);
        expect(results).toMatchObject({ verdict: 'pass', exitCode: 0 });
        const { stumbles = [] } = results.conform ?? {};
        expect(stumbles.length).toBeGreaterThan(0);
        expect(new Set(stumbles.map((stumble) => stumble.kind))).toEqual(new Set([kind]));
        expect(sentence(results)).toMatch(/in passing/);
      }
    },
    tenRunsMsMax,
  );
});

describe.each(['rate-limited-in-run', 'rate-limited-in-run-date'])('%s', (fault) => {
  test(
    `${runs} runs wait, and find nothing else`,
    async () => {
      const seeds = Array.from({ length: runs }, (_, at) => at + 1);
      // Several at once: most of the time they wait.
      for (let at = 0; at < runs; at += runsAtOnce) {
        const batch = seeds.slice(at, at + runsAtOnce);
        const all = await Promise.all(batch.map((seed) => conform(fault, seed)));
        for (const results of all) {
          expect(failing(results)).toEqual([]);
          expect(results).toMatchObject({ verdict: 'pass', exitCode: 0 });
          expect(results.conform?.limits?.count).toBeGreaterThan(0);
          expect(sentence(results)).toMatch(/429/);
        }
      }
    },
    tenRunsMsMax,
  );
});
