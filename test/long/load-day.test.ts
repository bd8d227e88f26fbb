// A day in an SRE's life: blobs move to a CDN, edges misbehave, a knee is looked for, a mix pulls while a CI
// pushes, a night's access log is replayed, and four machines share a load. Each run is read as a person reads it:
// by its text, for what happened, what limited and what to do.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { testWith } from '../lib/tools.ts';
import { TwoHosts } from '../lib/two-hosts.ts';

const test = testWith('k6');

async function load(...words: readonly string[]) {
  const out = join(scratch(), 'run');
  const ended = await cli(['load', ...words, '--out', out]);
  const results = readResults(out);
  expect(validateResults(results)).toBeUndefined();
  if (results.load === undefined) throw new Error(ended.stderr);
  return { ...ended, out, load: results.load };
}

describe('blobs move to a CDN', () => {
  let hosts: TwoHosts;
  beforeAll(async () => {
    hosts = await TwoHosts.open(3);
  });
  afterAll(() => hosts.close());
  const steady = ['--client', 'containerd', '--rate', '8/s', '--vus', '40', '--duration', '4s'];

  test('the day before, all comes from the registry', async () => {
    hosts.redirects = false;
    const { code, stdout, load: before } = await load(hosts.image, ...steady);
    expect(code, stdout).toBe(0);
    expect(before.pulls).toMatchObject({ failed: 0, retried: 0 });
    expect(before.bottleneck).toBe('none');
    expect(Object.keys(before.hops)).toEqual(['registry']);
    expect(before.retried ?? []).toEqual([]);
  });

  test('with one slow edge of three, it is named, and layers are slower as a whole', async () => {
    hosts.redirects = true;
    const slow = hosts.edges[1];
    if (slow !== undefined) slow.lateMs = 400;
    const { code, stdout, load: after } = await load(hosts.image, ...steady);
    expect(code, stdout).toBe(0);
    const edges = (after.servers ?? []).filter(({ edge }) => edge !== '');
    const p50Of = (name: string) => edges.find(({ edge }) => edge === name)?.ttfb?.p50 ?? 0;
    expect(p50Of('EDGE2-P1')).toBeGreaterThan(350);
    expect(p50Of('EDGE1-P1')).toBeLessThan(300);
    expect(stdout).toContain('EDGE2-P1');
    // A step is the redirect and the body: it cannot be shorter than its slowest hop.
    expect(after.phases.layer?.p95).toBeGreaterThan(350);
    expect(after.phaseHops?.layer?.registry?.p50).toBeLessThan(300);
    if (slow !== undefined) slow.lateMs = 0;
  });

  test('bodies that an edge cuts are resumed: it passes, and says so', async () => {
    for (const edge of hosts.edges) edge.cutEvery = 4;
    const words = [hosts.image, ...steady, '--slo', 'errors<1%', '--slo', 'retried<1%'];
    const { code, stdout, load: healed } = await load(...words);
    for (const edge of hosts.edges) edge.cutEvery = 0;
    expect(healed.pulls.failed).toBe(0);
    expect(healed.pulls.retried).toBeGreaterThan(0);
    const [cut] = healed.retried ?? [];
    expect(cut).toMatchObject({ class: 'short-body', hop: 'edge' });
    expect(cut?.host).toMatch(/^127\.0\.0\.[234]:/);
    expect(stdout).toContain('short-body');
    expect(healed.slo.map(({ held }) => held)).toEqual([true, false]);
    expect(code).toBe(1);
  });

  test('an edge that refuses signatures is where pulls fail, with what it said', async () => {
    for (const edge of hosts.edges) {
      Object.assign(edge, { status: 403, text: '<Error><Code>AccessDenied</Code></Error>' });
    }
    const {
      code,
      stdout,
      load: failed,
    } = await load(hosts.image, '--iterations', '3', '--vus', '1');
    for (const edge of hosts.edges) edge.status = 200;
    expect(code).toBe(1);
    expect(failed.bottleneck).toBe('pulls-fail');
    const [error] = failed.errors;
    expect(error).toMatchObject({ class: 'redirect-denied', hop: 'edge', status: 403 });
    expect(error?.evidence?.body).toContain('AccessDenied');
    expect(error?.evidence?.address).toBe(error?.host);
    expect(error?.clientSays).toContain('StatusCode: 403');
    expect(stdout).toContain('AccessDenied');
    expect(stdout).not.toContain('secret');
  });

  test('a dead CDN is not the limit of the registry', async () => {
    for (const edge of hosts.edges) edge.silent = true;
    const words = ['--client', 'crane', '--iterations', '2', '--vus', '2', '--timeout', '1s'];
    const { code, stdout, load: dead } = await load(hosts.image, ...words);
    for (const edge of hosts.edges) edge.silent = false;
    expect(code).toBe(1);
    expect(dead.bottleneck).toBe('pulls-fail');
    expect(dead.errors[0]).toMatchObject({ class: 'stalled', hop: 'edge' });
    expect(stdout).not.toContain('The registry was the limit');
  });
});

