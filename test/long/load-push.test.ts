// Pushes beside the pulls through the built command line with real k6, against the mock and Debian's
// docker-registry: what was pushed can be read back by others.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import {
  htpasswdUser,
  pushLayout,
  type RunningRegistry,
  startDockerRegistry,
  writeLayout,
} from '../lib/docker-registry.ts';
import { hasTools, runTool, testWith } from '../lib/tools.ts';

interface Login {
  readonly username: string;
  readonly password: string;
}

/** Runs a plan of pulls of `image` and these pushes, with this login or these words about access. */
async function loadWith(
  image: string,
  push: string,
  access: Login | readonly string[],
  more: readonly string[] = [],
) {
  const out = scratch();
  const plan = join(out, 'plan.yaml');
  const pulls = `images: ['http://${image}']\nvus: 1\nduration: 2s\n`;
  writeFileSync(plan, `${pulls}push:\n${push.replace(/^/gm, '  ')}\n`);
  const words = ['load', '--plan', plan, '--out', out, ...more];
  const ended =
    'username' in access
      ? await cli([...words, '--username', access.username, '--password-stdin'], {
          input: access.password,
        })
      : await cli([...words, ...access]);
  const { load, ...results } = readResults(out);
  expect(validateResults({ ...results, load })).toBeUndefined();
  return { ...ended, out, load, pushes: load?.pushes };
}

async function tagsOf(host: string, repository: string, { username, password }: Login) {
  const credentials = `${username}:${password}`;
  const flags = ['--tls-verify=false', '--creds', credentials];
  const { output } = await runTool('skopeo', [
    ...['list-tags', ...flags, `docker://${host}/${repository}`],
  ]);
  return JSON.parse(output).Tags as string[];
}

/** Reads the image back by a real client, which checks every digest, and then its files by `validate`. */
async function expectWhole(image: string, { username, password }: Login): Promise<void> {
  const layout = join(scratch(), 'layout');
  const flags = ['--src-tls-verify=false', '--src-creds', `${username}:${password}`];
  const words = ['copy', '--quiet', ...flags, `docker://${image}`, `oci:${layout}:x`];
  const { code, output } = await runTool('skopeo', words);
  expect(code, output).toBe(0);
  const judged = await cli(['validate', layout, '--out', scratch()]);
  expect(judged.code, judged.stdout).toBe(0);
}

