// How conform can be run, as a user does: full, read-only, twice and at once, with a baseline, by the
// settings of the official suite. Against the mock, whose request log tells what was really sent.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { requestsIn } from '../lib/request-log.ts';

const log = join(scratch(), 'requests.ndjson');
let mock: RunningMock;
beforeAll(async () => {
  mock = await startMock({ log });
});
afterAll(() => mock.close());

const user = () => ['--username', mock.username, '--password-stdin'];
const host = () => new URL(mock.registry).host;

/** Verdicts by id. */
function verdictsIn(out: string): Map<string, string> {
  return new Map(readResults(out).checks?.map(({ id, verdict }) => [id, verdict]));
}

async function full(repository: string, ...words: string[]) {
  const out = scratch();
  const target = `${mock.registry}/${repository}`;
  const ended = await cli(['conform', target, ...user(), ...words, '--out', out], {
    input: mock.password,
  });
  return { ...ended, out };
}

describe('a full run', () => {
  test('pushes, holds, and leaves next to nothing', async () => {
    const { code, out, stdout } = await full('team/full');
    expect(code, stdout).toBe(0);
    const { conform, checks = [] } = readResults(out);
    expect(conform?.mode).toBe('full');
    expect(checks.length).toBeGreaterThan(400);
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    // The empty blob and {} may be somebody else's.
    expect(conform?.left.length).toBeLessThan(10);
    for (const said of conform?.left ?? []) expect(said).toContain('blob');
    const offered = conform?.capabilities.filter(({ supported }) => supported === true);
    expect(offered?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Bearer tokens', 'Referrers API', 'Deleting a tag']),
    );
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).toContain('Referrers API');
    expect(stdout.replace(/\s+/g, ' ')).toContain('Referrers API');
  });

  test('--keep: nothing is deleted, and all of it is named', async () => {
    const since = new Date().toISOString();
    const { code, out } = await full('team/kept', '--only', 'manifest-put-image', '--keep');
    expect(code).toBe(0);
    const deletions = requestsIn(log, since).filter(({ method }) => method === 'DELETE');
    // That of an upload which only asks whether one may push.
    expect(deletions.filter(({ path }) => !path.includes('/uploads/'))).toEqual([]);
    const left = readResults(out).conform?.left ?? [];
    expect(left.some((said) => said.startsWith('team/kept manifest sha256:'))).toBe(true);
  });

  test('twice at once and once more in one repository: the same verdicts', async () => {
    const both = await Promise.all([full('team/shared'), full('team/shared', '--jobs', '8')]);
    const third = await full('team/shared', '--jobs', '1');
    const expected = verdictsIn(third.out);
    for (const { out } of both) expect(verdictsIn(out)).toEqual(expected);
    expect([...both, third].map(({ code }) => code)).toEqual([0, 0, 0]);
  }, 240_000);
});

describe('a run that reads only', () => {
  const changing = (since: string) =>
    requestsIn(log, since).filter(
      ({ method, path }) => method !== 'GET' && method !== 'HEAD' && !path.startsWith('/token'),
    );

  test('sends nothing but GET, HEAD and requests for tokens', async () => {
    const since = new Date().toISOString();
    const out = scratch();
    const images = ['demo/app:latest', 'demo/single:1.0'].map((name) => `${mock.registry}/${name}`);
    const words = ['conform', '--read-only', ...images, '--out', out, ...user()];
    const { code, stderr } = await cli(words, { input: mock.password });
    expect(code, stderr).toBe(0);
    expect(changing(since)).toEqual([]);
    const verdicts = verdictsIn(out);
    expect(verdicts.get('blob-layers')).toBe('pass');
    expect(verdicts.get('blob-layers@demo/single:1.0')).toBe('pass');
    expect(verdicts.has('upload-post-put')).toBe(false);
    expect(readResults(out).conform).toMatchObject({ mode: 'read-only', left: [] });
    const read = requestsIn(log, since).filter(({ path }) => path.includes('/blobs/'));
    expect(new Set(read.map(({ path }) => path)).size).toBeGreaterThan(8);
  });

  test.each([
    ['a target with a tag', () => [`${mock.registry}/demo/app:latest`]],
    ['a repository and --read-only', () => [`${mock.registry}/demo/app`, '--read-only']],
  ])('%s', async (_, words) => {
    const since = new Date().toISOString();
    const out = scratch();
    expect((await cli(['conform', ...words(), '--out', out])).code).toBe(0);
    expect(changing(since)).toEqual([]);
    expect(readResults(out).target).toBe(`${host()}/demo/app:latest`);
  });

  test.each(['bearer', 'basic'] as const)('wrong password, %s: exit code 3', async (auth) => {
    const guarded = await startMock({ auth });
    const words = ['conform', '--read-only', `${guarded.registry}/demo/app:latest`];
    const as = (password: string) =>
      cli([...words, '--username', guarded.username, '--password-stdin'], { input: password });
    try {
      const { code, stderr } = await as('not-the-password');
      expect(code, stderr).toBe(3);
      expect(stderr).toContain('password');
      expect(stderr).not.toContain('not-the-password');
      expect((await as(guarded.password)).code).toBe(0);
    } finally {
      await guarded.close();
    }
  });

  test('where nobody may push without credentials, and says so in every report', async () => {
    const out = scratch();
    const words = ['conform', `${mock.registry}/demo/app`, '--out', out];
    const { code, stdout, stderr } = await cli(words);
    expect(code, stderr).toBe(0);
    const { conform } = readResults(out);
    expect(conform?.mode).toBe('read-only');
    expect(conform?.reason).toContain('credentials');
    expect(stdout.replace(/\s+/g, ' ')).toContain('without credentials');
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('without credentials');
  });
});

