import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostWith, loginsFor } from '../../../test/lib/host-folder.ts';
import { validateDocument } from '../../validate/index.ts';
import { readAuthKey } from './auth-grammar.ts';
import { findCredentials } from './find-credentials.ts';

const home = '/home/user/.docker/config.json';

async function foundIn(text: string, registry: string, repository: string, client = 'podman') {
  const host = hostWith({ [home]: text });
  return await findCredentials({ registry, repository }, client, host, {});
}

/** The key that was used. */
async function keyFor(text: string, registry: string, repository: string, client = 'podman') {
  return (await foundIn(text, registry, repository, client)).credentials?.password;
}

describe('lookup', () => {
  test('from the most special key to the host', async () => {
    const keys = ['h:1/a/b/c', 'h:1/a/b', 'h:1/a', 'h:1'];
    for (let left = 0; left < keys.length; left++) {
      const text = loginsFor(...keys.slice(left).reverse());
      expect(await keyFor(text, 'h:1', 'a/b/c')).toBe(keys[left]);
    }
  });

  test.each([
    ['another host', 'other:1', 'h:1'],
    ['another port', 'h:2', 'h:1'],
    ['no port', 'h', 'h:1'],
    ['a subdomain', 'h:1', 'sub.h:1'],
    ['another namespace', 'h:1/other', 'h:1'],
    ['half a segment', 'h:1/a/bc', 'h:1'],
    ['a deeper repository', 'h:1/a/b/c', 'h:1'],
  ])('%s does not match', async (_what, key, registry) => {
    expect(await keyFor(loginsFor(key), registry, 'a/b')).toBeUndefined();
  });

  test.each(['https://h:1/v1/', 'http://h:1', 'https://h:1/v2/'])(
    'a key that is a URL, as docker wrote it: %s',
    async (key) => {
      expect(await keyFor(loginsFor(key), 'h:1', 'a/b')).toBe(key);
      expect(await keyFor(loginsFor(key, 'h:1'), 'h:1', 'a/b')).toBe('h:1');
    },
  );

  const hub = 'https://index.docker.io/v1/';
  test.each(['docker.io', 'registry-1.docker.io', 'index.docker.io'])(
    'Docker Hub as %s',
    async (registry) => {
      expect(await keyFor(loginsFor(hub), registry, 'library/app')).toBe(hub);
    },
  );

  test.each([
    ['podman', 'docker.io', true],
    ['docker', 'docker.io', false],
    ['docker', hub, true],
    ['crane', 'docker.io', false],
    ['crane', hub, true],
    ['oras', 'docker.io', false],
    ['regclient', 'docker.io', true],
    ['kubelet-containerd', 'docker.io', true],
  ])('%s finds a login for Docker Hub under %s: %s', async (client, key, isFound) => {
    const host = hostWith({ [home]: loginsFor(key), '/root/.docker/config.json': loginsFor(key) });
    const wanted = { registry: 'docker.io', repository: 'library/app' };
    const { credentials, problems } = await findCredentials(wanted, client, host, {});
    expect(credentials?.password).toBe(isFound ? key : undefined);
    expect(problems.some(({ id }) => id === 'auth-key-unused')).toBe(!isFound);
  });

  test('docker takes a key with a path for its host, podman for what is below it', async () => {
    const text = loginsFor('h:1/team');
    expect(await keyFor(text, 'h:1', 'other/app', 'docker')).toBe('h:1/team');
    expect(await keyFor(text, 'h:1', 'other/app', 'podman')).toBeUndefined();
    expect(await keyFor(text, 'h:1', 'team/app', 'podman')).toBe('h:1/team');
    expect(await keyFor(text, 'h:1', 'team/app', 'regclient')).toBeUndefined();
  });

  test('names of object properties are no keys', async () => {
    expect(await keyFor('{"auths":{}}', 'constructor', 'a')).toBeUndefined();
    expect(await keyFor('{"auths":{}}', '__proto__', 'a')).toBeUndefined();
  });

  test('a key that holds a password is not shown', async () => {
    const found = await foundIn(loginsFor('https://me:hunter22@h:1/v1/'), 'h:1', 'a');
    expect(JSON.stringify(found)).not.toContain('hunter22');
  });
});

