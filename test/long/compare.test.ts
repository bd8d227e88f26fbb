// A/A and A/B for real: runs of a mock in turns with those of another that is the same, or slower, narrower or
// failing now and then. Verdicts are as they must be, whatever else this machine does.
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningMock, type ServerOptions, startMock } from '../../mocks/server.ts';
import type { Comparison } from '../../reports/comparison.ts';
import { cli, scratch } from '../lib/cli.ts';
import { testWith } from '../lib/tools.ts';

const test = testWith('k6');
const runsASide = 4;
/** Waits and changes that are large beside what a busy machine adds; smaller ones are for `npm run bench`. */
const plain = { latency: { registry: { ms: 20, jitterMs: 5 }, edge: { ms: 1000, jitterMs: 50 } } };

const mocks: Record<string, RunningMock> = {};
const sides: Record<string, readonly string[]> = {};

beforeAll(async () => {
  const options: Record<string, ServerOptions> = {
    base: plain,
    same: plain,
    slower: { latency: { ...plain.latency, edge: { ms: 2000, jitterMs: 100 } } },
    narrow: { ...plain, bandwidth: { edge: 120_000 } },
    faltering: { ...plain, faults: ['blob-body-cut:p=0.2'] },
  };
  for (const [name, one] of Object.entries(options)) {
    mocks[name] = await startMock({ auth: 'none', ...one });
  }
  const names = Object.keys(mocks);
  const runs: Record<string, string[]> = Object.fromEntries(names.map((name) => [name, []]));
  // Each turn of all at once: they mostly wait, and what else this machine does falls on all of them.
  for (let turn = 0; turn < runsASide; turn++) {
    await Promise.all(
      names.map(async (name) => {
        const out = scratch();
        const image = `http://${mocks[name]?.images[0]}`;
        const shape = ['--rate', '1/s', '--duration', '15s', '--vus', '40', '--seed', '1'];
        const run = await cli(['load', image, ...shape, '--out', out]);
        expect([0, 1], run.stderr).toContain(run.code);
        runs[name]?.push(out);
      }),
    );
  }
  Object.assign(sides, runs);
}, 1_200_000);

afterAll(async () => {
  for (const mock of Object.values(mocks)) await mock.close();
});

async function compare(name: string) {
  const words = ['--base', ...(sides.base ?? []), '--with', ...(sides[name] ?? [])];
  const { code, stdout, stderr } = await cli(['report', 'compare', ...words, '--format', 'json']);
  expect(stdout, stderr).not.toBe('');
  const { load } = JSON.parse(stdout) as Comparison;
  const regressions = load?.changes.filter(({ regression }) => regression) ?? [];
  return { code, unit: load?.method.unit, regressions: regressions.map(({ metric }) => metric) };
}

describe('runs of one mock against those of', () => {
  test('the same', async () => {
    expect(await compare('same')).toEqual({ code: 0, unit: 'runs', regressions: [] });
  });

  test('one whose edge waits twice as long', async () => {
    const { code, regressions } = await compare('slower');
    expect(code).toBe(1);
    expect(regressions).toContain('hop:edge.p50');
  });

  test('one whose edge has less bandwidth', async () => {
    const { code, regressions } = await compare('narrow');
    expect(code).toBe(1);
    expect(regressions.some((metric) => /^(?:pull|phase:layer|hop:edge)\.p/.test(metric))).toBe(
      true,
    );
  });

  test('one that breaks off some blobs, which clients heal', async () => {
    const { code, regressions } = await compare('faltering');
    expect(code).toBe(1);
    expect(regressions.some((metric) => /^pull\.(?:retried|failed)/.test(metric))).toBe(true);
  });
});
