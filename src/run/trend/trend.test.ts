import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Results } from '../../../reports/results.ts';
import {
  conformSample,
  doctorSample,
  interruptedSample,
  loadSample,
  validateSample,
} from '../../../test/lib/sample-results.ts';
import { trendOf } from './trend.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trend-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options = () => ({ folder, minEffect: 0.1, seed: 1, progress: () => {} });

function put(path: string, results: unknown): void {
  mkdirSync(join(folder, path), { recursive: true });
  const text = typeof results === 'string' ? results : JSON.stringify(results);
  writeFileSync(join(folder, path, 'results.json'), text);
}

/** A run of load so many days after the first, whose pulls take so much longer. */
function loadRun(
  day: number,
  factor: number,
  change: (results: Results) => void = () => {},
): Results {
  const results: Results = structuredClone(loadSample);
  results.startedAt = new Date(Date.UTC(2026, 0, 1 + day)).toISOString();
  const { load } = results;
  if (load === undefined) throw new Error('the sample is of load');
  load.pullMs.p95 *= factor * (1 + 0.01 * Math.sin(day));
  change(results);
  return results;
}

test('a change is marked at its run, in the order of time, with what else changed', async () => {
  for (let day = 0; day < 14; day++) {
    const isLate = day >= 8;
    const run = loadRun(day, isLate ? 1.4 : 1, (results) => {
      if (isLate) results.tool.version = '9.9.9';
    });
    // Names are in another order than time.
    put(`nightly/${13 - day}`, run);
  }
  const { groups, leftOut } = await trendOf(options());
  expect(leftOut).toEqual([]);
  expect(groups).toHaveLength(1);
  const [group] = groups;
  expect(group?.runs.map(({ path }) => path).slice(0, 2)).toEqual(['nightly/13', 'nightly/12']);
  const p95 = group?.series.find(({ metric }) => metric === 'pull.p95');
  expect(p95?.changes).toMatchObject([{ run: 8, direction: 'worse', counts: true }]);
  expect(group?.runs[8]?.changed).toEqual(['version']);
  expect(group?.runs[9]?.changed).toEqual([]);
  const others = group?.series.filter(({ metric }) => metric !== 'pull.p95') ?? [];
  expect(others.length).toBeGreaterThan(5);
  expect(others.flatMap(({ changes }) => changes)).toEqual([]);
});

test('runs of another client, shape, target or verb are never mixed', async () => {
  put('a', loadRun(0, 1));
  put('b', loadRun(1, 1));
  put(
    'client',
    loadRun(2, 1, ({ load }) => {
      if (load) load.client = 'docker';
    }),
  );
  put(
    'shape',
    loadRun(3, 1, ({ load }) => {
      if (load) load.shape = 'ramp';
    }),
  );
  put(
    'target',
    loadRun(4, 1, (results) => {
      results.target = 'other.example/app:1';
    }),
  );
  put('conform', conformSample);
  put('validate', validateSample);
  const { groups } = await trendOf(options());
  expect(groups.map(({ runs }) => runs.length)).toEqual([2, 1, 1, 1, 1, 1]);
  expect(groups.map(({ of }) => of).toSorted()).toEqual([
    ...['conform', 'load', 'load', 'load', 'load', 'validate'],
  ]);
  const checks = groups.find(({ of }) => of === 'conform')?.series ?? [];
  const failing = conformSample.checks?.filter(({ verdict }) => verdict === 'fail').length;
  expect(checks.find(({ metric }) => metric === 'checks.failing')?.values).toEqual([failing]);
});

test('what cannot be shown is told, and the rest is shown', async () => {
  put('good', loadRun(0, 1));
  put('cut', '{"schema":"pullproof/resu');
  put('foreign', { total: 3 });
  put('newer', { ...loadSample, schema: 'pullproof/results/v9' });
  put('begun', { ...loadSample, begun: true });
  put('interrupted', interruptedSample);
  put('doctor', doctorSample);
  symlinkSync(folder, join(folder, 'loop'));
  const { groups, leftOut } = await trendOf(options());
  expect(groups.map(({ runs }) => runs.map(({ path }) => path))).toEqual([['good']]);
  const told = leftOut.map(({ path }) => path).toSorted();
  expect(told).toEqual(['begun', 'cut', 'doctor', 'foreign', 'interrupted', 'newer']);
});

test('a folder that is a run is its own trend; without any it is wrong input', async () => {
  await expect(trendOf(options())).rejects.toMatchObject({ code: 'trend-empty', exitCode: 2 });
  put('cut', '{');
  await expect(trendOf(options())).rejects.toMatchObject({ code: 'trend-empty' });
  put('.', loadRun(0, 1));
  expect((await trendOf(options())).groups[0]?.runs[0]?.path).toBe('.');
  await expect(trendOf({ ...options(), folder: join(folder, 'nowhere') })).rejects.toMatchObject({
    ...{ code: 'trend-folder', exitCode: 2 },
  });
});

test('a run of a later version is drawn, and what is not known of it is told', async () => {
  put('a', { ...loadRun(0, 1), novel: 1 });
  const { groups, leftOut } = await trendOf(options());
  expect(groups[0]?.runs.map(({ path }) => path)).toEqual(['a']);
  expect(leftOut).toMatchObject([{ path: 'a', message: expect.stringContaining('novel') }]);
});
