import { describe, expect, test } from 'vitest';
import type { LoadResult } from '../../../reports/results.ts';
import { loadSample } from '../../../test/lib/sample-results.ts';
import { UserError } from '../../lib/user-error.ts';
import { judgeSlos, missedAlready, parseSlo } from './slo.ts';

const latency = { count: 10, p50: 50, p90: 90, p95: 95, p99: 99, max: 100 };
const load: LoadResult = {
  ...(loadSample.load as LoadResult),
  pulls: { ok: 99, failed: 1, dropped: 0, perSecond: 50 },
  bytes: { total: 200, verified: 50, perSecond: 1 },
  pullMs: latency,
  phases: { token: latency },
  hops: { edge: { ...latency, failed: 0, bytes: 0, ttfb: { ...latency, p99: 7 } } },
};

function held(expression: string, given = load): boolean | undefined {
  return judgeSlos([parseSlo(expression)], given)[0]?.held;
}

describe('grammar', () => {
  test.each([
    ['pull.p95<2s', 'pull.p95', '<', 2000],
    ['pull.max <= 1500ms', 'pull.max', '<=', 1500],
    ['  edge.ttfb.p99<0.3s ', 'edge.ttfb.p99', '<', 300],
    ['layer.p50>1ms', 'layer.p50', '>', 1],
    ['pull.p95 < 2 s', 'pull.p95', '<', 2000],
    ['pull.max<1m30s', 'pull.max', '<', 90_000],
    ['pull.max<=1h', 'pull.max', '<=', 3_600_000],
    ['token.p99<0.5ms', 'token.p99', '<', 0.5],
    ['errors<0.1%', 'errors', '<', 0.1],
    ['retried<1%', 'retried', '<', 1],
    ['verified=100%', 'verified', '=', 100],
    ['pulls>=50/s', 'pulls', '>=', 50],
    ['pulls>=50', 'pulls', '>=', 50],
    ['push.p95<5s', 'push.p95', '<', 5000],
    ['upload-chunk.p99<1s', 'upload-chunk.p99', '<', 1000],
    ['push.errors<1%', 'push.errors', '<', 1],
    ['pushes>=2/s', 'pushes', '>=', 2],
  ])('%s', (expression, metric, operator, bound) => {
    expect(parseSlo(expression)).toEqual({ expression, metric, operator, bound });
  });

  test.each([
    '',
    'pull.p95',
    'pull.p95<',
    'pull.p95<2',
    'pull.p95<2h',
    'pull.p95<2%',
    'pull.p95<-1s',
    'pull.p95==2s',
    'pull.p95<2s and more',
    'pull.p42<2s',
    'pull.ttfb.p95<2s',
    'layer.ttfb.p95<2s',
    'edge.p95.ttfb<2s',
    'nothing.p95<2s',
    'constructor.p95<2s',
    'errors<1s',
    'retried<1',
    'verified=100',
    'pulls>=50%',
  ])('%j is refused with exit code 2', (expression) => {
    const parse = () => parseSlo(expression);
    expect(parse).toThrow(UserError);
    expect(parse).toThrow(expect.objectContaining({ code: 'slo-invalid', exitCode: 2 }));
  });
});

describe('judgement', () => {
  test.each([
    ['pull.p95<96ms', true],
    ['pull.p95<95ms', false],
    ['pull.p95<=95ms', true],
    ['pull.p95>94ms', true],
    ['pull.p95>95ms', false],
    ['pull.p95>=95ms', true],
    ['pull.p95=95ms', true],
    ['pull.p95=95.1ms', false],
    ['token.max<=0.1s', true],
    ['edge.ttfb.p99<8ms', true],
    ['edge.p99<8ms', false],
    ['errors<=1%', true],
    ['errors<1%', false],
    ['verified=25%', true],
    ['pulls>=50/s', true],
    ['pulls>50/s', false],
  ])('%s: %s', (expression, expected) => {
    expect(held(expression)).toBe(expected);
  });

  test.each(['ping.p95<9s', 'ping.p95>0ms', 'registry.p95<9s', 'token.ttfb.p95<9s'])(
    'what never happened holds no objective: %s',
    (expression) => {
      expect(held(expression)).toBe(false);
    },
  );

  test('what was healed is an objective, but not where nobody counted it', () => {
    const healed = { ...load, pulls: { ok: 200, failed: 0, dropped: 0, perSecond: 1, retried: 3 } };
    expect(held('retried<2%', healed)).toBe(true);
    expect(held('retried<1.5%', healed)).toBe(false);
    expect(held('retried<2%')).toBe(false);
  });

  test('a run without pulls holds nothing', () => {
    const empty = {
      ...load,
      pulls: { ok: 0, failed: 0, dropped: 0, perSecond: 0 },
      bytes: { total: 0, verified: 0, perSecond: 0 },
      pullMs: { ...latency, count: 0 },
    };
    for (const expression of ['errors<1%', 'verified=0%', 'pull.p95<9s']) {
      expect(held(expression, empty)).toBe(false);
    }
  });

  test('what was observed has its unit, and the expression stays as written', () => {
    const judged = judgeSlos(['pull.p95<2s', 'errors<2%', 'pulls>1/s'].map(parseSlo), load);
    expect(judged.map(({ observed }) => observed)).toEqual(['95 ms', '1%', '50/s']);
    expect(judged[0]?.expression).toBe('pull.p95<2s');
  });
});

test.each([
  ['pul.p95<2s', 'pull.p95'],
  ['edge.tfb.p99<2s', 'edge.ttfb.p99'],
  ['error<1%', 'errors'],
])('an unknown metric gets a suggestion: %s', (expression, meant) => {
  expect(() => parseSlo(expression)).toThrow(
    expect.objectContaining({ code: 'slo-invalid', hint: expect.stringContaining(meant) }),
  );
});

test('before the end only upper bounds are judged, and only on what was measured', () => {
  const missed = (...expressions: string[]) => missedAlready(expressions.map(parseSlo), load);
  expect(missed('pulls>=900/s', 'verified=100%', 'ping.p95<1ms', 'pull.p95<2s')).toBeUndefined();
  expect(missed('errors<2%', 'pull.p95<50ms')).toContain('pull.p95<50ms');
  expect(missed('errors<0.1%')).toContain('errors<0.1%');
});

describe('pushes', () => {
  const pushes = {
    ...(loadSample.load.pushes as NonNullable<LoadResult['pushes']>),
    ...{ ok: 8, failed: 2, perSecond: 4, pushMs: latency, phases: { 'upload-chunk': latency } },
  };
  const both = { ...load, pushes };
  const without: LoadResult = { ...load };
  delete without.pushes;

  test.each([
    ['push.p95<96ms', true],
    ['push.p95<95ms', false],
    ['upload-chunk.p99<=99ms', true],
    ['upload-finish.p99<=99ms', false],
    ['push.errors<=20%', true],
    ['push.errors<20%', false],
    ['pushes>=4/s', true],
    ['errors<=1%', true],
  ])('%s: %s', (expression, expected) => {
    expect(held(expression, both)).toBe(expected);
  });

  test.each(['push.p95<1s', 'push.errors<100%', 'pushes>=0/s'])('%s of none is missed', (text) => {
    expect(held(text, without)).toBe(false);
  });

  test('a first slow or failed push ends no run', () => {
    const slos = [parseSlo('push.p95<1ms'), parseSlo('push.errors<1%')];
    expect(missedAlready(slos, both)).toBeUndefined();
    const more = { ...both, pushes: { ...pushes, ok: 18 } };
    expect(missedAlready(slos, more)).toContain('push.p95');
  });
});
