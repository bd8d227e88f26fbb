// What a load run shows beside its figures: what was healed, where it fails and hangs, what limits, and which
// edge is slow. Through the built command line with real k6, against the mock with faults.

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { createRegistry } from '../../mocks/index.ts';
import { startMock } from '../../mocks/server.ts';
import type { LoadResult } from '../../reports/results.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { testWith } from '../lib/tools.ts';

const test = testWith('k6');

async function loadFrom(images: readonly string[], words: readonly string[]) {
  const out = scratch();
  const ended = await cli(['load', ...images, ...words, '--out', out]);
  const results = readResults(out);
  expect(validateResults(results)).toBeUndefined();
  return { ...ended, load: results.load as LoadResult };
}

async function loadMock(faults: readonly string[], words: readonly string[]) {
  const mock = await startMock({ auth: 'none', faults });
  try {
    return { ...(await loadFrom([`http://${mock.images[0]}`], words)), mock };
  } finally {
    await mock.close();
  }
}

const hostOf = (origin: string) => origin.slice(origin.lastIndexOf('/') + 1);

describe('what was healed', () => {
  test('bodies that were cut and resumed are told, with the waits between, in a run that passes', async () => {
    const words = ['--client', 'podman', '--iterations', '8', '--vus', '8'];
    const { code, load, mock } = await loadMock(['blob-body-cut:p=0.5'], words);
    expect(code).toBe(0);
    expect(load.pulls).toMatchObject({ ok: 8, failed: 0 });
    expect(load.pulls.retried).toBeGreaterThan(0);
    expect(load.errors).toEqual([]);
    const where = { hop: 'edge', host: hostOf(mock.cdn), status: 200 };
    const [cut] = load.retried ?? [];
    expect(cut).toMatchObject({ class: 'short-body', ...where });
    const { bytes = 0, bytesExpected = 0, address } = cut?.evidence ?? {};
    expect(bytes).toBeLessThan(bytesExpected);
    expect(address).toBe(hostOf(mock.cdn));
    const all = load.retried?.reduce((sum, { count }) => sum + count, 0) ?? 0;
    const [pauses] = load.waits ?? [];
    expect(pauses).toMatchObject({ why: 'back-off', count: all });
    expect(pauses?.seconds).toBeGreaterThanOrEqual(all);
  });

  test('a part that is refused fails the pull, and the cut body before it is told beside it', async () => {
    const faults = ['blob-body-cut', 'range-open-refused'];
    const words = ['--client', 'podman', '--iterations', '1', '--vus', '1'];
    const { code, load } = await loadMock(faults, words);
    expect(code).toBe(1);
    expect(load.errors).toMatchObject([{ class: 'unexpected-status', status: 416, count: 1 }]);
    expect(load.retried).toMatchObject([{ class: 'short-body', status: 200, count: 1 }]);
    expect(load.bottleneck).toBe('pulls-fail');
  });

  test('limits that the registry tells of', async () => {
    const words = ['--client', 'podman', '--iterations', '20', '--vus', '2'];
    const { load, mock } = await loadMock(['rate-limited-until-date'], words);
    const where = { host: hostOf(mock.registry), hop: 'registry' };
    const limit = load.rateLimits?.find(({ header }) => header === 'retry-after');
    expect(limit).toMatchObject(where);
    expect(limit?.last).toContain('GMT');
    expect(load.retried).toMatchObject([{ class: 'rate-limited', status: 429, ...where }]);
  });
});

test('a body that drips is located, and its time counts', async () => {
  const words = ['--client', 'containerd', '--vus', '2', '--duration', '1s'];
  const { code, load, mock } = await loadMock(['blob-body-dripped'], words);
  expect(code).toBe(1);
  const where = { hop: 'edge', host: hostOf(mock.cdn), phase: 'config' };
  expect(load.unfinished).toMatchObject([
    { ...where, address: hostOf(mock.cdn), requests: 2, bytes: expect.any(Number) },
  ]);
  expect(load.unfinished?.[0]?.seconds).toBeGreaterThan(25);
  expect(load.errors).toMatchObject([{ class: 'interrupted', count: 2, ...where }]);
  expect(load.errors[0]?.example).toMatch(/GET http:\S+: [\d,]+ of [\d,]+ bytes after \d+\.\d s/);
  expect(load.hosts[where.host]).toMatchObject({ role: 'edge', unfinished: 2 });
  expect(load.servers?.some(({ host, bytes }) => host === where.host && bytes > 0)).toBe(true);
  expect(load.bottleneck).toBe('pulls-fail');
  // The rate is over all the time that was waited.
  expect(load.seconds).toBeGreaterThan(25);
  expect(load.requests.perSecond).toBeLessThan(1);
});

