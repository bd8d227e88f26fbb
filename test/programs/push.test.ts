// The mock as a registry to push to: real skopeo, podman and buildah, with the user and password that it
// prints. What comes back is what went in, byte by byte.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { scratch } from '../lib/cli.ts';
import { containersOf, skopeoPull, skopeoPush } from '../lib/clients.ts';
import { contentOf, demoImages, digestsOf, seeded, servedBy } from '../lib/content.ts';
import { writeLayout } from '../lib/docker-registry.ts';
import { filesIn } from '../lib/files.ts';
import { runTool, testWith } from '../lib/tools.ts';

describe('pushed to the mock', () => {
  let mock: RunningMock;
  beforeAll(async () => {
    mock = await startMock();
  });
  afterAll(() => mock.close());

  const host = () => new URL(mock.registry).host;
  const user = () => `${mock.username}:${mock.password}`;
  const test = testWith('skopeo');

  async function run(tool: string, ...words: string[]): Promise<string> {
    const { code, output } = await runTool(tool, words);
    expect(code, `${tool} ${words.join(' ')}: ${output}`).toBe(0);
    return output;
  }

  test('skopeo copy: an OCI layout of all platforms, and back', async () => {
    const layout = await writeLayout();
    const back = join(scratch(), 'back');
    await skopeoPush(`oci:${layout}:latest`, `${host()}/team/oci:1`, mock);
    await skopeoPull(`${host()}/team/oci:1`, `oci:${back}:latest`, mock);
    const blobs = filesIn(join(back, 'blobs'));
    expect(blobs).toEqual(filesIn(join(layout, 'blobs')));
    expect(blobs.length).toBeGreaterThan(10);
  });

  test.each(demoImages)('skopeo copy of %s:%s to dir:, and to another name', async (name, tag) => {
    const dir = join(scratch(), 'image');
    await skopeoPull(`${host()}/${name}:${tag}`, `dir:${dir}`);
    const other = `team/dir-of-${name.slice('demo/'.length)}`;
    await skopeoPush(`dir:${dir}`, `${host()}/${other}:1`, mock);
    expect(await digestsOf(servedBy(mock), other, '1')).toEqual(
      await digestsOf(seeded(), name, tag),
    );
  });

  test("skopeo copy: an OCI image in Docker's format, and back", async () => {
    const [first, again] = [join(scratch(), 'first'), join(scratch(), 'again')];
    const target = ['--dest-tls-verify=false', '--dest-creds', user()];
    const words = ['copy', '--quiet', '--format', 'v2s2', ...target];
    const image = `${host()}/team/docker`;
    await run('skopeo', ...words, `oci:${await writeLayout()}:latest`, `docker://${image}:1`);
    await skopeoPull(`${image}:1`, `dir:${first}`, mock);
    await skopeoPush(`dir:${first}`, `${image}:2`, mock);
    await skopeoPull(`${image}:2`, `dir:${again}`, mock);
    expect(filesIn(again)).toEqual(filesIn(first));
    const [top] = await contentOf(servedBy(mock), 'team/docker', '2');
    expect(top?.mediaType).toBe('application/vnd.docker.distribution.manifest.v2+json');
  });

  test('skopeo delete: the tag is gone, the repository is not', async () => {
    const image = `${host()}/team/gone`;
    const flags = ['--tls-verify=false', '--creds', user()];
    await skopeoPush(`oci:${await writeLayout()}:latest`, `${image}:1`, mock);
    await run('skopeo', 'delete', ...flags, `docker://${image}:1`);
    const tags = await run('skopeo', 'list-tags', ...flags, `docker://${image}`);
    expect(JSON.parse(tags).Tags).toEqual([]);
  });

  test('skopeo is refused without the password, and nothing is there', async () => {
    const image = `docker://${host()}/team/refused:1`;
    const source = `oci:${await writeLayout()}:latest`;
    const words = ['copy', '--quiet', '--dest-tls-verify=false', source, image];
    const { code, output } = await runTool('skopeo', words);
    expect(code).not.toBe(0);
    expect(output).toMatch(/unauthorized|authentication required/);
    const flags = ['--tls-verify=false', '--creds', user()];
    expect((await runTool('skopeo', ['inspect', ...flags, image])).code).not.toBe(0);
  });

  testWith('podman')('podman login, push, and pull of what was pushed', async () => {
    const podman = containersOf('podman', mock);
    await podman.login();
    const [original = ''] = mock.images.filter((name) => name.includes('/demo/single:'));
    const image = `${host()}/team/podman:1`;
    const id = await podman.run('pull', '--quiet', ...podman.access, original);
    await podman.run('tag', original, image);
    await podman.run('push', '--quiet', ...podman.access, image);
    const [, config] = await contentOf(servedBy(mock), 'team/podman', '1');
    expect(config?.digest).toBe(`sha256:${id}`);
    await podman.run('rmi', '--all', '--force');
    expect(await podman.run('pull', '--quiet', ...podman.access, image)).toBe(id);
  });

  testWith('podman')('podman is refused at login with a wrong password', async () => {
    const words = ['login', '--tls-verify=false', '--authfile', join(scratch(), 'auth.json')];
    const { code, output } = await runTool('podman', [...words, '-u', 'demo', '-p', 'x', host()]);
    expect(code).not.toBe(0);
    expect(output).toContain('invalid username/password');
  });

  testWith('buildah')('buildah: an image made on one of the mock, in both formats', async () => {
    const buildah = containersOf('buildah', mock);
    await buildah.login();
    const base = `${host()}/demo/single:1.0`;
    const container = await buildah.run('from', '--quiet', ...buildah.access, base);
    await buildah.run('config', '--label', 'made.by=e2e', container);
    const image = `${host()}/team/buildah`;
    for (const [format, mediaType] of [
      ['oci', 'application/vnd.oci.image.manifest.v1+json'],
      ['docker', 'application/vnd.docker.distribution.manifest.v2+json'],
    ] as const) {
      await buildah.run('commit', '--quiet', '--format', format, container, `${image}:${format}`);
      await buildah.run('push', '--quiet', ...buildah.access, `${image}:${format}`);
      const [top, config] = await contentOf(servedBy(mock), 'team/buildah', format);
      expect(top?.mediaType).toBe(mediaType);
      expect(JSON.parse(config?.bytes.toString() ?? '').config.Labels['made.by']).toBe('e2e');
    }
  });
});
