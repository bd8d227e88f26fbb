import fc from 'fast-check';
import * as hdr from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import { Timeline } from './timeline.ts';

function histogramOf(valuesUs: readonly number[]): hdr.Histogram {
  const histogram = hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
    numberOfSignificantValueDigits: 3,
  });
  for (const value of valuesUs) histogram.recordValue(value);
  return histogram;
}

function encode(valuesUs: readonly number[]): string {
  return hdr.encodeIntoCompressedBase64(histogramOf(valuesUs));
}

function hop(valuesUs: readonly number[], changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    series: 'hop',
    t: 100,
    phase: 'layer',
    hop: 'edge',
    host: 'cdn:1',
    status: '200',
    count: valuesUs.length,
    failed: 0,
    bytes: 10 * valuesUs.length,
    duration: encode(valuesUs),
    ttfb: encode(valuesUs),
    cache: 'hit',
    ...changes,
  });
}

function step(phase: string, valuesUs: readonly number[], t: number): string {
  return JSON.stringify({ series: 'step', t, phase, duration: encode(valuesUs) });
}

function metric(name: string, sum: number, t = 100, changes: Record<string, unknown> = {}): string {
  return JSON.stringify({ series: 'metric', metric: name, t, sum, ...changes });
}

function timelineOf(...lines: readonly string[]): Timeline {
  const timeline = new Timeline();
  for (const line of lines) timeline.add(line);
  return timeline;
}

describe('histograms', () => {
  const batches = fc.array(fc.array(fc.integer({ min: 1, max: 100_000_000 }), { maxLength: 20 }), {
    minLength: 1,
    maxLength: 6,
  });

  test('merged ones say what one histogram of all values says', () => {
    fc.assert(
      fc.property(batches, (parts) => {
        const timeline = timelineOf(
          ...parts.map((values, t) => metric('pull_duration', 0, t, { hdr: encode(values) })),
          ...parts.map((values, t) => hop(values, { t })),
          ...parts.map((values, t) => step('layer', values, t)),
        );
        const all = histogramOf(parts.flat());
        const at = (percentile: number) =>
          all.totalCount === 0 ? 0 : Math.round(all.getValueAtPercentile(percentile)) / 1000;
        const expected = {
          count: all.totalCount,
          p50: at(50),
          p90: at(90),
          p95: at(95),
          p99: at(99),
          // What is written keeps three digits, of the greatest value too.
          max: at(100),
        };
        expect(timeline.pullMs()).toEqual(expected);
        expect(timeline.phases().layer).toEqual(expected);
        expect(timeline.phaseHops().layer?.edge).toEqual(expected);
        expect(timeline.hops().edge).toMatchObject({ ...expected, ttfb: expected });
        expect(timeline.hosts()['cdn:1']).toMatchObject(expected);
      }),
      { numRuns: 25 },
    );
  });

  test('the time of a hop is that of all its requests, failed and unfinished ones too', () => {
    const timeline = timelineOf(
      hop([1000, 3000], { totalUs: 4500 }),
      hop([], { count: 1, failed: 1, duration: '', totalUs: 30_000_000 }),
      JSON.stringify({ series: 'pending', phase: 'layer', hop: 'edge', host: 'x', totalUs: 500 }),
    );
    expect(timeline.hopMs().edge).toBeCloseTo(30_005, 3);
  });
});

