import { describe, expect, test } from 'vitest';
import { makeTls } from '../../../mocks/http/tls.ts';
import { hostWith } from '../../../test/lib/root-host.ts';
import { isRefused } from '../../doctor/route-results.ts';
import { resolveRoute } from '../resolve.ts';
import type { Route } from '../route.ts';

const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const config = '/etc/containerd/config.toml';
const oneFolder = `version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/etc/containerd/certs.d"\n`;
const of16 = `version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\n`;
const image = 'registry.example/team/app:1';

async function routeOn(
  files: Readonly<Record<string, string>>,
  client = 'containerd',
  text = image,
): Promise<Route> {
  return await resolveRoute(text, client, hostWith(files), {});
}

const asked = ({ candidates }: Route) =>
  candidates[0]?.endpoints.map(
    ({ url, apiPath, plainHttp }) =>
      `${url}${apiPath}${plainHttp === 'never' ? '' : ` ${plainHttp}`}`,
  );
const problems = ({ problems: all }: Route) =>
  all.map(
    ({ id, written, isFatal }) => `${id} ${written.in}:${written.line}${isFatal ? ' fatal' : ''}`,
  );

describe('hosts.toml', () => {
  const hosts = '/etc/containerd/certs.d/registry.example/hosts.toml';

  test('mirrors in order, then the server', async () => {
    const text =
      'server = "https://own.example"\n\n[host."http://m:5000"]\ncapabilities = ["pull"]\n';
    const route = await routeOn({ [config]: oneFolder, [hosts]: text });
    expect(asked(route)).toEqual(['http://m:5000/v2 only', 'https://own.example/v2']);
    expect(route.candidates[0]?.endpoints[0]).toMatchObject({
      role: 'mirror',
      registry: 'm:5000',
      namespace: 'registry.example',
      resolves: false,
      written: { in: hosts, line: 3 },
    });
    expect(route.files.map(({ path, state }) => `${path} ${state}`)).toEqual([
      `${config} used`,
      '/etc/containerd/certs.d/registry.example used',
      '/etc/containerd/certs.d/_default passed over',
      `${hosts} used`,
    ]);
  });

  test('without a server the registry itself is last', async () => {
    const route = await routeOn({ [config]: oneFolder, [hosts]: '[host."https://m"]\n' });
    expect(asked(route)).toEqual(['https://m/v2', 'https://registry.example/v2']);
    expect(route.candidates[0]?.endpoints[1]).not.toHaveProperty('namespace');
  });

  test('something of TLS has HTTPS tried first, in containerd 2', async () => {
    const text =
      '[host."http://m:5000"]\nskip_verify = true\n[host."http://n:80"]\nskip_verify = true\n';
    const route = await routeOn({ [config]: oneFolder, [hosts]: text });
    expect(asked(route)?.slice(0, 2)).toEqual([
      'https://m:5000/v2 fallback',
      'http://n:80/v2 only',
    ]);
    expect(route.candidates[0]?.endpoints[0]?.trust.unverified).toEqual({ in: hosts, line: 2 });
  });

  test('a CA that is not there ends the pull, where the file names it', async () => {
    const text = '[host."https://m"]\nca = ["there.pem", "absent.pem"]\n';
    const there = '/etc/containerd/certs.d/registry.example/there.pem';
    const route = await routeOn({ [config]: oneFolder, [hosts]: text, [there]: pem });
    const [mirror] = route.candidates[0]?.endpoints ?? [];
    expect(mirror?.trust.ca).toEqual([{ pem, written: { in: hosts, line: 2 } }]);
    expect(mirror?.trust.problems).toMatchObject([{ id: 'certificate-unusable', isFatal: true }]);
    expect(isRefused(route)).toBe(true);
  });

  test('every client certificate has to be that of its key, also one that is not shown', async () => {
    const [one, other] = [makeTls(['a']), makeTls(['b'])];
    const folder = '/etc/containerd/certs.d/registry.example';
    const files = {
      [config]: oneFolder,
      [`${folder}/a.cert`]: one.cert,
      [`${folder}/a.key`]: one.key,
      [`${folder}/b.cert`]: other.cert,
    };
    for (const [key, refused] of [
      [other.key, false],
      [one.key, true],
    ] as const) {
      const route = await routeOn({ ...files, [`${folder}/b.key`]: key });
      const [registry] = route.candidates[0]?.endpoints ?? [];
      expect(registry?.trust.client?.written.in).toBe(`${folder}/a.cert`);
      expect(problems(route)).toEqual(
        refused ? [`certificate-unusable ${folder}/b.cert:0 fatal`] : [],
      );
      expect(isRefused(route)).toBe(refused);
    }
  });

  test('a broken one is passed over for the certificates beside it', async () => {
    const ca = '/etc/containerd/certs.d/registry.example/ca.crt';
    const route = await routeOn({ [config]: oneFolder, [hosts]: 'server = 7\n', [ca]: pem });
    expect(asked(route)).toEqual(['https://registry.example/v2']);
    expect(problems(route)).toEqual([`hosts-toml-invalid ${hosts}:1`]);
    expect(route.candidates[0]?.endpoints[0]?.trust.ca).toMatchObject([{ written: { in: ca } }]);
  });

  test('docker.io has its own folder, and its own host behind it', async () => {
    const path = '/etc/containerd/certs.d/docker.io/hosts.toml';
    const route = await routeOn(
      { [config]: oneFolder, [path]: '[host."https://m"]\n' },
      undefined,
      'nginx',
    );
    expect(asked(route)).toEqual(['https://m/v2', 'https://registry-1.docker.io/v2']);
    expect(route.candidates[0]).toMatchObject({
      how: 'docker.io',
      name: 'docker.io/library/nginx:latest',
    });
  });

  test('_default is for all that have none', async () => {
    const path = '/etc/containerd/certs.d/_default/hosts.toml';
    const route = await routeOn({ [config]: oneFolder, [path]: 'server = "http://m"\n' });
    expect(asked(route)).toEqual(['http://m/v2 only']);
  });
});

