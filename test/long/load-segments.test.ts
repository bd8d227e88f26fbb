// One load shared by several processes, and their runs joined again: what they ask and count together is
// what one process would.
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as hdr from 'hdr-histogram-js';
import { describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import type { LoadResult } from '../../reports/results.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, type Ended, readResults, scratch } from '../lib/cli.ts';
import { testWith } from '../lib/tools.ts';

const test = testWith('k6');

interface Shared {
  readonly mock: RunningMock;
  readonly folder: string;
  /** Run folders of the segments, in their order. */
  readonly outs: readonly string[];
  readonly ended: readonly Ended[];
}

/** Runs `load` once for each segment, at the same time, against one mock; then `work`. */
async function share<T>(
  count: number,
  wordsOf: (mock: RunningMock, folder: string, segment: number) => readonly string[],
  work: (shared: Shared) => Promise<T>,
  options: Parameters<typeof startMock>[0] = {},
): Promise<T> {
  const folder = scratch();
  const mock = await startMock({ ...options, log: join(folder, 'requests.ndjson') });
  const outs = Array.from({ length: count }, (_, at) => join(folder, `out-${at + 1}`));
  try {
    const ended = await Promise.all(
      outs.map((out, at) => {
        const words = [...wordsOf(mock, folder, at + 1), '--segment', `${at + 1}/${count}`];
        return cli(['load', ...words, '--out', out]);
      }),
    );
    return await work({ mock, folder, outs, ended });
  } finally {
    await mock.close();
  }
}

async function merge(paths: readonly string[], ...words: readonly string[]) {
  const out = join(scratch(), 'joined');
  const ended = await cli(['report', 'merge', ...paths, '--out', out, ...words]);
  const results = existsSync(join(out, 'results.json')) ? readResults(out) : undefined;
  return { ...ended, out, results, load: results?.load };
}

const app = (mock: RunningMock) => `http://${mock.images[0]}`;
const single = (mock: RunningMock) => `http://${mock.images[1]}`;

const countsOf = (groups: Readonly<Record<string, { count: number }>> = {}) =>
  Object.fromEntries(
    Object.entries(groups)
      .map(([name, { count }]) => [name, count] as const)
      .sort(),
  );

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('four segments', () => {
  /** Everything that the number of a pull decides. */
  const plan = (mock: RunningMock, folder: string) => {
    const file = join(folder, 'plan.yaml');
    writeFileSync(
      file,
      `images: [{ image: '${app(mock)}', weight: 3 }, '${single(mock)}']
clients: { containerd: 3, podman: 1 }
nodes: { count: 4, keep: 5 }
iterations: 61
vus: 6
slo: ['errors<1%', 'verified=100%', 'pulls>=0.01/s']
`,
    );
    return ['--plan', file];
  };

  test('ask together what one process asks, and their runs join exactly', async () => {
    const rawOf = (folder: string, segment: number) => join(folder, `raw-${segment}.json`);
    await share(
      4,
      (mock, folder, segment) => [
        ...plan(mock, folder),
        ...['--k6-out', `json=${rawOf(folder, segment)}`],
      ],
      async ({ mock, folder, outs, ended }) => {
        expect(ended.map(({ code, stderr }) => [code, code === 0 ? '' : stderr])).toEqual(
          outs.map(() => [0, '']),
        );
        const runs = outs.map((out) => readResults(out));
        for (const run of runs) expect(validateResults(run)).toBeUndefined();
        const loads = runs.map(({ load }) => load);
        expect(loads.map((load) => load?.segment?.part)).toEqual([
          '0:1/4',
          '1/4:1/2',
          '1/2:3/4',
          '3/4:1',
        ]);
        const joined = await merge(outs);
        expect(joined.code, joined.stderr).toBe(0);
        expect(validateResults(joined.results)).toBeUndefined();
        expect(joined.load?.merged).toMatchObject({ runs: 4, missing: [] });
        expect(joined.load?.slo.map(({ held }) => held)).toEqual([true, true, true]);

        // Counts add up, over all and by second.
        expect(joined.load?.pulls.ok).toBe(61);
        expect(sum(loads.map((load) => load?.pulls.ok ?? 0))).toBe(61);
        expect(sum(joined.load?.timeline.map(({ pulls }) => pulls) ?? [])).toBe(61);
        expect(joined.load?.bytes.verified).toBe(
          sum(loads.map((load) => load?.bytes.verified ?? 0)),
        );
        expect(joined.load?.requests.total).toBe(
          sum(loads.map((load) => load?.requests.total ?? 0)),
        );

        // Percentiles are those of all samples that k6 itself handed out.
        const samples = outs.flatMap((_, at) => durationsUs(rawOf(folder, at + 1)));
        expect(joined.load?.pullMs).toEqual(summaryOf(samples));

        // One process with the same seed asks the same.
        const alone = join(folder, 'alone');
        const words = [...plan(mock, folder), '--seed', '1', '--out', alone];
        expect((await cli(['load', ...words])).code).toBe(0);
        const { load } = readResults(alone);
        expect(countsOf(joined.load?.phases)).toEqual(countsOf(load?.phases));
        expect(countsOf(joined.load?.hops)).toEqual(countsOf(load?.hops));
        expect(joined.load?.plan).toBe(load?.plan);
        expect(joined.load?.vus).toBe(load?.vus);
      },
    );
  });

  test('join what was tried again, waited for and failed, by kind and place', async () => {
    const faults = ['blob-body-cut:p=0.3', 'edge-falters'];
    const words = (mock: RunningMock) => [
      ...[app(mock), single(mock), '--client', 'podman', '--iterations', '40', '--vus', '8'],
      ...['--slo', 'pulls>=0/s'],
    ];
    await share(
      2,
      words,
      async ({ outs }) => {
        const loads = outs.map((out) => readResults(out).load as LoadResult);
        const joined = await merge(outs);
        expect(validateResults(joined.results)).toBeUndefined();
        const load = joined.load as LoadResult;
        const kinds = (all: readonly LoadResult[], of: 'errors' | 'retried') => {
          const counts: Record<string, number> = {};
          for (const { class: kind, hop, host, status, count } of all.flatMap(
            (one) => one[of] ?? [],
          )) {
            const key = `${kind} ${hop} ${host} ${status}`;
            counts[key] = (counts[key] ?? 0) + count;
          }
          return counts;
        };
        expect(Object.keys(kinds([load], 'retried')).length).toBeGreaterThan(0);
        for (const of of ['errors', 'retried'] as const) {
          expect(kinds([load], of)).toEqual(kinds(loads, of));
        }
        for (const { example, evidence } of load.retried ?? []) {
          expect(example).not.toBe('');
          expect(evidence?.method).toBe('GET');
        }
        const { ok, failed, retried } = load.pulls;
        expect(ok + failed).toBe(40);
        expect(retried).toBe(sum(loads.map(({ pulls }) => pulls.retried ?? 0)));
        const waited = (one: LoadResult) => sum(one.waits?.map(({ count }) => count) ?? []);
        expect(waited(load)).toBe(sum(loads.map(waited)));
        const images = Object.values(load.byImage ?? {});
        expect(images.map((one) => one.ok + one.failed)).toEqual([20, 20]);
        expect(sum(images.map((one) => one.retried))).toBe(retried);
        expect(Math.max(...loads.map(({ seconds }) => seconds))).toBeLessThanOrEqual(
          load.seconds + 0.01,
        );
      },
      { faults },
    );
  });

  test('replay each request of a trace once, together', async () => {
    const asked = (file: string) =>
      readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter(({ path }) => path.endsWith('/tags/list') || path.endsWith('/manifests/1.0'))
        .map(({ method, path }) => `${method} ${path}`);
    const trace = Array.from({ length: 30 }, (_, at) => ({
      delay: at / 100,
      uri: at % 3 === 0 ? 'v2/demo/single/manifests/1.0' : 'v2/demo/app/tags/list',
    })).map(({ delay, uri }) => {
      const time = new Date(Date.UTC(2026, 0, 1) + delay * 100_000).toISOString();
      const clock = time.slice(11, 19);
      return `h - u [01/Jan/2026:${clock} +0000] "GET /${uri} HTTP/1.1" 200 10`;
    });
    await share(
      4,
      (mock, folder) => {
        const file = join(folder, 'access.log');
        writeFileSync(file, `${trace.join('\n')}\n`);
        return [app(mock), '--trace', file, '--speed', '50x', '--client', 'crane'];
      },
      async ({ folder, outs, ended }) => {
        expect(
          ended.map(({ code }) => code),
          ended[0]?.stderr,
        ).toEqual([0, 0, 0, 0]);
        const { code, load } = await merge(outs);
        expect(code).toBe(0);
        expect(load).toMatchObject({ shape: 'replay', pulls: { ok: 30, failed: 0 } });
        expect(load?.replay?.requests).toBe(30);
        const log = asked(join(folder, 'requests.ndjson')).sort();
        const wanted = trace.map((line) => /"(GET [^ ]+)/.exec(line)?.[1]).sort();
        expect(log.filter((line) => line.startsWith('GET'))).toEqual(wanted);
      },
    );
  });
});

describe('shares of a shape', () => {
  test.each([
    ['a herd', ['--shape', 'herd', '--vus', '7'], 7, 7],
    ['a rate', ['--rate', '20/s', '--duration', '2s', '--vus', '20'], 38, 41],
    ['a ramp of a rate', ['--shape', 'ramp', '--rate', '20/s', '--duration', '2s'], 17, 22],
  ])('%s is as large as it was', async (_name, words, least, most) => {
    await share(
      2,
      (mock) => [app(mock), ...words],
      async ({ outs, ended }) => {
        expect(
          ended.map(({ code }) => code),
          ended[0]?.stderr,
        ).toEqual([0, 0]);
        const { load } = await merge(outs);
        const { ok = 0, failed = 0, dropped = 0 } = load?.pulls ?? {};
        expect(failed).toBe(0);
        expect(ok + dropped).toBeGreaterThanOrEqual(least);
        expect(ok + dropped).toBeLessThanOrEqual(most);
      },
    );
  });

  test('users are dealt out, and those of a ramp too', async () => {
    const words = ['--shape', 'ramp', '--vus', '4', '--duration', '2s'];
    await share(
      2,
      (mock) => [app(mock), ...words],
      async ({ outs, ended }) => {
        expect(ended.map(({ code }) => code)).toEqual([0, 0]);
        const { load } = await merge(outs);
        expect(load).toMatchObject({ vus: 4, pulls: { failed: 0 } });
      },
    );
  });

  test("the variables of k6 are k6's own words", async () => {
    const mock = await startMock();
    const out = join(scratch(), 'out');
    const env = { K6_EXECUTION_SEGMENT: '50%', K6_EXECUTION_SEGMENT_SEQUENCE: '0,1/2,1' };
    try {
      const words = ['load', app(mock), '--iterations', '10', '--vus', '2', '--out', out];
      expect((await cli(words, { env })).code).toBe(0);
    } finally {
      await mock.close();
    }
    const { load } = readResults(out);
    expect(load).toMatchObject({ pulls: { ok: 5 }, segment: { part: '0:1/2', of: '0,1/2,1' } });
  });
});

describe('runs that do not join', () => {
  test('objectives, gaps and mistakes', async () => {
    await share(
      2,
      (mock) => [app(mock), '--iterations', '6', '--vus', '2', '--slo', 'errors<1%'],
      async ({ mock, folder, outs, ended }) => {
        expect(ended.map(({ code }) => code)).toEqual([0, 0]);
        const [one = '', two = ''] = outs;

        // Judged again: other objectives decide.
        const missed = await merge(outs, '--slo', 'pull.p95<0.001ms');
        expect(missed.code).toBe(1);
        expect(missed.results).toMatchObject({ verdict: 'fail' });

        // A segment that nobody gave: figures, but never a pass.
        const partial = await merge([one]);
        expect(partial.code).toBe(2);
        expect(partial.results).toMatchObject({ verdict: 'error', exitCode: 2 });
        expect(partial.load?.merged?.missing).toEqual(['2/2']);
        expect(validateResults(partial.results)).toBeUndefined();

        // The same run under two names.
        const copy = join(folder, 'copy');
        cpSync(one, copy, { recursive: true });
        const twice = await merge([one, copy]);
        expect([twice.code, twice.results]).toEqual([2, undefined]);

        // What was joined can be joined no second time with its parts.
        const joined = await merge(outs);
        expect((await merge([joined.out, one])).code).toBe(2);

        // Another image, another plan.
        const other = join(folder, 'other');
        const words = ['--iterations', '6', '--vus', '2', '--segment', '2/2', '--out', other];
        expect((await cli(['load', single(mock), ...words])).code).toBe(0);
        expect((await merge([one, other])).stderr).toContain('images');
        rmSync(other, { recursive: true });
        const more = words.map((word) => (word === '6' ? '7' : word));
        expect((await cli(['load', app(mock), ...more])).code).toBe(0);
        const planned = await merge([one, other]);
        expect([planned.code, planned.results]).toEqual([2, undefined]);
        expect(planned.stderr).toContain('plan');

        // A timeline that is missing, or of another run.
        const timeline = join(two, 'timeline.ndjson');
        cpSync(join(other, 'timeline.ndjson'), timeline);
        expect((await merge(outs)).code).toBe(2);
        rmSync(timeline);
        const without = await merge(outs);
        expect(without.code).toBe(2);
        expect(without.stderr).toContain('timeline.ndjson');
      },
    );
  });

  test('no run, no load, a flag without the word', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'x.json'), '{}');
    writeFileSync(join(folder, 'manifest.json'), '{"schemaVersion":2}');
    const out = join(folder, 'out');
    await cli(['validate', join(folder, 'manifest.json'), '--out', out]);
    for (const words of [
      ['merge'],
      ['merge', join(folder, 'x.json')],
      ['merge', join(folder, 'nowhere')],
      ['merge', out],
      [out, '--slo', 'errors<1%'],
    ]) {
      const { code, stderr } = await cli(['report', ...words]);
      expect([code, stderr.includes('hint: ')], words.join(' ')).toEqual([2, true]);
    }
  });
});

