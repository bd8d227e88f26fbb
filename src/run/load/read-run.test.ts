import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Results } from '../../../reports/results.ts';
import { conformSample, loadSample } from '../../../test/lib/sample-results.ts';
import { version } from '../version.ts';
import { readRun } from './read-run.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pullproof-read-run-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function written(text: string): string {
  writeFileSync(join(scratch, 'results.json'), text);
  return scratch;
}

test('a run is read by its folder and by its file', async () => {
  const folder = written(JSON.stringify(loadSample));
  const whole = { results: loadSample, folder };
  expect(await readRun(folder)).toEqual(whole);
  expect(await readRun(join(folder, 'results.json'))).toEqual(whole);
});

test.each(['', '{', '[]', 'null', '{}', '{"schema":"pullproof/results/v1","verb":"load"}'])(
  'no results: %j',
  async (text) => {
    await expect(readRun(written(text))).rejects.toMatchObject({ code: 'run-unreadable' });
  },
);

test('results of another version are named so', async () => {
  const other = { ...loadSample, schema: 'pullproof/results/v9' };
  await expect(readRun(written(JSON.stringify(other)))).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('pullproof/results/v9'),
  });
});

/** A load run's timeline as far as it came: a second, and a line cut in its middle. */
const timeline = [
  { schema: 'pullproof/timeline/v1', startedAt: '2026-03-01T09:30:00.5Z', unit: 'us' },
  {
    t: 1_772_357_400,
    series: 'hop',
    phase: 'layer',
    hop: 'edge',
    host: 'cdn:1',
    status: '200',
    count: 3,
  },
  { t: 1_772_357_400, series: 'none', firstMs: 1_772_357_400_500, lastMs: 1_772_357_402_500 },
  {
    t: 1_772_357_400,
    series: 'metric',
    metric: 'pull_ok',
    sum: 3,
    tags: { client: 'podman', image: 'r/app' },
  },
  { t: 1_772_357_401, series: 'metric', metric: 'pull_failed', sum: 1, tags: { class: 'tls' } },
]
  .map((line) => `${JSON.stringify(line)}\n`)
  .join('');

function runOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(scratch, 'run-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const begun = {
  ...loadSample,
  ...{ verdict: 'error', exitCode: 4, begun: true, interrupted: 'It did not come to its end.' },
};

test.each<[string, Readonly<Record<string, string>>]>([
  ['no results', {}],
  ['cut results', { 'results.json': JSON.stringify(loadSample).slice(0, 5000) }],
  ['results that were begun', { 'results.json': JSON.stringify(begun) }],
])('%s: the figures are made again of the timeline', async (_, files) => {
  const folder = runOf({ ...files, 'timeline.ndjson': `${timeline}{"t":17723574` });
  const { results, remarks } = await readRun(folder);
  expect(results).toMatchObject({ verdict: 'error', exitCode: 4, verb: 'load' });
  expect(results.begun).toBeUndefined();
  expect(results.interrupted).toContain('second 2');
  expect(remarks).toHaveLength(1);
  expect(results.load).toMatchObject({ pulls: { ok: 3, failed: 1 }, bottleneck: 'unknown' });
  expect(results.load?.course?.pulls).toEqual([3, 0]);
  expect(results.load?.errors[0]?.class).toBe('tls');
  expect(await readRun(join(folder, 'timeline.ndjson'))).toEqual({ results, remarks, folder });
});

test('of a timeline that is damaged all before that is told', async () => {
  const folder = runOf({ 'timeline.ndjson': `${timeline}${'x'.repeat(17 * 1024 * 1024)}` });
  const { results } = await readRun(folder);
  expect(results.load?.pulls).toMatchObject({ ok: 3, failed: 1 });
  expect(results.interrupted).toContain('where it was cut');
});

test('what was begun without a timeline is shown as it is', async () => {
  const folder = runOf({ 'results.json': JSON.stringify(begun) });
  expect((await readRun(folder)).results).toEqual(begun);
});

