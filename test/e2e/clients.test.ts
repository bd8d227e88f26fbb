// The mock against the clients it must satisfy: real skopeo and podman, through token server and CDN.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { scratch } from '../lib/cli.ts';
import { runTool, testWith } from '../lib/tools.ts';

describe('the mock serves', () => {
  let mock: RunningMock;
  beforeAll(async () => {
    mock = await startMock();
  });
  afterAll(() => mock.close());

  testWith('skopeo')('skopeo copy: all platforms, to a dir: whose files it verified', async () => {
    const dir = join(scratch(), 'image');
    const source = `docker://${mock.images[0]}`;
    const words = ['copy', '--all', '--src-tls-verify=false', source, `dir:${dir}`];
    const { code, output } = await runTool('skopeo', words);
    expect(code, output).toBe(0);
    const index = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8'));
    expect(index.manifests.length).toBeGreaterThan(2);
  });

  testWith('skopeo')('skopeo copy: with the user and password it prints', async () => {
    const { username, password } = mock;
    const source = `docker://${mock.images[1]}`;
    const words = ['copy', '--src-tls-verify=false', '--src-creds', `${username}:${password}`];
    const target = `dir:${join(scratch(), 'image')}`;
    const { code, output } = await runTool('skopeo', [...words, source, target]);
    expect(code, output).toBe(0);
  });

  testWith('skopeo')('skopeo is refused with a wrong password', async () => {
    const words = ['inspect', '--tls-verify=false', '--creds', 'demo:wrong'];
    const { code, output } = await runTool('skopeo', [...words, `docker://${mock.images[1]}`]);
    expect(code).not.toBe(0);
    expect(output).toContain('unauthorized');
  });

  testWith('podman').each([0, 1, 2])('podman pull of image %i', async (number) => {
    const dir = scratch();
    const storage = ['--root', join(dir, 'root'), '--runroot', join(dir, 'run')];
    const image = mock.images[number] ?? '';
    const driver = ['--storage-driver', 'vfs'];
    const words = [...storage, ...driver, 'pull', '--tls-verify=false', '--quiet', image];
    const { code, output } = await runTool('podman', words);
    expect(code, output).toBe(0);
    expect(output).toMatch(/[0-9a-f]{64}/);
  });
});
