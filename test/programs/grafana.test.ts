// Every query of every dashboard against a real Prometheus that received a real load run with failures, retries,
// waits, caches and pushes: each returns rows. Metrics come by remote write, or by a real collector of OpenTelemetry.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { freePort } from '../lib/docker-registry.ts';
import { goToolPath } from '../lib/go-tools.ts';
import { queriesOf, readDashboards } from '../lib/grafana.ts';
import { type Prometheus, startPrometheus } from '../lib/prometheus.ts';
import { startServer } from '../lib/server-child.ts';
import { testWith } from '../lib/tools.ts';

const testid = 'grafana-test';
let mock: RunningMock;

beforeAll(async () => {
  mock = await startMock({
    anonymousPush: true,
    faults: [
      ...['edge-falters', 'rate-limited-until-date', 'upload-end-falters'],
      // Often: a rate needs failures in several seconds.
      'blob-reply-flipped:p=0.2',
    ],
  });
});
afterAll(async () => await mock?.close());

/** Pulls by two clients and pushes, at a rate that two users cannot hold. */
async function loadInto(output: string, env: Readonly<Record<string, string>>): Promise<void> {
  const [plan, out] = [join(scratch(), 'plan.yaml'), scratch()];
  const images = mock.images.map((image) => `http://${image}`);
  writeFileSync(
    plan,
    JSON.stringify({
      ...{ images, clients: { podman: 1, containerd: 1 }, rate: '200/s', vus: 4, duration: '8s' },
      push: { repository: `${mock.registry}/pushed`, vus: 2, bytes: '10kB' },
      seed: 1,
    }),
  );
  const words = ['load', '--plan', plan, '--k6-out', output, '--out', out, '-q'];
  const { code, stderr } = await cli(words, { env: { ...env, K6_TAGS: `testid:${testid}` } });
  expect([0, 1], stderr).toContain(code);
  const { load } = readResults(out);
  // Else a query would have nothing to show.
  expect(load?.pulls).toMatchObject({ ok: expect.any(Number), failed: expect.any(Number) });
  expect(load?.pulls.failed).toBeGreaterThan(0);
  expect(load?.pulls.dropped).toBeGreaterThan(0);
  expect(load?.waits?.length).toBeGreaterThan(0);
  expect(load?.pushes?.failed).toBeGreaterThan(0);
}

/** Queries without a row, or without a figure in any: by panel. */
async function emptyOf(prometheus: Prometheus, dashboard: string): Promise<string[]> {
  const found = readDashboards().get(`${dashboard}.json`);
  if (found === undefined) throw new Error(`no dashboard ${dashboard}`);
  const queries = queriesOf(found, { testid });
  expect(queries.length).toBeGreaterThan(40);
  const empty: string[] = [];
  for (const { place, query } of queries) {
    const rows = await prometheus.rows(query);
    if (!rows.some(({ value }) => Number.isFinite(value))) empty.push(`${place}: ${query}`);
  }
  return empty;
}

const often = { K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s' };

testWith('k6', 'prometheus')('native histograms', { timeout: 120_000 }, async () => {
  const prometheus = await startPrometheus();
  try {
    await loadInto('prometheus-rw', {
      ...often,
      K6_PROMETHEUS_RW_SERVER_URL: `${prometheus.origin}/api/v1/write`,
      K6_FEATURES: 'native-histograms',
    });
    expect(await emptyOf(prometheus, 'pullproof-native-histograms')).toEqual([]);
    const pulls = await prometheus.rows('histogram_count(sum (k6_pull_duration_seconds))');
    expect(pulls[0]?.value).toBeGreaterThan(0);
  } finally {
    await prometheus.stop();
  }
});

testWith('k6', 'prometheus')('trend stats', { timeout: 120_000 }, async () => {
  const prometheus = await startPrometheus();
  try {
    await loadInto('prometheus-rw', {
      ...often,
      K6_PROMETHEUS_RW_SERVER_URL: `${prometheus.origin}/api/v1/write`,
      K6_PROMETHEUS_RW_TREND_STATS: 'p(50),p(95),p(99),max',
    });
    expect(await emptyOf(prometheus, 'pullproof-trend-stats')).toEqual([]);
  } finally {
    await prometheus.stop();
  }
});

testWith('k6', 'prometheus', 'collector')('OpenTelemetry', { timeout: 120_000 }, async () => {
  const [receives, exposes] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const stop = await startCollector(receives, exposes);
  const prometheus = await startPrometheus({
    global: { scrape_interval: '1s' },
    scrape_configs: [{ job_name: 'collector', static_configs: [{ targets: [exposes] }] }],
  });
  try {
    await loadInto('opentelemetry', {
      K6_OTEL_EXPORTER_PROTOCOL: 'http/protobuf',
      K6_OTEL_HTTP_EXPORTER_ENDPOINT: receives,
      K6_OTEL_HTTP_EXPORTER_INSECURE: 'true',
      K6_OTEL_METRIC_PREFIX: 'k6_',
      K6_OTEL_EXPORT_INTERVAL: '1s',
    });
    // What k6 sent last is scraped.
    await sleep(2_000);
    expect(await emptyOf(prometheus, 'pullproof-opentelemetry')).toEqual([]);
  } finally {
    await prometheus.stop();
    await stop();
  }
});

/** Takes OTLP over HTTP, and is scraped. */
async function startCollector(receives: string, exposes: string): Promise<() => Promise<void>> {
  const dir = scratch();
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'collector.yaml');
  const pipeline = { receivers: ['otlp'], exporters: ['prometheus'] };
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: receives } } } },
    exporters: { prometheus: { endpoint: exposes } },
    service: {
      telemetry: { metrics: { level: 'none' }, logs: { level: 'error' } },
      pipelines: { metrics: pipeline },
    },
  };
  writeFileSync(file, JSON.stringify(config));
  const words = [`--config=file:${file}`];
  return await startServer(goToolPath('collector') ?? '', words, `http://${exposes}/metrics`);
}