describe('counts', () => {
  test('requests, bytes and cache of every series', () => {
    const timeline = timelineOf(
      hop([10, 20]),
      hop([30], { phase: 'config', cache: 'miss' }),
      hop([40], { status: '307', hop: 'registry', host: 'registry:1', cache: 'unknown', bytes: 7 }),
      hop([], { count: 3, failed: 3, bytes: 0, status: '0', duration: '', cache: '' }),
    );
    expect(timeline).toMatchObject({ requests: 7, requestsFailed: 3, blobBytes: 30 });
    expect(timeline.cache).toEqual({ hit: 2, miss: 1, unknown: 1 });
    expect(timeline.hops().edge).toMatchObject({ count: 3, failed: 3, bytes: 30 });
    expect(timeline.hosts()['registry:1']).toMatchObject({ role: 'registry', bytes: 7 });
  });

  test('a host with two roles has both', () => {
    const timeline = timelineOf(
      hop([1], { hop: 'registry' }),
      hop([1], { hop: 'token' }),
      hop([1]),
    );
    expect(timeline.hosts()['cdn:1']?.role).toBe('registry+token+edge');
  });

  test('pulls, failures by class, drops', () => {
    const timeline = timelineOf(
      metric('pull_started', 9),
      metric('pull_ok', 5),
      metric('pull_failed', 2, 100, { tags: { class: 'stalled' } }),
      metric('pull_failed', 1, 101, { tags: { class: 'stalled' } }),
      metric('pull_failed', 1, 101),
      metric('pull_verified_bytes', 77),
      metric('dropped_iterations', 4),
      metric('of_somebody_else', 4),
    );
    const expected = { pullsStarted: 9, pullsOk: 5, pullsFailed: 4, verifiedBytes: 77, dropped: 4 };
    expect(timeline).toMatchObject(expected);
    expect([...timeline.errors]).toEqual([
      ['stalled', 3],
      ['unknown', 1],
    ]);
  });

  test('the window reaches from the first start to the last end', () => {
    const timeline = timelineOf(
      hop([1], { firstMs: 5000, lastMs: 6000 }),
      hop([1], { firstMs: 4000, lastMs: 4500 }),
    );
    expect(timeline).toMatchObject({ firstMs: 4000, lastMs: 6000 });
  });

  test('any number of hosts takes bounded room, and no request is lost', () => {
    const timeline = new Timeline();
    for (let i = 0; i < 300; i++) timeline.add(hop([1], { host: `h${i}` }));
    const hosts = Object.values(timeline.hosts());
    expect(hosts.length).toBeLessThanOrEqual(101);
    expect(hosts.reduce((sum, { count }) => sum + count, 0)).toBe(300);
  });
});

describe('seconds', () => {
  test('two lines for one second are one second, gaps are filled, order does not matter', () => {
    const timeline = timelineOf(
      metric('pull_ok', 1, 103),
      metric('pull_ok', 2, 100),
      metric('pull_ok', 3, 100),
      metric('pull_failed', 1, 100, { tags: { class: 'tls' } }),
      metric('pull_duration', 0, 100, { hdr: encode([1000]) }),
      metric('pull_duration', 0, 100, { hdr: encode([3000]) }),
      hop([1, 2], { t: 101 }),
    );
    const idle = { pulls: 0, failed: 0, bytes: 0, p95: 0 };
    const [first, ...others] = timeline.seconds();
    expect(first).toMatchObject({ second: 0, pulls: 5, failed: 1 });
    expect(first?.p95).toBeCloseTo(3, 1);
    expect(others).toEqual([
      { ...idle, second: 1, bytes: 20 },
      { ...idle, second: 2 },
      { ...idle, second: 3, pulls: 1 },
    ]);
    expect(timeline.latest()).toEqual(others.at(-1));
  });

  test('nothing yet', () => {
    expect(new Timeline().seconds()).toEqual([]);
    expect(new Timeline().latest()).toBeUndefined();
  });

  test('a long run keeps the p95 of each second', () => {
    const timeline = new Timeline();
    for (let t = 0; t < 200; t++) {
      timeline.add(metric('pull_duration', 0, t, { hdr: encode([(t + 1) * 1000]) }));
    }
    const seconds = timeline.seconds();
    expect(seconds).toHaveLength(200);
    for (const { second, p95 } of seconds) expect(Math.round(p95)).toBe(second + 1);
  });

  test('a clock that jumps by years makes no chart of years', () => {
    const timeline = timelineOf(metric('pull_ok', 1, 1), metric('pull_ok', 1, 2_000_000_000));
    expect(timeline.seconds().length).toBeLessThanOrEqual(24 * 3600);
    expect(timeline.pullsOk).toBe(2);
  });
});

