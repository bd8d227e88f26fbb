// k6's remote write beside our own output: a real Prometheus receives the metrics of a load run, and answers
// for each phase and hop what our results say.
import { expect } from 'vitest';
import { startMock } from '../../mocks/server.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { type Prometheus, startPrometheus } from '../lib/prometheus.ts';
import { testWith } from '../lib/tools.ts';

/** The newest value of each series, by the values of the labels in their order. */
async function ask({ rows }: Prometheus, query: string, ...labels: string[]) {
  const found = (await rows(query)).map(
    ({ labels: has, value }) => [labels.map((label) => has[label] ?? '').join(' '), value] as const,
  );
  return Object.fromEntries(found);
}

testWith('k6', 'prometheus')('Prometheus is written to, and knows phases and hops', async () => {
  const prometheus = await startPrometheus();
  const mock = await startMock();
  const out = scratch();
  try {
    const words = ['--iterations', '12', '--vus', '2', '--k6-out', 'prometheus-rw'];
    const { code, stderr } = await cli(
      ['load', `http://${mock.images[0]}`, ...words, '--out', out],
      {
        env: {
          K6_PROMETHEUS_RW_SERVER_URL: `${prometheus.origin}/api/v1/write`,
          K6_PROMETHEUS_RW_TREND_STATS: 'count,p(95),max',
        },
      },
    );
    expect(code, stderr).toBe(0);
    const { load } = readResults(out);
    expect(await ask(prometheus, 'k6_pull_ok_total')).toEqual({ '': 12 });
    expect(await ask(prometheus, 'k6_pull_failed_total')).toEqual({});
    const bytes = await ask(prometheus, 'k6_pull_verified_bytes_total');
    expect(bytes).toEqual({ '': load?.bytes.verified });
    const counts = (of: object | undefined) =>
      Object.fromEntries(Object.entries(of ?? {}).map(([name, { count }]) => [name, count]));
    const byPhase = await ask(prometheus, 'sum by (phase) (k6_http_reqs_total)', 'phase');
    // k6 counts requests: a step may take several.
    const byHops = Object.entries(load?.phaseHops ?? {});
    const requests = byHops.map(([phase, hops]) => {
      return [phase, Object.values(hops).reduce((sum, { count }) => sum + count, 0)];
    });
    expect(byPhase).toEqual(Object.fromEntries(requests));
    const byHop = await ask(prometheus, 'sum by (hop) (k6_http_reqs_total)', 'hop');
    expect(byHop).toEqual(counts(load?.hops));
    const slowest = await ask(prometheus, 'max by (phase) (k6_http_req_duration_max)', 'phase');
    for (const [phase, hops] of byHops) {
      const max = Math.max(...Object.values(hops).map((hop) => hop.max));
      // Of the same samples: seconds there; here milliseconds, in a histogram's steps.
      expect(slowest[phase], phase).toBeGreaterThan((max / 1000) * 0.98);
      expect(slowest[phase], phase).toBeLessThan((max / 1000) * 1.02);
    }
    const edges = await ask(prometheus, 'k6_http_req_duration_p95{hop="edge"}', 'phase', 'cache');
    expect(Object.keys(edges).sort()).toEqual([
      ...['config hit', 'config miss', 'layer hit', 'layer miss'],
    ]);
    const labels = await (await fetch(`${prometheus.origin}/api/v1/labels`)).text();
    expect(labels).not.toMatch(/url|Signature/);
  } finally {
    await mock.close();
    await prometheus.stop();
  }
});
