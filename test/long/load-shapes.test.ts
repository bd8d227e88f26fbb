// The shapes, plans and replays of load through the built command line with real k6, against the mock.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { testWith } from '../lib/tools.ts';

const test = testWith('k6');

/** Runs `load` with words that may depend on the mock. */
async function loadWith(
  wordsOf: (mock: RunningMock, folder: string) => readonly string[],
  options: Parameters<typeof startMock>[0] = {},
  env: Readonly<Record<string, string>> = {},
  input = '',
) {
  const folder = scratch();
  const mock = await startMock({ log: join(folder, 'requests.ndjson'), ...options });
  const out = join(folder, 'out');
  try {
    // A relative folder, as people write it: what k6 reads of it must not go by another place.
    const words = ['load', ...wordsOf(mock, folder), '--out', 'out'];
    const ended = await cli(words, { env, input, cwd: folder });
    const results = existsSync(join(out, 'results.json')) ? readResults(out) : undefined;
    return { ...ended, folder, out, results, load: results?.load, mock };
  } finally {
    await mock.close();
  }
}

const app = (mock: RunningMock) => `http://${mock.images[0]}`;
const single = (mock: RunningMock) => `http://${mock.images[1]}`;

describe('shapes', () => {
  test('smoke pulls each image once', async () => {
    const { code, load, stderr } = await loadWith((mock) => [
      ...[app(mock), single(mock)],
      ...['--shape', 'smoke'],
    ]);
    expect(code, stderr).toBe(0);
    expect(load).toMatchObject({ shape: 'smoke', vus: 1, pulls: { ok: 2, failed: 0 } });
  });

  test('a herd: every user pulls the one image once', async () => {
    const { code, load } = await loadWith((mock) => [app(mock), '--shape', 'herd', '--vus', '8']);
    expect(code).toBe(0);
    expect(load).toMatchObject({ shape: 'herd', vus: 8, pulls: { ok: 8, failed: 0 } });
  });

  test('a spike of a rate starts the pulls of its base and its peak', async () => {
    const words = ['--shape', 'spike', '--rate', '20/s', '--duration', '4s'];
    const { code, results, load } = await loadWith((mock) => [app(mock), ...words]);
    expect(code).toBe(0);
    expect(validateResults(results)).toBeUndefined();
    // One second at 2/s, one at 20/s, two at 2/s.
    const { ok = 0, dropped = 0 } = load?.pulls ?? {};
    expect(ok + dropped).toBeGreaterThanOrEqual(22);
    expect(ok + dropped).toBeLessThanOrEqual(30);
  });

  test.each([
    ['users', ['--vus', '2']],
    ['a rate', ['--rate', '20/s']],
  ])('%s for less than a second', async (_, words) => {
    const { code, results, load } = await loadWith((mock) => [
      ...[app(mock), '--duration', '500ms'],
      ...words,
    ]);
    expect(code).toBe(0);
    expect(validateResults(results)).toBeUndefined();
    expect(load?.pulls).toMatchObject({ failed: 0 });
    expect(load?.pulls.ok).toBeGreaterThan(0);
  });

  test('a breakpoint reports the knee, its steps, and holds its results to the schema', async () => {
    const words = ['--shape', 'breakpoint', '--rate', '2/s', '--duration', '1s'];
    const slo = ['--slo', 'errors<1%', '--slo', 'pull.p95<0.001ms'];
    const { code, results, load } = await loadWith((mock) => [app(mock), ...words, ...slo]);
    expect(validateResults(results)).toBeUndefined();
    // No rate can hold this: every step breaks, and the search goes down from the first one.
    expect(code).toBe(1);
    expect(load?.knee).toMatchObject({ perSecond: 0, broke: ['pull.p95<0.001ms'] });
    expect(load?.knee?.confidence).toBe(1);
    expect(load?.knee?.steps.map(({ perSecond }) => perSecond).slice(0, 3)).toEqual([2, 1, 0.5]);
    const done = load?.timeline.reduce((sum, second) => sum + second.pulls, 0);
    expect(done).toBe(load?.pulls.ok);
    // Of all steps, each of which had a pull at least.
    expect(done).toBeGreaterThanOrEqual(load?.knee?.steps.length ?? Number.NaN);
    expect(load?.requests.total).toBeGreaterThan(done ?? 0);
  });
});