test('one edge of three is slow: its latencies are told apart; a step has redirect and body', async () => {
  const words = ['--client', 'podman', '--iterations', '12', '--vus', '12'];
  const { load, mock } = await loadMock(['edge-one-slow'], words);
  const edges = (load.servers ?? []).filter(({ host }) => host === hostOf(mock.cdn));
  expect(edges.length).toBe(3);
  const [slow, ...others] = edges.map(({ latency }) => latency?.p50 ?? 0).sort((a, b) => b - a) as [
    number,
    ...number[],
  ];
  for (const other of others) expect(slow).toBeGreaterThan(2 * other);
  const { layer } = load.phases;
  expect(layer?.count).toBe(load.phaseHops?.layer?.edge?.count);
  expect(layer?.max).toBeGreaterThanOrEqual(load.phaseHops?.layer?.edge?.max ?? 0);
});

test('failures are one error for each status, with what the edge answered; clients and images apart', async () => {
  const registry = createRegistry({ auth: 'none', redirect: 'none' });
  const page = '<html>Blocked by the firewall</html>';
  const front = createServer((request, reply) => {
    const { url = '', method = 'GET' } = request;
    if (url.startsWith('/blocked')) {
      return void reply.writeHead(403, { 'Content-Type': 'text/html' }).end(page);
    }
    const isLayer = url.includes('/demo/app/blobs/');
    if (isLayer)
      return void reply.writeHead(302, { Location: `${edge()}/blocked?sig=secret` }).end();
    void registry
      .fetch(new Request(registry.origins.registry + url, { method }))
      .then(async (right) => {
        reply.writeHead(right.status, [...right.headers].flat());
        reply.end(Buffer.from(await right.arrayBuffer()));
      });
  });
  await new Promise<void>((resolve) => front.listen(0, resolve));
  const { port } = front.address() as AddressInfo;
  const edge = () => `http://127.0.0.2:${port}`;
  const plan = join(scratch(), 'plan.yaml');
  const images = [
    `http://127.0.0.1:${port}/demo/app:latest`,
    `http://127.0.0.1:${port}/demo/single:1.0`,
  ];
  writeFileSync(
    plan,
    'clients: { crane: 1, oras: 1 }\nshape: iterations\niterations: 24\nvus: 2\n',
  );
  try {
    const { load } = await loadFrom(images, ['--plan', plan]);
    const where = { hop: 'edge', host: `127.0.0.2:${port}`, status: 403 };
    expect(load.errors[0]).toMatchObject({
      ...{ class: 'redirect-denied', ...where, count: load.pulls.failed },
      evidence: { method: 'GET', url: `${edge()}/blocked`, contentType: 'text/html', body: page },
    });
    expect(load.statuses).toContainEqual(
      expect.objectContaining({ hop: 'edge', host: `127.0.0.2:${port}`, status: 403 }),
    );
    const byImage = Object.entries(load.byImage ?? {});
    expect(byImage.map(([name]) => name)).toEqual(
      images.map((name) => name.slice('http://'.length)),
    );
    expect(byImage.map(([, { ok, failed }]) => [ok > 0, failed > 0])).toEqual([
      [false, true],
      [true, false],
    ]);
    const clients = Object.values(load.byClient ?? {});
    expect(Object.keys(load.byClient ?? {})).toEqual(['crane', 'oras']);
    expect(clients.reduce((sum, { ok, failed }) => sum + ok + failed, 0)).toBe(24);
  } finally {
    front.closeAllConnections();
    front.close();
  }
});