describe('--baseline', () => {
  test('a known failure passes, a new one fails, a mended one is told', async () => {
    const broken = await startMock({ faults: ['error-shape-foreign'] });
    const image = `${broken.registry}/demo/app:latest`;
    const file = join(scratch(), 'known.yaml');
    const words = (...more: string[]) => ['conform', image, '--only', 'error-*', ...more];
    try {
      expect((await cli(words())).code).toBe(1);
      expect((await cli(words('--write-baseline', file))).code).toBe(1);
      const out = scratch();
      expect((await cli(words('--baseline', file, '--out', out))).code).toBe(0);
      expect(readResults(out).conform?.baseline).toMatchObject({ unexpected: [], fixed: [] });
      writeFileSync(file, JSON.stringify({ expected: { 'blob-head': 'once' } }));
      const again = scratch();
      const only = ['--only', 'blob-head', '--baseline', file, '--out', again];
      expect((await cli(words(...only))).code).toBe(1);
      expect(readResults(again).conform?.baseline?.fixed).toEqual(['blob-head']);
      expect(readResults(again).conform?.baseline?.unexpected.length).toBeGreaterThan(0);
    } finally {
      await broken.close();
    }
  });
});

describe('the settings of the official suite', () => {
  test('name the registry, the user, the folder; what is unknown is told', async () => {
    const out = scratch();
    const env = {
      OCI_ROOT_URL: mock.registry,
      OCI_NAMESPACE: 'team/official',
      OCI_CROSSMOUNT_NAMESPACE: 'team/official-two',
      OCI_USERNAME: mock.username,
      OCI_PASSWORD: mock.password,
      OCI_TEST_CONTENT_MANAGEMENT: '0',
      OCI_HIDE_SKIPPED_WORKFLOWS: '1',
      OCI_REPORT_DIR: out,
      OCI_NO_SUCH_THING: '1',
    };
    const { code, stderr } = await cli(['conform'], { env });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('OCI_NO_SUCH_THING');
    expect(stderr).not.toContain('OCI_HIDE_SKIPPED_WORKFLOWS');
    const { conform, checks = [] } = readResults(out);
    expect(conform).toMatchObject({ mode: 'full', repository: 'team/official' });
    expect(checks.filter(({ section }) => section.includes('#deleting-'))).toEqual([]);
    expect(readFileSync(join(out, 'junit.xml'), 'utf8')).toContain('<testsuites');
    expect(readFileSync(join(out, 'results.json'), 'utf8')).not.toContain(mock.password);
  });

  test('a target on the command line wins over them', async () => {
    const out = scratch();
    const words = ['conform', `${mock.registry}/demo/app:latest`, '--only', 'ping', '--out', out];
    expect((await cli(words, { env: { OCI_REGISTRY: 'nowhere.invalid' } })).code).toBe(0);
  });
});

test('--list asks nobody, as text and as JSON', async () => {
  const since = new Date().toISOString();
  const text = await cli(['conform', '--list', '--level', 'must']);
  const json = await cli(['conform', '--list', '--level', 'must', '--format', 'json']);
  const rows: { id: string; level: string }[] = JSON.parse(json.stdout);
  expect(rows.length).toBe(text.stdout.trimEnd().split('\n').length);
  expect(new Set(rows.map(({ level }) => level))).toEqual(new Set(['MUST']));
  expect(requestsIn(log, since)).toEqual([]);
});

test('--allow-host: redirects to other hosts are told', async () => {
  const verdictWith = async (allowed: string) => {
    const out = scratch();
    const image = `${mock.registry}/demo/app:latest`;
    const words = ['conform', image, '--only', 'redirect-hosts', '--allow-host', allowed];
    await cli([...words, '--out', out]);
    return verdictsIn(out).get('redirect-hosts');
  };
  expect(await verdictWith(new URL(mock.cdn).hostname)).toBe('pass');
  expect(await verdictWith('cdn.example')).toBe('warn');
});
