import { describe, expect, test } from 'vitest';
import { loadSample } from '../test/lib/sample-results.ts';
import { loadAnswers } from './load-answers.ts';
import { clientSentence, runnerName, runnerNotes } from './load-runners.ts';
import type { LoadResult, Merged, RunnerFigures, RunnerLimit } from './results.ts';

const limits: readonly RunnerLimit[] = ['cpu', 'throttled', 'machine', 'lag'];

function runner(id: string, limit?: RunnerLimit): RunnerFigures {
  return {
    ...{
      id,
      cpus: 0.5,
      own: 0.97,
      machineBusy: 0.95,
      throttled: 0.4,
      lagMs: { p95: 90, max: 210 },
    },
    ...(limit && { limit }),
  };
}

const { merged: _, ...single } = loadSample.load;
const calm: LoadResult = {
  ...{ ...single, errors: [], retried: [], unfinished: [], servers: [], slo: [] },
  pulls: { ok: 100, failed: 0, dropped: 0, perSecond: 10 },
  bottleneck: 'client',
};

function joined(limit: RunnerLimit, more: Partial<Merged> = {}): LoadResult {
  const worst = [runner('x-1:1:aa', limit), runner('x-3:1:bb', limit), runner('x-2:1:cc')];
  const runners = { told: 8, limits: [{ limit, runners: 2 }], worst };
  const merged = { runs: 8, known: 8, missing: [], togetherSeconds: 60, runners, ...more };
  return { ...calm, merged };
}

describe('machines that were the limit', () => {
  test.each(limits)('of one run by %s: how, and what to do', (limit) => {
    const load = { ...calm, runner: runner('build-7:1:aa', limit) };
    expect(clientSentence(load)).not.toBe(clientSentence(calm));
    expect(loadAnswers(load).limited[0]).toBe(clientSentence(load));
    expect(loadAnswers(load).todo).toHaveLength(1);
  });

  test.each(limits)('of several by %s: how many, which, how, and what to do', (limit) => {
    const load = joined(limit);
    expect(clientSentence(load)).toMatch(/2 of 8 .*x-1, x-3/);
    expect(clientSentence(load)).not.toContain('x-2');
    expect(loadAnswers(load).todo).toHaveLength(1);
  });

  test('throttled runners are told to get more, by the flags that give it', () => {
    expect(clientSentence(joined('throttled'))).toContain('40 %');
    expect(loadAnswers(joined('throttled')).todo[0]).toMatch(/--cpu-limit.*--parallelism/);
  });

  test('runs that say it of their machines alone', () => {
    const merged = { runs: 2, missing: [], togetherSeconds: 60 };
    expect(clientSentence({ ...calm, merged })).toContain('runners');
    expect(clientSentence(calm)).toContain('This machine');
  });
});

describe('notes', () => {
  test('of joined runs: the busiest, those that do not tell, and clocks', () => {
    const clocks = { differMs: 1400, off: [{ id: 'x-2:1:cc', aheadMs: -1400 }] };
    const told = runnerNotes(joined('cpu', { known: 6, clocks })).map(([, text]) => text);
    expect(told).toHaveLength(3);
    expect(told[0]).toContain('x-1');
    expect(told[1]).toContain('2 runs');
    expect(told[2]).toMatch(/1\.4 s.*x-2/);
    expect(runnerNotes(joined('cpu', { clocks: { differMs: 30, off: [] } }))).toHaveLength(1);
  });

  test('of one run only what was throttled', () => {
    expect(runnerNotes({ ...calm, runner: runner('a:1:b') })).toHaveLength(1);
    expect(runnerNotes({ ...calm, runner: { ...runner('a:1:b'), throttled: 0.01 } })).toEqual([]);
    expect(runnerNotes(calm)).toEqual([]);
  });
});

test('a runner is called by its host, and its process where that tells them apart', () => {
  const shown = [{ id: 'a:1:x' }, { id: 'b:1:x' }, { id: 'b:2:y' }];
  expect(shown.map(({ id }) => runnerName(id, shown))).toEqual(['a', 'b:1', 'b:2']);
  expect(runnerName('', [{ id: '' }])).toBe('');
});
