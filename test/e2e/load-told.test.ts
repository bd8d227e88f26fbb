// What `load` says while it works and when it cannot: the set-up that waits, refusals that were recorded, shares
// that a shape cannot have, help in units.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { testWith } from '../lib/tools.ts';

const test = testWith('k6');

let mock: RunningMock;
/** Stands before the mock, and limits manifests as often as it is told to. */
let front: Server;
let limited = { times: 0, seconds: 0 };

beforeAll(async () => {
  mock = await startMock({ auth: 'none' });
  front = createServer(async (request, reply) => {
    if (request.url?.includes('/manifests/') && limited.times > 0) {
      limited.times--;
      reply.writeHead(429, { 'Retry-After': limited.seconds }).end();
      return;
    }
    const method = request.method ?? 'GET';
    const headers = { Accept: request.headers.accept ?? '*/*' };
    const options = { method, headers, redirect: 'manual' } as const;
    const answer = await fetch(`${mock.registry}${request.url}`, options);
    const { location, 'content-type': type } = Object.fromEntries(answer.headers);
    const body = Buffer.from(await answer.arrayBuffer());
    const lines = {
      ...(location && { Location: location }),
      ...(type && { 'Content-Type': type }),
    };
    const length = method === 'HEAD' ? answer.headers.get('content-length') : `${body.length}`;
    reply.writeHead(answer.status, { ...lines, 'Content-Length': length ?? '0' }).end(body);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
});

afterAll(async () => {
  front.close();
  await mock.close();
});

const host = () => `127.0.0.1:${(front.address() as AddressInfo).port}`;
const image = () => `http://${host()}/demo/app:latest`;

describe('a set-up under a rate limit', () => {
  test('says what it waits for, and goes on', async () => {
    limited = { times: 2, seconds: 2 };
    const out = scratch();
    const words = ['load', image(), '--client', 'podman', '--shape', 'smoke', '--out', out];
    const { code, stderr } = await cli(words);
    expect(code, stderr).toBe(0);
    for (const part of [`locating ${host()}/demo/app:latest`, '429', '2 s', '(2 of ']) {
      expect(stderr).toContain(part);
    }
  });

  test('keeps the reason when it is stopped meanwhile', async () => {
    limited = { times: 50, seconds: 60 };
    const out = scratch();
    const words = ['load', image(), '--client', 'podman', '--shape', 'smoke', '--out', out];
    const { code, stdout, stderr } = await cli(words, {
      onStart: (child) => {
        child.stderr?.on('data', (chunk) => {
          if (String(chunk).includes('429')) child.kill('SIGINT');
        });
      },
    });
    limited = { times: 0, seconds: 0 };
    expect(code, stderr).toBe(130);
    const results = readResults(out);
    expect(validateResults(results)).toBeUndefined();
    for (const text of [results.interrupted, stdout]) {
      expect(text).toMatch(/Ctrl-C/);
      expect(text).toMatch(/429\s+from/);
    }
    expect(results.load?.errors[0]?.class).toBe('rate-limited');
  });

  test('is silent with -q', async () => {
    limited = { times: 1, seconds: 1 };
    const words = ['load', image(), '--client', 'podman', '--shape', 'smoke', '-q'];
    const { code, stderr } = await cli([...words, '--out', scratch()]);
    expect(code, stderr).toBe(0);
    expect(stderr).toBe('');
  });
});

describe('a replay', () => {
  const entry = (second: number, path: string, status: number) =>
    JSON.stringify({
      time_iso8601: `2026-11-21T13:00:0${second}+00:00`,
      request: `GET /v2/demo/app/${path} HTTP/1.1`,
      status: String(status),
      body_bytes_sent: '10',
    });
  const replay = async (lines: readonly string[], target = image()) => {
    const folder = scratch();
    const file = join(folder, 'access.json');
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    const out = join(folder, 'out');
    const words = ['load', target, '--trace', file, '--speed', '10x', '--out', out];
    return { ...(await cli(words)), out };
  };

  test('takes what is refused as it was recorded for no failure, and says so', async () => {
    const lines = [
      entry(0, 'manifests/latest', 200),
      entry(1, 'manifests/gone', 404),
      entry(2, 'tags/list', 200),
    ];
    const { code, stdout, stderr, out } = await replay(lines);
    expect(code, stderr).toBe(0);
    const { load } = readResults(out);
    expect(load?.replay).toMatchObject({ format: 'access-log', requests: 3, asRecorded: 1 });
    expect(load?.pulls).toMatchObject({ ok: 3, failed: 0 });
    expect(load?.errors).toEqual([]);
    expect(stdout).toContain('as recorded');
  });

  test('fails for a refusal that was none before, and for another one', async () => {
    const lines = [
      entry(0, 'manifests/gone', 200),
      entry(1, 'manifests/gone', 403),
      entry(2, 'tags/list', 404),
    ];
    const { code, out } = await replay(lines);
    expect(code).toBe(1);
    const { load } = readResults(out);
    expect(load?.replay?.asRecorded).toBe(0);
    expect(load?.pulls).toMatchObject({ ok: 1, failed: 2 });
  });

  test('of an empty file is refused before the registry is asked', async () => {
    const { code, stderr } = await replay([], 'http://127.0.0.1:1/demo/app:latest');
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('empty');
  });
});

test('off a terminal nothing is silent for 10 s, in the grace period too', async () => {
  const slow = await startMock({ auth: 'none', faults: ['blob-body-stalled'] });
  try {
    const said: number[] = [];
    const emptyMs = Date.now();
    await cli(['--version']);
    const startMs = Date.now();
    const words = ['load', `http://${slow.images[0]}`, '--vus', '1', '--duration', '2s'];
    const limits = ['--timeout', '20s', '--out', scratch()];
    const { code, stderr } = await cli([...words, ...limits], {
      onStart: (child) => {
        child.stderr?.on('data', () => said.push(Date.now() - startMs));
      },
    });
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/waiting for 1 pull under way, \d+ s of 30 s/);
    // Counted from when a process that does nothing has started and ended.
    const times = [startMs - emptyMs, ...said];
    const gaps = times.slice(1).map((atMs, at) => atMs - (times[at] ?? 0));
    // A machine that is busy with other tests may be late by some seconds.
    expect(Math.max(...gaps)).toBeLessThan(14_000);
  } finally {
    await slow.close();
  }
});

describe('words of the command line', () => {
  test('a smoke run in shares is advised what it takes', async () => {
    const words = ['load', image(), '--shape', 'smoke', '--segment', '1/4', '--out', scratch()];
    const { code, stderr } = await cli(words);
    expect(code).toBe(2);
    const advised = /--iterations (\d+) --vus (\d+)/.exec(stderr);
    expect(advised, stderr).not.toBeNull();
    const other = ['--iterations', '4', '--vus', '4', '--segment', '1/4', '--out', scratch()];
    expect((await cli(['load', image(), ...other])).code).toBe(0);
  });

  test('help tells limits in the unit that is written', async () => {
    const { stdout } = await cli(['load', '--help']);
    expect(stdout).toMatch(/--timeout[^-]*seconds[^-]*30s/s);
    expect(stdout).not.toContain('30000');
  });

  test('what lasts for less than a second is measured', async () => {
    const words = ['load', image(), '--vus', '1', '--duration', '700ms', '--timeout', '900ms'];
    const out = scratch();
    const { code, stderr } = await cli([...words, '--out', out]);
    expect(code, stderr).toBe(0);
    expect(readResults(out).load?.pulls.ok).toBeGreaterThan(0);
  });
});
