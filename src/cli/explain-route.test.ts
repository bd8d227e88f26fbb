import { expect, test } from 'vitest';
import { hostWith } from '../../test/lib/root-host.ts';
import { resolveRoute } from '../access/resolve.ts';
import { explainRoute } from '../doctor/route-results.ts';
import { remarksOn } from './explain-remarks.ts';
import { looksLikeImage, renderRoute } from './explain-route.ts';

const hosts = '/etc/containerd/certs.d/registry.example/hosts.toml';
const files = {
  '/etc/containerd/config.toml':
    'version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/etc/containerd/certs.d"\n',
  [hosts]:
    '[host."https://mirror.example/hub"]\ncapabilities = ["pull"]\n[host."https://mirror.example/hub".header]\nAuthorization = "Bearer hunter22"\n',
};

test('a route is readable on 80 columns', async () => {
  const route = await resolveRoute('registry.example/app', 'containerd', hostWith(files), {});
  const text = renderRoute(explainRoute(route), []);
  expect(text.split('\n').filter((line) => line.length > 80 && line.includes('  '))).toEqual([]);
  expect(text).toBe(`registry.example/app, as containerd gets at it

registry.example/app:latest (as written)
  1. mirror https://mirror.example
     asks        https://mirror.example/hub/v2/app/manifests/latest
     because of  ${hosts}:1
     only for    pull
     with        ?ns=registry.example, the header Authorization
     credential  none found
     trusts      the system's certificates
     looked in   /etc/containerd/certs.d/registry.example (used)
                 /etc/containerd/certs.d/_default (passed over)
     proxy       none
  2. registry https://registry.example
     asks        https://registry.example/v2/app/manifests/latest
     because of  ${hosts}:1
     credential  none found
     trusts      the system's certificates
     looked in   /etc/containerd/certs.d/registry.example (used)
                 /etc/containerd/certs.d/_default (passed over)
     proxy       none

Files, in the order in which they are read
  used         /etc/containerd/config.toml
  used         /etc/containerd/certs.d/registry.example
  passed over  /etc/containerd/certs.d/_default
  used         ${hosts}
`);
});

test('what a file holds cannot act on the terminal', async () => {
  const odd = { ...files, [hosts]: '[host."https://a\\u001bb"]\n' };
  const route = await resolveRoute('registry.example/app', 'containerd', hostWith(odd), {});
  expect(renderRoute(explainRoute(route), [])).not.toContain('\u001b');
});

test('the daemon is told apart from the shell', async () => {
  const host = hostWith(
    { '/root/.docker/config.json': '{\n"proxies": {}}' },
    { variables: { HTTPS_PROXY: 'http://p:1' } },
  );
  expect(await remarksOn('docker', host)).toEqual([
    expect.stringContaining('/root/.docker/config.json:2'),
    expect.stringContaining('do not count'),
  ]);
  expect(await remarksOn('podman', host)).toEqual([]);
});

test.each([
  ['alpine', {}, false],
  ['alpine', { client: 'docker' }, true],
  ['alpine:3', {}, true],
  ['team/app', {}, true],
  ['descriptor-sise', {}, false],
])('%s with %j is an image: %s', (word, flags, expected) => {
  expect(looksLikeImage(word, flags)).toBe(expected);
});