describe('plans', () => {
  const plan = (mock: RunningMock) => `
images:
  - image: ${app(mock)}
    weight: 3
  - ${single(mock)}
clients: { containerd: 3, podman: 1 }
nodes: { count: 4, keep: 5 }
iterations: 40
vus: 2
slo: ['errors<1%', 'verified=100%']
`;
  const write = (folder: string, text: string) => {
    writeFileSync(join(folder, 'plan.yaml'), text);
    return join(folder, 'plan.yaml');
  };

  test('weights, clients and nodes that keep layers decide what is asked, by the seed', async () => {
    const run = () =>
      loadWith((mock, folder) => ['--plan', write(folder, plan(mock)), '--seed', '7']);
    const first = await run();
    expect(first.code, first.stderr).toBe(0);
    const { load } = first;
    expect(load?.pulls).toMatchObject({ ok: 40, failed: 0 });
    const pings = load?.phases.ping?.count ?? 0;
    expect(pings).toBeGreaterThan(0);
    expect(pings).toBeLessThan(40);
    // Nodes that pulled before ask for no layer again.
    expect(load?.hops.edge?.count).toBeLessThan(40 * 3);
    const again = await run();
    const counts = (one: typeof first) => {
      const phases = Object.entries(one.load?.phases ?? {});
      return Object.fromEntries(phases.map(([phase, { count }]) => [phase, count]));
    };
    expect(counts(again)).toEqual(counts(first));
  });

  test('flags win over the file', async () => {
    const { code, load } = await loadWith((mock, folder) => [
      ...['--plan', write(folder, plan(mock)), '--iterations', '3'],
      ...['--client', 'podman', app(mock)],
    ]);
    expect(code).toBe(0);
    expect(load).toMatchObject({
      client: 'podman',
      pulls: { ok: 3 },
      phases: { ping: { count: 3 } },
    });
  });

  test('what is wrong with a plan is told with its place, exit 2', async () => {
    const bad = 'images: [http://127.0.0.1:1/a]\nshape: herdd\n';
    const { code, stderr } = await loadWith((_, folder) => ['--plan', write(folder, bad)]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/plan\.yaml:2:8: /);
    expect(stderr).toContain('herd');
  });

  test('a shape that the plan tells wrongly is told with its place too', async () => {
    const bad = "images: [http://127.0.0.1:1/a]\nvus: 2\nshape: smoke\nrate: '5/s'\n";
    const { code, stderr } = await loadWith((_, folder) => ['--plan', write(folder, bad)]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/plan\.yaml:3:8: /);
  });

  test('users who share a virtual user and pause past the end cost it no iterations', async () => {
    const text = (mock: RunningMock) =>
      `images: ['${app(mock)}']\nthinkTime: 20s\nvus: 101\nduration: 5s\n`;
    const { code, folder, load } = await loadWith((mock, dir) => [
      ...['--plan', write(dir, text(mock)), '--k6-out', `csv=${join(dir, 'k6.csv')}`],
    ]);
    expect(code).toBe(0);
    expect(load?.pulls.ok).toBe(101);
    const lines = readFileSync(join(folder, 'k6.csv'), 'utf8').split('\n');
    const iterations = lines.filter((line) => line.startsWith('iterations,'));
    // 51 virtual users with two users each; at the very end one may begin once more.
    expect(iterations.length).toBeLessThan(3 * 51);
  });

  test('variables of k6 count where nothing else is said', async () => {
    const variables = { K6_ITERATIONS: '3', K6_VUS: '1' };
    const { code, load } = await loadWith((mock) => [app(mock)], {}, variables);
    expect(code).toBe(0);
    expect(load).toMatchObject({ shape: 'iterations', vus: 1, pulls: { ok: 3 } });
  });

  test('many images go by a file, their credentials do not', async () => {
    const password = 'hunter2-many-images';
    const { code, out, load, stderr } = await loadWith(
      (mock, folder) => {
        const images = Array.from({ length: 1000 }, () => `  - ${single(mock)}\n`).join('');
        const user = ['--username', mock.username, '--password-stdin'];
        const words = ['--iterations', '5', '--vus', '1', ...user];
        return ['--plan', write(folder, `images:\n${images}`), ...words];
      },
      { auth: 'basic', password },
      {},
      `${password}\n`,
    );
    expect(code, stderr).toBe(0);
    expect(load?.pulls.ok).toBe(5);
    const text = readFileSync(join(out, 'plan-images.json'), 'utf8');
    expect(text).toContain('"login":0');
    expect(text).not.toContain(password);
  });
});