test('objectives of a run that was begun are judged by what it left', async () => {
  const slo = [{ expression: 'errors<50%', observed: 'nothing was measured', held: false }];
  const document = { ...begun, load: { ...loadSample.load, slo } };
  const folder = runOf({ 'results.json': JSON.stringify(document), 'timeline.ndjson': timeline });
  const { results } = await readRun(folder);
  expect(results.load?.slo).toMatchObject([{ held: true, course: [0, 100] }]);
});

test('members of a later version are left out, and said so', async () => {
  const later = structuredClone(loadSample);
  Object.assign(later, { novel: 1 });
  Object.assign(later.load ?? {}, { fresh: { deep: true } });
  for (const second of later.load?.timeline ?? []) Object.assign(second, { x: 1 });
  const { results, remarks } = await readRun(runOf({ 'results.json': JSON.stringify(later) }));
  expect(results).toEqual(loadSample);
  expect(remarks?.join()).toMatch(/novel.*load\.timeline\.\*\.x|load\.timeline\.\*\.x.*novel/s);
});

test('a value that a later version alone knows is refused, and the version named', async () => {
  const later = {
    ...loadSample,
    tool: { name: 'pullproof', version: '9.9.9' },
    verdict: 'splendid',
  };
  await expect(readRun(runOf({ 'results.json': JSON.stringify(later) }))).rejects.toMatchObject({
    ...{ code: 'run-unreadable', exitCode: 2, message: expect.stringContaining('9.9.9') },
  });
});

test.each<[string, () => string]>([
  ['an empty folder', () => runOf({})],
  ['a folder of others', () => runOf({ 'junit.xml': '<testsuites/>' })],
  ['JSON of others', () => runOf({ 'results.json': '{"a":1}' })],
  ['a file of others', () => join(runOf({ 'a.txt': 'no' }), 'a.txt')],
  ['a place where nothing is', () => join(scratch, 'missing')],
  ['an empty timeline', () => runOf({ 'timeline.ndjson': '' })],
])('%s is no run', async (_, make) => {
  await expect(readRun(make())).rejects.toMatchObject({ code: 'run-unreadable', exitCode: 2 });
});

test('a mark of byte order in front is none of the document', async () => {
  const folder = runOf({ 'results.json': `\ufeff${JSON.stringify(loadSample)}` });
  expect((await readRun(folder)).results).toEqual(loadSample);
});

/** As a version that is to come would write it. */
function later<T extends Results>(sample: T, change: (run: T) => void): string {
  const run = structuredClone(sample);
  run.tool = { name: 'pullproof', version: '9.9.9' };
  change(run);
  return runOf({ 'results.json': JSON.stringify(run) });
}

test('values of a later version cost what holds them, and no more', async () => {
  const bottleneck = later(loadSample, ({ load }) => Object.assign(load, { bottleneck: 'dns' }));
  const limited = await readRun(bottleneck);
  expect(limited.results.load).toEqual({ ...loadSample.load, bottleneck: 'unknown' });
  expect(limited.remarks?.join()).toContain('load.bottleneck');

  const course = later(loadSample, ({ load }) => Object.assign(load.course ?? {}, { p50: 'new' }));
  const { course: _, ...without } = loadSample.load;
  expect((await readRun(course)).results.load).toEqual(without);

  const verdict = later(conformSample, ({ checks }) => {
    Object.assign(checks[0] ?? {}, { verdict: 'flaky', novel: 1 });
  });
  const judged = await readRun(verdict);
  expect(judged.results.checks).toEqual(conformSample.checks.slice(1));
  expect(judged.remarks?.join()).toMatch(/9\.9\.9.*checks\.\*/);
});

test('a verb of a later version is named as what is in the way', async () => {
  const folder = later(loadSample, (run) => Object.assign(run, { verb: 'prove' }));
  await expect(readRun(folder)).rejects.toMatchObject({
    message: expect.stringMatching(/\/verb .*9\.9\.9/),
  });
});

test('what this version wrote has no values that are unknown to it', async () => {
  const load = { ...loadSample.load, bottleneck: 'dns' };
  const damaged = { ...loadSample, load, tool: { name: 'pullproof', version } };
  const reading = readRun(runOf({ 'results.json': JSON.stringify(damaged) }));
  await expect(reading).rejects.toMatchObject({ code: 'run-unreadable', exitCode: 2 });
});