describe('an entry', () => {
  const pairOf = async (entry: unknown, client = 'podman') =>
    await foundIn(JSON.stringify({ auths: { h: entry } }), 'h', 'a', client);
  const auth = (pair: string) => ({ auth: Buffer.from(pair).toString('base64') });

  test.each([
    ['user:pass', { username: 'user', password: 'pass' }],
    ['user:pass:with:colons', { username: 'user', password: 'pass:with:colons' }],
    ['user:pässwörd', { username: 'user', password: 'pässwörd' }],
    ['user:padded\0\0\0', { username: 'user', password: 'padded' }],
    ['user:', { username: 'user', password: '' }],
  ])('%j', async (pair, expected) => {
    expect((await pairOf(auth(pair))).credentials).toEqual(expected);
  });

  test('any user and password come out as they went in', async () => {
    const user = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((text) => !/[:\0]/.test(text));
    const password = fc.string({ unit: 'grapheme' }).filter((text) => !text.endsWith('\0'));
    await fc.assert(
      fc.asyncProperty(user, password, async (username, word) => {
        const { credentials } = await pairOf(auth(`${username}:${word}`));
        expect(credentials).toEqual({ username, password: word });
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['no colon', auth('user')],
    ['no user', auth(':hunter22')],
    ['no base64', { auth: '***' }],
    ['half base64', { auth: 'dXNl*jpwYXNz' }],
    ['a number', { auth: 7 }],
    ['nothing, as beside credential helpers', {}],
    ['another shape', []],
  ])('%s is told with file and line, and not shown', async (_what, entry) => {
    const { credentials, problems } = await pairOf(entry);
    expect(credentials).toBeUndefined();
    expect(problems[0]).toMatchObject({ written: { in: home, line: 1 } });
    expect(problems[0]?.message).toContain(home);
    expect(JSON.stringify(problems)).not.toMatch(/hunter22|dXNl/);
  });

  test.each([
    ['podman', undefined],
    ['docker', { username: 'u', password: 'p' }],
    ['crane', { username: 'u', password: 'p' }],
    ['regclient', { username: 'u', password: 'p' }],
    ['oras', { username: 'u', password: 'p' }],
  ])('with user and password in plain: %s', async (client, expected) => {
    const { credentials } = await pairOf({ username: 'u', password: 'p' }, client);
    expect(credentials).toEqual(expected);
  });

  test('an identity token goes along; beside none of a user, podman finds none', async () => {
    const both = { ...auth('00000000:x'), identitytoken: 'refresh' };
    const expected = { username: '00000000', password: 'x', identityToken: 'refresh' };
    for (const client of ['podman', 'docker', 'crane', 'regclient', 'oras']) {
      expect((await pairOf(both, client)).credentials).toEqual(expected);
    }
    const alone = { identitytoken: 'refresh' };
    expect((await pairOf(alone, 'podman')).credentials).toBeUndefined();
    expect((await pairOf(alone, 'docker')).credentials?.identityToken).toBe('refresh');
  });

  const jwt = (exp: number) =>
    `e30.${Buffer.from(JSON.stringify({ exp, sub: 'someone' })).toString('base64url')}.sig`;
  test('a password that says when it ends', async () => {
    const late = await pairOf(auth(`u:${jwt(1_000_000_000)}`));
    expect(late.endsMs).toBe(1_000_000_000_000);
    expect(late.problems.map(({ id }) => id)).toEqual(['credentials-expired']);
    const amazon = JSON.stringify({ payload: 'x'.repeat(20), expiration: 4_000_000_000 });
    const good = await pairOf(auth(`AWS:${Buffer.from(amazon).toString('base64')}`));
    expect(good).toMatchObject({ endsMs: 4_000_000_000_000, problems: [] });
  });

  test('a line end that was encoded along is told', async () => {
    const { credentials, problems } = await pairOf(auth('u:p\n'));
    expect(credentials?.password).toBe('p\n');
    expect(problems.map(({ id }) => id)).toEqual(['password-line-end']);
  });
});

describe('a file', () => {
  test.each([
    ['broken JSON', '{\n"auths":{', 2],
    ['nothing', '', 1],
    ['another shape', '[]', 1],
    ['auths of another shape', '{\n\n"auths":[]}', 3],
  ])('with %s ends podman, and not docker', async (_what, text, line) => {
    const { credentials, problems, looked } = await foundIn(text, 'h', 'a');
    expect(credentials).toBeUndefined();
    const written = { in: home, line };
    expect(problems[0]).toMatchObject({ id: 'auth-file-malformed', written, isFatal: true });
    expect(looked.find(({ path }) => path === home)?.state).toBe('invalid');
    const docker = await foundIn(text, 'h', 'a', 'docker');
    expect(docker.problems.every(({ isFatal }) => !isFatal)).toBe(true);
  });

  test('what is wrong with it repeats nothing of it', async () => {
    const { problems } = await foundIn('{"auths":{"h":{"auth":"aHVudGVyMjI="}}x', 'h', 'a');
    expect(JSON.stringify(problems)).not.toContain('aHVud');
  });

  test.each([
    ['too much', { [home]: `{"auths":{}}${' '.repeat(1024 * 1024)}` }],
    ['a folder', { [`${home}/x`]: '' }],
  ])('%s ends podman', async (_what, files) => {
    const wanted = { registry: 'h', repository: 'a' };
    const { problems } = await findCredentials(wanted, 'podman', hostWith(files), {});
    expect(problems[0]).toMatchObject({ id: 'auth-file-unreadable', isFatal: true });
  });

  test('a folder of root that is looked at for want of XDG_RUNTIME_DIR is told with that variable', async () => {
    const wanted = { registry: 'h', repository: 'a' };
    const host = hostWith({ '/run/containers/1000/auth.json/x': '' });
    const { problems } = await findCredentials(wanted, 'podman', host, {});
    expect(problems[0]).toMatchObject({ id: 'auth-file-unreadable', isFatal: true });
    expect(problems[0]?.hint).toContain('XDG_RUNTIME_DIR');
  });

  test('that a flag names has to be there, and is the only one', async () => {
    const host = hostWith({ [home]: loginsFor('h') });
    const wanted = { registry: 'h', repository: 'a' };
    const absent = { authfile: `${host.root}/none.json` };
    const { credentials, problems } = await findCredentials(wanted, 'podman', host, absent);
    expect(credentials).toBeUndefined();
    expect(problems[0]).toMatchObject({ id: 'auth-file-absent', isFatal: true });
  });
});

describe('the lookup and `validate` agree', () => {
  const keys = ['h:1', 'h:1/team', 'https://h:1/v1/', 'docker.io', 'https://index.docker.io/v1/'];
  const unusable = ['u@h:1', 'h:1/Team', 'h:1/team:v1', '*.h', 'h:1/', 'ftp://h:1', ''];
  const key = fc.constantFrom(...keys, ...unusable);
  const encoded = fc.string().map((text) => Buffer.from(text).toString('base64'));
  const value = fc.oneof(encoded, fc.string(), fc.constant(7), fc.constant(undefined));

  test('on which entries can be used, and which keys can be found', async () => {
    const property = fc.asyncProperty(key, value, async (name, it) => {
      const text = JSON.stringify({ auths: { [name]: { auth: it } } });
      const { findings } = validateDocument(Buffer.from(text), { path: 'auth.json' });
      const ids = findings.map(({ ruleId }) => ruleId);

      const scope = readAuthKey(name);
      const registry = scope?.registry ?? 'h:1';
      const repository = scope?.path || 'team';
      const { credentials, problems } = await foundIn(text, registry, repository);
      const refused = problems.filter(({ id }) => /^auth-(?:entry|file-malformed)/.test(id));
      const isFound = credentials !== undefined || refused.length > 0;
      // A value of another type makes the whole file unreadable, whatever its key is.
      if (typeof it === 'number') return;
      expect(isFound).toBe(!ids.includes('auth-key'));
      if (!isFound) return;
      const isBad = ['auth-encoding', 'auth-text', 'auth-missing'].some((id) => ids.includes(id));
      expect(credentials === undefined).toBe(isBad);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
