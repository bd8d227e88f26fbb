// Verdicts of whole tables; how often they are wrong is looked at with a hundred repeats here, and with some
// thousand by `npm run bench -- compare`.
import { describe, expect, test } from 'vitest';
import {
  type NoiseShape,
  normal,
  type RunsWorld,
  runsTable,
  secondsTable,
  sharesTable,
} from '../../test/lib/compare-worlds.ts';
import { randomFrom } from '../lib/random.ts';
import type { Decision, LatencyLine, TableOptions } from './line.ts';
import { SecondHistogram } from './seconds.ts';
import { judgeTable } from './table.ts';

const options: TableOptions = { minEffect: 0.1, floorMs: 0, seed: 1 };

function latency(base: readonly (number | null)[], with_: readonly (number | null)[]): LatencyLine {
  const side = (values: readonly (number | null)[]) =>
    values.map((value) => ({ value, count: 1000 }));
  const sides = { base: side(base), with: side(with_) };
  return { kind: 'latency', id: 'pull.p95', percentile: 95, ...sides };
}

function only(line: Parameters<typeof judgeTable>[0][number], changed = options): Decision {
  const [decision] = judgeTable([line], changed).decisions;
  if (decision === undefined) throw new Error('no decision');
  return decision;
}

const base = [100, 101, 102, 103];
const slow = [130, 131, 132, 133];

describe('by runs', () => {
  test('slower, faster and neither', () => {
    expect(only(latency(base, slow))).toMatchObject({ verdict: 'slower', regression: true });
    expect(only(latency(slow, base))).toMatchObject({ verdict: 'faster', regression: false });
    expect(only(latency(base, [99, 101.5, 102.5, 104])).verdict).toBe('no evidence');
    expect(only(latency(base, base)).verdict).toBe('no evidence');
  });

  test('a change below what counts is no regression', () => {
    expect(only(latency(base, [106, 107, 108, 109]))).toMatchObject({
      verdict: 'slower',
      regression: false,
    });
    expect(only(latency(base, slow), { ...options, minEffect: 0.5 }).regression).toBe(false);
    expect(only(latency(base, slow), { ...options, floorMs: 50 }).regression).toBe(false);
    expect(only(latency(base, slow), { ...options, floorMs: 20 }).regression).toBe(true);
    expect(only({ ...latency(base, slow), noise: 1.5 }).regression).toBe(false);
  });

  test('too few says how many would do', () => {
    const few = only(latency([100, null, null, 101], slow));
    expect(few).toMatchObject({ verdict: 'too few', ratio: null, difference: null });
    expect(few.why).toMatch(/4/);
    const thin = { ...latency(base, slow), base: base.map((value) => ({ value, count: 7 })) };
    expect(only(thin).why).toMatch(/7.*20/);
  });

  test('a rate that falls is slower, hits that fall are slower', () => {
    const rate = (values: readonly number[]) => values.map((value) => ({ value, count: 1000 }));
    const line = { kind: 'rate', id: 'pull.rate', base: rate(slow), with: rate(base) } as const;
    const fallen = only(line);
    expect(fallen).toMatchObject({ verdict: 'slower', regression: true });
    expect(fallen.ratio?.value).toBeLessThan(1);
    const hits = (values: readonly number[]) => values.map((events) => ({ events, of: 200 }));
    const sides = { base: hits([180, 182, 184, 186]), with: hits([120, 122, 124, 126]) };
    const missed = only({ kind: 'share', id: 'edge.hits', more: 'better', ...sides });
    expect(missed).toMatchObject({ verdict: 'slower', regression: true });
    expect(missed.base).toBeCloseTo(91.5, 6);
  });

  test('failures that were none before are found', () => {
    const share = (values: readonly number[]) => values.map((events) => ({ events, of: 2000 }));
    const line = { kind: 'share', id: 'pull.failed', more: 'worse' } as const;
    const found = only({ ...line, base: share([0, 0, 0, 0]), with: share([18, 22, 25, 19]) });
    expect(found).toMatchObject({ verdict: 'slower', regression: true, ratio: null });
    const once = only({ ...line, base: share([0, 0, 0, 0]), with: share([90, 0, 0, 0]) });
    expect(once.verdict).toBe('no evidence');
    expect(only({ ...line, base: share([0, 0, 0, 0]), with: share([0, 0, 0, 0]) }).verdict).toBe(
      'no evidence',
    );
  });

  test('what noise of the latencies hides is found of hits all the same', () => {
    const hits = (values: readonly number[]) => values.map((events) => ({ events, of: 1600 }));
    const sides = { base: hits([1510, 1520, 1525, 1530]), with: hits([790, 800, 805, 812]) };
    const line = { kind: 'share', id: 'edge.hits', more: 'better', ...sides } as const;
    const noisy = latency([100, 160, 101, 158], [102, 159, 99, 162]);
    const [pull, missed] = judgeTable([noisy, line], options).decisions;
    expect(pull?.verdict).toBe('no evidence');
    expect(missed).toMatchObject({ verdict: 'slower', regression: true });
  });

  test('lines that say the same twice, or nothing, take nothing from the others', () => {
    const share = (events: number) => [{ events, of: 200 }];
    const failed = { kind: 'share', more: 'worse', base: share(0), with: share(8) } as const;
    const none = { kind: 'share', more: 'worse', base: share(0), with: share(0) } as const;
    const lines = [
      { ...failed, id: 'pull.failed' },
      { ...failed, id: 'pull.failed:server-error' },
      { ...none, id: 'pull.dropped' },
      { ...none, id: 'pull.retried' },
    ];
    const verdicts = judgeTable(lines, options).decisions.map(({ verdict }) => verdict);
    expect(verdicts).toEqual(['slower', 'slower', 'no evidence', 'no evidence']);
  });

  test('with eight runs a side every line is held against all by Holm', () => {
    const eight = (from: number) => Array.from({ length: 8 }, (_, at) => from + at);
    const lines = Array.from({ length: 50 }, (_, at) => ({
      ...latency(eight(100), eight(at === 49 ? 150 : 100)),
      id: `hop:${at}.p95`,
    }));
    const { decisions, sentences } = judgeTable(lines, options);
    expect(decisions.filter(({ verdict }) => verdict === 'slower')).toHaveLength(1);
    expect(decisions[49]?.regression).toBe(true);
    expect(sentences.join()).toContain('Holm');
  });
});

