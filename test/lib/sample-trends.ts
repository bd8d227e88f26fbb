// Trends for tests: one that is rich and deterministic, and one in which every text is hostile.
import type { Trend, TrendSeries } from '../../reports/trend.ts';

const runs = 30;
const cut = 20;

function series(metric: string, unit: TrendSeries['unit'], level: number): TrendSeries {
  const values = Array.from({ length: runs }, (_, at) =>
    at === 7 ? null : level * (at >= cut ? 1.3 : 1) * (1 + 0.03 * Math.sin(at * 2.3)),
  );
  const change = { before: level, after: 1.3 * level, p: 0.0005 };
  const ratio = { value: 1.3, low: 1.25, high: 1.36 };
  return {
    ...{ metric, unit, worse: 'more', values },
    changes: [{ run: cut, ...change, ratio, direction: 'worse', counts: true }],
  };
}

function steady(metric: string, unit: TrendSeries['unit'], level: number): TrendSeries {
  return { metric, unit, worse: 'less', values: new Array<number>(runs).fill(level), changes: [] };
}

export const trendSample: Trend = {
  schema: 'pullproof/trend/v1',
  tool: { name: 'pullproof', version: '0.1.0' },
  folder: 'pullproof-results',
  madeAt: '2026-03-01T09:30:00.000Z',
  ...{ seriesAlpha: 0.02, runsMin: 9, minEffect: 0.1 },
  groups: [
    {
      of: 'load',
      target: 'registry.example.com:5000/team/app:latest',
      facts: ['podman', 'vus', '20 users'],
      runs: Array.from({ length: runs }, (_, at) => ({
        path: `night-${at}`,
        report: at !== 3,
        startedAt: new Date(Date.UTC(2026, 1, 1 + at)).toISOString(),
        version: '0.1.0',
        verdict: at === 25 ? 'fail' : 'pass',
        changed: at === cut ? ['images'] : [],
      })),
      series: [
        series('pull.p95', 'ms', 180),
        series('hop:edge.ttfb.p95', 'ms', 40),
        steady('pull.rate', '/s', 50),
        steady('edge.hits', '%', 99.5),
      ],
    },
  ],
  leftOut: [{ path: 'old/broken', message: 'it was cut short' }],
};

/** With `bad` in the place of every text. */
export function hostileTrend(bad: string): Trend {
  const [group] = trendSample.groups as [Trend['groups'][number]];
  return {
    ...trendSample,
    folder: bad,
    groups: [
      {
        ...group,
        ...{ target: bad, facts: [bad] },
        runs: group.runs.map((run) => ({ ...run, path: bad, version: bad, changed: [] })),
        series: [series(`hop:${bad}.p95`, 'ms', 20), series(bad, '', 3)],
      },
    ],
    leftOut: [{ path: bad, message: bad }],
  };
}
