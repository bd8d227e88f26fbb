import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as hdr from 'hdr-histogram-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../../lib/user-error.ts';
import { joinTimelines } from './join.ts';
import { Timeline } from './timeline.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'join-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function encode(valuesUs: readonly number[]): string {
  const histogram = hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
    numberOfSignificantValueDigits: 3,
  });
  for (const value of valuesUs) histogram.recordValue(value);
  return hdr.encodeIntoCompressedBase64(histogram);
}

/** The lines of one second with successful pulls that took so long. */
function secondOf(t: number, valuesUs: readonly number[]): string[] {
  const common = { series: 'metric', t };
  return [
    { ...common, metric: 'pull_started', sum: valuesUs.length },
    { ...common, metric: 'pull_ok', sum: valuesUs.length },
    { ...common, metric: 'pull_duration', sum: 0, hdr: encode(valuesUs) },
  ].map((line) => JSON.stringify(line));
}

function fileOf(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  const first = `{"schema":"pullproof/timeline/v1","startedAt":"2026-01-01T00:00:00.${name}Z"}`;
  writeFileSync(file, [first, ...lines, '{"end":true,"t":1}', ''].join('\n'));
  return file;
}

async function joinAll(files: readonly string[]) {
  const timeline = new Timeline();
  const target = join(folder, 'joined');
  const tallies = await joinTimelines(files, timeline, target);
  return { timeline, tallies, text: readFileSync(target, 'utf8') };
}

/** Everything that a report shows of pulls. */
const shown = (timeline: Timeline) => ({
  ok: timeline.pullsOk,
  pullMs: timeline.pullMs(),
  seconds: timeline.seconds(),
});