describe('by seconds', () => {
  const world = {
    ...{ seconds: 60, pulls: 20, alike: 0.3, drift: 0.05, spread: 0.3, places: 2, between: 0 },
    ...{ runs: 1, ratio: 1.5, failed: [0, 0.05] as const },
  };

  test('a large change of a run is found, and the unknown noise is told', () => {
    const { decisions, unit, sentences } = judgeTable(secondsTable(world, randomFrom(3)), options);
    expect(unit).toBe('seconds');
    expect(sentences.join()).toContain('noise between runs is unknown');
    expect(decisions[0]).toMatchObject({ id: 'pull.p95', verdict: 'slower', regression: true });
    expect(decisions.at(-1)).toMatchObject({ verdict: 'slower', regression: true });
    expect(decisions[0]?.p).toBeUndefined();
  });

  test('a line that leaps between two heaps widens its own bounds alone', () => {
    const random = randomFrom(5);
    const latencyOf = (id: string, drawOf: (random: () => number) => number) => {
      const run = () => {
        const seconds = new SecondHistogram(60);
        const values = Array.from({ length: 1200 }, () => drawOf(random));
        for (const [at, value] of values.entries()) seconds.add(at % 60, [value], [1]);
        values.sort((a, b) => a - b);
        return { value: values[600] ?? 0, count: values.length, seconds };
      };
      return { kind: 'latency', id, percentile: 50, base: [run()], with: [run()] } as const;
    };
    const still = Array.from({ length: 20 }, (_, at) =>
      latencyOf(`hop:${at}.p50`, (draw) => Math.round(1000 * Math.exp(0.1 * normal(draw)))),
    );
    const leaping = latencyOf(
      'hop:leaps.p50',
      (draw) => (draw() < 0.47 ? 1000 : 9000) + 100 * draw(),
    );
    const { decisions } = judgeTable([...still, leaping], options);
    const widths = decisions.map(({ ratio }) => (ratio?.high ?? 0) / (ratio?.low ?? 0));
    expect(Math.max(...widths.slice(0, -1))).toBeLessThan(1.1);
  });

  test('the same seed says the same again', () => {
    const judge = () => judgeTable(secondsTable(world, randomFrom(3)), options);
    expect(judge()).toEqual(judge());
  });

  test('too short, too little, and not told', () => {
    const short = judgeTable(secondsTable({ ...world, seconds: 6 }, randomFrom(3)), options);
    expect(short.decisions[0]).toMatchObject({ verdict: 'too few' });
    expect(short.decisions[0]?.why).toMatch(/6.*10/);
    const little = judgeTable(secondsTable({ ...world, pulls: 1 }, randomFrom(3)), options);
    expect(little.decisions[0]?.why).toMatch(/100/);
    expect(only(latency([100], [200]))).toMatchObject({ verdict: 'too few' });
    expect(only(latency([null], [200]))).toMatchObject({ verdict: 'too few', base: null });
  });
});

