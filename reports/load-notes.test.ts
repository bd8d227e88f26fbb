// What a load run met besides its figures, in every view.
import { describe, expect, test } from 'vitest';
import { loadSample } from '../test/lib/sample-results.ts';
import { renderHtml } from './html/page.ts';
import { formats } from './index.ts';
import { edgeNotes } from './load-edges.ts';
import { evidenceNotes, loadNotes, serverNotes } from './load-notes.ts';
import type { LatencySummary, LoadResult, Results, ServerCounts } from './results.ts';

const { load } = loadSample;
const told = (run: LoadResult, label: string) =>
  [...loadNotes(run), ...serverNotes(run)].filter(([one]) => one === label).map(([, text]) => text);

describe('a run that retries healed', () => {
  const healed = { ...load, pulls: { ...load.pulls, failed: 0 }, errors: [] };

  test('says how many, what, and where', () => {
    const [note] = told(healed, 'healed');
    for (const part of ['412 of 11,540', '405 × short-body', 'cdn01.example.net:443', 'layer']) {
      expect(note).toContain(part);
    }
  });

  test('says so in every view for people', () => {
    const run: Results = { ...loadSample, verdict: 'pass', exitCode: 0, load: healed };
    const views = [formats.text, formats.markdown, formats.github, formats.junit];
    for (const view of views) expect(view(run)).toMatch(/412\s+of\s+11,540/);
    expect(renderHtml([run])).toMatch(/412\s+of\s+11,540/);
  });

  test('is not told of a run without', () => {
    const { retried: _1, waits: _2, ...rest } = healed;
    const none = { ...rest, pulls: { ...healed.pulls, retried: 0 } };
    expect(told(none, 'healed')).toEqual([]);
    expect(told(none, 'waits')).toEqual([]);
  });
});

test('what never ended is told with its place, bytes and time', () => {
  const [note] = told(load, 'unfinished');
  for (const part of ['2 requests', 'cdn01.example.net:443', '48 kB of 2.36 MB', '31.2 s']) {
    expect(note).toContain(part);
  }
});

test('limits that servers tell come with the last value and the least', () => {
  const [note] = told(load, 'rate limit');
  for (const part of ['registry.example.com:5000', '76;w=21600', 'least 3', '192.0.2.44']) {
    expect(note).toContain(part);
  }
});

describe('edges', () => {
  const time = (p50: number): LatencySummary => ({
    ...{ count: 100, p50, p90: p50, p95: p50, p99: p50, max: p50 },
  });
  const edge = (address: string, more: Partial<ServerCounts> = {}): ServerCounts => ({
    ...{ host: 'cdn01.example.net', address, edge: '', requests: 100, failed: 0 },
    ...{ hits: 0, misses: 0, bytes: 1, connections: 1, ttfb: time(30), latency: time(60) },
    bytesPerSecond: 1e7,
    ...more,
  });
  const noted = (...servers: ServerCounts[]) =>
    edgeNotes({ ...load, servers }).map(([, text]) => text);

  test('that are alike are no news', () => {
    expect(noted(edge('a:1'), edge('b:1', { ttfb: time(41) }), edge('c:1'))).toEqual([]);
    const [note] = told({ ...load, servers: [edge('a:1'), edge('b:1')] }, 'edges');
    expect(note).toContain('none stands out');
  });

  test.each([
    ['first byte', { ttfb: time(75) }],
    ['bodies', { bytesPerSecond: 3e6 }],
    ['p50', { ttfb: time(31), latency: time(200) }],
  ])('one of three that is slow is named: %s', (how, more) => {
    const notes = noted(edge('a:1'), edge('slow:1', more), edge('c:1'));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('slow:1');
    expect(notes[0]).toContain(how);
  });

  test('replies that name no edge are nobody: their address has edges that say their names', () => {
    const nameless = edge('a:1', { failed: 100 });
    const named = ['POP1', 'POP2'].map((name) => edge('a:1', { edge: name }));
    expect(noted(nameless, ...named)).toEqual([]);
  });

  test('one of three that fails is named with what the others do', () => {
    const notes = noted(edge('a:1'), edge('bad:1', { failed: 12 }), edge('c:1'));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/bad:1.* 12 of 100.* 0 of 200/);
  });

  test('noise and a handful of requests are none', () => {
    const quick = [edge('a:1', { ttfb: time(0.4) }), edge('b:1', { ttfb: time(2) })];
    expect(noted(...quick)).toEqual([]);
    expect(noted(edge('a:1'), edge('b:1', { requests: 2, ttfb: time(900) }))).toEqual([]);
  });
});

test('evidence is the address, how much came, and what the body begins with', () => {
  const failure = load.errors[1];
  if (failure?.evidence === undefined) throw new Error('the sample has evidence');
  const body = '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>';
  const evidence = { ...failure.evidence, body };
  const text = evidenceNotes({ ...failure, evidence })
    .flat()
    .join(' ');
  for (const part of ['192.0.2.10:5000', '190 B', 'text/html', '<Error><Code>AccessDenied']) {
    expect(text).toContain(part);
  }
});

test('two runs in one output are told apart', () => {
  const other = { ...loadSample, startedAt: '2026-03-01T10:30:00.000Z' };
  const page = renderHtml([loadSample, other]);
  const titles = [...page.matchAll(/<h2 id="[^"]+">.*?<\/h2>/g)].map(([title]) =>
    title.replace(/id="[^"]+"/, ''),
  );
  expect(new Set(titles).size).toBe(2);
  for (const title of titles) expect(title).toContain('podman');
  const heads = [loadSample, other].map((run) => formats.text(run).split('\n\n')[0]);
  expect(new Set(heads).size).toBe(2);
});
