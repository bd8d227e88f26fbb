import { describe, expect, test } from 'vitest';
import { loadSample } from '../test/lib/sample-results.ts';
import { loadAnswers } from './load-answers.ts';
import { loadNotes } from './load-notes.ts';
import { apartOf } from './load-together.ts';
import { loadSentence } from './load-words.ts';
import type { LoadResult, Merged } from './results.ts';

interface Given extends Partial<Merged> {
  readonly seconds?: number;
  readonly asked?: Partial<NonNullable<LoadResult['asked']>>;
  readonly vus?: number;
}

function joined(shape: LoadResult['shape'], given: Given): LoadResult {
  const { seconds = 60, asked = { durationSeconds: 60 }, vus = 800, ...merged } = given;
  return {
    ...loadSample.load,
    ...{ shape, seconds, vus, asked: { platforms: [], ...asked } },
    merged: { runs: 8, missing: [], togetherSeconds: seconds, startsWithinSeconds: 0, ...merged },
  };
}

const differ = (seconds: number) => ({ differMs: 1000 * seconds, off: [] });

describe('runs that depend on being there at once', () => {
  test.each<[string, LoadResult['shape'], Given]>([
    ['overlap', 'vus', { togetherSeconds: 55 }],
    ['end at different times', 'vus', { seconds: 80, togetherSeconds: 59 }],
    ['are of no length', 'vus', { seconds: 0, togetherSeconds: 0 }],
    ['seem apart by their clocks', 'vus', { togetherSeconds: 0, clocks: differ(180) }],
    ['are a herd by other clocks', 'herd', { startsWithinSeconds: 3, clocks: differ(3) }],
    ['make a number of pulls', 'iterations', { togetherSeconds: 3 }],
    [
      'make a slow rate in turns',
      'rate',
      { togetherSeconds: 45, asked: { perSecond: 1, durationSeconds: 60 } },
    ],
    ['rise from nothing, one user after the other', 'ramp', { togetherSeconds: 53, vus: 80 }],
    [
      'rise from nothing to a rate',
      'ramp',
      { togetherSeconds: 50, asked: { perSecond: 10, durationSeconds: 60 } },
    ],
    ['have no users but at the peak of a spike', 'spike', { togetherSeconds: 18, vus: 40 }],
    [
      'are a herd of one moment',
      'herd',
      { seconds: 1, togetherSeconds: 0.5, startsWithinSeconds: 0.2 },
    ],
    ['are a herd that lasts', 'herd', { seconds: 60, togetherSeconds: 5, startsWithinSeconds: 5 }],
  ])('that %s are not told of', (_what, shape, given) => {
    expect(apartOf(joined(shape, given))).toBeUndefined();
  });

  test.each<[string, LoadResult['shape'], Given]>([
    ['overlap little', 'vus', { togetherSeconds: 30 }],
    ['overlap little by any clock', 'vus', { togetherSeconds: 30, clocks: differ(2) }],
    ['overlap little by good clocks', 'vus', { togetherSeconds: 30, clocks: differ(0.9) }],
    ['do not overlap', 'soak', { togetherSeconds: 0 }],
    [
      'make a rate',
      'rate',
      { togetherSeconds: 45, asked: { perSecond: 200, durationSeconds: 60 } },
    ],
    ['rise from nothing', 'ramp', { togetherSeconds: 40 }],
    ['make a spike', 'spike', { togetherSeconds: 40 }],
    ['replay', 'replay', { togetherSeconds: 40, asked: { iterations: 9000 } }],
    ['are a herd over seconds', 'herd', { seconds: 6, togetherSeconds: 5, startsWithinSeconds: 1 }],
  ])('that %s are told of at the top of every view', (_what, shape, given) => {
    const { replay: _, ...load } = joined(shape, given);
    const apart = apartOf(load);
    expect(apart).toBeDefined();
    expect(apart?.advice).toContain('--start-at');
    expect(loadSentence(load)).toContain(apart?.words);
    expect(loadNotes(load)[0]?.[1]).toBe(apart?.advice);
    const calm = { ...load, errors: [], retried: [], unfinished: [], servers: [] };
    const { happened, todo } = loadAnswers(calm);
    expect(happened[1]?.toLowerCase()).toContain(apart?.words.slice(0, 9));
    expect(todo).toContain(apart?.advice);
  });

  test('one run alone is at once with itself, and what was not joined says nothing', () => {
    expect(apartOf(joined('vus', { runs: 1, togetherSeconds: 1 }))).toBeUndefined();
    const { merged: _, ...load } = joined('vus', {});
    expect(apartOf(load)).toBeUndefined();
  });
});
