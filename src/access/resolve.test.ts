import { describe, expect, test } from 'vitest';
import { hostWith } from '../../test/lib/root-host.ts';
import { profiles } from '../profiles/index.ts';
import { resolveRoute, resolveTrust } from './resolve.ts';
import type { Route } from './route.ts';

const image = 'registry.example/team/app:1';
const urls = ({ candidates }: Route) =>
  candidates[0]?.endpoints.map(({ url, plainHttp }) => `${url} ${plainHttp}`);

test.each(Object.keys(profiles))(
  '%s resolves a name on a host without configuration',
  async (client) => {
    const route = await resolveRoute(image, client, hostWith({}), {});
    expect(route).toMatchObject({ client, text: image, problems: [] });
    expect(route.candidates).toMatchObject([
      {
        name: image,
        endpoints: [
          {
            role: 'registry',
            url: 'https://registry.example',
            registry: 'registry.example',
            repository: 'team/app',
            reference: '1',
            apiPath: '/v2',
            plainHttp: 'never',
            resolves: true,
            pulls: true,
          },
        ],
      },
    ]);
  },
);

test.each(Object.keys(profiles))('%s finds Docker Hub at its other name', async (client) => {
  const route = await resolveRoute('docker.io/library/nginx', client, hostWith({}), {});
  expect(urls(route)).toEqual(['https://registry-1.docker.io never']);
});

test.each([
  ['http://r.example:5000/v2/team/app/manifests/1.2', 'http://r.example:5000/team/app:1.2'],
  ['https://r.example/v2/app/manifests/sha256:ab?ns=x', 'https://r.example/app@sha256:ab'],
  ['https://r.example/v2/team/app/tags/list', 'https://r.example/team/app'],
  ['https://r.example/v2/a/b/blobs/sha256:ab', 'https://r.example/a/b'],
])('the URL of a request is no image: %s', async (text, meant) => {
  await expect(resolveRoute(text, 'podman', hostWith({}), {})).rejects.toMatchObject({
    code: 'target-api-url',
    exitCode: 2,
    hint: `Write ${meant}.`,
  });
  const own = await resolveRoute('https://r.example/v2/team/app', 'podman', hostWith({}), {});
  expect(own.candidates[0]?.endpoints[0]?.repository).toBe('v2/team/app');
});

describe('what a registry is trusted by, without an image', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  const trustedBy = async (client: string, files: Readonly<Record<string, string>>) => {
    const { ca, problems } = await resolveTrust('registry.example:5000', client, hostWith(files));
    expect(problems).toEqual([]);
    return ca.map(({ written }) => written.in);
  };
  const hosts = '/etc/containerd/certs.d/registry.example:5000/hosts.toml';
  const ca = '/etc/ssl/own.pem';
  const config =
    'version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/etc/containerd/certs.d"\n';

  test.each(['containerd', 'kubelet-containerd'])('hosts.toml, as %s', async (client) => {
    const files = {
      '/etc/containerd/config.toml': config,
      [hosts]: `server = "https://registry.example:5000"\nca = "${ca}"\n`,
      [ca]: pem,
    };
    expect(await trustedBy(client, files)).toEqual([hosts]);
  });

  test('a mirror of hosts.toml is not the registry', async () => {
    const files = {
      '/etc/containerd/config.toml': config,
      [hosts]: `[host."https://mirror.example"]\nca = "${ca}"\n`,
      [ca]: pem,
    };
    expect(await trustedBy('containerd', files)).toEqual([]);
  });

  test('certs.d, as podman', async () => {
    const file = '/etc/containers/certs.d/registry.example:5000/ca.crt';
    expect(await trustedBy('podman', { [file]: pem })).toEqual([file]);
  });
});

describe('flags win', () => {
  const mirrored = hostWith({
    '/etc/containers/registries.conf':
      '[[registry]]\nlocation = "registry.example"\n[[registry.mirror]]\nlocation = "mirror.example"\n',
  });

  test.each([
    ['http:// in front', `http://${image}`, {}],
    ['--plain-http', image, { plainHttp: true }],
  ])('%s, at the registry and not at its mirrors', async (_what, text, flags) => {
    const route = await resolveRoute(text, 'podman', mirrored, flags);
    expect(urls(route)).toEqual(['https://mirror.example never', 'http://registry.example only']);
    expect(route.text).toBe(text);
  });

  test.each([
    'http://registry.example:5000/',
    'https://registry.example',
    'http://127.0.0.1:5000',
    'http://[::1]:5000',
    'http://localhost:5000',
  ])('%s is the URL of a registry, and no short name', async (text) => {
    for (const client of ['podman', 'docker', 'crane']) {
      await expect(resolveRoute(text, client, hostWith({}), {})).rejects.toThrow(
        'names no repository',
      );
    }
  });

  test('a tag with dots makes no registry of a short name', async () => {
    const route = await resolveRoute('https://alpine:3.20', 'docker', hostWith({}), {});
    expect(route.candidates[0]?.name).toBe('docker.io/library/alpine:3.20');
  });

  test('https:// in front takes back what a client does by itself', async () => {
    const route = await resolveRoute(
      'https://127.0.0.1:5000/a',
      'containerd@1.6',
      hostWith({}),
      {},
    );
    expect(urls(route)).toEqual(['https://127.0.0.1:5000 never']);
  });

  test('--insecure, --ca and --username', async () => {
    const flags = { insecure: true, ca: ['PEM'], username: 'u', password: 'p' };
    for (const client of ['podman', 'containerd', 'docker', 'crane']) {
      const route = await resolveRoute(image, client, hostWith({}), flags);
      expect(route.candidates[0]?.endpoints[0]).toMatchObject({
        trust: { unverified: { in: '--insecure' }, ca: [{ pem: 'PEM', written: { in: '--ca' } }] },
        credentials: { credentials: { username: 'u', password: 'p' } },
      });
    }
  });
});

