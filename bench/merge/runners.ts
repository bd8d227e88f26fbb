// What the runners of a large load leave: a folder as `load --k8s` writes it, with a timeline of each, made up.
// Nothing of it was measured; the lines are those of containerd's pulls through a token and three edges of a CDN.
import { once } from 'node:events';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Results } from '../../reports/results.ts';
import { writeCounts } from '../../src/run/load/timeline/histogram-counts.ts';

export interface Fleet {
  readonly runners: number;
  readonly seconds: number;
}

const startedMs = Date.parse('2026-03-01T09:30:00Z');
const pullsPerSecond = 20;
const registry = 'registry.example.com';
const cdn = 'cdn.example.net:443';

/** [phase, hop, status, requests per pull] */
const hops = [
  ['index', 'registry', '401', 2],
  ['token', 'token', '200', 2],
  ['index', 'registry', '200', 2],
  ['manifest', 'registry', '200', 1],
  ['config', 'registry', '307', 1],
  ['config', 'edge', '200', 1],
  ['layer', 'registry', '307', 3],
  ['layer', 'edge', '200', 3],
] as const;
const phases = ['token', 'index', 'manifest', 'config', 'layer'] as const;
const counters = ['pull_started', 'pull_ok', 'pull_bytes', 'pull_verified_bytes'] as const;
const ofK6 = ['iterations', 'vus', 'data_sent', 'data_received'] as const;

/** Writes the folder. Gives the pulls in it. */
export async function writeFleet(folder: string, fleet: Fleet): Promise<number> {
  const { runners, seconds } = fleet;
  mkdirSync(join(folder, 'timelines'), { recursive: true });
  writeFileSync(join(folder, 'run.json'), JSON.stringify(bareRun(fleet)));
  const encoded = Array.from({ length: 97 }, (_, seed) => histogramOf(seed));
  for (let runner = 1; runner <= runners; runner++) {
    const out = createWriteStream(join(folder, 'timelines', `pullproof-fleet-${runner}.ndjson`));
    // No two runs are started in the same nanosecond.
    const startedAt = `2026-03-01T09:29:58.${String(runner).padStart(9, '0')}Z`;
    out.write(`${JSON.stringify({ schema: 'pullproof/timeline/v1', startedAt, unit: 'us' })}\n`);
    for (let second = 0; second < seconds; second++) {
      if (!out.write(linesOf(second, runner, encoded))) await once(out, 'drain');
    }
    const t = startedMs / 1000 + seconds;
    out.end(`${JSON.stringify({ end: true, t, endMs: t * 1000 })}\n`);
    await once(out, 'finish');
  }
  return runners * seconds * pullsPerSecond;
}

/** Twenty different values, as twenty pulls have. */
function histogramOf(seed: number): string {
  const values = Array.from({ length: 20 }, (_, at) => 200 + at * 61 + ((seed * 37) % 53));
  return writeCounts({ values, counts: values.map(() => 1) });
}

function linesOf(second: number, runner: number, encoded: readonly string[]): string {
  const t = startedMs / 1000 + second;
  const one = (at: number) => encoded[(second * 7 + runner * 3 + at) % encoded.length] as string;
  const window = { firstMs: t * 1000 + 3, lastMs: t * 1000 + 990 };
  const edges = [1, 2, 3].map((edge) => ({
    ...{ t, series: 'server', host: cdn, remote: `198.51.100.${edge}:443`, edge: `EDGE-${edge}` },
    ...{ count: 27, hits: 26, misses: 1, bytes: 900_000, connections: 3 },
    ...{ duration: one(edge), ttfb: one(edge + 1) },
  }));
  const lines: object[] = [
    ...hops.map(([phase, hop, status, each], at) => ({
      ...{ t, series: 'hop', phase, hop, host: hop === 'edge' ? cdn : registry, status },
      ...(hop === 'edge' && { cache: 'hit', bytes: 2_400_000 }),
      ...{ count: each * pullsPerSecond, connections: 20, totalUs: 41_000, ...window },
      ...{ duration: one(at), ttfb: one(at + 5), connect: one(at + 9) },
    })),
    ...edges,
    { t, series: 'server', host: registry, remote: '192.0.2.1:443', count: 220, connections: 86 },
    ...phases.map((phase, at) => ({ t, series: 'step', phase, duration: one(at) })),
    ...counters.map((name) => metricLine(t, name, pullsPerSecond)),
    ...ofK6.map((name) => ({ ...metricLine(t, name, pullsPerSecond), tags: undefined })),
    { ...metricLine(t, 'pull_duration', 400), type: 'trend', hdr: one(0) },
    {
      ...{ t, series: 'runner', id: `fleet-${runner}:7`, cpus: 1, wallUs: 1e6, cpuUs: 4e5 },
      ...{ machineBusy: 0.4, machineCpus: 8, periods: 10, throttledPeriods: 0, throttledUs: 0 },
      ...{ lagUs: 900, skewMs: 3 },
    },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function metricLine(t: number, metric: string, sum: number) {
  const tags = { client: 'kubelet-containerd', image: `${registry}/team/app:1` };
  return { t, series: 'metric', metric, tags, type: 'counter', count: 20, sum, last: 1 };
}

const noLatency = { count: 0, p50: 0, p90: 0, p95: 0, p99: 0, max: 0 };

/** As `load --k8s` describes a run that is yet to be made. */
function bareRun({ runners, seconds }: Fleet): Results {
  const points = Array.from({ length: runners + 1 }, (_, at) => fraction(at, runners));
  return {
    schema: 'pullproof/results/v1',
    verb: 'load',
    tool: { name: 'pullproof', version: '0.1.0' },
    target: `${registry}/team/app:1`,
    startedAt: '2026-03-01T09:00:00.000Z',
    ...{ durationMs: 0, verdict: 'error', exitCode: 2, interrupted: 'Described, not run.' },
    environment: { node: 'v26.10.0', os: 'linux', cpus: 8, seed: 1, command: 'pullproof load' },
    load: {
      ...{ client: 'kubelet-containerd', shape: 'rate', engine: 'built', verify: 'all' },
      ...{ vus: 100 * runners, images: [`${registry}/team/app:1`] },
      asked: {
        platforms: ['linux/amd64'],
        perSecond: pullsPerSecond * runners,
        durationSeconds: seconds,
      },
      ...{ seconds: 0, pulls: { ok: 0, failed: 0, dropped: 0, perSecond: 0 } },
      ...{ requests: { total: 0, failed: 0, perSecond: 0 }, pullMs: noLatency },
      bytes: { total: 0, verified: 0, perSecond: 0 },
      ...{ phases: {}, hops: {}, hosts: {}, cache: { hit: 0, miss: 0, unknown: 0 } },
      ...{ errors: [], slo: [], bottleneck: 'unknown', timeline: [] },
      segment: { part: '0:1', of: points.join(',') },
    },
  };
}

function fraction(over: number, under: number): string {
  let by = 1;
  for (let at = 2; at <= over; at++) if (over % at === 0 && under % at === 0) by = at;
  if (over === 0) return '0';
  return under === by ? `${over / by}` : `${over / by}/${under / by}`;
}
