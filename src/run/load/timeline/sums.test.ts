import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode, newHistogram } from './histogram.ts';
import { writeCounts } from './histogram-counts.ts';
import { Sums } from './sums.ts';
import { Timeline } from './timeline.ts';

const name = fc.constantFrom('a', 'b', 'a;host="b"', '__proto__', '');
const count = fc.integer({ min: 0, max: 1e6 });
const atMs = fc.integer({ min: 1_700_000_000_000, max: 1_700_000_009_999 });
const values = fc.uniqueArray(fc.integer({ min: 1, max: 2000 }), { maxLength: 4 });
const histogram = values.map((all) => {
  const rising = [...all].sort((a, b) => a - b);
  return rising.length === 0 ? undefined : writeCounts({ values: rising, counts: rising });
});

const hop = fc.record(
  {
    series: fc.constant('hop'),
    t: fc.constant(5),
    phase: fc.constantFrom('layer', 'manifest', 'blob-put'),
    hop: fc.constantFrom('registry', 'edge'),
    host: name,
    status: fc.constantFrom('200', '302', '0'),
    cache: fc.constantFrom('hit', 'miss'),
    failure: name,
    ...{ count, failed: count, bytes: count, connections: count, totalUs: count },
    ...{ firstMs: atMs, lastMs: atMs },
    ...{ duration: histogram, ttfb: histogram, dns: histogram, tls: histogram },
  },
  { requiredKeys: ['series', 't', 'hop', 'count'] },
);
const server = fc.record(
  {
    ...{ series: fc.constant('server'), t: fc.constant(5), host: name, remote: name, edge: name },
    ...{ count, failed: count, hits: count, misses: count, bytes: count, connections: count },
    ...{ bodyBytes: count, bodyUs: count, duration: histogram, ttfb: histogram },
  },
  { requiredKeys: ['series', 't', 'host', 'count'] },
);
const metric = fc.record(
  {
    ...{ series: fc.constant('metric'), t: fc.constant(5), count, sum: count, last: count },
    metric: fc.constantFrom('pull_started', 'pull_ok', 'pull_failed', 'vus', 'pull_duration'),
    tags: fc.record({ class: name, client: name, image: name, host: name }, { requiredKeys: [] }),
    hdr: histogram,
  },
  { requiredKeys: ['series', 't', 'metric', 'sum'] },
);
const damaged = fc.record({
  series: fc.constantFrom('hop', 'metric', 'other'),
  ...{ t: fc.constant(5), host: fc.constant('damaged'), hop: fc.constant('damaged') },
  count: fc.constantFrom('7', null, 1.5, -3),
  metric: fc.constant('pull_ok'),
  duration: fc.constantFrom('x', 7),
});

const shown = (timeline: Timeline) => ({
  all: JSON.stringify(timeline),
  pullMs: timeline.pullMs(),
  hops: timeline.hops(),
  hosts: timeline.hosts(),
  phaseHops: timeline.phaseHops(),
  servers: [...timeline.servers()].sort((a, b) =>
    JSON.stringify([a.host, a.address, a.edge]) < JSON.stringify([b.host, b.address, b.edge])
      ? -1
      : 1,
  ),
  statuses: new Set(timeline.statuses().map((one) => JSON.stringify(one))),
  failures: new Set(timeline.failures.groups().map((one) => JSON.stringify(one))),
  seconds: timeline.seconds(),
  clients: timeline.clients.told(false),
});

test('lines that were added up say what all of them said', () => {
  const lines = fc.array(fc.oneof(hop, server, metric, damaged), { maxLength: 30 });
  fc.assert(
    fc.property(lines, (all) => {
      // As they stand in a file: what is undefined is not there.
      const texts = all.map((line) => JSON.stringify(line));
      const one = new Timeline();
      const summed = new Timeline();
      const sums = new Sums();
      for (const text of texts) {
        one.add(text);
        sums.take({ text, line: JSON.parse(text) });
      }
      for (const { text } of sums.told()) summed.add(text);
      expect(shown(summed)).toEqual(shown(one));
    }),
  );
});

test('many lines of one thing become one line', () => {
  const sums = new Sums();
  for (let at = 1; at <= 100; at++) {
    const duration = writeCounts({ values: [at], counts: [2] });
    const line = { series: 'step', t: 1, phase: 'layer', duration };
    sums.take({ text: JSON.stringify(line), line });
  }
  const [only, ...others] = sums.told();
  expect(others).toEqual([]);
  const all = newHistogram();
  all.add(decode(only?.line.duration) ?? { values: [], counts: [] });
  expect([all.totalCount, all.maxValue]).toEqual([200, 100]);
});
