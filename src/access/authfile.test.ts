import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { validateDocument } from '../validate/index.ts';
import { credentialsFromFile } from './authfile.ts';
import { readAuthKey } from './credentials/auth-grammar.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-auth-'));
let files = 0;

function fileOf(text: string): string {
  const path = join(folder, `${files++}.json`);
  writeFileSync(path, text);
  return path;
}

const auth = (pair: string) => ({ auth: Buffer.from(pair).toString('base64') });

/** An auth file in which each key has itself as user. */
function authsOf(...keys: string[]): string {
  const auths = Object.fromEntries(keys.map((key) => [key, auth(`u:${key}`)]));
  return fileOf(JSON.stringify({ auths }));
}

/** The key that was used. */
async function keyFor(path: string, registry: string, repository: string) {
  return (await credentialsFromFile(path, registry, repository))?.password;
}

describe('lookup', () => {
  test('from the most special key to the host', async () => {
    const keys = ['h:1/a/b/c', 'h:1/a/b', 'h:1/a', 'h:1'];
    for (let left = 0; left < keys.length; left++) {
      const path = authsOf(...keys.slice(left).reverse());
      expect(await keyFor(path, 'h:1', 'a/b/c')).toBe(keys[left]);
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
    expect(await credentialsFromFile(authsOf(key), registry, 'a/b')).toBeUndefined();
  });

  test.each(['https://h:1/v1/', 'http://h:1', 'https://h:1/v2/'])(
    'a key that is a URL, as docker wrote it: %s',
    async (key) => {
      expect(await keyFor(authsOf(key), 'h:1', 'a/b')).toBe(key);
      expect(await keyFor(authsOf(key, 'h:1'), 'h:1', 'a/b')).toBe('h:1');
    },
  );

  test.each(['docker.io', 'registry-1.docker.io', 'index.docker.io'])(
    'Docker Hub as %s',
    async (registry) => {
      const key = 'https://index.docker.io/v1/';
      expect(await keyFor(authsOf(key), registry, 'library/app')).toBe(key);
    },
  );

  test('names of object properties are no keys', async () => {
    const path = fileOf('{"auths":{}}');
    expect(await credentialsFromFile(path, 'constructor', 'a')).toBeUndefined();
    expect(await credentialsFromFile(path, '__proto__', 'a')).toBeUndefined();
  });
});

describe('an entry', () => {
  const pairOf = async (entry: unknown) =>
    await credentialsFromFile(fileOf(JSON.stringify({ auths: { h: entry } })), 'h', 'a');

  test.each([
    ['user:pass', { username: 'user', password: 'pass' }],
    ['user:pass:with:colons', { username: 'user', password: 'pass:with:colons' }],
    ['user:pässwörd', { username: 'user', password: 'pässwörd' }],
    ['user:padded\0\0\0', { username: 'user', password: 'padded' }],
    ['user:', { username: 'user', password: '' }],
  ])('%j', async (pair, expected) => {
    expect(await pairOf(auth(pair))).toEqual(expected);
  });

  test('any user and password come out as they went in', async () => {
    const user = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((text) => !/[:\0]/.test(text));
    const password = fc.string({ unit: 'grapheme' }).filter((text) => !text.endsWith('\0'));
    await fc.assert(
      fc.asyncProperty(user, password, async (username, word) => {
        expect(await pairOf(auth(`${username}:${word}`))).toEqual({ username, password: word });
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
  ])('%s is refused, and not shown', async (_what, entry) => {
    const refused = await pairOf(entry).catch((error) => error);
    expect(refused).toMatchObject({ code: 'authfile-unusable', exitCode: 2 });
    expect(refused.message).toContain(' h');
    expect(refused.message).not.toContain('hunter22');
    expect(refused.message).not.toContain('dXNl');
  });
});

describe('a file', () => {
  test.each([
    ['broken JSON', fileOf('{"auths":{')],
    ['nothing', fileOf('')],
    ['another shape', fileOf('[]')],
    ['no auths', fileOf('{}')],
    ['auths of another shape', fileOf('{"auths":[]}')],
    ['too much', fileOf(`{"auths":{}}${' '.repeat(1024 * 1024)}`)],
    ['no end', '/dev/zero'],
    ['no file', join(folder, 'absent.json')],
    ['a folder', folder],
  ])('with %s is refused with a way out', async (_what, path) => {
    const refused = await credentialsFromFile(path, 'h', 'a').catch((error) => error);
    expect(refused).toMatchObject({ code: 'authfile-unusable', exitCode: 2 });
    expect(refused.message).toContain(path);
    expect(refused.hint).not.toBe('');
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
      const looked = credentialsFromFile(fileOf(text), registry, repository);
      const found = await looked.catch((error) => error.code);
      expect(found === undefined).toBe(ids.includes('auth-key'));
      if (found === undefined) return;
      const isRefused = ['auth-encoding', 'auth-text', 'auth-missing'].some((id) =>
        ids.includes(id),
      );
      expect(found === 'authfile-unusable').toBe(isRefused);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
