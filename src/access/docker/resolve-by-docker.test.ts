import { rootCertificates } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { hostWith } from '../../../test/lib/root-host.ts';
import type { HostView } from '../host-view.ts';
import { resolveRoute } from '../resolve.ts';
import type { Route } from '../route.ts';

const path = '/etc/docker/daemon.json';
const pem = rootCertificates[0] as string;

async function routeOn(
  settings: unknown,
  text: string,
  client = 'docker',
  files: Readonly<Record<string, string>> = {},
  more: Partial<HostView> = {},
): Promise<Route> {
  const isText = typeof settings === 'string' || Buffer.isBuffer(settings);
  const json = isText ? settings : JSON.stringify(settings, null, 1);
  return await resolveRoute(text, client, hostWith({ [path]: json, ...files }, more), {});
}

const asked = ({ candidates }: Route) =>
  candidates[0]?.endpoints.map(
    ({ url, apiPath, plainHttp }) =>
      `${url}${apiPath}${plainHttp === 'never' ? '' : ` ${plainHttp}`}`,
  );
const problems = ({ problems: all }: Route) =>
  all.map(({ id, written, isFatal }) => `${id}:${written.line}${isFatal ? ' fatal' : ''}`);

describe('registry-mirrors', () => {
  const settings = { 'registry-mirrors': ['https://m', 'http://n:5000/', 'https://m/'] };

  test('are asked for Docker Hub alone, each once', async () => {
    const route = await routeOn(settings, 'nginx');
    expect(asked(route)).toEqual([
      'https://m/v2',
      'http://n:5000/v2 only',
      'https://registry-1.docker.io/v2',
    ]);
    expect(route.candidates[0]?.endpoints[1]).toMatchObject({
      role: 'mirror',
      registry: 'n:5000',
      written: { in: path, line: 4 },
    });
    expect(asked(await routeOn(settings, 'h.example/a'))).toEqual(['https://h.example/v2']);
  });

  test.each([
    ['m:5000', 'docker', 1],
    ['ftp://m', 'docker', 1],
    ['https://m?a', 'docker', 1],
    ['https://user:hunter22@m', 'docker', 1],
    ['https://m/path', 'docker@20.10', 1],
    ['https://m/path', 'docker', 0],
  ])('%s in %s: refused %d', async (mirror, client, refused) => {
    const route = await routeOn({ 'registry-mirrors': [mirror] }, 'nginx', client);
    expect(problems(route)).toEqual(Array(refused).fill('daemon-json-refused:3 fatal'));
    expect(JSON.stringify(route)).not.toContain('hunter22');
  });
});

describe('insecure-registries', () => {
  const settings = {
    'insecure-registries': ['h.example:5000', '10.0.0.0/8', 'http://slip.example'],
  };

  test.each([
    ['h.example:5000/a', ['https://h.example:5000/v2 fallback']],
    ['h.example/a', ['https://h.example/v2']],
    ['10.1.2.3/a', ['https://10.1.2.3/v2 fallback']],
    ['11.1.2.3:5000/a', ['https://11.1.2.3:5000/v2']],
    ['slip.example/a', ['https://slip.example/v2 fallback']],
    ['localhost:5000/a', ['https://localhost:5000/v2 fallback']],
    ['127.8.8.8/a', ['https://127.8.8.8/v2 fallback']],
    ['nginx', ['https://registry-1.docker.io/v2']],
  ])('%s', async (text, expected) => {
    expect(asked(await routeOn(settings, text))).toEqual(expected);
  });

  test('are hosts, addresses and networks', async () => {
    const places = ['H.example', 'h', '::1', '[2001:db8::1]:5000', '2001:db8::/32'];
    const route = await routeOn({ 'insecure-registries': places }, 'nginx');
    expect(problems(route)).toEqual([]);
  });

  test('say where they are written, and what is not known here', async () => {
    const route = await routeOn(settings, '10.1.2.3/a');
    expect(route.candidates[0]?.endpoints[0]?.trust.unverified).toEqual({ in: path, line: 4 });
    expect(problems(await routeOn(settings, 'other.example/a'))).toEqual(['insecure-by-address:4']);
  });
});

