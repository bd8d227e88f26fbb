// Which of the pulls that a timeline holds are shown, and that each fits the schema of results.
import { expect, test } from 'vitest';
import { PullSamples } from './pull-samples.ts';

const line = (kind: string, ms: number, more = {}) => ({
  ...{ series: 'pull', t: 1, kind, atMs: 1_000_000 + ms, durationUs: ms * 1000 },
  ...{ client: 'podman', image: 'r/app:1', requests: [] },
  ...more,
});

function told(lines: readonly ReturnType<typeof line>[], p50 = 100, p99 = 900) {
  const samples = new PullSamples();
  for (const one of lines) samples.add(one);
  return samples.told(1_000_000, { p50, p99 });
}

test('typical pulls are near the median of the run, slow ones near its p99, in the order of time', () => {
  const lines = [10, 98, 130, 102, 101, 500].map((ms) => line('typical', ms));
  const slow = [400, 890, 5000, 910, 905].map((ms) => line('slow', ms));
  const all = told([...lines, ...slow]);
  expect(all.map(({ kind, durationMs }) => [kind, durationMs])).toEqual([
    ...[98, 101, 102].map((ms) => ['typical', ms]),
    ...[890, 905, 910].map((ms) => ['slow', ms]),
  ]);
  expect(all[0]?.atSeconds).toBe(0.098);
});

test('failed pulls are of as many classes as there are', () => {
  const classes = ['status', 'status', 'status', 'tls', 'status', 'dns'];
  const failed = told(classes.map((failure, at) => line('failed', at + 1, { failure })));
  expect(failed.map(({ failure }) => failure)).toEqual(['status', 'tls', 'dns']);
});

test('however many there are, few are shown, of the whole run', () => {
  const many = told(
    Array.from({ length: 20_000 }, (_, at) => line('typical', at)),
    19_000,
  );
  expect(many).toHaveLength(3);
  for (const { durationMs } of many) expect(Math.abs(durationMs - 19_000)).toBeLessThan(1000);
});

test('requests are bounded, and what is none is nothing', () => {
  const requests = Array.from({ length: 300 }, () => ({
    ...{
      phase: 'layer',
      hop: 'edge',
      host: 'c'.repeat(999),
      status: 200,
      startUs: 1500,
      tlsUs: -5,
    },
    ...{ ttfbUs: 2000, totalUs: 3000, bytes: 'many', cache: 'hit' },
  }));
  const [pull] = told([line('typical', 7, { requests, more: 2 }), line('unheard-of', 7)]);
  expect(pull?.requests).toHaveLength(200);
  expect(pull?.more).toBe(102);
  expect(pull?.requests[0]).toEqual({
    ...{ phase: 'layer', hop: 'edge', host: 'c'.repeat(255), status: 200, startMs: 1.5, dnsMs: 0 },
    ...{ connectMs: 0, tlsMs: 0, ttfbMs: 2, totalMs: 3, bytes: 0, cache: 'hit' },
  });
});
