// Rows about what the host's own configuration says: names, mirrors, credentials, policies.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPolicy } from '../../src/access/containers/policy.ts';
import { resolveRoute } from '../../src/access/resolve.ts';
import { endpoint, routeOver, soundHosts } from '../lib/doctor-world.ts';
import { hostWith } from '../lib/host-with.ts';
import { authFile, type CauseCase, errorOf, hosts, loginFiles, on, page, saying } from './case.ts';

const closed = { mock: { permissions: ['anonymous:demo/app=none'] } };
const registriesConf = '/etc/containers/registries.conf';
const podman = ['podman'];

/** The Hub is our mock. */
const hub = {
  ...closed,
  mock: { ...closed.mock, origins: { registry: 'https://registry-1.docker.io' } },
  world: { hosts: { ...soundHosts, 'registry-1.docker.io': {} } },
};

const secret = (auths: object) =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: pull}\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: ${Buffer.from(JSON.stringify({ auths })).toString('base64')}\n`;

const jwt = (exp: number) =>
  ['{"alg":"none"}', JSON.stringify({ exp }), 'x']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

/** Asked by kubelet over containerd, with a Secret. */
function withSecret(auths: object): CauseCase['situation'] {
  return async (client) => {
    const pullSecret = join(mkdtempSync(join(tmpdir(), 'pullproof-secret-')), 'secret.yaml');
    writeFileSync(pullSecret, secret(auths));
    const route = await resolveRoute('registry.test/demo/app', client, hostWith({}), {
      pullSecret,
    });
    return { ...closed, route };
  };
}

/** A helper is run on this host alone: its file is made here, and PATH leads nowhere. */
async function withHelper(client: string) {
  const folder = mkdtempSync(join(tmpdir(), 'pullproof-helper-'));
  const text = JSON.stringify({ credHelpers: { 'registry.test': 'nowhere' } });
  writeFileSync(join(folder, 'config.json'), text);
  const variables = { DOCKER_CONFIG: folder, PATH: folder };
  const view = { ...hostWith({}), root: '', home: folder, variables };
  return { route: await resolveRoute('registry.test/demo/app', client, view, {}) };
}

/** With what the host's policy.json is, where it is looked for. */
function withPolicy(files: Readonly<Record<string, string>>): CauseCase['situation'] {
  return async (client) => {
    const host = hostWith(files);
    const route = await resolveRoute('registry.test/demo/app', client, host, {});
    const found = await findPolicy('registry.test/demo/app:latest', client, host);
    return { route: { ...route, problems: [...route.problems, ...(found?.problems ?? [])] } };
  };
}

const mirrored = (location: string) => ({
  files: {
    [registriesConf]: `[[registry]]\nlocation = "registry.test"\n[[registry.mirror]]\nlocation = "${location}"\n`,
  },
});
const withMirror = (mirror: ReturnType<typeof saying>) => ({
  world: { hosts: { ...soundHosts, 'mirror.test': mirror } },
});

const names: readonly CauseCase[] = [
  {
    cause: 'short-name',
    what: 'nothing configured',
    clients: podman,
    situation: on({ text: 'app' }),
  },
  {
    cause: 'short-name',
    what: 'several, and nobody to ask',
    clients: podman,
    situation: on({
      text: 'app',
      files: {
        [registriesConf]:
          'unqualified-search-registries = ["registry.test", "other.test"]\nshort-name-mode = "enforcing"\n',
      },
    }),
  },
  {
    cause: 'short-name',
    what: 'a search that leads to a registry without it',
    clients: podman,
    certainty: 'possible',
    situation: on(
      {
        text: 'no/such',
        files: { [registriesConf]: 'unqualified-search-registries = ["registry.test"]\n' },
      },
      { mock: { auth: 'none' } },
    ),
    also: { 'repository-missing': 'that registry says so' },
  },
  {
    cause: 'registries-conf-v1',
    what: 'for podman 6',
    clients: podman,
    situation: on({
      files: { [registriesConf]: '[registries.search]\nregistries = ["registry.test"]\n' },
    }),
  },
  {
    cause: 'configuration-broken',
    what: 'TOML that is none',
    clients: podman,
    situation: on({ files: { [registriesConf]: '[[registry]\nlocation = \n' } }),
  },
  {
    cause: 'configuration-broken',
    what: 'daemon.json that Docker does not start with',
    clients: ['docker'],
    situation: on({
      files: { '/etc/docker/daemon.json': '{"registry-mirrors": "https://mirror.test"}' },
    }),
  },
  {
    cause: 'registry-blocked-here',
    what: 'blocked = true',
    clients: podman,
    situation: on({
      files: { [registriesConf]: '[[registry]]\nlocation = "registry.test"\nblocked = true\n' },
    }),
  },
];

const mirrors: readonly CauseCase[] = [
  {
    cause: 'mirror-not-read',
    what: 'mirrors beside config_path: CRI does not start',
    clients: ['containerd', 'kubelet-containerd'],
    situation: on({
      files: {
        '/etc/containerd/config.toml':
          'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/etc/containerd/certs.d"\n[plugins."io.containerd.grpc.v1.cri".registry.mirrors."registry.test"]\nendpoint = ["https://mirror.test"]\n',
      },
    }),
  },
  {
    cause: 'mirror-not-read',
    what: 'a table of another version',
    clients: ['containerd', 'kubelet-containerd'],
    isHarmless: true,
    situation: on({
      files: {
        '/etc/containerd/config.toml':
          'version = 3\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/etc/containerd/certs.d"\n',
      },
    }),
  },
  {
    cause: 'mirror-not-read',
    what: 'the two folders that containerd 2.2 has by default',
    clients: ['containerd', 'kubelet-containerd'],
    isHarmless: true,
    situation: on({
      files: {
        '/etc/containerd/certs.d/registry.test/hosts.toml':
          'server = "https://registry.test"\n[host."https://mirror.test"]\n',
      },
    }),
  },
  {
    cause: 'mirror-path',
    what: '/v2 in the location',
    clients: podman,
    isHarmless: true,
    situation: on(
      mirrored('mirror.test/v2'),
      withMirror(saying({ status: 404, ...page('not found') })),
    ),
    also: { 'mirror-fallback': 'the upstream is asked, and has it' },
  },
  {
    cause: 'mirror-path',
    what: 'no override_path',
    clients: ['containerd', 'kubelet-containerd'],
    isHarmless: true,
    situation: on(
      {
        files: {
          '/etc/containerd/config.toml':
            'version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/etc/containerd/certs.d"\n',
          '/etc/containerd/certs.d/registry.test/hosts.toml':
            'server = "https://registry.test"\n[host."https://mirror.test/v2/proxy"]\ncapabilities = ["pull", "resolve"]\n',
        },
      },
      withMirror(saying({ status: 404, ...page('not found') })),
    ),
    also: { 'mirror-fallback': 'the upstream is asked, and has it' },
  },
  {
    cause: 'mirror-path',
    what: 'a page for everything, and no upstream that answers',
    clients: podman,
    certainty: 'possible',
    situation: on(mirrored('mirror.test'), {
      world: {
        hosts: {
          'mirror.test': saying({ status: 404, ...page('not found') }),
          'registry.test': { ports: { 443: { state: 'dropped' } } },
        },
      },
    }),
    also: {
      'not-a-registry': 'a host without a registry answers so, too',
      'registry-host-blocked': 'the upstream behind it is not reached either',
    },
  },
  {
    cause: 'mirror-fallback',
    what: 'a mirror that is down',
    isHarmless: true,
    situation: {
      route: routeOver([
        endpoint({ role: 'mirror', url: 'https://mirror.test', registry: 'mirror.test' }),
        endpoint(),
      ]),
      ...withMirror({ ports: { 443: { state: 'dropped' } } }),
    },
    also: { 'registry-host-blocked': 'the host of the mirror, as a warning' },
  },
  {
    cause: 'mirror-fallback',
    what: 'a mirror that has none of it, and is asked for each part',
    clients: ['containerd', 'kubelet-containerd'],
    isHarmless: true,
    situation: {
      route: routeOver([
        endpoint({ role: 'mirror', url: 'https://mirror.test', registry: 'mirror.test' }),
        endpoint(),
      ]),
      ...withMirror(saying({ status: 404, ...errorOf('MANIFEST_UNKNOWN', 'manifest unknown') })),
    },
  },
];

const credentials: readonly CauseCase[] = [
  {
    cause: 'stale-login',
    what: 'an old password for a public image',
    clients: ['podman', 'docker', 'kubelet-containerd'],
    situation: on({ files: loginFiles('registry.test', 'demo:old') }),
  },
  {
    cause: 'token-expired',
    what: 'a token that says its end',
    clients: ['podman', 'docker', 'kubelet-containerd'],
    situation: on({ files: loginFiles('registry.test', `AWS:${jwt(1_600_000_000)}`) }, closed),
  },
  {
    cause: 'token-expired',
    what: 'a registry that says so',
    clients: ['podman', 'docker', 'kubelet-containerd'],
    situation: on(
      { files: loginFiles('registry.test', 'AWS:secret') },
      {
        world: {
          hosts: {
            'registry.test': saying({
              status: 401,
              ...errorOf(
                'DENIED',
                'Your authorization token has expired. Reauthenticate and try again.',
              ),
              lines: [
                ['Content-Type', 'application/json'],
                ['WWW-Authenticate', 'Basic realm="https://registry.test/",service="ecr"'],
              ],
            }),
          },
        },
      },
    ),
  },
  {
    cause: 'login-refused',
    what: 'a wrong password for a private image',
    clients: ['podman', 'docker', 'kubelet-containerd'],
    situation: on({ files: loginFiles('registry.test', 'demo:wrong') }, closed),
  },
  {
    cause: 'hub-key',
    what: 'docker.io in place of the old address',
    clients: ['docker'],
    situation: on(
      { text: 'docker.io/demo/app', files: loginFiles('docker.io', 'demo:secret') },
      hub,
    ),
  },
  {
    cause: 'auth-key-mismatch',
    what: 'a login for another port',
    clients: ['podman', 'docker'],
    situation: on({ files: loginFiles('registry.test:8443', 'demo:secret') }, closed),
  },
  {
    cause: 'auth-file-of-another-user',
    what: 'sudo, and the login is that of the user',
    clients: podman,
    situation: on(
      {
        files: {
          '/etc/passwd': 'u:x:1000:1000::/home/u:/bin/sh\n',
          '/run/user/1000/containers/auth.json': authFile('registry.test', 'demo:secret'),
        },
        view: {
          uid: 0,
          user: 'root',
          home: '/root',
          variables: { SUDO_USER: 'u', SUDO_UID: '1000' },
        },
      },
      closed,
    ),
  },
  {
    cause: 'auth-file-of-another-user',
    what: 'the login of podman, and Docker pulls',
    clients: ['docker'],
    situation: on(
      {
        files: { '/home/u/.config/containers/auth.json': authFile('registry.test', 'demo:secret') },
      },
      closed,
    ),
  },
  {
    cause: 'credential-helper',
    what: 'not on the PATH',
    clients: ['podman', 'docker'],
    situation: withHelper,
  },
  {
    cause: 'pull-secret',
    what: 'an entry for another registry',
    clients: ['kubelet-containerd'],
    situation: withSecret({
      'other.test': { auth: Buffer.from('demo:secret').toString('base64') },
    }),
  },
  {
    cause: 'auth-entry-broken',
    what: 'no base64',
    clients: ['docker'],
    situation: on(
      { files: { '/home/u/.docker/config.json': '{"auths":{"registry.test":{"auth":"%%%"}}}' } },
      closed,
    ),
  },
  { cause: 'login-needed', what: 'Basic', situation: { mock: { auth: 'basic' } } },
  {
    cause: 'login-needed',
    what: 'a mirror that wants one, asked for blobs alone by some',
    isHarmless: true,
    situation: {
      route: routeOver([endpoint({ role: 'mirror', url: 'https://mirror.test' }), endpoint()]),
      ...hosts({
        'mirror.test': saying({ status: 401, lines: [['WWW-Authenticate', 'Basic realm="m"']] }),
      }),
    },
    also: { 'mirror-fallback': 'the registry served it' },
  },
  { cause: 'private-or-absent', what: 'anonymous', situation: closed },
  {
    cause: 'private-or-absent',
    what: 'a user without the right',
    clients: ['podman', 'docker', 'kubelet-containerd'],
    situation: on(
      { files: loginFiles('registry.test', 'demo:secret') },
      {
        mock: {
          password: 'secret',
          permissions: ['user:demo/app=none', 'anonymous:demo/app=none'],
        },
      },
    ),
  },
  {
    cause: 'token-short-lived',
    what: 'blobs refused to a token that was good for manifests',
    situation: { mock: { faults: ['storage-failure-unauthorized', 'tags-list-absent'] } },
  },
  {
    cause: 'token-short-lived',
    what: 'or the storage refuses: the token is taken again for the list of tags',
    certainty: 'possible',
    situation: { mock: { faults: ['storage-failure-unauthorized'] } },
  },
  {
    cause: 'policy-unusable',
    what: 'nowhere a policy.json',
    clients: podman,
    situation: withPolicy({}),
  },
  {
    cause: 'policy-unusable',
    what: 'a policy.json without a default',
    clients: podman,
    situation: withPolicy({ '/etc/containers/policy.json': '{"transports": {}}' }),
  },
  {
    cause: 'signature-policy',
    what: 'reject',
    clients: podman,
    situation: {
      settings: {
        policy: {
          kind: 'reject',
          scope: '',
          written: { in: '/etc/containers/policy.json', line: 3 },
          keys: [],
        },
      },
    },
  },
  {
    cause: 'signature-policy',
    what: 'a key that is not there',
    clients: podman,
    situation: {
      settings: {
        policy: {
          kind: 'signedBy',
          scope: 'registry.test',
          written: { in: '/etc/containers/policy.json', line: 9 },
          keys: [{ path: '/etc/pki/key.gpg', exists: false }],
        },
      },
    },
  },
  {
    cause: 'signature-policy',
    what: 'no signature beside the image',
    clients: podman,
    situation: {
      settings: {
        policy: {
          kind: 'sigstoreSigned',
          scope: 'registry.test',
          written: { in: '/etc/containers/policy.json', line: 9 },
          keys: [{ path: '/etc/pki/key.pub', exists: true }],
        },
      },
    },
  },
];

export const access: readonly CauseCase[] = [...names, ...mirrors, ...credentials];