describe('config_path', () => {
  const first = '/etc/containerd/certs.d/registry.example/hosts.toml';
  const second = '/etc/docker/certs.d/registry.example/hosts.toml';
  const mirror = '[host."https://m"]\n';

  test('the default list of containerd 2 is not read, which is told where something is in it', async () => {
    const route = await routeOn({ [first]: mirror });
    expect(asked(route)).toEqual(['https://registry.example/v2']);
    expect(problems(route)).toEqual(['config-path-list default:0']);
    expect(problems(await routeOn({}))).toEqual([]);
  });

  test.each([
    'max_concurrent_downloads = 5',
    'use_local_image_pull = true',
    'disable_snapshot_annotations = false',
  ])('with %s CRI pulls by itself and reads both', async (line) => {
    const text = `version = 3\n[plugins."io.containerd.cri.v1.images"]\n${line}\n`;
    expect(asked(await routeOn({ [config]: text, [second]: mirror }))?.[0]).toBe('https://m/v2');
  });

  test('of containerd 1.6: none by default, a list as it is written', async () => {
    expect(asked(await routeOn({ [first]: mirror }, 'containerd@1.6'))).toHaveLength(1);
    const list = `${of16}config_path = "/etc/containerd/certs.d:/etc/docker/certs.d"\n`;
    const route = await routeOn({ [config]: list, [second]: mirror }, 'containerd@1.6');
    expect(asked(route)?.[0]).toBe('https://m/v2');
  });

  test('in a table that this version does not read', async () => {
    const text = `version = 3\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/c"\n`;
    expect(problems(await routeOn({ [config]: text }))).toEqual([
      `containerd-table-ignored ${config}:2`,
    ]);
    const old = text.replaceAll('io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.images');
    expect(problems(await routeOn({ [config]: old }, 'containerd@1.6'))).toEqual([
      `containerd-table-ignored ${config}:2`,
    ]);
  });

  test('of a later version is read by containerd 1.6 as of the second', async () => {
    const files = {
      [config]: `${of16}config_path = "/c"\n`.replace('version = 2', 'version = 3'),
      '/c/registry.example/hosts.toml': mirror,
    };
    const route = await routeOn(files, 'containerd@1.6');
    expect(asked(route)?.[0]).toBe('https://m/v2');
    expect(problems(route)).toEqual([]);
  });

  describe('beside an import that says something else of the plugin', () => {
    const more = '/etc/containerd/conf.d/a.toml';
    const cri = 'plugins."io.containerd.grpc.v1.cri"';
    const main = `imports = ["conf.d/*.toml"]\n${of16}config_path = "/c"\n`;
    const files = {
      [config]: main,
      [more]: `version = 2\n[${cri}.containerd]\ndefault_runtime_name = "nvidia"\n`,
      '/c/registry.example/hosts.toml': mirror,
    };

    test('counts for containerd 2, and is gone for 1.6', async () => {
      expect(asked(await routeOn(files))?.[0]).toBe('https://m/v2');
      const route = await routeOn(files, 'containerd@1.6');
      expect(asked(route)).toEqual(['https://registry.example/v2']);
      expect(problems(route)).toEqual([`containerd-table-ignored ${config}:3`]);
    });

    test('whose file names no version, which is that of all files for 1.6 alone', async () => {
      const unversioned = { [config]: 'version = 2\nimports = ["conf.d/*.toml"]\n' };
      const text = `[${cri}.registry]\nconfig_path = "/c"\n`;
      const route = await routeOn({ ...files, ...unversioned, [more]: text }, 'containerd@1.6');
      expect(asked(route)?.[0]).toBe('https://m/v2');
      expect(problems(route)).toEqual([]);
      const short = { ...unversioned, [more]: '[plugins.cri.registry]\nconfig_path = "/c"\n' };
      expect(problems(await routeOn(short, 'containerd@1.6'))).toContain(
        `containerd-config-invalid ${more}:1 fatal`,
      );
      expect(problems(await routeOn(short))).toEqual([]);
    });
  });

  test('of imported files counts last', async () => {
    const main = `${oneFolder.replace('version = 3', 'version = 3\nimports = ["conf.d/*.toml"]')}`;
    const more = oneFolder.replace('/etc/containerd/certs.d', '/other');
    const files = {
      [config]: main,
      '/etc/containerd/conf.d/a.toml': more,
      '/other/registry.example/hosts.toml': mirror,
    };
    expect(asked(await routeOn(files))?.[0]).toBe('https://m/v2');
  });

  test('beside mirrors ends CRI', async () => {
    const text = `${of16}config_path = "/c"\n[plugins."io.containerd.grpc.v1.cri".registry.mirrors."registry.example"]\nendpoint = ["https://m"]\n`;
    expect(problems(await routeOn({ [config]: text }))).toEqual([
      `mirrors-with-config-path ${config}:3 fatal`,
    ]);
  });

  test('beside TLS settings ends the older CRI', async () => {
    const tls = `[plugins."io.containerd.grpc.v1.cri".registry.configs."h".tls]\nca_file = "/a"\n`;
    const text = `${of16}config_path = "/c"\n${tls}`;
    expect(problems(await routeOn({ [config]: text }, 'containerd@1.6'))).toEqual([
      `configs-tls-with-config-path ${config}:4 fatal`,
    ]);
    expect(problems(await routeOn({ [config]: text }))).toEqual([]);
  });

  test('leaves the credentials of the older tables as they are', async () => {
    const auths = `[plugins."io.containerd.grpc.v1.cri".registry.auths."https://registry.example"]\nauth = "dTpw"\n`;
    const text = `${of16}config_path = "/etc/containerd/certs.d"\n${auths}`;
    const route = await routeOn({ [config]: text });
    expect(route.candidates[0]?.endpoints[0]?.credentials).toMatchObject({
      credentials: { username: 'u', password: 'p' },
      written: { in: config, line: 4 },
    });
  });

  test.each([
    ['config_path = 7', 3],
    ['config_path = ["/a"]', 3],
    ['mirrors = "a"', 3],
    ['mirrors."h".endpoint = "https://m"', 3],
    ['headers = []', 3],
  ])('%s is of another type than CRI takes', async (line, at) => {
    const route = await routeOn({ [config]: `${of16}${line}\n` }, 'containerd@1.6');
    expect(problems(route)).toEqual([`containerd-config-invalid ${config}:${at} fatal`]);
  });

  test.each(['plugins = 7', 'imports = "x"', 'version = "2"'])(
    '%s ends containerd, not us',
    async (text) => {
      for (const client of ['containerd', 'containerd@1.6']) {
        expect((await routeOn({ [config]: text }, client)).candidates).toHaveLength(1);
      }
    },
  );

  test('a broken config.toml ends containerd', async () => {
    expect(problems(await routeOn({ [config]: 'version = 2\na =\n' }))).toEqual([
      `containerd-config-invalid ${config}:2 fatal`,
    ]);
  });
});

