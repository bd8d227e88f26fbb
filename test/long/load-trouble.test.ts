// What can go wrong in the middle of a load run: a clear class or a clear error, the right exit code, and
// results that are kept. Through the built command line with real k6.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { findK6 } from '../../src/run/load/k6/find.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { runTool, testWith } from '../lib/tools.ts';

const test = testWith('k6');
type Options = NonNullable<Parameters<typeof startMock>[0]>;

const portOf = (origin: string) => Number(origin.slice(origin.lastIndexOf(':') + 1));
const steady = ['--rate', '10/s', '--vus', '10', '--duration', '6s', '--timeout', '2s'];

/** Resolves when the first pulls of a run have ended. */
async function pullsSeen(out: string): Promise<void> {
  const file = join(out, 'timeline.ndjson');
  for (let tries = 0; tries < 200; tries++) {
    if (existsSync(file) && readFileSync(file, 'utf8').includes('pull_ok')) return;
    await sleep(50);
  }
  throw new Error('no pull was seen');
}

/** Runs `load` while the registry ends and comes back as something else. */
async function loadOverRestart(before: Options, after: Options, downMs: number, words: string[]) {
  const out = scratch();
  let mock = await startMock({ seed: 1, ...before });
  const ports = { port: portOf(mock.registry), cdnPort: portOf(mock.cdn) };
  const restart = async () => {
    await pullsSeen(out);
    await mock.close();
    await sleep(downMs);
    mock = await startMock({ seed: 1, ...after, ...ports });
  };
  try {
    let restarted: Promise<void> | undefined;
    const ended = await cli(['load', `http://${mock.images[0]}`, ...words, '--out', out], {
      input: 'first-password\n',
      onStart: () => {
        restarted = restart();
      },
    });
    await restarted;
    return { ...ended, results: readResults(out), load: readResults(out).load };
  } finally {
    await mock.close();
  }
}

async function loadFrom(mock: RunningMock, words: readonly string[], env = {}, out = scratch()) {
  const ended = await cli(['load', `http://${mock.images[0]}`, ...words, '--out', out], { env });
  const results = existsSync(join(out, 'results.json')) ? readResults(out) : undefined;
  return { ...ended, out, results, load: results?.load };
}

async function withMock<T>(options: Options, work: (mock: RunningMock) => Promise<T>): Promise<T> {
  const mock = await startMock(options);
  try {
    return await work(mock);
  } finally {
    await mock.close();
  }
}

describe('the registry', () => {
  test('ends and comes back: the run goes on, and the timeline shows the gap', async () => {
    const { results, load } = await loadOverRestart({}, {}, 2500, [...steady, '--duration', '9s']);
    expect(validateResults(results)).toBeUndefined();
    // Clients try again, so that pulls may succeed late; the requests that were refused are told anyway.
    expect(load?.requests.failed).toBeGreaterThan(0);
    expect(results.interrupted).toBeUndefined();
    const seconds = load?.timeline ?? [];
    const gap = seconds.findIndex(({ pulls }, at) => at > 0 && pulls === 0);
    expect(gap).toBeGreaterThan(0);
    expect(seconds.slice(gap + 1).some(({ pulls }) => pulls > 0)).toBe(true);
  });

  test('takes the credentials back in mid-run: unauthorized', async () => {
    const words = [...steady, '--username', 'ci', '--password-stdin'];
    const user = { auth: 'basic', username: 'ci' } as const;
    const { code, load } = await loadOverRestart(
      { ...user, password: 'first-password' },
      { ...user, password: 'second-password' },
      0,
      words,
    );
    expect(code).toBe(1);
    expect(load?.pulls.ok).toBeGreaterThan(0);
    const unauthorized = load?.errors.find((error) => error.class === 'unauthorized');
    expect(unauthorized?.count).toBeGreaterThan(0);
    expect(unauthorized?.hint).not.toBe('');
  });

  test('has no variant for the platform: platform-missing, exit 1', async () => {
    await withMock({}, async (mock) => {
      const { code, load } = await loadFrom(mock, ['--platform', 'linux/s390x']);
      expect(code).toBe(1);
      expect(load?.errors).toMatchObject([{ class: 'platform-missing', count: 1 }]);
    });
  });

  test('fails every pull: never green, whatever the SLO', async () => {
    await withMock({ faults: ['blob-flipped-byte'] }, async (mock) => {
      const words = ['--iterations', '3', '--vus', '1', '--slo', 'errors<=100%'];
      const { code, load } = await loadFrom(mock, words);
      expect(load?.pulls).toMatchObject({ ok: 0, failed: 3 });
      expect(code).toBe(1);
    });
  });
});

