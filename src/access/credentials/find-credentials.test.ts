import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { authOf, hostWith, loginsFor } from '../../../test/lib/host-folder.ts';
import { profiles } from '../../profiles/index.ts';
import { type HostView, pathOn } from '../host-view.ts';
import { credentialFinder, findCredentials } from './find-credentials.ts';
import { lookupRules } from './lookup-rules.ts';

const wanted = { registry: 'h', repository: 'team/app' };
const own = (name: string) => JSON.stringify({ auths: { h: authOf(name, 'secret') } });
const find = (client: string, host: HostView, flags = {}) =>
  findCredentials(wanted, client, host, flags);

test('every client profile has its rules, each once', () => {
  const named = lookupRules.flatMap(({ clients }) => clients);
  expect(new Set(named).size).toBe(named.length);
  expect(named).toEqual(expect.arrayContaining(Object.keys(profiles)));
});

test('servers that may see them are told with them, whichever file they are of', async () => {
  const realms = ['auth.example:5001'];
  const host = hostWith({ '/home/user/.docker/config.json': own('user') });
  const found = await find('docker', host, { realms });
  expect(found.credentials).toMatchObject({ realms });
  const named = await find('docker', host, { username: 'a', password: 'b', realms });
  expect(named.credentials).toMatchObject({ username: 'a', realms });
  expect((await find('docker', host)).credentials).not.toHaveProperty('realms');
});

test('for many repositories registries.conf is read once', async () => {
  const conf = '/etc/containers/registries.conf';
  const host = hostWith({ [conf]: 'credential-helpers = ["none-such"]\n' });
  const find = credentialFinder('podman', host, {});
  const first = await find(wanted);
  expect(first.problems).toMatchObject([{ written: { in: conf, line: 1 } }]);
  writeFileSync(pathOn(host, conf), '');
  expect(await find({ ...wanted, registry: 'mirror' })).toEqual(first);
});

describe('the order of the files', () => {
  const all = {
    '/run/user/1000/containers/auth.json': own('runtime'),
    '/run/containers/1000/auth.json': own('run'),
    '/home/user/.config/containers/auth.json': own('config'),
    '/xdg/containers/auth.json': own('xdg'),
    '/home/user/.docker/config.json': own('docker'),
    '/dc/config.json': own('dc'),
    '/home/user/.dockercfg': JSON.stringify({ h: authOf('dockercfg', 'secret') }),
    '/raf.json': own('raf'),
    '/home/user/.regctl/config.json': JSON.stringify({
      hosts: { h: { user: 'regctl', pass: 'secret' } },
    }),
  };
  const runtime = { XDG_RUNTIME_DIR: '/run/user/1000' };
  const raf = { REGISTRY_AUTH_FILE: '/raf.json' };
  const dc = { DOCKER_CONFIG: '/dc' };
  const env = { DOCKER_AUTH_CONFIG: own('env') };
  const without = (...paths: (keyof typeof all)[]) =>
    Object.fromEntries(Object.entries(all).filter(([path]) => !paths.includes(path as never)));

  test.each([
    ['credsStore beside it', { auths: { h: authOf('env', 'p') }, credsStore: 'x' }, 1],
    ['more than an auth', { auths: { h: { ...authOf('env', 'p'), email: 'e' } } }, 1],
    ['another host without auth', { auths: { h: authOf('env', 'p'), other: {} } }, 1],
    ['an auth alone', { auths: { h: authOf('env', 'p') } }, 0],
  ])('DOCKER_AUTH_CONFIG with %s', async (_what, document, faults) => {
    const variables = { DOCKER_AUTH_CONFIG: JSON.stringify(document) };
    for (const [client, isStrict] of [
      ['docker', true],
      ['crane', true],
      ['regclient', false],
    ] as const) {
      const files = { '/home/user/.docker/config.json': own('docker') };
      const found = await find(client, hostWith(files, { variables }));
      const isVoid = isStrict && faults > 0;
      expect(found.credentials?.username).toBe(isVoid ? 'docker' : 'env');
      const ids = found.problems.map(({ id, isFatal }) => `${id} ${isFatal}`);
      expect(ids).toEqual(isVoid ? ['auth-file-malformed false'] : []);
    }
  });

  test.each([
    ['podman', runtime, all, 'runtime'],
    ['podman', {}, all, 'run'],
    ['podman', {}, without('/run/containers/1000/auth.json'), 'config'],
    [
      'podman',
      { ...runtime, XDG_CONFIG_HOME: '/xdg' },
      without('/run/user/1000/containers/auth.json'),
      'xdg',
    ],
    ['podman', { ...runtime, ...raf }, all, 'raf'],
    ['podman', { ...runtime, ...dc }, all, 'dc'],
    ['podman', { ...runtime, ...dc, ...raf }, all, 'raf'],
    ['podman', env, all, 'run'],
    ['podman@5', { ...runtime, ...dc }, all, 'dc'],
    ['podman@4.3', { ...runtime, ...dc }, all, 'dc'],
    ['skopeo', { ...runtime, ...dc }, all, 'runtime'],
    [
      'skopeo',
      { ...dc },
      without('/run/containers/1000/auth.json', '/home/user/.config/containers/auth.json'),
      'dc',
    ],
    ['skopeo', raf, all, 'raf'],
    ['podman', {}, { '/home/user/.dockercfg': all['/home/user/.dockercfg'] }, 'dockercfg'],
    ['docker', runtime, all, 'docker'],
    ['docker', dc, all, 'dc'],
    ['docker', { ...dc, ...env }, all, 'env'],
    ['docker@20.10', env, all, 'docker'],
    ['docker@20.10', {}, { '/home/user/.dockercfg': all['/home/user/.dockercfg'] }, 'dockercfg'],
    ['crane', { ...runtime, ...raf }, all, 'docker'],
    ['crane', { ...runtime, ...raf }, without('/home/user/.docker/config.json'), 'raf'],
    ['crane', runtime, without('/home/user/.docker/config.json'), 'runtime'],
    ['crane', env, all, 'env'],
    ['regclient', env, all, 'regctl'],
    ['regclient', env, without('/home/user/.regctl/config.json'), 'env'],
    ['regclient', {}, without('/home/user/.regctl/config.json'), 'docker'],
    ['oras', { ...runtime, ...env }, all, 'docker'],
    ['oras', dc, all, 'dc'],
  ])('%s with %j', async (client, variables, files, user) => {
    const { credentials, written, looked } = await find(client, hostWith(files, { variables }));
    expect(credentials?.username).toBe(user);
    expect(looked.find(({ path }) => path === written?.in)?.state).toBe('used');
  });

  test.each([
    ['podman', undefined],
    ['podman@4.3', 'config'],
    ['skopeo@1.9', 'config'],
  ])('a chosen file without the registry: %s finds %s', async (client, user) => {
    const host = hostWith({ ...all, '/raf.json': loginsFor('other') }, { variables: raf });
    const { credentials, looked } = await find(client, host);
    expect(credentials?.username).toBe(user);
    expect(looked[0]).toEqual({ path: '/raf.json', state: 'no match', holds: ['other'] });
  });

  test('an entry without a login sends podman to the next file', async () => {
    const files = { ...all, '/run/containers/1000/auth.json': '{"auths":{"h":{}}}' };
    expect((await find('podman', hostWith(files))).credentials?.username).toBe('config');
  });

  test('the files that were not read are named, with what they hold', async () => {
    const { looked } = await find('podman', hostWith(all, { variables: { ...runtime, ...raf } }));
    expect(looked).toContainEqual({
      path: '/home/user/.docker/config.json',
      state: 'passed over',
      holds: ['h'],
    });
  });

  test('on a Mac the first is that of the home', async () => {
    const host = hostWith(all, { variables: runtime, platform: 'darwin' });
    expect((await find('podman', host)).credentials?.username).toBe('config');
  });

  test('CRI-O and kubelet look as root, whose files may be hidden from us', async () => {
    const host = hostWith({ ...all, '/root/.docker/config.json': own('root') });
    expect((await find('cri-o', host)).credentials?.username).toBe('root');
    expect((await find('kubelet-containerd', host)).credentials?.username).toBe('root');
    expect((await find('containerd', host)).credentials).toBeUndefined();
  });
});

