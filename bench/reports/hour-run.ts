// A load run of an hour, made up: 3,600 seconds of 200 series, as k6 writes them beside a large CDN, with its
// results. Nothing of it was measured.
import { once } from 'node:events';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as hdr from 'hdr-histogram-js';
import type { LatencySummary, Results } from '../../reports/results.ts';

const seconds = 3600;
const hosts = 24;
const phases = ['config', 'layer', 'manifest', 'index', 'ping'];
const edges = 60;
const startedAt = '2026-03-01T09:30:00.000000000Z';
const startedMs = Date.parse('2026-03-01T09:30:00Z');
const pullsPerSecond = 40;

/** How slow it is: 1, or 1.3 for a run that is slower by 30 %. */
export interface HourRun {
  readonly slowness: number;
  readonly withTimeline: boolean;
}

/** Writes it into a new folder. */
export async function writeHourRun(
  folder: string,
  { slowness, withTimeline }: HourRun,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'results.json'), JSON.stringify(resultsOf(slowness)));
  if (!withTimeline) return;
  const out = createWriteStream(join(folder, 'timeline.ndjson'));
  const encoded = Array.from({ length: 40 }, (_, at) =>
    histogramOf(40_000 * slowness * (0.8 + at / 100)),
  );
  const first = { schema: 'pullproof/timeline/v1', startedAt, unit: 'us' };
  out.write(`${JSON.stringify(first)}\n`);
  for (let second = 0; second < seconds; second++) {
    if (!out.write(linesOf(second, encoded))) await once(out, 'drain');
  }
  const t = startedMs / 1000 + seconds;
  out.end(`${JSON.stringify({ end: true, t, endMs: t * 1000 })}\n`);
  await once(out, 'finish');
}

function linesOf(second: number, encoded: readonly string[]): string {
  const t = startedMs / 1000 + second;
  const one = (at: number) => encoded[(second * 7 + at * 3) % encoded.length] as string;
  const ms = { firstMs: t * 1000, lastMs: t * 1000 + 900 };
  const lines: object[] = [];
  for (let host = 0; host < hosts; host++) {
    for (const [at, phase] of phases.entries()) {
      const hop = host === 0 ? 'registry' : 'edge';
      const of = { phase, hop, host: `cdn${host}.example.net:443`, status: '200', cache: 'hit' };
      const figures = { count: 20, bytes: 2_000_000, connections: 1, totalUs: 800_000, ...ms };
      lines.push({
        t,
        series: 'hop',
        ...of,
        ...figures,
        duration: one(host + at),
        ttfb: one(host + at + 1),
      });
    }
  }
  for (let edge = 0; edge < edges; edge++) {
    const of = {
      host: `cdn${edge % hosts}.example.net:443`,
      remote: `198.51.100.${edge}:443`,
      edge: `EDGE${edge}`,
    };
    lines.push({
      t,
      series: 'server',
      ...of,
      count: 20,
      hits: 18,
      misses: 2,
      bytes: 1e6,
      duration: one(edge),
      ttfb: one(edge + 2),
    });
  }
  for (const phase of phases) lines.push({ t, series: 'step', phase, duration: one(phase.length) });
  for (const metric of ['pull_started', 'pull_ok', 'vus', 'iterations', 'data_received']) {
    lines.push({
      t,
      series: 'metric',
      metric,
      tags: {},
      type: 'counter',
      count: pullsPerSecond,
      sum: pullsPerSecond,
      last: 1,
    });
  }
  lines.push({
    t,
    series: 'metric',
    metric: 'pull_duration',
    tags: {},
    type: 'trend',
    count: pullsPerSecond,
    sum: 1,
    last: 1,
    hdr: one(0),
  });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Of twenty values around the middle, in microseconds. */
function histogramOf(middleUs: number): string {
  const histogram = hdr.build({
    ...{ lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000 },
    ...{ numberOfSignificantValueDigits: 3, bitBucketSize: 32 },
  });
  for (let at = 0; at < 20; at++) {
    histogram.recordValue(Math.round(middleUs * (0.6 + (at * at) / 200)));
  }
  return hdr.encodeIntoCompressedBase64(histogram);
}

export function resultsOf(slowness: number): Results {
  const latency = (count: number, p50: number): LatencySummary => {
    const at = (factor: number) =>
      Math.round(p50 * factor * slowness * (1 + Math.random() / 50) * 1000) / 1000;
    return { count, p50: at(1), p90: at(1.9), p95: at(2.4), p99: at(3.1), max: at(9) };
  };
  const hop = (count: number, p50: number) => ({
    ...{
      ...latency(count, p50),
      failed: 0,
      bytes: 1e9,
      ttfb: latency(count, p50 / 2),
      connections: 10,
    },
  });
  const pulls = pullsPerSecond * seconds;
  const all = { registry: hop(5 * pulls, 20), edge: hop(8 * pulls, 40) };
  const timeline = Array.from({ length: seconds }, (_, second) => ({
    ...{ second, pulls: pullsPerSecond, failed: 0, bytes: 1e8, p95: 96 * slowness },
  }));
  return {
    schema: 'pullproof/results/v1',
    verb: 'load',
    tool: { name: 'pullproof', version: '0.1.0' },
    target: 'registry.example.com/team/app:1',
    startedAt: '2026-03-01T09:30:00.000Z',
    durationMs: seconds * 1000,
    ...{ verdict: 'pass', exitCode: 0 },
    environment: { node: 'v26.10.0', os: 'linux', cpus: 8, seed: 1, command: 'pullproof load' },
    load: {
      ...{ client: 'podman', shape: 'rate', engine: 'built', verify: 'all', vus: 100 },
      images: ['registry.example.com/team/app:1'],
      digests: { 'registry.example.com/team/app:1': `sha256:${'ab'.repeat(32)}` },
      asked: { platforms: ['linux/amd64'], perSecond: pullsPerSecond, durationSeconds: seconds },
      ...{ startedAt, seconds },
      pulls: { ok: pulls, failed: 0, dropped: 0, perSecond: pullsPerSecond, retried: 12 },
      requests: { total: 13 * pulls, failed: 0, perSecond: 13 * pullsPerSecond },
      bytes: { total: 1e12, verified: 1e12, perSecond: 1e8 },
      pullMs: latency(pulls, 180),
      phases: Object.fromEntries(phases.map((phase) => [phase, latency(pulls, 30)])),
      hops: all,
      hosts: Object.fromEntries(
        Array.from({ length: hosts }, (_, host) => {
          const role = host === 0 ? 'registry' : 'edge';
          return [`cdn${host}.example.net:443`, { ...hop(100 * seconds, 40), role }];
        }),
      ),
      servers: Array.from({ length: edges }, (_, edge) => ({
        ...{
          host: `cdn${edge % hosts}.example.net:443`,
          address: `198.51.100.${edge}:443`,
          edge: `EDGE${edge}`,
        },
        ...{ requests: 20 * seconds, failed: 0, hits: 18, misses: 2, bytes: 1e9, connections: 3 },
        ...{ latency: latency(20 * seconds, 40), ttfb: latency(20 * seconds, 20) },
      })),
      cache: { hit: 9000, miss: 1000, unknown: 0 },
      ...{ errors: [], slo: [], bottleneck: 'none', timeline },
    },
  };
}