describe('replay', () => {
  /** A trace of one pull, made by the mock's own log. */
  const traced = async () => {
    const { code, folder } = await loadWith((mock) => [app(mock), '--iterations', '2']);
    expect(code).toBe(0);
    return join(folder, 'requests.ndjson');
  };

  test('the log of the mock is asked again, and what cannot be is counted', async () => {
    const trace = await traced();
    const { code, results, load, folder } = await loadWith((mock) => [
      ...[app(mock), '--trace', trace, '--speed', '10x'],
    ]);
    expect(code).toBe(0);
    expect(validateResults(results)).toBeUndefined();
    expect(load).toMatchObject({ shape: 'replay', replay: { format: 'mock-log', speed: 10 } });
    expect(load?.replay?.requests).toBeGreaterThan(0);
    expect(load?.pulls.ok).toBe(load?.replay?.requests);
    expect(load?.replay?.skipped.length).toBeGreaterThan(0);
    expect(load?.bytes.verified).toBe(load?.bytes.total);
    const asked = (file: string) =>
      readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter(({ role, path, status }) => role === 'registry' && path !== '/v2/' && status < 400)
        .map(({ method, path }) => `${method} ${path}`)
        .sort();
    // The set-up of each run locates the image once: what it asks is in both logs.
    const once = new Set(asked(trace));
    for (const line of new Set(asked(join(folder, 'requests.ndjson'))))
      expect(once).toContain(line);
  });

  test('an IBM registry trace stands for the image that is given', async () => {
    const entries = ['manifests/aa', 'blobs/bb', 'blobs/cc'].map((end, at) => ({
      delay: at / 10,
      uri: `v2/user/repo/${end}`,
      size: 1000 * at,
      method: 'GET',
      duration: 0.1,
      client: 'c1',
    }));
    const put = { ...entries[0], method: 'PUT' };
    const { code, load } = await loadWith((mock, folder) => {
      const file = join(folder, 'trace.json');
      writeFileSync(file, JSON.stringify([...entries, put]));
      return [app(mock), '--trace', file];
    });
    expect(code).toBe(0);
    expect(load?.pulls).toMatchObject({ ok: 3, failed: 0 });
    expect(load?.replay).toMatchObject({ format: 'registry-trace', requests: 3 });
    expect(load?.replay?.skipped).toMatchObject([{ count: 1 }]);
  });

  test('a trace of months is refused with the speed that it needs: exit 2', async () => {
    const line = (day: string) =>
      `h - - [${day}:13:00:00 +0000] "GET /v2/demo/app/manifests/latest HTTP/1.1" 200 12\n`;
    const { code, stderr } = await loadWith((mock, folder) => {
      writeFileSync(join(folder, 'x'), line('01/Jan/2026') + line('01/Apr/2026'));
      return [app(mock), '--trace', join(folder, 'x'), '--speed', '2x'];
    });
    expect(code).toBe(2);
    // 90 days at most 7.
    expect(stderr).toContain('--speed 13x');
  });

  test('a trace that is none: exit 2', async () => {
    const { code } = await loadWith((mock, folder) => {
      writeFileSync(join(folder, 'x'), 'nothing\nof the kind\n');
      return [app(mock), '--trace', join(folder, 'x')];
    });
    expect(code).toBe(2);
  });
});

describe('outputs of k6', () => {
  test('another output goes beside ours', async () => {
    const { code, folder, load } = await loadWith((mock, dir) => [
      ...[app(mock), '--iterations', '2', '--k6-out', `json=${join(dir, 'k6.json')}`],
    ]);
    expect(code).toBe(0);
    expect(load?.pulls.ok).toBe(2);
    const text = readFileSync(join(folder, 'k6.json'), 'utf8');
    expect(text).toContain('pull_duration');
    expect(text).not.toMatch(/Signature=(?!<redacted>)/);
  });
});