describe('against the mock', () => {
  let mock: RunningMock;
  const log = join(scratch(), 'requests.ndjson');
  beforeAll(async () => {
    mock = await startMock({ log });
  });
  afterAll(() => mock.close());
  const app = () => `http://${mock.images[0]}`;

  test('the knee is the headline of a breakpoint run', async () => {
    const words = ['--shape', 'breakpoint', '--rate', '4/s', '--duration', '2s'];
    const { stdout, load: found } = await load(app(), ...words, '--slo', 'pull.p95<0.001ms');
    expect(found.knee?.perSecond).toBe(0);
    const [headline = ''] = stdout.split('\n').filter((line) => line.includes('pulls/s'));
    expect(headline).toMatch(/breaks at|broke/);
  });

  test('a plan of clients pulls while a CI pushes', async () => {
    const plan = join(scratch(), 'plan.yaml');
    writeFileSync(
      plan,
      `images: ['${app()}', 'http://${mock.images[1]}']
clients: { containerd: 2, podman: 1 }
rate: 6/s
vus: 20
duration: 4s
push: { repository: '${app().replace('demo/app:latest', 'load/pushed')}', rate: 1/s, bytes: 4 KB }
slo: ['errors<1%', 'push.errors<1%']
`,
    );
    const out = join(scratch(), 'run');
    const words = ['--plan', plan, '--username', mock.username, '--password-stdin', '--out', out];
    const { code, stdout, stderr } = await cli(['load', ...words], { input: `${mock.password}\n` });
    expect(code, stdout + stderr).toBe(0);
    const { load: mixed } = readResults(out);
    expect(Object.keys(mixed?.byClient ?? {}).sort()).toEqual(['containerd', 'podman']);
    expect(Object.keys(mixed?.byImage ?? {})).toHaveLength(2);
    const parts = Object.values(mixed?.byClient ?? {});
    expect(parts.reduce((sum, { ok }) => sum + ok, 0)).toBe(mixed?.pulls.ok);
    expect(mixed?.pushes?.ok).toBeGreaterThan(0);
  });

  test("a night's access log in JSON is replayed; what was missing then is missing as recorded", async () => {
    const trace = join(scratch(), 'access.json');
    const line = (second: number, uri: string, status: number) =>
      JSON.stringify({
        time_iso8601: `2026-11-20T03:00:0${second}+00:00`,
        request_method: 'GET',
        request_uri: uri,
        status: String(status),
        body_bytes_sent: '10',
      });
    const lines = [
      line(0, '/v2/demo/app/manifests/latest', 200),
      line(1, '/v2/demo/app/manifests/gone', 404),
      line(1, '/v2/demo/app/manifests/latest', 200),
    ];
    writeFileSync(trace, `${lines.join('\n')}\n`);
    const { code, stdout, load: replayed } = await load(app(), '--trace', trace);
    expect(code, stdout).toBe(0);
    expect(replayed.pulls.failed).toBe(0);
    expect(replayed.replay).toMatchObject({ format: 'access-log', requests: 3 });
    expect(stdout).toMatch(/as recorded/);
  });

  test('four machines share a load, and their runs join', async () => {
    const outs = [1, 2, 3, 4].map((part) => join(scratch(), `part-${part}`));
    const words = [app(), '--iterations', '12', '--vus', '4', '--client', 'containerd'];
    const ended = await Promise.all(
      outs.map((out, at) => cli(['load', ...words, '--segment', `${at + 1}/4`, '--out', out])),
    );
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const missing = await cli(['report', 'merge', ...outs.slice(0, 3), '--out', scratch()]);
    expect(missing.stdout + missing.stderr).toContain('4/4');
    const out = join(scratch(), 'joined');
    const { code, stdout } = await cli(['report', 'merge', ...outs, '--out', out]);
    expect(code, stdout).toBe(0);
    const joined = readResults(out);
    expect(validateResults(joined)).toBeUndefined();
    expect(joined.load?.pulls).toMatchObject({ ok: 12, failed: 0, retried: 0 });
    expect(joined.load?.phaseHops?.layer?.edge?.count).toBeGreaterThan(0);
  });
});