describe('the tables from before', () => {
  const table = 'plugins."io.containerd.grpc.v1.cri".registry';
  const text = `${of16}
[${table}.mirrors."registry.example"]
endpoint = ["http://m:5000", "https://n/v2/hub"]
[${table}.mirrors."*"]
endpoint = ["https://all"]
[${table}.configs."n".tls]
insecure_skip_verify = true
[${table}.configs."registry.example".auth]
username = "u"
password = "p"
`;

  test.each(['containerd', 'containerd@1.6'])('are read by %s', async (client) => {
    const route = await routeOn({ [config]: text }, client);
    expect(asked(route)).toEqual([
      'http://m:5000/v2 only',
      'https://n/v2/hub',
      'https://registry.example/v2',
    ]);
    const [, second, own] = route.candidates[0]?.endpoints ?? [];
    expect(second?.trust.unverified?.line).toBe(client === 'containerd' ? undefined : 9);
    expect(own?.credentials.credentials).toEqual({ username: 'u', password: 'p' });
  });

  test('the star stands for all others', async () => {
    const route = await routeOn({ [config]: text }, 'containerd@1.6', 'other.example/a');
    expect(asked(route)).toEqual(['https://all/v2', 'https://other.example/v2']);
  });
});

describe('this machine', () => {
  test.each([
    ['containerd', 'localhost:5000/a', ['https://localhost:5000/v2 fallback']],
    ['containerd', '127.0.0.1:80/a', ['http://127.0.0.1:80/v2 only']],
    ['containerd', 'localhost/a', ['https://localhost/v2']],
    ['containerd@1.6', 'localhost:5000/a', ['http://localhost:5000/v2 only']],
  ])('%s asks %s', async (client, text, expected) => {
    expect(asked(await routeOn({}, client, text))).toEqual(expected);
  });
});
