// `report compare` on real runs: the same mock twice, then slower, then failing; checks of a sound registry against
// those of a broken one; and what it says where there is nothing to compare.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type RunningMock, type ServerOptions, startMock } from '../../mocks/server.ts';
import type { Comparison } from '../../reports/comparison.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { loadSample } from '../lib/sample-results.ts';
import { testWith } from '../lib/tools.ts';

const testLoad = testWith('k6');

async function withMock<T>(
  options: ServerOptions,
  work: (mock: RunningMock) => Promise<T>,
): Promise<T> {
  const mock = await startMock({ auth: 'none', ...options });
  try {
    return await work(mock);
  } finally {
    await mock.close();
  }
}

async function compared(base: string, run: string, ...words: string[]) {
  const { code, stdout, stderr } = await cli([
    'report',
    'compare',
    base,
    run,
    '--format',
    'json',
    ...words,
  ]);
  const comparison = (stdout === '' ? undefined : JSON.parse(stdout)) as Comparison | undefined;
  return { code, stderr, comparison };
}

describe('load', () => {
  const wait = (ms: number) => ({ latency: { edge: { ms, jitterMs: ms / 10 } } });
  const pull = async (options: ServerOptions, ...words: string[]): Promise<string> => {
    const out = scratch();
    return await withMock(options, async ({ images }) => {
      const shape = ['--rate', '2/s', '--duration', '10s', '--vus', '40', '--seed', '1'];
      const run = await cli(['load', `http://${images[0]}`, ...shape, '--out', out, ...words]);
      expect([0, 1], run.stderr).toContain(run.code);
      return out;
    });
  };

  testLoad('the same, slower, failing: each is told for what it is', async () => {
    // All at once, so that what else this machine does falls on each.
    const faults = ['blob-body-empty:p=0.5'];
    const [base = '', slow = '', same = '', failing = ''] = await Promise.all([
      pull(wait(40)),
      pull(wait(5000)),
      pull(wait(40)),
      pull({ ...wait(40), faults }),
    ]);
    // This machine may be so busy that what is the same differs several times, but not by seconds.
    const alike = await compared(base, same, '--min-effect', '100%', '--floor', '2s');
    expect(alike.comparison?.load?.changes.filter(({ regression }) => regression)).toEqual([]);
    expect(alike.code, alike.stderr).toBe(0);
    const slower = await compared(base, slow);
    expect(slower.code, slower.stderr).toBe(1);
    const regressions =
      slower.comparison?.load?.changes.filter(({ regression }) => regression) ?? [];
    expect(regressions.map(({ metric }) => metric)).toContain('hop:edge.p50');
    const broken = await compared(base, failing);
    expect(broken.code, broken.stderr).toBe(1);
    const metrics = broken.comparison?.load?.changes.filter(({ regression }) => regression) ?? [];
    expect(metrics.some(({ statistic }) => statistic === 'retried' || statistic === 'failed')).toBe(
      true,
    );
    const words = ['--client', 'docker', '--verify', 'none', '--duration', '1s'];
    const client = await pull(wait(40), ...words);
    const other = await compared(base, client);
    expect(other.code).toBe(2);
    const ids = other.comparison?.incomparable.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['other-client', 'other-verification']));
  });

  testLoad(
    'a calibration runs the same load twice, and is found in the folder of the base',
    async () => {
      await withMock(wait(20), async ({ images }) => {
        const out = scratch();
        const shape = ['--rate', '6/s', '--duration', '4s', '--vus', '40', '--calibrate', '2'];
        const run = await cli(['load', `http://${images[0]}`, ...shape, '--out', out]);
        expect(run.code, run.stderr).toBe(0);
        const { width, runs } = JSON.parse(readFileSync(join(out, 'calibration.json'), 'utf8'));
        expect(runs).toBe(2);
        expect(width['pull.p50']).toBeGreaterThanOrEqual(1);
        expect(readResults(out).load?.calibration?.width).toEqual(width);
        const { code, comparison } = await compared(
          join(out, 'run-1'),
          join(out, 'run-2'),
          '--calibration',
          out,
        );
        expect(code).toBe(0);
        expect(comparison?.load?.method.calibration?.path).toBe(out);
        const found = await compared(out, join(out, 'run-1'));
        expect(found.comparison?.load?.method.calibration?.runs).toBe(2);
      });
    },
  );

  test('a calibration takes no load that is shared, searched for or replayed', async () => {
    const conflicts = [
      ['--segment', '1/2'],
      ['--shape', 'breakpoint'],
      ['--k8s', 'fleet'],
    ];
    for (const words of conflicts) {
      const { code, stderr } = await cli([
        'load',
        'http://127.0.0.1:1/a/b',
        '--rate',
        '1/s',
        '--calibrate',
        ...words,
      ]);
      expect(code).toBe(2);
      expect(stderr).toContain('--calibrate');
    }
  });
});

