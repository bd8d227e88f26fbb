// The command line as its users meet it: what goes wrong gives one clear message, a way out, and the
// right exit code; what goes right gives documents that fit their schema.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { checks } from '../../src/checks/catalogue.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';

let mock: RunningMock;
let mute: Server;
const host = () => mock.registry.slice('http://'.length);

beforeAll(async () => {
  mock = await startMock();
  // Accepts connections and never says anything.
  mute = createServer(() => undefined);
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.3', resolve));
});
afterAll(async () => {
  await mock.close();
  mute.close();
});

/** What a user sees of a refusal: no result on stdout, a message and a hint, no stack trace. */
function expectRefusal(ended: { code: number; stdout: string; stderr: string }, code: number) {
  expect(ended.code, ended.stderr).toBe(code);
  expect(ended.stdout).toBe('');
  expect(ended.stderr).toMatch(/^error: .+\n(?:\(Did you mean .+\n)?\s*hint: .+\n$/);
  expect(ended.stderr).not.toMatch(/^\s+at /m);
}

describe('bad input', () => {
  test.each<[string, number, () => string[]]>([
    ['an unknown host', 3, () => ['load', 'nosuchhost.invalid/a:1']],
    ['an unknown host to check', 3, () => ['conform', 'nosuchhost.invalid/a:1']],
    ['a refused connection', 3, () => ['load', 'http://127.0.0.1:1/a:1']],
    ['TLS to a plain port', 3, () => ['load', `${host()}/demo/app:latest`]],
    ['TLS to a plain port, to check', 3, () => ['conform', `https://${host()}/demo/app:latest`]],
    ['a reference that is none', 2, () => ['load', `http://${host()}/demo/APP`]],
    ['a reference without registry', 2, () => ['load', 'app:1']],
    ['no image to check', 3, () => ['conform', `http://${host()}/demo/nothing:1`]],
    ['no tag to check', 3, () => ['conform', `http://${host()}/demo/app:nothing`]],
    ['no target to check', 2, () => ['conform']],
    ['no check left', 2, () => ['conform', mock.registry, '--only', 'no-such-check']],
    ['an unknown verb', 2, () => ['lod']],
    ['an unknown flag', 2, () => ['load', 'x/y', '--vuss', '3']],
    ['an unreadable SLO', 2, () => ['load', `${host()}/demo/app`, '--slo', 'fast']],
    [
      'a shape that does not fit',
      2,
      () => ['load', `${host()}/a`, '--rate', '1/s', '--iterations', '3'],
    ],
    ['a user without password', 2, () => ['load', `${host()}/demo/app`, '--username', 'ann']],
    [
      'an absent auth file',
      2,
      () => ['conform', `${mock.registry}/demo/app`, '--authfile', '/nonexistent'],
    ],
    ['an absent CA', 2, () => ['conform', `${mock.registry}/demo/app`, '--ca', '/nonexistent']],
    ['a file that is not there', 2, () => ['validate', '/nonexistent.json']],
    ['a glob that matches nothing', 2, () => ['validate', '/nonexistent/*.json']],
    ['a folder without documents', 2, () => ['validate', scratch()]],
    [
      'an output folder below a file',
      2,
      () => ['validate', __filename, '--out', join(__filename, 'x')],
    ],
    [
      'an output folder that cannot be',
      2,
      () => ['validate', __filename, '--out', '/proc/nowhere'],
    ],
    ['a run that is none', 2, () => ['report', '/nonexistent']],
    ['two runs as one JSON document', 2, () => ['report', '/a', '/b', '--format', 'json']],
    [
      'an unknown fault',
      2,
      () => ['mock', '--port', '0', '--cdn-port', '0', '--fault', 'blob-fliped-byte'],
    ],
  ])('%s: exit %i', async (_what, code, words) => {
    expectRefusal(await cli(words()), code);
  });

  test('neither Go nor k6: exit 3 and the three ways out', async () => {
    const env = { PATH: '/nonexistent', XDG_CACHE_HOME: scratch(), PULLPROOF_K6: '' };
    const ended = await cli(['load', `http://${host()}/demo/app`], { env });
    expectRefusal(ended, 3);
    for (const way of ['Go', 'PATH', 'PULLPROOF_K6']) expect(ended.stderr).toContain(way);
  });

  test('a registry that accepts and never answers ends within the time limit', async () => {
    const { port } = mute.address() as { port: number };
    const words = ['load', `http://127.0.0.3:${port}/demo/app`, '--timeout', '500ms'];
    const ended = await cli([...words, '--out', scratch()]);
    expect(ended.code, ended.stderr).toBe(3);
    expect(ended.stderr).toContain(`127.0.0.3:${port}`);
  });

  test.each([
    ['a missing image', ['demo/nothing:1'], 'manifest-unknown'],
    ['a missing platform', ['demo/app:latest', '--platform', 'linux/s390x'], 'platform-missing'],
  ])(
    'load of %s is a failed pull: exit 1, in the results',
    async (_what, [image, ...rest], kind) => {
      const out = scratch();
      const ended = await cli(['load', `${mock.registry}/${image}`, ...rest, '--out', out]);
      expect(ended.code, ended.stderr).toBe(1);
      const results = readResults(out);
      expect(validateResults(results)).toBeUndefined();
      expect(results.load?.errors).toMatchObject([{ class: kind, count: 1 }]);
    },
  );
});

describe('validate', () => {
  test('broken JSON: exit 1, a finding with its place', async () => {
    const file = join(scratch(), 'broken.json');
    writeFileSync(file, '{"schemaVersion": 2,\n "mediaType" }');
    const out = scratch();
    const { code, stdout } = await cli(['validate', file, '--out', out]);
    expect(code).toBe(1);
    expect(stdout).toContain(`${file}:2:`);
    expect(readResults(out).documents?.[0]?.findings).toMatchObject([{ level: 'error', line: 2 }]);
  });

  test('standard input, and JSON for machines on standard output alone', async () => {
    const input = '{"schemaVersion":2,"manifests":[]}';
    const words = ['validate', '-', '--format', 'json', '--kind', 'index', '--out', scratch()];
    const { code, stdout } = await cli(words, { input });
    expect(code).toBe(0);
    const results = JSON.parse(stdout);
    expect(validateResults(results)).toBeUndefined();
    expect(results.documents).toMatchObject([{ path: '-', kind: 'index', valid: true }]);
  });

  test('--strict makes a SHOULD an error', async () => {
    const input = '{"schemaVersion":2,"manifests":[]}';
    const { code } = await cli(['validate', '-', '--strict', '--out', scratch()], { input });
    expect(code).toBe(1);
  });
});

describe('conform', () => {
  test('writes the run folder; report renders it again', async () => {
    const out = scratch();
    const { code, stderr } = await cli([
      'conform',
      `${mock.registry}/demo/app:latest`,
      '--allow-host',
      new URL(mock.cdn).hostname,
      '--out',
      out,
    ]);
    expect(code, stderr).toBe(0);
    const results = readResults(out);
    expect(validateResults(results)).toBeUndefined();
    const verdicts = new Set(results.checks?.map(({ verdict }) => verdict));
    expect([...verdicts].toSorted()).toEqual(['pass', 'unsupported']);
    const silent = results.checks?.filter(({ evidence }) => evidence.length === 0);
    // What judges the whole run asks for nothing more.
    expect(silent?.map(({ id }) => id)).toEqual(
      checks.filter(({ judgesRun }) => judgesRun).map(({ id }) => id),
    );
    for (const file of ['report.html', 'junit.xml', 'badge.json', 'badge.svg']) {
      expect(existsSync(join(out, file)), file).toBe(true);
    }
    const page = join(scratch(), 'again.html');
    const again = await cli(['report', out, '--html', page, '--format', 'junit']);
    expect(again.code).toBe(0);
    expect(again.stdout).toBe(readFileSync(join(out, 'junit.xml'), 'utf8'));
    expect(readFileSync(page, 'utf8')).toBe(readFileSync(join(out, 'report.html'), 'utf8'));
  });

  test('a broken registry: exit 1, the right check, evidence and a curl line', async () => {
    const broken = await startMock({ faults: ['manifest-get-other-digest'] });
    try {
      const out = scratch();
      const { code } = await cli(['conform', `${broken.registry}/demo/app:latest`, '--out', out]);
      expect(code).toBe(1);
      const failed = readResults(out).checks?.filter((check) => check.verdict === 'fail') ?? [];
      expect(failed.map((check) => check.id)).toContain('manifest-digest-header');
      expect(failed[0]?.evidence.at(-1)?.curl).toMatch(/^curl /);
    } finally {
      await broken.close();
    }
  });

  test('tokens and signatures are in none of the files', async () => {
    const out = scratch();
    await cli(['conform', `${mock.registry}/demo/app:latest`, '--out', out]);
    for (const file of ['results.json', 'report.html', 'junit.xml']) {
      const text = readFileSync(join(out, file), 'utf8');
      expect(text).not.toMatch(/Signature=(?!<redacted>|&lt;redacted&gt;)/);
      expect(text).not.toMatch(
        /Bearer (?!realm|<redacted>|&lt;redacted&gt;|\\")[A-Za-z0-9_.-]{30}/,
      );
    }
  });

  test('--authfile and --password-stdin open a private registry', async () => {
    const locked = await startMock({ auth: 'basic' });
    try {
      const target = `${locked.registry}/demo/app:latest`;
      const only = ['--only', 'manifest-by-tag'];
      const auth = Buffer.from(`${locked.username}:${locked.password}`).toString('base64');
      const file = join(scratch(), 'auth.json');
      writeFileSync(
        file,
        JSON.stringify({ auths: { [target.slice(7).split('/')[0] ?? '']: { auth } } }),
      );
      const byFile = await cli([
        'conform',
        target,
        ...only,
        '--authfile',
        file,
        '--out',
        scratch(),
      ]);
      expect(byFile.code, byFile.stderr).toBe(0);
      const words = ['conform', target, ...only, '--username', locked.username, '--password-stdin'];
      const input = `${locked.password}\n`;
      expect((await cli([...words, '--out', scratch()], { input })).code).toBe(0);
      const wrong = await cli([...words, '--out', scratch()], { input: 'wrong\n' });
      expect(wrong.code).not.toBe(0);
    } finally {
      await locked.close();
    }
  });
});

describe('mock', () => {
  test('prints one JSON line, serves, and ends on SIGINT', async () => {
    let line: { registry?: string; images?: string[] } = {};
    const ended = await cli(['mock', '--port', '0', '--cdn-port', '0', '-q'], {
      onStart: (child) => {
        child.stdout?.once('data', async (chunk) => {
          line = JSON.parse(String(chunk));
          const reply = await fetch(`${line.registry}/v2/`);
          line.images?.push(String(reply.status));
          child.kill('SIGINT');
        });
      },
    });
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout.trim().split('\n')).toHaveLength(1);
    expect(line).toMatchObject({
      registry: expect.stringMatching(/^http:\/\/127\.0\.0\.1:/),
      cdn: expect.stringMatching(/^http:\/\/127\.0\.0\.2:/),
      token: expect.stringMatching(/^http:/),
      username: expect.any(String),
      password: expect.any(String),
    });
    expect(line.images).toContain('401');
    expect(line.images?.[0]).toMatch(/^127\.0\.0\.1:\d+\/demo\/app:latest$/);
  });
});

describe('a mock that other machines reach', () => {
  test('is called by its name, and warns of who reaches it', async () => {
    let line: Record<string, unknown> = {};
    const ports = ['--port', '0', '--cdn-port', '0'];
    const { code, stderr } = await cli(
      ['mock', ...ports, '--host', '0.0.0.0', '--name', '127.0.0.1', '--admin'],
      {
        onStart: (child) => {
          child.stdout?.once('data', async (chunk) => {
            line = JSON.parse(String(chunk));
            await fetch(`${line.registry}/v2/`);
            child.kill('SIGINT');
          });
        },
      },
    );
    expect(code, stderr).toBe(0);
    for (const url of [line.registry, line.cdn]) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect(stderr).toMatch(/^warning: .*demo.*switch faults/m);
  });

  test.each([['0.0.0.0'], ['mock.example'], ['127.0.0.1:5000'], ['']])(
    'not at %j: exit 2',
    async (host) => {
      const { code, stderr } = await cli(['mock', '--port', '0', '--host', host]);
      expect(code, stderr).toBe(2);
      expect(stderr).toContain('hint: ');
    },
  );

  test('not at an address of another machine: exit 3', async () => {
    const { code, stderr } = await cli(['mock', '--port', '0', '--host', '192.0.2.1']);
    expect(code, stderr).toBe(3);
    expect(stderr).toContain('192.0.2.1');
  });
});

test('demo without a k6 ends with what it found until then, and the ways to one', async () => {
  const out = scratch();
  const env = { PATH: '/nonexistent', XDG_CACHE_HOME: scratch(), PULLPROOF_K6: '' };
  const { code, stdout } = await cli(['demo', '--out', out], { env });
  expect(code, stdout).toBe(3);
  const { verdict, interrupted, checks = [], documents = [] } = readResults(out);
  expect(verdict).toBe('error');
  for (const way of ['Go', 'PATH', 'PULLPROOF_K6']) expect(interrupted).toContain(way);
  expect(checks.length).toBeGreaterThan(100);
  expect(documents.length).toBeGreaterThan(0);
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('PULLPROOF_K6');
});

test('list names checks, requirements, faults, profiles and rules', async () => {
  for (const what of ['checks', 'requirements', 'faults', 'profiles', 'rules']) {
    const { code, stdout } = await cli(['list', what]);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n').length).toBeGreaterThan(1);
  }
});

test('list adds requirements up', async () => {
  const { stdout } = await cli(['list', 'requirements', '--format', 'json']);
  const { requirements, totals } = JSON.parse(stdout);
  expect(requirements[0]).toMatchObject({ id: expect.any(String), coverage: expect.any(String) });
  expect(totals.at(-1)).toMatchObject({ level: 'all', requirements: `${requirements.length}` });
  const text = await cli(['list', 'requirements']);
  expect(text.stdout.split('\n')).toContain(Object.values(totals.at(-1)).join('\t'));
});
