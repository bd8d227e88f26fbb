// `--start-at`: who shares a load sets up, waits for its time, and begins together; by real k6.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { startMock } from '../../mocks/server.ts';
import { findK6 } from '../../src/run/load/k6/find.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { runTool, testWith } from '../lib/tools.ts';

const test = testWith('k6');

/** Time enough for set-up and k6's own start on a busy machine; who is later begins at once, which is no failure. */
const aheadMs = 8000;

async function withMock<T>(work: (image: string) => Promise<T>): Promise<T> {
  const mock = await startMock();
  try {
    return await work(`http://${mock.images[0]}`);
  } finally {
    await mock.close();
  }
}

async function builtK6(): Promise<string> {
  return (await findK6('built', { variables: process.env, progress: () => undefined })).path;
}

interface HopLine {
  readonly series?: string;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** From the first request to the last, by the timeline. */
function requestsOf(out: string): { firstMs: number; lastMs: number } {
  const lines = readFileSync(join(out, 'timeline.ndjson'), 'utf8').trimEnd().split('\n');
  const hops = lines.map((line): HopLine => JSON.parse(line)).filter((one) => one.series === 'hop');
  return {
    firstMs: Math.min(...hops.map(({ firstMs }) => firstMs)),
    lastMs: Math.max(...hops.map(({ lastMs }) => lastMs)),
  };
}

describe('a common start', () => {
  test('is waited for by all shares, and no part of what they measure', async () => {
    await withMock(async (image) => {
      const startMs = Date.now() + aheadMs;
      const at = new Date(startMs).toISOString();
      const outs = [scratch(), scratch()];
      const herd = ['load', image, '--shape', 'herd', '--vus', '4', '--start-at', at];
      const shares = outs.map((out, k) => [...herd, '--segment', `${k + 1}/2`, '--out', out]);
      const ended = await Promise.all(shares.map((words) => cli(words)));
      for (const { code, stderr } of ended) expect(code, stderr).toBe(0);
      const requests = outs.map(requestsOf);
      const behind = requests.map(({ firstMs }) => firstMs - startMs);
      console.info(`first requests ${behind.join(' and ')} ms after the common start`);
      for (const ms of behind) expect(ms).toBeGreaterThanOrEqual(0);
      for (const [k, out] of outs.entries()) {
        const results = readResults(out);
        expect(validateResults(results)).toBeUndefined();
        const { firstMs, lastMs } = requests[k] ?? { firstMs: 0, lastMs: 0 };
        expect(results.load?.seconds).toBeLessThanOrEqual((lastMs - firstMs) / 1000 + 0.01);
        expect(results.load?.pulls).toMatchObject({ ok: 2, failed: 0 });
      }
      const joined = await cli(['report', 'merge', ...outs, '--out', scratch()]);
      expect(joined.code, joined.stderr).toBe(0);
    });
  });

  test('in a plan is told while it is waited for, and Ctrl-C ends the wait', async () => {
    await withMock(async (image) => {
      const out = scratch();
      const plan = join(scratch(), 'plan.yaml');
      const at = new Date(Date.now() + 3_600_000).toISOString();
      writeFileSync(plan, `images: ['${image}']\nvus: 2\nduration: 5s\nstartAt: ${at}\n`);
      const { code, stderr } = await cli(['load', '--plan', plan, '--out', out], {
        onStart: (child) => {
          child.stderr?.on('data', (chunk) => {
            if (String(chunk).includes(at)) child.kill('SIGINT');
          });
        },
      });
      expect(code, stderr).toBe(130);
      const results = readResults(out);
      expect(results.interrupted).toBeDefined();
      expect(results.load?.requests.total).toBe(0);
    });
  });

  test('goes along to Kubernetes, and holds nobody up once it has come', async () => {
    await withMock(async (image) => {
      const dir = join(scratch(), 'fleet');
      const ahead = ['--k8s', dir, '--parallelism', '1', '--start-at', '+1h'];
      const written = await cli(['load', image, '--iterations', '2', '--vus', '2', ...ahead]);
      expect(written.code, written.stderr).toBe(0);
      const file = join(dir, 'plan.json');
      const plan = JSON.parse(readFileSync(file, 'utf8'));
      expect(Date.parse(plan.startAt)).toBeGreaterThan(Date.now());
      writeFileSync(file, JSON.stringify({ ...plan, startAt: '2026-01-01T00:00:00Z' }));
      const timeline = join(dir, 'timelines', 'pullproof-fleet-1.ndjson');
      const words = ['--address', '', '--out', `pullproof=${timeline}`, join(dir, 'scenario.js')];
      const variables = { PULLPROOF_PLAN_FILE: './plan.json' };
      const ran = await runTool(await builtK6(), ['run', '--quiet', ...words], variables);
      expect(ran.code, ran.output).toBe(0);
      const joined = await cli(['report', 'merge', dir, '--out', scratch()]);
      expect(joined.code, joined.stderr).toBe(0);
    });
  });

  test('is kept by a stock k6, too', async () => {
    await withMock(async (image) => {
      const out = scratch();
      const words = ['--iterations', '2', '--vus', '2', '--engine', 'stock', '--start-at', '+4s'];
      const env = { PULLPROOF_K6: await builtK6() };
      const { code, stderr } = await cli(['load', image, ...words, '--out', out], { env });
      expect(code, stderr).toBe(0);
      expect(readResults(out).load?.pulls).toMatchObject({ ok: 2, failed: 0 });
    });
  });

  test('that passes during the set-up is told, and the load begins at once', async () => {
    await withMock(async (image) => {
      const words = ['--iterations', '2', '--vus', '2', '--start-at', '+1ms'];
      const { code, stderr } = await cli(['load', image, ...words, '--out', scratch()]);
      expect(code, stderr).toBe(0);
      expect(stderr).toMatch(/^warning: the start at /m);
    });
  });

  test.each([['2020-01-01T00:00:00Z'], ['2120-01-01T00:00:00Z'], ['noon'], ['+90']])(
    '%s is refused',
    async (time) => {
      const words = ['load', 'http://127.0.0.1:1/a', '--start-at', time];
      expect((await cli(words)).code).toBe(2);
      const plan = join(scratch(), 'plan.yaml');
      writeFileSync(plan, `startAt: '${time}'\n`);
      expect((await cli(['load', 'http://127.0.0.1:1/a', '--plan', plan])).code).toBe(2);
    },
  );
});
