// Runs that are made up, joined: what limited them, how much at once they were, and what makes them no verdict.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LoadResult, Results } from '../../../../reports/results.ts';
import type { K6Plan } from '../../../../scenarios/lib/plan.ts';
import { loadSample } from '../../../../test/lib/sample-results.ts';
import { validateResults } from '../../results-schema.ts';
import { equalShare } from '../plan/segment.ts';
import { bareLoad } from '../result/result.ts';
import { timelineName } from '../timeline/file.ts';
import { mergeRuns } from './merge.ts';

let folder = '';
let made = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'merge-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const startMs = Date.UTC(2026, 2, 1, 10);

interface Runner {
  /** Milliseconds from the start of the first one to its first request. */
  readonly startMs?: number;
  readonly seconds?: number;
  /** Fields of its lines of the series `runner`; null: it tells nothing of itself. */
  readonly machine?: Readonly<Record<string, number | string>> | null;
  readonly pulls?: number;
  readonly failed?: number;
  readonly dropped?: number;
  readonly isCut?: boolean;
  /** Its file is empty. */
  readonly isEmpty?: boolean;
}

function timelineOf(runner: Runner): string {
  if (runner.isEmpty === true) return '';
  const { seconds = 10, machine = {}, pulls = 10, failed = 0, dropped = 0, isCut = false } = runner;
  made++;
  const beginMs = startMs + (runner.startMs ?? 0);
  const startedAt = new Date(beginMs - 30_000)
    .toISOString()
    .replace('Z', `${String(made).padStart(6, '0')}Z`);
  const lines: object[] = [{ schema: 'pullproof/timeline/v1', startedAt, unit: 'us' }];
  for (let second = 0; second < seconds; second++) {
    const t = Math.floor(beginMs / 1000) + second;
    const firstMs = beginMs + second * 1000;
    const hop = { series: 'hop', phase: 'layer', hop: 'registry', host: 'r', status: '200' };
    const metric = (name: string, sum: number) => ({
      t,
      series: 'metric',
      metric: name,
      count: 1,
      sum,
    });
    lines.push(
      { t, ...hop, count: pulls, totalUs: 2e6, firstMs, lastMs: firstMs + 1000 },
      metric('pull_started', pulls + failed),
      metric('pull_ok', pulls),
      ...(failed > 0 ? [{ ...metric('pull_failed', failed), tags: { class: 'dns' } }] : []),
      ...(dropped > 0 ? [metric('dropped_iterations', dropped)] : []),
    );
    if (machine === null) continue;
    lines.push({
      ...{ t: t + 1, series: 'runner', id: `runner-${made}:1:00`, requests: pulls, cpus: 1 },
      ...{ wallUs: 1e6, cpuUs: 1e5, machineBusy: 0.2, machineCpus: 8, lagUs: 500, ...machine },
    });
  }
  const endMs = beginMs + seconds * 1000;
  if (!isCut) lines.push({ end: true, t: Math.floor(endMs / 1000), endMs });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

const image = 'registry.example.com/team/app:1';

function describedOf(load: Partial<LoadResult>): Results {
  const shape = { kind: 'vus', vus: 40, durationSeconds: 10 } as const;
  const plan: K6Plan = {
    ...{ client: 'containerd', profiles: {}, images: [], shape, timeoutMs: 1 },
    verify: 'all',
    ...{ platform: { os: 'linux', architecture: 'amd64' }, insecure: false },
  };
  const { interrupted: _, ...frame }: Results = loadSample as Results;
  return {
    ...frame,
    startedAt: new Date(startMs - 3_600_000).toISOString(),
    ...{ durationMs: 0, verdict: 'error', exitCode: 2, interrupted: 'Described, not run.' },
    load: {
      ...bareLoad(plan),
      images: [image],
      asked: { platforms: ['linux/amd64'], durationSeconds: 10 },
      ...load,
    },
  };
}

/** A folder as `load --k8s` writes it, with the timelines of its runners. */
function fleet(
  name: string,
  runners: readonly (Runner | undefined)[],
  load: Partial<LoadResult> = {},
) {
  const dir = join(folder, name);
  mkdirSync(join(dir, 'timelines'), { recursive: true });
  const segment = { part: '0:1', of: equalShare(1, runners.length).of };
  writeFileSync(join(dir, 'run.json'), JSON.stringify(describedOf({ ...load, segment })));
  for (const [at, runner] of runners.entries()) {
    if (runner === undefined) continue;
    writeFileSync(join(dir, 'timelines', `pullproof-x-${at + 1}.ndjson`), timelineOf(runner));
  }
  return dir;
}

/** The same runners, each in a folder of its own, some in one run and some in another. */
function halves(name: string, whole: string, runners: number): string[] {
  return [0, 1].map((half) => {
    const dir = join(folder, `${name}-${half}`);
    mkdirSync(join(dir, 'timelines'), { recursive: true });
    writeFileSync(join(dir, 'run.json'), readFileSync(join(whole, 'run.json')));
    for (let at = 1; at <= runners; at++) {
      const file = join('timelines', `pullproof-x-${at}.ndjson`);
      if (at % 2 === half) writeFileSync(join(dir, file), readFileSync(join(whole, file)));
    }
    return dir;
  });
}

async function merge(...paths: readonly string[]) {
  const outDir = mkdtempSync(join(folder, 'out-'));
  const context = {
    ...{ progress: () => undefined, work: () => undefined, command: 'pullproof report merge' },
    ...{ signal: new AbortController().signal, seed: 1 },
  };
  const results = await mergeRuns({ paths, slos: [], outDir }, context);
  writeFileSync(join(outDir, 'results.json'), JSON.stringify(results));
  expect(validateResults(results)).toBeUndefined();
  return { results, load: results.load as LoadResult, outDir };
}

const rate: Partial<LoadResult> = {
  shape: 'rate',
  asked: { platforms: ['linux/amd64'], perSecond: 40, durationSeconds: 10 },
};
const throttled = { periods: 10, throttledPeriods: 6, cpuUs: 9e5 };

describe('what limited runners', () => {
  test.each<[string, Runner[], Partial<LoadResult>, LoadResult['bottleneck']]>([
    ['the hop, where all say that they had room', [{}, {}], {}, 'registry'],
    ['not known, where nothing tells of one machine', [{}, { machine: null }], {}, 'unknown'],
    [
      'nothing, where a rate was kept, whatever the machines',
      [{ machine: null }, {}],
      rate,
      'none',
    ],
    ['not known, where it was not kept', [{ machine: null }, { dropped: 1 }], rate, 'unknown'],
    [
      'the hop, where it was not kept by runners that had room',
      [{}, { dropped: 1 }],
      rate,
      'registry',
    ],
    ['the runners, where one is throttled', [{}, { machine: throttled }], {}, 'client'],
    ['the runners, also where the rate was kept', [{}, { machine: throttled }], rate, 'client'],
    [
      'the runners, also where others tell nothing',
      [{ machine: null }, { machine: throttled }],
      {},
      'client',
    ],
    ['the mock', [{}, {}], { fromMock: true }, 'mock'],
    ['the runners before the mock', [{}, { machine: throttled }], { fromMock: true }, 'client'],
    ['failing pulls of all', [{ machine: null, pulls: 1, failed: 9 }], {}, 'pulls-fail'],
    [
      'nobody by few short pulls',
      [
        { pulls: 1, seconds: 1 },
        { pulls: 1, seconds: 1 },
      ],
      {},
      'unknown',
    ],
    [
      'nothing, where users pause for longer than pulls take',
      [{}, {}],
      { asked: { platforms: [], durationSeconds: 10, pauseMs: 5000 } },
      'none',
    ],
  ])('%s', async (_what, runners, load, expected) => {
    const { load: joined } = await merge(fleet('a', runners, load));
    expect(joined.bottleneck).toBe(expected);
  });

  test('plain runs tell by their results how busy their machine was', async () => {
    const plain = (bottleneck: LoadResult['bottleneck'], more: Partial<LoadResult> = {}) => {
      const dir = mkdtempSync(join(folder, 'plain-'));
      const text = timelineOf({ machine: null });
      writeFileSync(join(dir, timelineName), text);
      const { startedAt } = JSON.parse(text.slice(0, text.indexOf('\n')));
      const { interrupted: _, ...described } = describedOf({
        ...{ bottleneck, startedAt, seconds: 10, ...more },
        pulls: { ok: 100, failed: 0, dropped: 0, perSecond: 10 },
      });
      const run = { ...described, verdict: 'pass', exitCode: 0, durationMs: 3_700_000 };
      writeFileSync(join(dir, 'results.json'), JSON.stringify(run));
      return dir;
    };
    const limit = async (...paths: string[]) => (await merge(...paths)).load.bottleneck;
    const processors = { busy: 0.4 };
    expect(await limit(plain('registry'), plain('edge'))).toBe('registry');
    expect(await limit(plain('registry'), plain('unknown', { processors }))).toBe('registry');
    expect(await limit(plain('registry'), plain('unknown'))).toBe('unknown');
    expect(await limit(plain('registry'), plain('client', { processors }))).toBe('client');
    expect(await limit(plain('mock'), plain('mock'))).toBe('mock');
    expect(await limit(plain('none'), plain('none'))).toBe('none');
    expect(await limit(plain('none'), plain('registry'))).toBe('registry');
  });

  test('they are told by name and figures', async () => {
    const { load } = await merge(fleet('a', [{}, { machine: throttled }, {}]));
    expect(load.merged).toMatchObject({
      ...{ runs: 3, known: 3 },
      runners: { told: 3, limits: [{ limit: 'throttled', runners: 1 }] },
    });
    expect(load.merged?.runners?.worst[0]).toMatchObject({ limit: 'throttled', throttled: 0.6 });
  });
});

describe('how much at once they were', () => {
  test('is counted from the first request of each', async () => {
    const { load } = await merge(
      fleet('a', [{ startMs: 250 }, { startMs: 4000 }, { seconds: 12 }]),
    );
    expect(load.merged).toMatchObject({ startsWithinSeconds: 4, togetherSeconds: 6.25 });
  });

  test('one that asked for nothing was not there', async () => {
    const { load } = await merge(fleet('a', [{}, { seconds: 0 }]));
    expect(load.merged).toMatchObject({ startsWithinSeconds: 0, togetherSeconds: 0 });
  });

  test('the run begins with the load, not when runners began to wait for each other', async () => {
    const { results } = await merge(fleet('a', [{ startMs: 500 }, { startMs: 2000 }]));
    expect(results.startedAt).toBe(new Date(startMs + 500).toISOString());
    expect(results.durationMs).toBe(11_500);
  });
});

describe('in tiers', () => {
  const all: readonly [string, Runner[], Partial<LoadResult>][] = [
    ['runners that had room', [{}, { startMs: 700 }, {}, { startMs: 90 }], {}],
    ['one of which nothing tells', [{}, {}, { machine: null }, {}], {}],
    ['a rate that one did not keep', [{ machine: null }, {}, {}, { dropped: 2 }], rate],
    ['a rate that was kept', [{ machine: null }, {}, {}, {}], rate],
    ['one at its limit', [{}, {}, { machine: throttled }, { machine: null }], {}],
    ['a mock', [{}, {}, {}, {}], { fromMock: true }],
    ['clocks that differ', [{ machine: { skewMs: 5 } }, { machine: { skewMs: 9000 } }, {}, {}], {}],
    ['one that was cut', [{}, {}, { isCut: true }, {}], {}],
    ['those of one half told nothing', [{ isEmpty: true }, {}, { isEmpty: true }, {}], {}],
  ];
  test.each(all)('%s: the same as all at once', async (_what, runners, load) => {
    const whole = fleet('whole', runners, load);
    const flat = await merge(whole);
    const tiers = await Promise.all(halves('half', whole, 4).map((half) => merge(half)));
    expect(tiers.map((tier) => tier.load.merged?.missing.length)).toEqual([2, 2]);
    const tiered = await merge(...tiers.map(({ outDir }) => outDir));
    expect(tiered.load.bottleneck).toBe(flat.load.bottleneck);
    expect(tiered.load.merged).toEqual(flat.load.merged);
    expect(tiered.load.fromMock).toBe(flat.load.fromMock);
    expect(tiered.load.vus).toBe(flat.load.vus);
    expect(tiered.load.pulls).toEqual(flat.load.pulls);
    const { startedAt, durationMs, verdict, exitCode } = flat.results;
    expect(tiered.results).toMatchObject({ startedAt, durationMs, verdict, exitCode });
    expect(tiered.results.interrupted === undefined).toBe(flat.results.interrupted === undefined);
  });

  test('a report that was written into the folder of the runners does not stand for them', async () => {
    const dir = fleet('a', [{}, {}]);
    const { results } = await merge(dir);
    writeFileSync(join(dir, 'results.json'), JSON.stringify(results));
    rmSync(join(dir, 'timelines', 'pullproof-x-2.ndjson'));
    expect((await merge(dir)).load.merged?.missing).toEqual(['2/2']);
  });

  test('what a file system hides beside timelines is none', async () => {
    const dir = fleet('a', [{}, {}]);
    writeFileSync(join(dir, 'timelines', '._pullproof-x-2.ndjson'), 'Mac OS X');
    expect((await merge(dir)).results).toMatchObject({ verdict: 'pass', exitCode: 0 });
    // The same runner by its volume and by its log is one too many.
    writeFileSync(join(dir, 'timelines', 'pullproof-x-2.log'), '');
    await expect(merge(dir)).rejects.toMatchObject({ code: 'run-twice', exitCode: 2 });
  });

  test('a segment twice, and one that is missing, are told as ever', async () => {
    const whole = fleet('whole', [{}, {}, {}, undefined]);
    const [even = '', odd = ''] = await Promise.all(
      [fleetOf(whole, 'one', [1]), fleetOf(whole, 'two', [1, 2])].map(
        async (dir) => (await merge(dir)).outDir,
      ),
    );
    await expect(merge(even, odd)).rejects.toMatchObject({ code: 'run-twice' });
    const { results } = await merge(odd, (await merge(fleetOf(whole, 'three', [3]))).outDir);
    expect(results).toMatchObject({
      verdict: 'error',
      exitCode: 2,
      load: { merged: { missing: ['4/4'] } },
    });
    expect(results.interrupted?.match(/4\/4/g)).toHaveLength(1);
  });
});

/** Some runners of a folder. */
function fleetOf(whole: string, name: string, runners: readonly number[]): string {
  const dir = join(folder, name);
  mkdirSync(join(dir, 'timelines'), { recursive: true });
  writeFileSync(join(dir, 'run.json'), readFileSync(join(whole, 'run.json')));
  for (const at of runners) {
    const file = join('timelines', `pullproof-x-${at}.ndjson`);
    writeFileSync(join(dir, file), readFileSync(join(whole, file)));
  }
  return dir;
}

describe('never a pass', () => {
  test('where clocks differ: who, and by how much', async () => {
    const { results, load } = await merge(
      fleet('a', [
        { machine: { skewMs: 3 } },
        { machine: { skewMs: -4000 } },
        { machine: { skewMs: 40 } },
      ]),
    );
    expect(results).toMatchObject({ verdict: 'error', exitCode: 2 });
    const [off] = load.merged?.clocks?.off ?? [];
    expect(off?.aheadMs).toBe(-4003);
    expect(results.interrupted).toContain(off?.id);
    expect(results.interrupted).toContain('4 s');
  });

  test.each<[string, Record<string, number>[]]>([
    ['within what a Date can tell', [{ skewMs: 900 }, { skewMs: -800 }]],
    ['where one is not known', [{ skewMs: 9000 }, {}]],
    ['where none is', [{}, {}]],
  ])('but clocks %s are no trouble', async (_what, machines) => {
    const { results } = await merge(
      fleet(
        'a',
        machines.map((machine) => ({ machine })),
      ),
    );
    expect(results).toMatchObject({ verdict: 'pass', exitCode: 0 });
  });

  test('but runners that were started one after the other are of one run', async () => {
    const { results } = await merge(fleet('a', [{ startMs: -20_000 }, {}]));
    expect(results.interrupted).toBeUndefined();
    expect(results.verdict).toBe('pass');
  });

  test('where one had ended before another was started: it is of another run', async () => {
    const hour = 3_600_000;
    const { results } = await merge(fleet('a', [{}, { startMs: -hour }, {}]));
    expect(results).toMatchObject({ verdict: 'error', exitCode: 2 });
    expect(results.interrupted).toMatch(/x-2.*x-[13]/);
    // By another clock it was not.
    const skewMs = -hour;
    const { results: other } = await merge(
      fleet('b', [{ machine: { skewMs: 0 } }, { startMs: -hour, machine: { skewMs } }]),
    );
    expect(other).toMatchObject({ verdict: 'error', exitCode: 2 });
    expect(other.interrupted).not.toContain('x-2');
    expect(other.load?.merged?.clocks?.differMs).toBe(hour);
  });

  test.each<[string, (lines: string[]) => string[]]>([
    ['has no first line', (lines) => lines.slice(1)],
    ['holds two runs', (lines) => [...lines, ...timelineOf({}).trim().split('\n')]],
    ['is empty', () => []],
    ['goes on after its end in what is none', (lines) => [...lines, '<html>']],
  ])('where a timeline %s: which, and the others are told', async (_what, bend) => {
    const dir = fleet('a', [{}, {}]);
    const file = join(dir, 'timelines', 'pullproof-x-2.ndjson');
    const lines = bend(readFileSync(file, 'utf8').trim().split('\n'));
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    const { results, load } = await merge(dir);
    expect(results).toMatchObject({ verdict: 'error', exitCode: 4 });
    expect(results.interrupted).toContain(file);
    expect(results.interrupted).not.toContain('x-1.');
    expect(load.pulls.ok).toBeGreaterThanOrEqual(100);
  });

  test.each<[string, Partial<LoadResult>, number]>([
    ['users', {}, 4],
    ['a herd', { shape: 'herd' }, 4],
    ['a rate', rate, 0],
    ['a few pulls', { shape: 'iterations' }, 0],
  ])(
    'where a runner of %s made no request, if its share had any',
    async (_what, load, exitCode) => {
      const { results } = await merge(fleet('a', [{}, { seconds: 0 }], load));
      expect(results.exitCode).toBe(exitCode);
      expect(results.interrupted?.includes('x-2.ndjson') ?? false).toBe(exitCode !== 0);
    },
  );

  test('where a timeline is cut, or missing', async () => {
    expect((await merge(fleet('a', [{}, { isCut: true }]))).results.exitCode).toBe(4);
    expect((await merge(fleet('b', [{}, undefined]))).results.exitCode).toBe(2);
  });
});
