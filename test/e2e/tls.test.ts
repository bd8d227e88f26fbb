// The mock with TLS against clients that trust its CA, and against some that do not: real skopeo, podman,
// buildah, crane and curl, and our own two drivers over HTTP/1.1 and HTTP/2. Registries as clients are in
// pull-through.test.ts.
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { containersOf, craneOf } from '../lib/clients.ts';
import { digestsIn, digestsOf, seeded } from '../lib/content.ts';
import { isOverHttp2, requestsIn } from '../lib/request-log.ts';
import { runTool, testWith } from '../lib/tools.ts';

describe('the mock with TLS serves', () => {
  let mock: RunningMock;
  let ca = '';
  beforeAll(async () => {
    mock = await startMock({ tls: true });
    ca = mock.ca ?? '';
  });
  afterAll(() => mock.close());
  const host = () => new URL(mock.registry).host;

  testWith('skopeo')('skopeo copy with the folder of the CA, and not without', async () => {
    const dir = join(scratch(), 'image');
    const words = ['--all', `docker://${host()}/demo/app:latest`, `dir:${dir}`];
    const trust = ['--src-cert-dir', dirname(ca)];
    const { code, output } = await runTool('skopeo', ['copy', ...trust, ...words]);
    expect(code, output).toBe(0);
    expect(digestsIn(dir)).toEqual(await digestsOf(seeded(), 'demo/app', 'latest'));
    const refused = await runTool('skopeo', ['copy', ...words]);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/certificate/);
  });

  testWith('podman')('podman login, push and pull with the folder of the CA', async () => {
    const { run, access, login } = containersOf('podman', mock);
    await login();
    const [image, copy] = [`${host()}/demo/single:1.0`, `${host()}/team/podman:1`];
    const id = await run('pull', '--quiet', ...access, image);
    await run('tag', image, copy);
    await run('push', '--quiet', ...access, copy);
    expect(await run('pull', '--quiet', ...access, copy)).toBe(id);
    const untrusting = containersOf('podman', { ...mock, ca: join(scratch(), 'none.crt') });
    await expect(untrusting.login()).rejects.toThrow(/certificate/);
  });

  testWith('buildah')('buildah pull with the folder of the CA', async () => {
    const { run, access } = containersOf('buildah', mock);
    expect(await run('pull', '--quiet', ...access, `${host()}/demo/legacy:1.0`)).toMatch(
      /^\w{64}$/,
    );
  });

  testWith('crane')('crane pull and push with the CA, over HTTP/2', async () => {
    const log = join(scratch(), 'requests.ndjson');
    // crane follows no redirect to another private address.
    const near = await startMock({ tls: true, cdnPlace: 'port', log });
    try {
      const crane = await craneOf(near);
      const { host: place } = new URL(near.registry);
      const [layout, back] = [join(scratch(), 'layout'), join(scratch(), 'back')];
      await crane('pull', '--format', 'oci', `${place}/demo/app:latest`, layout);
      expect(digestsIn(layout)).toEqual(await digestsOf(seeded(), 'demo/app', 'latest'));
      await crane('push', layout, `${place}/team/crane:1`);
      await crane('pull', '--format', 'oci', `${place}/team/crane:1`, back);
      expect(digestsIn(back)).toEqual(digestsIn(layout));
    } finally {
      await near.close();
    }
    const requests = requestsIn(log);
    const roles = new Set(requests.map(({ role }) => role));
    expect(roles).toEqual(new Set(['registry', 'token', 'edge']));
    expect(requests.filter((request) => !isOverHttp2(request))).toEqual([]);
  });

  testWith('curl').each([
    ['--http2', '2 401'],
    ['--http1.1', '1.1 401'],
  ])('curl %s with the CA', async (version, said) => {
    const format = ['--write-out', '%{http_version} %{http_code}', '--output', '/dev/null'];
    const words = ['--silent', '--cacert', ca, version, ...format, `${mock.registry}/v2/`];
    expect((await runTool('curl', words)).output).toBe(said);
  });

  test('conform with --ca: every check holds', async () => {
    const out = join(scratch(), 'out');
    const words = ['conform', mock.images[0] ?? '', '--ca', ca, '--out', out, '--quiet'];
    const { code, stdout } = await cli(words);
    expect(code, stdout).toBe(0);
    const verdicts = readResults(out).checks?.map(({ id, verdict }) => `${id} ${verdict}`) ?? [];
    expect(verdicts.filter((line) => !/ (?:pass|unsupported)$/.test(line))).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(25);
  });

  testWith('k6')('load with --ca: every pull succeeds', async () => {
    const out = join(scratch(), 'out');
    const shape = ['--iterations', '6', '--vus', '2'];
    const words = ['load', mock.images[0] ?? '', ...shape, '--ca', ca, '--out', out, '--quiet'];
    const { code, stdout, stderr } = await cli(words);
    expect(code, stdout + stderr).toBe(0);
    expect(readResults(out).load?.pulls).toMatchObject({ ok: 6, failed: 0 });
  });
});
