// What clients do besides a plain pull, through the built command line with real k6: mirrors, layers in ranges side
// by side, and requests that sign in one by one.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { deadOrigin } from '../lib/dead-origin.ts';
import { requestsIn } from '../lib/request-log.ts';
import { testWith } from '../lib/tools.ts';

const test = testWith('k6');

async function loadFrom(mock: RunningMock, words: readonly string[], input = '') {
  const out = scratch();
  const image = `http://${mock.images[0]}`;
  const ended = await cli(
    ['load', image, '--vus', '1', '--iterations', '2', ...words, '--out', out],
    { input },
  );
  return { ...ended, results: readResults(out) };
}

describe('mirrors', () => {
  test('that are not there cost a fallback, which is told, and no pull', async () => {
    const mock = await startMock();
    const mirror = await deadOrigin();
    try {
      for (const client of ['containerd', 'podman']) {
        const words = ['--client', client, '--mirror', mirror];
        const { code, results, stderr } = await loadFrom(mock, words);
        expect(code, stderr).toBe(0);
        const { load } = results;
        expect(load?.pulls).toMatchObject({ ok: 2, failed: 0 });
        expect(load?.bytes.verified).toBe(load?.bytes.total);
        expect(load?.retried).toContainEqual(
          expect.objectContaining({ class: 'refused', host: new URL(mirror).host }),
        );
      }
    } finally {
      await mock.close();
    }
  });

  test('that have everything are asked alone, and never shown the password', async () => {
    const [log, mirrorLog] = ['a', 'b'].map(() => join(scratch(), 'requests.ndjson')) as [
      string,
      string,
    ];
    const mock = await startMock({ log, logSecrets: true });
    const mirror = await startMock({ log: mirrorLog, logSecrets: true });
    try {
      const who = ['--username', mock.username, '--password-stdin'];
      const words = ['--client', 'containerd', '--mirror', mirror.registry, ...who];
      const { code, stderr } = await loadFrom(mock, words, mock.password);
      expect(code, stderr).toBe(0);
      const asked = requestsIn(mirrorLog);
      expect(asked.length).toBeGreaterThan(10);
      const text = JSON.stringify(asked);
      expect(text).not.toContain('Basic ');
      expect(text).not.toContain(mock.password);
      expect(requestsIn(log)).toHaveLength(0);
      const ofRegistry = asked.filter(({ role, path }) => role === 'registry' && path !== '/token');
      const ns = `ns=${encodeURIComponent(new URL(mock.registry).host)}`;
      expect(ofRegistry.every(({ query }) => query.includes(ns))).toBe(true);
    } finally {
      await Promise.all([mock.close(), mirror.close()]);
    }
  });

  test('are refused for a client that knows of none', async () => {
    const words = [
      'load',
      'http://127.0.0.1:1/a/b',
      '--client',
      'crane',
      '--mirror',
      'http://127.0.0.1:2',
    ];
    const { code, stderr } = await cli(words);
    expect(code).toBe(2);
    expect(stderr).toContain('crane');
  });
});

test.each(['containerd-parallel', 'soci-parallel'])(
  '%s reads large layers in ranges, every byte verified',
  async (client) => {
    const images = join(scratch(), 'images.yaml');
    const layers = 'layers: 3\n    layerSize: { list: [20MB, 9MB, 1MB] }';
    writeFileSync(images, `images:\n  - repository: big/app\n    tags: [latest]\n    ${layers}\n`);
    const log = join(scratch(), 'requests.ndjson');
    const mock = await startMock({ images: { sources: [images] }, log });
    try {
      const { code, results, stderr } = await loadFrom(mock, ['--client', client]);
      expect(code, stderr).toBe(0);
      const { load } = results;
      expect(load?.pulls).toMatchObject({ ok: 2, failed: 0 });
      expect(load?.bytes.verified).toBe(load?.bytes.total);
      expect(load?.bytes.total).toBeGreaterThan(2 * 29e6);
      const parts = requestsIn(log).filter(({ role, status }) => role === 'edge' && status === 206);
      const ranges = parts.map(
        ({ headers }) => headers.find(([name]) => /^range$/i.test(name))?.[1] ?? '',
      );
      const third = client === 'soci-parallel' ? /^bytes=16777216-\d+$/ : /^bytes=16777216-$/;
      expect(ranges.filter((range) => third.test(range))).toHaveLength(2);
    } finally {
      await mock.close();
    }
  },
);

test("Apple's container asks for a token with every request", async () => {
  const log = join(scratch(), 'requests.ndjson');
  const mock = await startMock({ log });
  const words = ['--client', 'apple-container'];
  try {
    const { code, results, stderr } = await loadFrom(mock, words);
    expect(code, stderr).toBe(0);
    const { load } = results;
    expect(load?.bytes.verified).toBe(load?.bytes.total);
    const asked = requestsIn(log);
    const refused = asked.filter(({ status }) => status === 401);
    // HEAD and GET of the index, manifest, config and more.
    expect(refused.length).toBeGreaterThan(2 * 4);
    expect(asked.filter(({ role }) => role === 'token')).toHaveLength(refused.length);
  } finally {
    await mock.close();
  }
});