test('an empty table is judged', () => {
  expect(judgeTable([], options)).toMatchObject({ decisions: [], sentences: [] });
});

/** Three standard errors of a simulation above a chance, as a count. */
function most(chance: number, repeats: number): number {
  return repeats * (chance + 3 * Math.sqrt((chance * (1 - chance)) / repeats));
}

describe('how often verdicts are wrong', () => {
  const repeats = 100;
  const noiseOf = (line: number) => (line < 3 ? 0.03 : ([0.03, 0.05, 0.1, 0.15][line % 4] ?? 0));
  const same: Omit<RunsWorld, 'shape'> = {
    ...{ base: 4, with: 4, noiseOf, shared: 0.5, lines: 40 },
    ratioOf: () => 1,
  };

  test.each<NoiseShape>(['normal', 'heavy', 'humps'])('four runs a side, %s', (shape) => {
    const random = randomFrom(31);
    let alarms = 0;
    let found = 0;
    for (let at = 0; at < repeats; at++) {
      const still = judgeTable(runsTable({ ...same, shape }, random), options).decisions;
      if (still.some(({ verdict }) => verdict !== 'no evidence')) alarms++;
      const ratioOf = (line: number) => (line === 0 ? 1.2 : 1);
      const changed = judgeTable(runsTable({ ...same, shape, ratioOf }, random), options);
      if (changed.decisions[0]?.verdict === 'slower') found++;
    }
    expect(alarms).toBeLessThan(most(0.05, repeats));
    expect(repeats - found).toBeLessThan(most(0.1, repeats));
  });

  test('failures of four runs a side that vary from run to run', () => {
    const random = randomFrom(32);
    const world = { base: 4, with: 4, pulls: 1500, noise: 0.2 };
    let alarms = 0;
    let found = 0;
    for (let at = 0; at < repeats; at++) {
      const still = [0.01, 0.001, 0, 0.05].map((share) => [share, share] as const);
      const none = judgeTable(sharesTable({ ...world, shares: still }, random), options);
      if (none.decisions.some(({ verdict }) => verdict !== 'no evidence')) alarms++;
      const shares = [[0, 0.01] as const, ...still.slice(1)];
      const changed = judgeTable(sharesTable({ ...world, shares }, random), options);
      if (changed.decisions[0]?.regression) found++;
    }
    expect(alarms).toBeLessThan(most(0.02, repeats));
    expect(repeats - found).toBeLessThan(most(0.1, repeats));
  });

  test('one run a side, whose seconds resemble each other', () => {
    const random = randomFrom(33);
    const world = {
      ...{ seconds: 60, pulls: 10, alike: 0.5, drift: 0.1, spread: 0.3, places: 1, between: 0 },
      ...{ runs: 1, ratio: 1, failed: [0.01, 0.01] as const },
    };
    let alarms = 0;
    for (let at = 0; at < 40; at++) {
      const { decisions } = judgeTable(secondsTable(world, random), options);
      if (decisions.some(({ verdict }) => verdict !== 'no evidence')) alarms++;
    }
    expect(alarms).toBeLessThan(most(0.05, 40));
  });
});
