// The mock with TLS against clients that trust its CA, and against one that does not: real skopeo and
// curl, and our own two drivers over HTTP/1.1 and HTTP/2.
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { runTool, testWith } from '../lib/tools.ts';

describe('the mock with TLS serves', () => {
  let mock: RunningMock;
  let ca = '';
  beforeAll(async () => {
    mock = await startMock({ tls: true });
    ca = mock.ca ?? '';
  });
  afterAll(() => mock.close());

  testWith('skopeo')('skopeo copy with the folder of the CA, and not without', async () => {
    const words = [
      'copy',
      '--all',
      `docker://${mock.images[0]}`,
      `dir:${join(scratch(), 'image')}`,
    ];
    const trusting = ['--src-cert-dir', dirname(ca), ...words.slice(1)];
    const { code, output } = await runTool('skopeo', ['copy', ...trusting]);
    expect(code, output).toBe(0);
    const refused = await runTool('skopeo', words);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/certificate/);
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
