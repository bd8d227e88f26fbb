// load through the built command line with real k6, against the mock with and without faults.
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { startMock } from '../../mocks/server.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { runTool, testWith } from '../lib/tools.ts';

const test = testWith('k6');

type MoreOfCli = NonNullable<Parameters<typeof cli>[1]>;

/** Runs `load` against a mock of its own; `moreFor` is given the folder that it writes to. */
async function loadMock(
  words: readonly string[],
  options: Parameters<typeof startMock>[0] = {},
  moreFor: MoreOfCli | ((out: string) => MoreOfCli) = {},
) {
  const mock = await startMock(options);
  const out = scratch();
  const more = typeof moreFor === 'function' ? moreFor(out) : moreFor;
  try {
    const image = `http://${mock.images[0]}`;
    const ended = await cli(['load', image, ...words, '--out', out], more);
    return { ...ended, out, results: readResults(out), mock };
  } finally {
    await mock.close();
  }
}

/** Ctrl-C as soon as a pull has ended well, however long the machine takes to come there. */
function ctrlCAmidPulls(child: ChildProcess, out: string): void {
  const timeline = join(out, 'timeline.ndjson');
  const looking = setInterval(() => {
    if (!existsSync(timeline) || !readFileSync(timeline, 'utf8').includes('"pull_ok"')) return;
    clearInterval(looking);
    child.kill('SIGINT');
  }, 100);
  child.once('exit', () => clearInterval(looking));
}

