import { describe, expect, test } from 'vitest';
import { hostWith } from '../../test/lib/root-host.ts';
import type { HostView } from './host-view.ts';
import { clientProxies, daemonProxies, shellProxies } from './proxies.ts';

const url = 'https://registry.example';
const dropIn = '/etc/systemd/system/docker.service.d/http-proxy.conf';
const shell = { variables: { HTTPS_PROXY: 'http://shell:1', no_proxy: 'other.example' } };

async function proxyFor(client: string, host: HostView, of = url) {
  return (await clientProxies(client, host)).find(of);
}

describe('whose variables count', () => {
  const host = hostWith(
    { [dropIn]: '[Service]\nEnvironment="HTTPS_PROXY=http://unit:2"\n' },
    shell,
  );

  test('of the shell, for who pulls by itself', async () => {
    for (const client of ['podman', 'skopeo', 'crane']) {
      expect(await proxyFor(client, host)).toEqual({
        proxy: expect.objectContaining({ host: 'shell', port: 1 }),
        written: { in: '$HTTPS_PROXY', line: 0 },
      });
    }
    expect(shellProxies(host)('https://other.example')).toEqual({
      written: { in: '$HTTPS_PROXY', line: 0 },
      exempt: { entry: 'other.example', written: { in: '$no_proxy', line: 0 } },
    });
  });

  test('of the unit, for a daemon', async () => {
    expect(await proxyFor('docker', host)).toMatchObject({
      proxy: { host: 'unit', port: 2 },
      written: { in: dropIn, line: 2 },
    });
    expect(await proxyFor('kubelet-containerd', host)).toEqual({});
  });

  test('what this machine is asked needs no entry', async () => {
    expect(await proxyFor('podman', host, 'https://localhost:5000')).toEqual({
      written: { in: '$HTTPS_PROXY', line: 0 },
      exempt: { entry: 'localhost', written: { in: 'default', line: 0 } },
    });
  });
});

describe('a unit', () => {
  const unit = '/usr/lib/systemd/system/containerd.service';
  const folder = '/etc/systemd/system/containerd.service.d';

  test('drop-ins win in the order of their names, an empty line takes all back', async () => {
    const host = hostWith({
      [unit]: '[Service]\nEnvironment=HTTPS_PROXY=http://a:1\n',
      [`${folder}/20.conf`]: '[Service]\nEnvironment=\nEnvironment=HTTPS_PROXY=http://c:3 X=y\n',
      [`${folder}/10.conf`]: '[Service]\nEnvironment=HTTP_PROXY=http://b:2\n',
      [`${folder}/30.txt`]: '[Service]\nEnvironment=HTTPS_PROXY=http://d:4\n',
      '/usr/lib/systemd/system/containerd.service.d/20.conf':
        '[Service]\nEnvironment=HTTPS_PROXY=http://e:5\n',
    });
    expect(await daemonProxies(host)).toEqual([
      {
        daemon: 'containerd',
        variables: { HTTPS_PROXY: 'http://c:3' },
        written: { in: `${folder}/20.conf`, line: 3 },
      },
    ]);
  });

  test('files of variables win, and the defaults of the manager lose', async () => {
    const host = hostWith({
      '/etc/systemd/system.conf.d/proxy.conf':
        '[Manager]\nDefaultEnvironment=HTTPS_PROXY=http://m:1 NO_PROXY=x\n',
      [unit]:
        '[Service]\nEnvironmentFile=-/etc/sysconfig/containerd\nEnvironment=HTTPS_PROXY=http://a:1\n',
      '/etc/sysconfig/containerd': '# ours\nHTTPS_PROXY="http://f:6"\n',
    });
    const found = await clientProxies('containerd', host);
    expect(found.find(url)).toMatchObject({
      proxy: { host: 'f' },
      written: { in: '/etc/sysconfig/containerd', line: 2 },
    });
    expect(found.find('https://x')).toMatchObject({
      exempt: { written: { in: '/etc/systemd/system.conf.d/proxy.conf', line: 2 } },
    });
    expect(found.files.map(({ path }) => path)).toEqual([
      '/etc/systemd/system.conf.d/proxy.conf',
      '/etc/sysconfig/containerd',
    ]);
  });

  test('percent signs are written twice', async () => {
    const host = hostWith({
      [unit]: '[Service]\nEnvironment="HTTPS_PROXY=http://u:p%%40ss@a:1"\n',
    });
    expect((await proxyFor('containerd', host)).proxy).toMatchObject({ password: 'p@ss' });
  });
});

test('daemon.json wins over the unit, and older dockers do not know it', async () => {
  const host = hostWith({
    [dropIn]: '[Service]\nEnvironment=HTTPS_PROXY=http://unit:2 NO_PROXY=n.example\n',
    '/etc/docker/daemon.json': '{"proxies": {\n "https-proxy": "http://json:3"}}',
  });
  expect(await proxyFor('docker', host)).toMatchObject({
    proxy: { host: 'json' },
    written: { in: '/etc/docker/daemon.json', line: 2 },
  });
  expect(await proxyFor('docker', host, 'https://n.example')).toMatchObject({
    exempt: { entry: 'n.example' },
  });
  expect(await proxyFor('docker@20.10', host)).toMatchObject({ proxy: { host: 'unit' } });
});

test('containers.conf sets variables for podman, not for skopeo', async () => {
  const host = hostWith(
    {
      '/etc/containers/containers.conf': '[engine]\nenv = ["HTTPS_PROXY=http://conf:4"]\n',
      '/etc/containers/containers.conf.d/a.conf':
        '[engine]\nenv = ["NO_PROXY=n", {append = true}]\n',
    },
    shell,
  );
  expect(await proxyFor('podman', host)).toMatchObject({
    proxy: { host: 'conf' },
    written: { in: '/etc/containers/containers.conf', line: 2 },
  });
  expect(await proxyFor('podman', host, 'https://n')).toMatchObject({ exempt: { entry: 'n' } });
  expect(await proxyFor('skopeo', host)).toMatchObject({ proxy: { host: 'shell' } });
});