describe('where nothing was found', () => {
  const idsOf = async (client: string, host: HostView) =>
    (await find(client, host)).problems.map(({ id, written }) => `${id} ${written.in}`);

  test('a login that another client, or who called sudo, has', async () => {
    const docker = hostWith({ '/run/containers/1000/auth.json': own('u') });
    expect(await idsOf('docker', docker)).toEqual([
      'auth-file-elsewhere /run/containers/1000/auth.json',
    ]);
    const files = {
      '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nada:x:1234:1234::/people/ada:/bin/sh\n',
      '/run/user/1234/containers/auth.json': own('u'),
      '/people/ada/.docker/config.json': own('u'),
    };
    const variables = { SUDO_USER: 'ada', SUDO_UID: '1234' };
    const sudo = hostWith(files, { uid: 0, user: 'root', home: '/root', variables });
    const found = await find('podman', sudo);
    expect(found.problems.map(({ written }) => written.in)).toEqual([
      '/run/user/1234/containers/auth.json',
      '/people/ada/.docker/config.json',
    ]);
    expect(found.problems[0]?.message).toContain('ada');
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  test('credsStore, which podman does not read', async () => {
    const host = hostWith({ '/home/user/.docker/config.json': '{\n"credsStore":"desktop"}' });
    const { problems } = await find('podman', host);
    expect(problems).toMatchObject([{ id: 'creds-store-ignored', written: { line: 2 } }]);
  });

  test('a runtime folder that is not there', async () => {
    const host = hostWith({}, { variables: { XDG_RUNTIME_DIR: '/run/user/1000' } });
    const { problems } = await find('podman', host);
    expect(problems.map(({ id }) => id)).toEqual(['runtime-folder-absent']);
  });

  test('a login for the host without its port', async () => {
    const host = hostWith({ '/home/user/.docker/config.json': loginsFor('h/') });
    expect(await idsOf('podman', host)).toEqual(['auth-key-unused /home/user/.docker/config.json']);
  });
});

test('flags win', async () => {
  const host = hostWith({ '/home/user/.docker/config.json': own('file') });
  const { credentials, written } = await find('podman', host, { username: 'me', password: 'p' });
  expect(credentials).toEqual({ username: 'me', password: 'p' });
  expect(written?.in).toBe('--username');
});