describe('segments that cannot be', () => {
  test.each([
    ['0/4'],
    ['5/4'],
    ['a quarter'],
    ['1/3:2/3', '--segment-sequence', '0,1/2,1'],
    ['1/4', '--vus', '3'],
    ['1/4', '--shape', 'smoke'],
    ['1/4', '--shape', 'breakpoint'],
  ])('--segment %s %s %s: exit 2', async (...words) => {
    const { code, stderr } = await cli(['load', 'http://127.0.0.1:1/a', '--segment', ...words]);
    expect(code).toBe(2);
    expect(stderr).toContain('hint: ');
  });

  test('a sequence without a segment: exit 2', async () => {
    const words = ['load', 'http://127.0.0.1:1/a', '--segment-sequence', '0,1/2,1'];
    expect((await cli(words)).code).toBe(2);
  });
});

/** Pull durations of k6's own JSON output, in whole microseconds as the timeline keeps them. */
function durationsUs(file: string): number[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type, metric }) => type === 'Point' && metric === 'pull_duration')
    .map(({ data }) => Math.max(1, Math.trunc(Math.trunc(data.value * 1e6) / 1000)));
}

function summaryOf(valuesUs: readonly number[]) {
  const histogram = hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
    numberOfSignificantValueDigits: 3,
  });
  for (const value of valuesUs) histogram.recordValue(value);
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000;
  return {
    count: valuesUs.length,
    ...{ p50: at(50), p90: at(90), p95: at(95), p99: at(99) },
    // Of what is left of it in a histogram: the end of its step.
    max: at(100),
  };
}
