// The mock as a registry to push to: real skopeo and podman, with the user and password that it prints.
// What comes back is what went in, byte by byte.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { scratch } from '../lib/cli.ts';
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

  async function run(tool: string, ...words: string[]): Promise<string> {
    const { code, output } = await runTool(tool, words);
    expect(code, `${tool} ${words.join(' ')}: ${output}`).toBe(0);
    return output;
  }

  const push = (from: string, to: string, ...words: string[]) => {
    const target = ['--dest-tls-verify=false', '--dest-creds', user()];
    return run('skopeo', 'copy', '--quiet', ...words, ...target, from, `docker://${host()}/${to}`);
  };

  const pull = (from: string, to: string, ...words: string[]) => {
    const source = ['--src-tls-verify=false', '--src-creds', user()];
    return run('skopeo', 'copy', '--quiet', ...words, ...source, `docker://${host()}/${from}`, to);
  };

  testWith('skopeo')('skopeo copy: an OCI layout of all platforms, and back', async () => {
    const layout = await writeLayout();
    const back = join(scratch(), 'back');
    await push(`oci:${layout}:latest`, 'team/oci:1', '--all', '--preserve-digests');
    await pull('team/oci:1', `oci:${back}:latest`, '--all', '--preserve-digests');
    const blobs = filesIn(join(back, 'blobs'));
    expect(blobs).toEqual(filesIn(join(layout, 'blobs')));
    expect(blobs.length).toBeGreaterThan(10);
  });

  testWith('skopeo')("skopeo copy: Docker's format, and back", async () => {
    const [first, again] = [join(scratch(), 'first'), join(scratch(), 'again')];
    await push(`oci:${await writeLayout()}:latest`, 'team/docker:1', '--format', 'v2s2');
    await pull('team/docker:1', `dir:${first}`);
    await push(`dir:${first}`, 'team/docker:2', '--preserve-digests');
    await pull('team/docker:2', `dir:${again}`);
    expect(filesIn(again)).toEqual(filesIn(first));
  });

  testWith('skopeo')('skopeo delete: the tag is gone, the repository is not', async () => {
    const image = `docker://${host()}/team/gone`;
    const flags = ['--tls-verify=false', '--creds', user()];
    await push(`oci:${await writeLayout()}:latest`, 'team/gone:1');
    await run('skopeo', 'delete', ...flags, `${image}:1`);
    expect(JSON.parse(await run('skopeo', 'list-tags', ...flags, image)).Tags).toEqual([]);
  });

  testWith('skopeo')('skopeo is refused without the password, and nothing is there', async () => {
    const image = `docker://${host()}/team/refused:1`;
    const words = [
      'copy',
      '--quiet',
      '--dest-tls-verify=false',
      `oci:${await writeLayout()}:latest`,
    ];
    const { code, output } = await runTool('skopeo', [...words, image]);
    expect(code).not.toBe(0);
    expect(output).toMatch(/unauthorized|authentication required/);
    const flags = ['--tls-verify=false', '--creds', user()];
    expect((await runTool('skopeo', ['inspect', ...flags, image])).code).not.toBe(0);
  });

  testWith('podman')('podman login, push, and pull of what was pushed', async () => {
    const dir = scratch();
    const storage = ['--root', join(dir, 'root'), '--runroot', join(dir, 'run')];
    const podman = (...words: string[]) =>
      run('podman', ...storage, '--storage-driver', 'vfs', ...words);
    const access = ['--tls-verify=false', '--authfile', join(dir, 'auth.json')];
    await podman('login', ...access, '-u', mock.username, '-p', mock.password, host());
    const image = `${host()}/team/podman:1`;
    const id = await podman('pull', '--quiet', ...access, mock.images[1] ?? '');
    await podman('tag', mock.images[1] ?? '', image);
    await podman('push', '--quiet', ...access, image);
    await podman('rmi', '--all', '--force');
    expect(await podman('pull', '--quiet', ...access, image)).toBe(id);
  });
});