describe('the containerd image store', () => {
  const hosts = '/etc/docker/certs.d/docker.io/hosts.toml';
  const settings = { 'registry-mirrors': ['http://m'], 'insecure-registries': ['h.example'] };

  test('takes mirrors of daemon.json', async () => {
    const route = await routeOn(settings, 'nginx', 'docker-containerd');
    expect(asked(route)).toEqual(['http://m/v2 only', 'https://registry-1.docker.io/v2']);
    expect(route.candidates[0]?.endpoints[0]?.namespace).toBe('docker.io');
  });

  test('does not beside a hosts.toml that names hosts', async () => {
    const files = { [hosts]: '[host."https://n"]\n' };
    const route = await routeOn(settings, 'nginx', 'docker-containerd', files);
    expect(asked(route)).toEqual(['https://n/v2', 'https://registry-1.docker.io/v2']);
    expect(problems(route)).toEqual(['daemon-json-passed-over:3']);
  });

  test('insecure lists count', async () => {
    const route = await routeOn(settings, 'h.example/a', 'docker-containerd');
    expect(asked(route)).toEqual(['https://h.example/v2 fallback']);
  });
});

describe('daemon.json', () => {
  test('that is broken ends the daemon', async () => {
    expect(problems(await routeOn('{\n"a": 1,\n}', 'nginx'))).toEqual([
      'daemon-json-invalid:3 fatal',
    ]);
    expect(problems(await routeOn({ 'registry-mirrors': 'https://m' }, 'nginx'))).toEqual([
      'daemon-json-refused:2 fatal',
    ]);
  });

  const mirrors = '{\n"registry-mirrors": ["https://m"]}';
  const marked = `\ufeff${mirrors}`;
  test.each([
    ['a mark', Buffer.from(marked), [], ['daemon-json-invalid:1 fatal']],
    ['UTF-16', Buffer.from(marked, 'utf16le'), [], ['daemon-json-invalid:1 fatal']],
    ['UTF-16, great first', Buffer.from(marked, 'utf16le').swap16(), [], undefined],
    [
      'UTF-16 unmarked',
      Buffer.from(mirrors, 'utf16le'),
      ['daemon-json-invalid:1 fatal'],
      undefined,
    ],
    ['Latin 1', Buffer.from('{"a": "\u00e9"}', 'latin1'), ['daemon-json-invalid:1 fatal'], []],
    ['nothing', Buffer.from(' \n'), [], ['daemon-json-invalid:2 fatal']],
  ])('with %s: Docker since 23 goes by the mark', async (_, bytes, now, old) => {
    const of = async (client: string) => await routeOn(bytes, 'nginx', client);
    const route = await of('docker');
    expect(problems(route)).toEqual(now);
    if (bytes.length > 20 && now.length === 0) expect(asked(route)).toContain('https://m/v2');
    expect(problems(await of('docker@20.10'))).toEqual(old ?? ['daemon-json-invalid:1 fatal']);
  });

  test.each([
    [{ proxies: 'http://p' }, 2],
    [{ proxies: { 'https-proxy': 7 } }, 3],
    [{ 'insecure-registries': ['a', 7] }, 2],
    [{ 'insecure-registries': ['ftp://a'] }, 3],
    [{ 'insecure-registries': ['a:5000', 'a:5000/'] }, 4],
    [{ 'insecure-registries': ['https://a/'] }, 3],
    [{ 'insecure-registries': ['10.0.0.0/33'] }, 3],
    [{ 'insecure-registries': ['a:70000'] }, 3],
    [{ 'insecure-registries': [''] }, 3],
  ])('%j ends it', async (settings, line) => {
    expect(problems(await routeOn(settings, 'nginx'))).toEqual([
      `daemon-json-refused:${line} fatal`,
    ]);
  });

  test.each([
    ['registry-mirror', 'daemon-json-key:2'],
    ['insecure-registry', 'daemon-json-key:2'],
    ['Registry-Mirrors', 'daemon-json-refused:2 fatal'],
    ['Insecure-Registry', 'daemon-json-refused:2 fatal'],
  ])('with the key %s is told', async (key, problem) => {
    expect(problems(await routeOn({ [key]: ['https://m'] }, 'nginx'))).toEqual([problem]);
  });

  test('does not know what stands in flags, which is said', async () => {
    const dropIn = '/etc/systemd/system/docker.service.d/flags.conf';
    const start =
      'ExecStart=\nExecStart=/usr/bin/dockerd -H fd:// \\\n  --insecure-registry=m:5000\n';
    const direct = { [dropIn]: `[Service]\n${start}` };
    expect(problems(await routeOn({}, 'nginx', 'docker', direct))).toEqual([
      'dockerd-flag-unread:3',
    ]);
    const named = {
      [dropIn]: '[Service]\nEnvironmentFile=-/etc/default/docker\nExecStart=dockerd $DOCKER_OPTS\n',
      '/etc/default/docker': '# flags\nDOCKER_OPTS="--registry-mirror=https://m"\n',
    };
    expect(problems(await routeOn({}, 'nginx', 'docker', named))).toEqual([
      'dockerd-flag-unread:2',
    ]);
  });

  test('of a rootless daemon is in the home of who talks to it', async () => {
    const own = '/home/ann/.config/docker/daemon.json';
    const files = { [own]: '{"registry-mirrors": ["https://own"]}' };
    const ann = { uid: 1000, home: '/home/ann', user: 'ann' };
    const variables = { DOCKER_HOST: 'unix:///run/user/1000/docker.sock' };
    const rootless = await routeOn({}, 'nginx', 'docker', files, { ...ann, variables });
    expect(asked(rootless)?.[0]).toBe('https://own/v2');
    expect(asked(await routeOn({}, 'nginx', 'docker', files, ann))).toHaveLength(1);
  });

  describe('of a rootless daemon', () => {
    const ann = { uid: 1000, home: '/home/ann', user: 'ann' };
    const context = (currentContext: string) => ({
      '/home/ann/.docker/config.json': JSON.stringify({ currentContext }),
    });
    const own = '/home/ann/.config/docker';
    const mirrors = { [`${own}/daemon.json`]: '{"registry-mirrors": ["https://own"]}' };

    test.each([
      ['rootless', {}, 2],
      ['default', {}, 1],
      ['rootless', { DOCKER_CONTEXT: 'default' }, 1],
      ['rootless', { DOCKER_HOST: 'unix:///var/run/docker.sock' }, 1],
      ['default', { DOCKER_CONTEXT: 'rootless' }, 2],
    ])('by the context %s and %j', async (name, variables, count) => {
      const files = { ...mirrors, ...context(name) };
      const route = await routeOn({}, 'nginx', 'docker', files, { ...ann, variables });
      expect(asked(route)).toHaveLength(count);
    });

    test('root has none', async () => {
      const files = { ...mirrors, '/root/.docker/config.json': '{"currentContext":"rootless"}' };
      expect(asked(await routeOn({}, 'nginx', 'docker', files))).toHaveLength(1);
    });

    test.each(['docker', 'docker-containerd'])(
      'certificates and proxy of %s are its own',
      async (client) => {
        const dropIn = 'systemd/user/docker.service.d/proxy.conf';
        const files = {
          ...context('rootless'),
          [`/home/ann/.config/${dropIn}`]: '[Service]\nEnvironment=HTTPS_PROXY=http://own:3128\n',
          '/etc/systemd/system/docker.service.d/p.conf':
            '[Service]\nEnvironment=HTTPS_PROXY=http://system:3128\n',
          [`${own}/certs.d/h.example/ca.crt`]: pem,
        };
        const route = await routeOn({}, 'h.example/a', client, files, ann);
        const endpoint = route.candidates[0]?.endpoints[0];
        expect(endpoint?.trust.ca).toMatchObject([{ pem }]);
        expect(endpoint?.proxy).toMatchObject({
          proxy: { host: 'own' },
          written: { in: `/home/ann/.config/${dropIn}`, line: 2 },
        });
      },
    );
  });
});