describe('damaged lines', () => {
  const whole = hop([1000, 2000]);

  test('a line cut off anywhere is left out', () => {
    for (let length = 0; length < whole.length; length++) {
      const timeline = timelineOf(whole.slice(0, length));
      expect(timeline.requests).toBe(0);
    }
  });

  test.each([
    ['no JSON', 'panic: oh no'],
    ['another shape', '[1,2]'],
    ['null', 'null'],
    ['numbers that are none', metric('pull_ok', 'x' as unknown as number)],
    ['no series', '{"t":1,"count":7}'],
  ])('%s counts as nothing', (_what, line) => {
    expect(timelineOf(line)).toMatchObject({ requests: 0, pullsOk: 0 });
  });

  test.each(['AAAA', '!!!', encode([1, 2, 3]).slice(0, 40)])(
    'a histogram that cannot be read (%s) leaves the counts',
    (broken) => {
      const timeline = timelineOf(
        hop([1, 2], { duration: broken, ttfb: broken }),
        metric('pull_duration', 0, 100, { hdr: broken }),
      );
      expect(timeline.requests).toBe(2);
      expect(timeline.pullMs().count).toBe(0);
    },
  );
});

test('servers add up by peer and edge, statuses by phase', () => {
  const server = (changes: Record<string, unknown>) =>
    JSON.stringify({
      series: 'server',
      t: 1,
      host: 'cdn:1',
      remote: '10.0.0.1:443',
      edge: 'FRA',
      ...changes,
    });
  const timeline = timelineOf(
    server({ count: 2, hits: 2, bytes: 7, connections: 1 }),
    server({ t: 2, count: 3, hits: 1, misses: 2, failed: 1 }),
    server({ edge: 'AMS', count: 1 }),
    hop([1000, 2000]),
    hop([3000], { t: 101, cache: 'miss' }),
    hop([], { status: '0', failure: 'reset', count: 1, failed: 1 }),
  );
  const FRA = { host: 'cdn:1', address: '10.0.0.1:443', edge: 'FRA' };
  expect(timeline.servers()).toMatchObject([
    { ...FRA, requests: 5, failed: 1, hits: 3, misses: 2, bytes: 7, connections: 1 },
    { ...FRA, edge: 'AMS', requests: 1, failed: 0, hits: 0, misses: 0, bytes: 0, connections: 0 },
  ]);
  expect(timeline.statuses()).toEqual([
    { phase: 'layer', hop: 'edge', host: 'cdn:1', status: 200, failure: '', count: 3 },
    { phase: 'layer', hop: 'edge', host: 'cdn:1', status: 0, failure: 'reset', count: 1 },
  ]);
});

test('servers without end are counted as one', () => {
  const lines = Array.from({ length: 300 }, (_, i) =>
    JSON.stringify({ series: 'server', t: 1, host: 'cdn', edge: `e${i}`, count: 1 }),
  );
  const servers = timelineOf(...lines).servers();
  expect(servers.length).toBeLessThanOrEqual(201);
  expect(servers.reduce((sum, { requests }) => sum + requests, 0)).toBe(300);
});

test('the parts of dials are told where there were any', () => {
  const timeline = timelineOf(
    hop([1000], { connections: 2, connect: encode([100, 300]), tls: encode([900]) }),
    hop([1000], { hop: 'registry', host: 'reg:1' }),
  );
  expect(timeline.hosts()['cdn:1']).toMatchObject({
    connections: 2,
    connect: { count: 2, max: 0.3 },
    tls: { count: 1 },
  });
  expect(timeline.hosts()['cdn:1']?.dns).toBeUndefined();
  expect(timeline.hops().registry).toMatchObject({ connections: 0 });
  expect(timeline.hops().registry?.connect).toBeUndefined();
});