describe('what another host than that of the name is shown', () => {
  const entry = (user: string) => ({ auth: btoa(`${user}:p`) });
  const auths = {
    'registry.example': entry('own'),
    'mirror.example': entry('mirror'),
    'https://index.docker.io/v1/': entry('hub'),
  };
  const login = JSON.stringify({ auths });
  const mirrored = hostWith({
    '/root/.docker/config.json': login,
    '/var/lib/kubelet/config.json': login,
    '/etc/containers/registries.conf':
      '[[registry]]\nlocation = "registry.example"\n[[registry.mirror]]\nlocation = "mirror.example"\n',
    '/etc/docker/daemon.json': '{"registry-mirrors":["https://mirror.example"]}',
    '/etc/containerd/config.toml':
      'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/c"\n',
    '/c/registry.example/hosts.toml': '[host."https://mirror.example"]\n',
  });
  const shown = async (client: string, text: string, flags = {}) => {
    const { candidates } = await resolveRoute(text, client, mirrored, flags);
    const [mirror, registry] = candidates[0]?.endpoints ?? [];
    return [mirror, registry].map((it) => it?.credentials.credentials?.username);
  };

  test.each([
    ['podman', image, ['mirror', 'own']],
    ['cri-o', image, ['mirror', 'own']],
    ['kubelet-cri-o', image, ['mirror', 'own']],
    ['kubelet-containerd', image, ['own', 'own']],
    ['lazy', image, ['mirror', 'own']],
    ['docker', 'alpine', ['hub', 'hub']],
    ['docker@20.10', 'alpine', ['hub', 'hub']],
    ['docker-containerd', 'alpine', [undefined, 'hub']],
  ])('by %s', async (client, text, expected) => {
    expect(await shown(client, text)).toEqual(expected);
  });

  test.each([
    ['podman', image, 'mirror'],
    ['kubelet-cri-o', image, 'mirror'],
    ['containerd', image, 'flag'],
    ['docker', 'alpine', 'flag'],
    ['docker-containerd', 'alpine', undefined],
  ])('by %s, of --username', async (client, text, mirror) => {
    const flags = { username: 'flag', password: 'p' };
    expect(await shown(client, text, flags)).toEqual([mirror, 'flag']);
  });
});

describe('what is no image', () => {
  test.each(['', 'Not An Image', 'registry.example/UPPER', 'user:hunter22@registry.example/a'])(
    '%s',
    async (text) => {
      const refused = await resolveRoute(text, 'containerd', hostWith({}), {}).catch((it) => it);
      expect(refused).toMatchObject({ exitCode: 2, hint: expect.any(String) });
      expect(refused.message).not.toContain('hunter22');
    },
  );

  test.each(Object.keys(profiles))('%s: a host that is none is a problem', async (client) => {
    const route = await resolveRoute('1.2.3.400/a', client, hostWith({}), {});
    expect(route.candidates[0]?.endpoints).toEqual([]);
    expect(route.problems).toMatchObject([{ id: 'host-impossible' }]);
  });
});

test.each([
  ['crane', 'localhost:5000/a', 'https://localhost:5000 fallback'],
  ['crane', '192.168.1.2/a', 'https://192.168.1.2 fallback'],
  ['crane', 'x.local/a', 'https://x.local fallback'],
  ['oras', 'localhost:5000/a', 'http://localhost:5000 only'],
  ['oras', '127.0.0.1:5000/a', 'https://127.0.0.1:5000 never'],
])('%s asks %s at %s', async (client, text, expected) => {
  expect(urls(await resolveRoute(text, client, hostWith({}), {}))).toEqual([expected]);
});

test.each([
  ['skopeo@1.9', 1],
  ['podman@4.3', 1],
  ['docker@20.10', 1],
  ['podman', 0],
  ['docker', 0],
])('%s and a registry of IPv6', async (client, refused) => {
  const { problems } = await resolveRoute('[::1]:5000/a', client, hostWith({}), {});
  const ids = problems.filter(({ isFatal }) => isFatal).map(({ id }) => id);
  expect(ids).toEqual(Array(refused).fill('reference-ipv6'));
});