describe('conform and validate', () => {
  test('checks that fail now and did not', async () => {
    const conform = async (options: ServerOptions) => {
      const out = scratch();
      await withMock(options, async ({ images, registry }) => {
        const image = `${registry}/${images[0]?.split('/').slice(1).join('/')}`;
        await cli(['conform', '--read-only', image, '--only', '*blob*', '--out', out]);
      });
      return out;
    };
    const [sound, again] = [await conform({}), await conform({})];
    const alike = await compared(sound, again);
    expect(alike.code, alike.stderr).toBe(0);
    const { conform: lists } = alike.comparison as Comparison;
    expect([lists?.newlyFailing, lists?.changedWords, lists?.changedVerdicts]).toEqual([
      [],
      [],
      [],
    ]);
    const broken = await conform({ faults: ['blob-head-no-length'] });
    const worse = await compared(sound, broken);
    expect(worse.code).toBe(1);
    expect(worse.comparison?.conform?.newlyFailing.length).toBeGreaterThan(0);
    const better = await compared(broken, sound);
    expect(better.code).toBe(0);
    expect(better.comparison?.conform?.newlyPassing.length).toBeGreaterThan(0);
  });

  test('findings that are new; lines that moved are not', async () => {
    const dir = scratch();
    const judge = async (name: string, text: string) => {
      writeFileSync(join(dir, 'manifest.json'), text);
      await cli(['validate', 'manifest.json', '--out', name], { cwd: dir });
      return join(dir, name);
    };
    const bad = '{"schemaVersion": 3}';
    const base = await judge('base', bad);
    const moved = await judge('moved', `\n\n${bad}`);
    const worse = await judge('worse', '{"schemaVersion": 3, "schemaVersion": 4}');
    expect((await compared(base, moved)).code).toBe(0);
    const { code, comparison } = await compared(base, worse);
    expect(code).toBe(1);
    expect(comparison?.validate?.appeared.length).toBeGreaterThan(0);
  });
});

describe('where there is nothing to compare', () => {
  let run: string;
  beforeAll(() => {
    run = written(loadSample);
  });

  test('no baseline is an exit code of its own', async () => {
    const empty = scratch();
    for (const base of [join(empty, 'nowhere'), empty, join(empty, '*', 'results.json')]) {
      const { code, stderr } = await compared(base, run);
      expect(code, stderr).toBe(3);
      expect(stderr).toContain('there is no baseline at');
    }
  });

  test('runs of two verbs, a folder that is none, the same run twice on a side', async () => {
    const foreign = scratch();
    writeFileSync(join(foreign, 'notes.txt'), 'no run');
    expect((await compared(run, foreign)).code).toBe(2);
    expect((await compared(foreign, run)).code).toBe(2);
    const twice = await cli(['report', 'compare', '--base', run, run, '--with', run]);
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain('the same run');
  });

  test('a pattern that no run fits is no pass; a run held against itself is told', async () => {
    expect((await compared(run, join(scratch(), '*'))).code).toBe(2);
    const { code, comparison } = await compared(run, run);
    expect(code).toBe(0);
    expect(comparison?.warnings.map(({ id }) => id)).toContain('same-run');
  });

  test('a run whose pulls all fail is a regression, as a base it is none', async () => {
    const { pulls } = loadSample.load;
    const all = { ...pulls, ok: 0, failed: pulls.ok, dropped: 0, perSecond: 0 };
    const base = written({
      ...loadSample,
      load: { ...loadSample.load, pulls: { ...pulls, dropped: 0 } },
    });
    const failing = written({ ...loadSample, load: { ...loadSample.load, pulls: all } });
    const { code, comparison } = await compared(base, failing);
    expect(code).toBe(1);
    const found = comparison?.load?.changes.find(({ metric }) => metric === 'pull.failed');
    expect(found?.regression).toBe(true);
    expect((await compared(failing, base)).code).toBe(2);
  });

  test('--out takes no folder of a run, whose own page would be lost', async () => {
    const { code, stderr } = await compared(run, run, '--out', run);
    expect(code).toBe(2);
    expect(stderr).toContain('report.html');
  });

  test.each([
    [['report', 'compare']],
    [['report', 'compare', 'one']],
    [['report', 'compare', 'one', '--with', 'two']],
    [['report', 'compare', 'one', 'two', 'three']],
    [['report', 'compare', 'one', 'two', '--min-effect', '10']],
    [['report', 'compare', 'one', 'two', '--floor', 'soon']],
    [['report', 'compare', 'one', 'two', '--slo', 'pull.p95<2s']],
    [['report', 'compare', 'one', 'two', '--format', 'sarif']],
    [['report', 'one', '--min-effect', '10%']],
  ])('%j is wrong usage', async (words) => {
    const { code, stderr } = await cli(words);
    expect(code, stderr).toBe(2);
  });

  test('all forms are written: text, JSON, Markdown, page', async () => {
    const other = written({ ...loadSample, load: { ...loadSample.load, client: 'docker' } });
    const out = join(scratch(), 'compared');
    const { code, stdout } = await cli([
      'report',
      'compare',
      run,
      other,
      '--out',
      out,
      '--format',
      'markdown',
    ]);
    expect(code).toBe(2);
    expect(stdout).toBe(readFileSync(join(out, 'comparison.md'), 'utf8'));
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('podman');
    expect(JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8')).verdict).toBe('error');
  });
});

function written(results: unknown): string {
  const dir = join(scratch(), 'run');
  mkdirSync(dir);
  writeFileSync(join(dir, 'results.json'), JSON.stringify(results));
  return dir;
}