test('edges have latencies and a speed, others have not', () => {
  const timeline = timelineOf(
    JSON.stringify({
      ...{ series: 'server', t: 1, host: 'cdn', remote: '192.0.2.1:443', edge: 'FRA', count: 2 },
      ...{ duration: encode([9000, 9000]), ttfb: encode([1000, 1000]) },
      ...{ bodyBytes: 3_000_000, bodyUs: 1_500_000 },
    }),
    JSON.stringify({ series: 'server', t: 1, host: 'reg', remote: '192.0.2.2:443', count: 1 }),
  );
  const [edge, registry] = timeline.servers();
  expect(edge).toMatchObject({ latency: { count: 2 }, ttfb: { count: 2 }, bytesPerSecond: 2e6 });
  expect(Math.round(edge?.latency?.p50 ?? 0)).toBe(9);
  for (const key of ['latency', 'ttfb', 'bytesPerSecond', 'unfinished']) {
    expect(registry).not.toHaveProperty(key);
  }
});

test('what servers say of limits: the last value, the least one, how often', () => {
  const limit = (last: string, least?: number, more: object = {}) =>
    JSON.stringify({
      ...{ series: 'limit', t: 1, host: 'reg', hop: 'registry', header: 'ratelimit-remaining' },
      ...{ last, least, count: 2, ...more },
    });
  const { tellings } = timelineOf(
    limit('0;w=1', 0),
    limit('99;w=1', 98),
    limit('Sun', undefined, { header: 'retry-after' }),
  );
  const where = { host: 'reg', hop: 'registry' };
  expect(tellings.limits()).toEqual([
    { ...where, header: 'ratelimit-remaining', last: '99;w=1', least: 0, replies: 4 },
    { ...where, header: 'retry-after', last: 'Sun', replies: 2 },
  ]);
});

test('blobs that an edge missed, the most often first', () => {
  const miss = (digest: string, count: number) => JSON.stringify({ series: 'miss', digest, count });
  const { tellings } = timelineOf(miss('c', 3), miss('a', 2), miss('b', 4), miss('a', 1));
  expect(tellings.misses()).toEqual([
    { digest: 'b', misses: 4 },
    { digest: 'a', misses: 3 },
    { digest: 'c', misses: 3 },
  ]);
});

test('clients and images have figures of their own where there are several', () => {
  const of = (name: string, sum: number, client: string, more: object = {}) =>
    metric(name, sum, 100, { tags: { client, image: 'h/r:t' }, ...more });
  const timeline = timelineOf(
    of('pull_started', 3, 'podman'),
    of('pull_ok', 1, 'podman'),
    of('pull_failed', 1, 'podman'),
    of('pull_with_retry', 2, 'podman'),
    of('pull_duration', 0, 'podman', { hdr: encode([5000]) }),
    of('pull_started', 1, 'crane'),
    of('pull_ok', 1, 'crane'),
    of('pull_duration', 0, 'crane', { hdr: encode([7000]) }),
  );
  expect(timeline.clients.told(false)).toMatchObject({
    crane: { ok: 1, failed: 0, retried: 0, pullMs: { count: 1 } },
    podman: { ok: 1, failed: 1, retried: 2, pullMs: { count: 1 } },
  });
  expect(timeline.clients.told(true)?.podman?.failed).toBe(2);
  expect(timeline.images.told(true)).toBeUndefined();
});

test('failures at any number of hosts take bounded room, and none is lost', () => {
  const timeline = new Timeline();
  for (let i = 0; i < 1000; i++) {
    const tags = { class: 'refused', hop: 'edge', host: `h${i}`, status: '0' };
    timeline.add(metric('pull_failed', 1, 100, { tags }));
  }
  const groups = timeline.failures.groups();
  expect(groups.length).toBeLessThan(400);
  expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
});