describe('load', () => {
  test('iterations: every hop and phase is measured apart, every byte verified', async () => {
    const { code, results, stderr } = await loadMock(['--iterations', '30', '--vus', '3']);
    expect(code, stderr).toBe(0);
    expect(validateResults(results)).toBeUndefined();
    const { load } = results;
    expect(load?.engine).toBe('built');
    expect(load?.pulls).toMatchObject({ ok: 30, failed: 0 });
    // It is the mock that serves: nothing is said of a registry.
    expect(['mock', 'client', 'none']).toContain(load?.bottleneck);
    expect(load?.bytes.verified).toBe(load?.bytes.total);
    expect(load?.pullMs.count).toBe(30);
    const count = (counts: object | undefined) =>
      Object.fromEntries(
        Object.entries(counts ?? {}).map(([name, summary]) => [name, summary.count]),
      );
    expect(count(load?.phases)).toEqual({
      ping: 30,
      token: 30,
      index: 30,
      manifest: 30,
      config: 30,
      layer: 90,
    });
    expect(count(load?.phaseHops?.layer)).toEqual({ registry: 90, edge: 90 });
    expect(load?.pulls.retried).toBe(0);
    expect(count(load?.hops)).toEqual({ registry: 210, token: 30, edge: 120 });
    expect(load?.cache.hit).toBeGreaterThan(0);
  });

  test('vus and duration, and the client profile, decide what is asked', async () => {
    const words = ['--vus', '2', '--duration', '2s', '--client', 'containerd'];
    const { code, results } = await loadMock(words);
    expect(code).toBe(0);
    const { load } = results;
    expect(load?.shape).toBe('vus');
    expect(load?.phases.ping).toBeUndefined();
    expect(load?.timeline.length).toBeGreaterThan(1);
    const pulled = load?.timeline.reduce((sum, second) => sum + second.pulls, 0);
    expect(pulled).toBe(load?.pulls.ok);
  });

  test('a constant rate starts the pulls that it says', async () => {
    const { code, results } = await loadMock(['--rate', '10/s', '--duration', '3s']);
    expect(code).toBe(0);
    expect(results.load?.shape).toBe('rate');
    const { ok = 0, dropped = 0 } = results.load?.pulls ?? {};
    expect(ok + dropped).toBeGreaterThanOrEqual(29);
    expect(ok + dropped).toBeLessThanOrEqual(32);
  });

  test('failed pulls are counted by class with an example and a hint; exit 1', async () => {
    const words = ['--iterations', '6', '--vus', '2'];
    const { code, results, stdout } = await loadMock(words, { faults: ['blob-flipped-byte'] });
    expect(code).toBe(1);
    const { load } = results;
    expect(load?.pulls.failed).toBe(6);
    expect(load?.pullMs.count).toBe(load?.pulls.ok);
    const error = load?.errors[0];
    expect(error).toMatchObject({ class: 'wrong-digest', count: 6 });
    expect(error?.example).toContain('sha256:');
    expect(error?.hint).not.toBe('');
    expect(stdout).toContain('wrong-digest');
  });

  test('SLOs decide the exit code', async () => {
    const words = ['--iterations', '5', '--vus', '1', '--slo', 'errors<1%', '--slo'];
    const held = await loadMock([...words, 'verified=100%']);
    expect(held.code).toBe(0);
    expect(held.results.load?.slo.map((slo) => slo.held)).toEqual([true, true]);
    const missed = await loadMock([...words, 'pull.p95<0.001ms']);
    expect(missed.code).toBe(1);
    expect(missed.results.load?.slo.map((slo) => slo.held)).toEqual([true, false]);
  });

  test('with a user, the password is in no argv, log, result or report', async () => {
    const mock = await startMock({ auth: 'basic', password: 'hunter2-secret' });
    const out = scratch();
    let argv = '';
    let ended = false;
    /** While it runs, until k6 was among the processes. */
    const watch = async () => {
      while (!ended && !argv.includes(`pullproof=${out}`)) {
        argv = (await runTool('ps', ['-eo', 'args'])).output;
        await sleep(200);
      }
    };
    let watching: Promise<void> | undefined;
    try {
      const image = `http://${mock.images[1]}`;
      const words = ['load', image, '--username', mock.username, '--password-stdin'];
      const { code, stdout, stderr } = await cli(
        [...words, '--duration', '3s', '--vus', '1', '--out', out],
        {
          input: 'hunter2-secret\n',
          onStart: () => {
            watching = watch();
          },
        },
      );
      ended = true;
      await watching;
      expect(code, stderr).toBe(0);
      expect(argv).toContain(`pullproof=${out}`);
      const files = ['results.json', 'report.html', 'junit.xml', 'k6.log', 'timeline.ndjson'];
      const written = files.map((file) => readFileSync(join(out, file), 'utf8'));
      const secrets = [
        'hunter2-secret',
        Buffer.from(`${mock.username}:hunter2-secret`).toString('base64'),
      ];
      for (const text of [argv, stdout, stderr, ...written]) {
        for (const secret of secrets) expect(text.includes(secret)).toBe(false);
      }
    } finally {
      ended = true;
      await mock.close();
    }
  });

  test('Ctrl-C writes the partial results, exits 130 and leaves no process behind', async () => {
    const started: number[] = [];
    const { code, results, out } = await loadMock(
      ['--duration', '60s', '--vus', '2'],
      {},
      (out) => ({
        onStart: (child) => {
          started.push(child.pid ?? 0);
          ctrlCAmidPulls(child, out);
        },
      }),
    );
    expect(code).toBe(130);
    expect(validateResults(results)).toBeUndefined();
    expect(results.verdict).toBe('error');
    expect(results.interrupted).toBeTruthy();
    expect(results.load?.pulls.ok).toBeGreaterThan(0);
    const { output } = await runTool('ps', ['-eo', 'ppid,args']);
    expect(output.split('\n').filter((line) => line.trim().startsWith(`${started[0]} `))).toEqual(
      [],
    );
    expect(output).toContain('vitest');
    expect(output).not.toContain(out);
  });

  test('Ctrl-C ends users who share a virtual user too, and k6 writes its files to the end', async () => {
    const words = ['--duration', '60s', '--vus', '101'];
    const { code, results, out } = await loadMock(words, {}, (folder) => ({
      onStart: (child) => ctrlCAmidPulls(child, folder),
    }));
    expect(code).toBe(130);
    expect(results.load?.pulls.ok).toBeGreaterThan(0);
    // k6 that had to be killed says neither.
    expect(readFileSync(join(out, 'k6.log'), 'utf8')).toContain('interrupt');
    expect(readFileSync(join(out, 'timeline.ndjson'), 'utf8')).toContain('"end":true');
  });

  test('a stock engine pulls the same, verifies a sample, and says so', async () => {
    const words = ['--iterations', '20', '--vus', '2', '--engine', 'stock'];
    const k6 = await builtK6();
    const { code, results, stderr } = await loadMock(words, {}, { env: { PULLPROOF_K6: k6 } });
    expect(code, stderr).toBe(0);
    const { load } = results;
    expect(load).toMatchObject({ engine: 'stock', verify: 'sample' });
    expect(load?.pulls).toMatchObject({ ok: 20, failed: 0 });
    expect(load?.bytes.verified).toBe((load?.bytes.total ?? 0) / 10);
    expect(load?.hops.edge?.count).toBe(80);
    expect(load?.phases.layer?.count).toBe(120);
  });

  test('a stock engine reports failures by class too', async () => {
    const words = ['--iterations', '4', '--vus', '2', '--engine', 'stock'];
    const env = { PULLPROOF_K6: await builtK6() };
    const { code, out, results } = await loadMock(
      words,
      { faults: ['edge-bad-signature'] },
      { env },
    );
    expect(code).toBe(1);
    expect(readFileSync(join(out, 'k6.log'), 'utf8')).not.toMatch(/Signature=(?!<redacted>)/);
    expect(results.load?.errors).toMatchObject([{ class: 'redirect-denied', count: 4 }]);
  });
});

async function builtK6(): Promise<string> {
  const { findK6 } = await import('../../src/run/load/k6/find.ts');
  return (await findK6('built', { variables: process.env, progress: () => undefined })).path;
}
