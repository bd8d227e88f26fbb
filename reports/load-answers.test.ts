// The three answers, and which hop takes the time.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { demoSample, kneeSample, loadSample } from '../test/lib/sample-results.ts';
import { loadAnswers } from './load-answers.ts';
import { timeByHop, timeSentence } from './load-hops.ts';
import type { LoadResult } from './results.ts';

const { load } = loadSample;
const sound: LoadResult = {
  ...load,
  pulls: { ok: 100, failed: 0, dropped: 0, perSecond: 10 },
  ...{ errors: [], retried: [], unfinished: [], servers: [], bottleneck: 'none' },
};

describe('answers', () => {
  test('tell failures, retries and missed objectives, and each hint once', () => {
    const { happened, todo } = loadAnswers(load);
    expect(happened.join(' ')).toMatch(/20 of 11,560 pulls failed.*412 .*errors<0.1%/);
    for (const { hint } of load.errors.slice(0, 2)) {
      expect(todo.filter((step) => step.startsWith(hint))).toHaveLength(1);
    }
    const twice = { ...load, errors: [...load.errors, ...load.errors] };
    expect(loadAnswers(twice).todo.length).toBe(todo.length);
  });

  test('what retries healed is to be looked at even where nothing failed', () => {
    const healed = { ...sound, retried: load.retried ?? [] };
    expect(loadAnswers(healed).todo.join()).toContain('The body ended early');
  });

  test('something hangs', () => {
    const hung = { ...sound, unfinished: load.unfinished ?? [] };
    expect(loadAnswers(hung).todo[0]).toContain('cdn01.example.net');
  });

  test.each(['registry', 'edge', 'token', 'client', 'mock'] as const)('%s limits', (bottleneck) => {
    const [step] = loadAnswers({ ...sound, bottleneck }).todo;
    expect(step).not.toContain('Nothing needs mending');
  });

  describe('a missed objective', () => {
    const missed = (metric: string, unit: 'ms' | '%') => ({
      ...{ expression: `${metric}<1`, observed: '2', held: false, metric, unit },
    });
    const told = (...slo: LoadResult['slo']) => loadAnswers({ ...sound, slo });

    test('is never told as if all were well', () => {
      for (const one of [missed('pull.p95', 'ms'), missed('retried', '%')]) {
        const { todo, limited } = told(one);
        expect(todo.join()).not.toContain('Nothing needs mending');
        expect(limited[0]).not.toBe(told().limited[0]);
      }
    });

    test('points at the hop that it names, or else at the one that pulls wait for', () => {
      expect(told(missed('token.p95', 'ms')).todo[0]).toContain('token');
      expect(told(missed('pull.p95', 'ms')).todo[0]).toContain('edge');
      expect(told(missed('retried', '%')).todo[0]).not.toContain('edge');
    });
  });

  test('there is always something to do next, and no more than three steps', () => {
    const empty = { ok: 0, failed: 0, dropped: 0, perSecond: 0 };
    const all = [
      load,
      sound,
      demoSample.load,
      kneeSample.load,
      { ...sound, pulls: empty, slo: [] },
    ];
    for (const one of all) {
      const { happened, limited, todo } = loadAnswers(one);
      expect(Math.min(happened.length, limited.length, todo.length)).toBeGreaterThan(0);
      expect(todo.length).toBeLessThanOrEqual(3);
    }
  });

  test('a breakpoint run is told by its knee', () => {
    expect(loadAnswers(kneeSample.load).happened[0]).toContain('180 pulls/s held');
  });
});

describe('which hop takes the time', () => {
  test('what overlaps counts once, and is shared among the hops', () => {
    const spans = [
      { hop: 'edge', startMs: 10, totalMs: 10 },
      { hop: 'registry', startMs: 0, totalMs: 5 },
      { hop: 'edge', startMs: 12, totalMs: 3 },
      { hop: 'registry', startMs: 18, totalMs: 6 },
    ];
    expect(Object.fromEntries(timeByHop(spans))).toEqual({ edge: 9, registry: 10 });
    expect(timeByHop([]).size).toBe(0);
  });

  test('all hops together are never more than the pull', () => {
    const hop = fc.constantFrom('registry', 'edge', 'token');
    const ms = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ hop, startMs: ms, totalMs: ms }), { maxLength: 9 }),
        (all) => {
          const isUnderWay = (at: number) =>
            all.some(({ startMs, totalMs }) => startMs <= at && at < startMs + totalMs);
          const under = Array.from({ length: 100 }, (_, at) => at).filter(isUnderWay).length;
          const told = [...timeByHop(all).values()].reduce((sum, one) => sum + one, 0);
          expect(told).toBeCloseTo(under, 6);
        },
      ),
    );
  });

  test('by typical pulls, else by medians, else not at all', () => {
    expect(timeSentence(load)).toMatch(/the edge for 62 %, the registry for 28 %/);
    const { pullSamples: _, ...without } = load;
    expect(timeSentence(without)).toContain('the edge takes 5.87 times');
    expect(timeSentence({ ...without, hops: {} })).toBeUndefined();
  });
});