describe('timelines that are joined', () => {
  test('a timeline with a damaged line is not whole', async () => {
    const [first = '', ...rest] = secondOf(1, [5]);
    const damaged = fileOf('100', [first.slice(0, 20), ...rest]);
    const { tallies } = await joinAll([damaged, fileOf('101', secondOf(1, [5]))]);
    expect(tallies.map(({ whole }) => whole)).toEqual([false, true]);
  });

  const head = (at: number) => `{"schema":"x","startedAt":"2026-01-01T00:00:00.00${at}Z"}`;
  const [lineOf1 = ''] = secondOf(1, [5]);
  const end = '{"end":true,"t":1}';
  test.each<[string, string[], boolean]>([
    ['from its first line to its last', [head(1), lineOf1, end], true],
    ['without a first line', [lineOf1, end], false],
    ['without a last line', [head(1), lineOf1], false],
    ['of two runs', [head(1), lineOf1, end, head(2), lineOf1, end], true],
    ['of two runs, one of which was cut', [head(1), lineOf1, head(2), lineOf1, end], false],
    ['with a damaged line after its last', [head(1), lineOf1, end, '{"t":'], false],
    ['that is empty', [], false],
  ])('%s: whether it is whole', async (_what, lines, whole) => {
    const file = join(folder, 'one');
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    const { tallies } = await joinAll([file]);
    expect(tallies[0]?.whole).toBe(whole);
  });

  test('say of a machine what they have figures of', async () => {
    const runner = { t: 1, series: 'runner', id: 'a', requests: 3, wallUs: 1e6, cpuUs: 1e5 };
    const tells = async (line: object) => {
      const { tallies } = await joinAll([fileOf('100', [JSON.stringify(line)])]);
      return tallies[0]?.hasRunner;
    };
    expect(await tells(runner)).toBe(true);
    expect(await tells({ ...runner, cpuUs: undefined, machineBusy: 0.1 })).toBe(true);
    for (const less of [{ cpuUs: undefined }, { wallUs: 0 }, { wallUs: '1' }, { requests: 0 }]) {
      expect(await tells({ ...runner, ...less }), JSON.stringify(less)).toBe(false);
    }
  });

  const seconds = fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 200 }),
      fc.array(fc.integer({ min: 1, max: 10_000_000 }), { minLength: 1, maxLength: 5 }),
    ),
    { maxLength: 12 },
  );

  test('say what one timeline of all samples says, each second of it too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(seconds, { minLength: 1, maxLength: 4 }), async (runs) => {
        const ordered = runs.map((run) => [...run].sort(([a], [b]) => a - b));
        const files = ordered.map((run, at) =>
          fileOf(
            `${100 + at}`,
            run.flatMap(([t, values]) => secondOf(t, values)),
          ),
        );
        const { timeline, tallies, text } = await joinAll(files);
        const bySecond = new Map<number, number[]>();
        for (const [t, values] of runs.flat()) {
          bySecond.set(t, [...(bySecond.get(t) ?? []), ...values]);
        }
        const whole = new Timeline();
        for (const [t, values] of [...bySecond].sort(([a], [b]) => a - b)) {
          for (const line of secondOf(t, values)) whole.add(line);
        }
        expect(shown(timeline)).toEqual(shown(whole));
        expect(tallies.map(({ pullsOk }) => pullsOk)).toEqual(
          runs.map((run) => run.flatMap(([, values]) => values).length),
        );
        // What was written says the same again.
        const again = new Timeline();
        for (const line of text.split('\n')) again.add(line);
        expect(shown(again)).toEqual(shown(whole));
      }),
      { numRuns: 25 },
    );
  });

  test('keep the p95 of every second, however long the runs', async () => {
    const run = (name: string, values: readonly number[]) => {
      const lines = Array.from({ length: 90 }, (_, t) => secondOf(t, values));
      return fileOf(name, lines.flat());
    };
    const { timeline } = await joinAll([run('100', [1000]), run('200', [2000, 2000])]);
    expect(new Set(timeline.seconds().map(({ pulls, p95 }) => `${pulls} ${p95}`))).toEqual(
      new Set(['3 2']),
    );
  });

  test('count failures by class, the window, and what was cut short', async () => {
    const failed = { series: 'metric', t: 5, metric: 'pull_failed', sum: 2 };
    const whole = fileOf('100', [JSON.stringify({ ...failed, tags: { class: 'dns' } })]);
    const cut = join(folder, 'cut');
    const hop = { series: 'hop', t: 5, count: 1, firstMs: 5100, lastMs: 5900 };
    writeFileSync(cut, `{"schema":"x"}\n${JSON.stringify(hop)}\n{"series":"hop","t":6,"cou`);
    const { tallies } = await joinAll([whole, cut]);
    expect(tallies[0]?.whole).toBe(true);
    expect([...(tallies[0]?.failures.byClass() ?? [])]).toEqual([['dns', 2]]);
    expect(tallies[0]?.startedMs).toBe(Date.UTC(2026, 0, 1, 0, 0, 0, 100));
    expect(tallies[1]).toMatchObject({ whole: false, firstMs: 5100, lastMs: 5900 });
  });

  test('of many runners are joined in tiers, which say the same', async () => {
    const runs = Array.from({ length: 40 }, (_, at) => {
      const lines = [1, 2, 3].flatMap((t) => secondOf(t, [1000 + at, 50 * t]));
      const failed = { series: 'metric', t: 2, metric: 'pull_failed', sum: 1 };
      const place = { series: 'pending', t: 3, phase: 'layer', host: 'h', count: 1, pulls: 1 };
      const tags = { class: at % 2 === 0 ? 'dns' : 'tls', host: `h${at}` };
      const more = [JSON.stringify({ ...failed, tags }), JSON.stringify(place)];
      return fileOf(`${100 + at}`, [...lines, ...more, ...(at === 7 ? ['{"cut'] : [])]);
    });
    const { timeline, tallies, text } = await joinAll(runs);
    const one = new Timeline();
    for (const file of runs) {
      for (const line of readFileSync(file, 'utf8').split('\n')) one.add(line);
    }
    expect(shown(timeline)).toEqual(shown(one));
    expect(timeline.errors).toEqual(one.errors);
    expect(timeline.pending.unfinished()).toEqual(one.pending.unfinished());
    expect(text.split('\n').length).toBeLessThan(200);
    expect(tallies.map(({ whole }) => whole)).toEqual(runs.map((_, at) => at !== 7));
    for (const [at, { failures, pending, pullsOk, startedMs }] of tallies.entries()) {
      expect(pullsOk).toBe(6);
      expect(failures.groups()).toMatchObject([{ host: `h${at}`, count: 1 }]);
      expect(pending.places()).toMatchObject([{ requests: 1, pulls: 1 }]);
      expect(startedMs).toBe(Date.UTC(2026, 0, 1, 0, 0, 0, 100 + at));
    }
    expect(readdirSync(folder)).not.toContain('joined.1');
    const twice = [...runs, runs[3] as string];
    await expect(joinAll(twice)).rejects.toMatchObject({ code: 'run-twice' });
    const long = join(folder, 'long');
    writeFileSync(long, 'x'.repeat(17 * 1024 * 1024));
    await expect(joinAll([...runs, long])).rejects.toMatchObject({ code: 'timeline-missing' });
    expect(readdirSync(folder)).not.toContain('joined.1');
  });

  test('a run that comes twice, also within what was joined before', async () => {
    const [one, two] = [fileOf('100', secondOf(1, [5])), fileOf('200', secondOf(1, [5]))];
    await joinAll([one, two]);
    const joined = join(folder, 'earlier');
    writeFileSync(joined, readFileSync(join(folder, 'joined')));
    for (const files of [
      [one, one],
      [joined, two],
    ]) {
      await expect(joinAll(files)).rejects.toMatchObject({ code: 'run-twice' });
    }
  });

  test('a timeline that is missing, and a target that cannot be written', async () => {
    const file = fileOf('100', secondOf(1, [5]));
    for (const other of [join(folder, 'nowhere'), folder]) {
      await expect(joinAll([file, other])).rejects.toBeInstanceOf(UserError);
    }
    const target = join(folder, 'no', 'folder');
    await expect(joinTimelines([file], new Timeline(), target)).rejects.toThrow('ENOENT');
  });
});