describe('--abort-on-slo', () => {
  test('ends the run early, says so, and fails', async () => {
    await withMock({}, async (mock) => {
      const slo = ['--slo', 'pull.p95<0.001ms', '--abort-on-slo'];
      const { code, results, load } = await loadFrom(mock, [
        '--vus',
        '2',
        '--duration',
        '60s',
        ...slo,
      ]);
      expect(code).toBe(1);
      expect(results?.verdict).toBe('fail');
      expect(results?.interrupted).toContain('pull.p95<0.001ms');
      expect(validateResults(results)).toBeUndefined();
      expect(load?.seconds).toBeLessThan(40);
      expect(load?.slo).toMatchObject([{ held: false }]);
    });
  });
});

describe('k6', () => {
  test('that is killed in mid-run: the results until then, exit 4', async () => {
    const { path } = await findK6('built', { variables: process.env, progress: () => undefined });
    const stub = join(scratch(), 'k6');
    writeFileSync(
      stub,
      `#!/bin/sh\n[ "$1" = run ] || exec ${path} "$@"\n${path} "$@" &\nchild=$!\n(sleep 4; kill -9 $child) &\nwait $child\n`,
    );
    chmodSync(stub, 0o755);
    await withMock({}, async (mock) => {
      const words = ['--vus', '2', '--duration', '60s'];
      const { code, results, load } = await loadFrom(mock, words, { PULLPROOF_K6: stub });
      expect(code).toBe(4);
      expect(validateResults(results)).toBeUndefined();
      expect(results?.verdict).toBe('error');
      expect(results?.interrupted).toContain('k6');
      expect(load?.pulls.ok).toBeGreaterThan(0);
    });
  });

  test.each([
    ['an output that it does not have: exit 2', 'nosuch', 2],
    ['a file that it cannot write: exit 3', 'json=/nosuch/file.json', 3],
  ])('that cannot begin, for %s and its words', async (_, out, expected) => {
    await withMock({}, async (mock) => {
      const { code, stderr } = await loadFrom(mock, ['--iterations', '1', '--k6-out', out]);
      expect(code).toBe(expected);
      expect(stderr).toContain('nosuch');
    });
  });

  test('one of whose outputs loses figures: the user is told, and the run stands', async () => {
    await withMock({}, async (mock) => {
      const words = ['--iterations', '5', '--k6-out', 'csv=/dev/full'];
      const { code, stderr, load } = await loadFrom(mock, words);
      expect(code).toBe(0);
      expect(stderr).toMatch(/warning: .*k6\.log/s);
      expect(load?.pulls).toMatchObject({ ok: 5, failed: 0 });
    });
  });
});

describe('a disk that is full', () => {
  test('cuts the timeline, and the results until then are kept', async ({ skip }) => {
    const disk = join(scratch(), 'disk');
    mkdirSync(disk);
    // Room for what is kept free for the results, and a little for the timeline.
    const mounted = await runTool('mount', ['-t', 'tmpfs', '-o', 'size=564k', 'tmpfs', disk]);
    if (mounted.code !== 0) skip('needs the right to mount');
    try {
      await withMock({}, async (mock) => {
        const words = ['--vus', '2', '--duration', '20s'];
        const { code, results, load, stderr } = await loadFrom(mock, words, {}, join(disk, 'out'));
        expect(code, stderr).toBe(4);
        expect(results?.verdict).toBe('error');
        expect(results?.interrupted).toContain('timeline');
        expect(load?.pulls.ok).toBeGreaterThan(0);
      });
    } finally {
      await runTool('umount', [disk]);
    }
  });
});
