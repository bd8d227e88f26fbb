// The sentences of a load run: what limited it, and its first line.
import { describe, expect, test } from 'vitest';
import { kneeSample, loadSample } from '../test/lib/sample-results.ts';
import { limitSentence, loadSentence, observedWords, placeOf } from './load-words.ts';
import type { LoadError, LoadResult } from './results.ts';

const { load } = loadSample;
const error = (more: Partial<LoadError>): LoadError => ({
  ...{ class: 'dial-timeout', count: 1, example: 'x', hint: 'y' },
  ...more,
});

describe('the limit', () => {
  const failing = { ...load, bottleneck: 'pulls-fail' } as const;

  test('of pulls that fail is where they do, and how', () => {
    const [first] = load.errors;
    expect(first?.host).toBeDefined();
    const told = limitSentence(failing);
    for (const part of [first?.host, 'edge', first?.class]) expect(told).toContain(part);
  });

  test.each([
    ['registry', 'registry'],
    ['token', 'token server'],
    ['edge', 'edge'],
  ])('names the %s', (hop, word) => {
    const errors = [error({ hop, host: 'h.example:443', class: 'server-error', status: 503 })];
    const told = limitSentence({ ...failing, errors });
    for (const part of [word, 'h.example:443', '503']) expect(told).toContain(part);
  });

  test('of pulls that never ended is what they waited for', () => {
    const told = limitSentence({ ...failing, errors: [error({ class: 'interrupted' })] });
    const [pending] = load.unfinished ?? [];
    for (const part of [pending?.host, pending?.phase, '31.2 s']) expect(told).toContain(part);
  });

  test('is told where nothing more is known', () => {
    const bare: LoadResult = { ...failing, errors: [error({})], unfinished: [] };
    expect(limitSentence(bare)).toContain('Pulls fail');
  });

  test.each([
    ['quota', /kubelet/],
    ['back-off', /back-off/],
    ['retry-after', /Retry-After/],
  ] as const)('of clients that wait is why: %s', (why, words) => {
    const waits = [
      { why, count: 9, seconds: 90 },
      { why: why === 'quota' ? 'back-off' : 'quota', count: 1, seconds: 1 } as const,
    ];
    const told = limitSentence({ ...load, bottleneck: 'client-waits', waits });
    expect(told).toMatch(words);
    expect(told).toContain('1 min 30 s');
  });
});

describe('what was observed', () => {
  const slo = { expression: 'pull.p95<100ms', held: false, bound: 100, unit: 'ms' } as const;
  test('has three digits, and more where it would read as the bound', () => {
    expect(observedWords({ ...slo, observed: '4567.039 ms' })).toBe('4.57 s');
    expect(observedWords({ ...slo, observed: '100.2 ms' })).toBe('100.2 ms');
    expect(observedWords({ ...slo, observed: '100 ms' })).toBe('100 ms');
  });
});

describe('the first line', () => {
  test('never hides what retries healed, nor what never ended', () => {
    const healed = { ...load, pulls: { ...load.pulls, failed: 0 }, errors: [] };
    const told = loadSentence(healed);
    expect(told).toContain('none failed');
    expect(told).toContain('412');
    expect(told).toMatch(/unfinished/);
  });

  test('of a run without a load is why there was none, not a rate', () => {
    const pulls = { ok: 0, failed: 1, dropped: 0, perSecond: 0 };
    const requests = { total: 0, failed: 0, perSecond: 0 };
    const told = loadSentence({ ...load, seconds: 0, pulls, requests });
    for (const part of ['no load', 'dial-timeout', 'cdn01.example.net:443']) {
      expect(told).toContain(part);
    }
    expect(told).not.toContain('pulls/s');
  });

  test('of a breakpoint run is the knee, and no percentile of all its steps', () => {
    const told = loadSentence(kneeSample.load);
    expect(told).toMatch(/^holds 180 pulls\/s/);
    expect(told).not.toContain('p95 ');
    expect(told).not.toContain('192');
  });
});

test('a place is as much as is known of it', () => {
  expect(placeOf({})).toBe('');
  expect(placeOf({ hop: 'edge' })).toBe(' (edge)');
  expect(placeOf({ host: 'h:1', hop: 'token', phase: 'token' })).toBe(' at h:1 (token)');
  expect(placeOf({ host: 'h:1', hop: 'edge', phase: 'layer' })).toBe(' at h:1 (edge, layer)');
});