describe('against the mock, with tokens', () => {
  const test = testWith('k6', 'skopeo');
  let mock: RunningMock;
  const host = () => new URL(mock.registry).host;
  const image = () => mock.images[0] ?? '';
  beforeAll(async () => {
    mock = await startMock();
  });
  afterAll(() => mock.close());

  test.each(['monolithic', 'chunked'])(
    '%s: figures of their own, and a whole image',
    async (form) => {
      const repository = `load/${form}`;
      const push = [
        `repository: http://${host()}/${repository}`,
        ...['vus: 2', 'layers: 2', 'bytes: { 100KB: 1, 1MB: 1 }', `upload: ${form}`],
        'chunkBytes: 300KB',
      ];
      const slos = ['push.p95<60s', 'push.errors=0%', 'upload-finish.p99<60s', 'pushes>0/s'];
      const { code, load, pushes, stdout } = await loadWith(image(), push.join('\n'), mock, [
        ...slos.flatMap((slo) => ['--slo', slo]),
      ]);
      expect(code, stdout).toBe(0);
      const { ok = 0 } = pushes ?? {};
      expect(ok).toBeGreaterThan(0);
      expect(pushes).toMatchObject({ failed: 0, dropped: 0, known: 0, vus: 2 });
      // Two layers and a config each; a chunked layer has at least one PATCH.
      const { phases = {} } = pushes ?? {};
      expect(phases['upload-start']?.count).toBe(3 * ok);
      expect(phases['upload-finish']?.count).toBe(3 * ok);
      expect(phases['manifest-put']?.count).toBe(ok);
      expect((phases['upload-chunk']?.count ?? 0) >= 2 * ok).toBe(form === 'chunked');
      expect(pushes?.bytes.sent).toBeGreaterThan(200_000 * ok);
      // Pulls know nothing of it.
      expect(load?.pulls.failed).toBe(0);
      expect(Object.keys(load?.phases ?? {}).sort()).toEqual(
        ['config', 'index', 'layer', 'manifest', 'ping', 'token'].sort(),
      );
      expect(load?.phases.ping?.count).toBe(load?.pulls.ok);
      const tags = await tagsOf(host(), repository, mock);
      expect(pushes?.left).toEqual([{ prefix: expect.any(String), tags: tags.length }]);
      expect(tags.every((tag) => tag.startsWith(pushes?.left[0]?.prefix ?? '-'))).toBe(true);
      await expectWhole(`${host()}/${repository}:${tags[0]}`, mock);
    },
  );

  test('of few blobs, those that are there are not sent again; what is left is deleted', async () => {
    const repository = 'load/known';
    const push = [
      `repository: http://${host()}/${repository}`,
      ...['rate: 5/s', 'vus: 3', 'layers: 2', 'blobs: 2', 'bytes: 10KB', 'cleanUp: true'],
    ];
    const { code, pushes, stdout } = await loadWith(image(), push.join('\n'), mock);
    expect(code, stdout).toBe(0);
    expect(pushes?.ok).toBeGreaterThan(3);
    expect(pushes?.known).toBeGreaterThan(0);
    expect(pushes?.left).toEqual([]);
    expect(await tagsOf(host(), repository, mock)).toEqual([]);
  });

  test('who may not push learns it before the run, which is not made', async () => {
    const plan = join(scratch(), 'plan.yaml');
    const push = `repository: http://${host()}/load/denied\n  rate: 5/s\n  bytes: 10KB`;
    writeFileSync(plan, `images: ['http://${image()}']\nduration: 1s\npush:\n  ${push}\n`);
    const out = scratch();
    const { code, stderr } = await cli(['load', '--plan', plan, '--out', out]);
    expect(code, stderr).toBe(3);
    expect(stderr).toContain('load/denied');
    expect(stderr).toContain('credentials');
    expect(existsSync(join(out, 'timeline.ndjson'))).toBe(false);
  });

  test('an auth file says who pushes, and nothing of it is written down', async () => {
    const auth = Buffer.from(`${mock.username}:${mock.password}`).toString('base64');
    const authfile = join(scratch(), 'auth.json');
    writeFileSync(authfile, JSON.stringify({ auths: { [`${host()}/load`]: { auth } } }));
    const push = `repository: http://${host()}/load/authfile\nbytes: 10KB`;
    const { code, out, pushes, stdout } = await loadWith(image(), push, [
      ...['--authfile', authfile],
    ]);
    expect(code, stdout).toBe(0);
    expect(pushes?.failed).toBe(0);
    for (const file of readdirSync(out)) {
      const text = readFileSync(join(out, file), 'utf8');
      expect(text.includes(mock.password) || text.includes(auth), file).toBe(false);
    }
  });

  test('a shape without an end, a tag and too many chunks are refused at their place', async () => {
    const plan = join(scratch(), 'plan.yaml');
    const refused = async (push: string, ...more: string[]) => {
      writeFileSync(plan, `images: ['http://${image()}']\npush:\n  ${push}\n`);
      const { code, stderr } = await cli(['load', '--plan', plan, '--out', scratch(), ...more]);
      expect(code, stderr).toBe(2);
      return stderr;
    };
    const repository = `repository: http://${host()}/load/x`;
    expect(await refused(repository, '--shape', 'smoke')).toContain('plan.yaml:3:3');
    expect(await refused(`${repository}:tag`)).toContain('plan.yaml:3:15');
    expect(
      await refused(`${repository}\n  chunkBytes: 1\n  upload: chunked\n  bytes: 1MB`),
    ).toContain('plan.yaml:4:15');
  });
});

describe("against Debian's docker-registry", () => {
  const test = testWith('docker-registry', 'skopeo', 'k6');
  let registry: RunningRegistry | undefined;
  const host = () => registry?.host ?? '';
  beforeAll(async () => {
    if (!hasTools('docker-registry', 'skopeo')) return;
    registry = await startDockerRegistry();
    await pushLayout(await writeLayout(), registry.host);
  });
  afterAll(async () => {
    await registry?.stop();
  });

  test.each(['monolithic', 'chunked'])('%s, read back whole, and deleted', async (form) => {
    const repository = `load/${form}`;
    const push = [
      `repository: http://${host()}/${repository}`,
      ...['vus: 1', 'layers: 2', 'bytes: 1MB', `upload: ${form}`, 'chunkBytes: 300KB'],
    ];
    const image = `${host()}/team/app:latest`;
    const first = await loadWith(image, push.join('\n'), htpasswdUser);
    expect(first.code, first.stdout).toBe(0);
    expect(first.pushes?.errors).toEqual([]);
    const tags = await tagsOf(host(), repository, htpasswdUser);
    expect(tags.length).toBe(first.pushes?.ok);
    await expectWhole(`${host()}/${repository}:${tags[0]}`, htpasswdUser);
    const cleaned = await loadWith(image, [...push, 'cleanUp: true'].join('\n'), htpasswdUser);
    expect(cleaned.code, cleaned.stdout).toBe(0);
    expect(cleaned.pushes?.left).toEqual([]);
    expect((await tagsOf(host(), repository, htpasswdUser)).sort()).toEqual(tags.sort());
  });
});
