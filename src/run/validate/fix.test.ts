import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixFiles } from './fix.ts';
import { validate } from './library.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pullproof-fix-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const names = { conf: 'registries.conf', auth: 'auth.json', settings: '.pullproof.yaml' };

async function fixed(name: keyof typeof names, before: string, write = true) {
  const path = join(folder, names[name]);
  await writeFile(path, before);
  const files = await fixFiles(await validate([path]), { write });
  return { text: await readFile(path, 'utf8'), files };
}

describe('what is plain is mended, and nothing else of the file', () => {
  test.each<[string, keyof typeof names, string, string]>([
    [
      'a misspelt key, beside its comment',
      'conf',
      '# top\n[[registry]]\n  location="h.test"  # here\n  blokced = true # and here\n',
      '# top\n[[registry]]\n  location="h.test"  # here\n  blocked = true # and here\n',
    ],
    [
      'a key below a table, ends of lines kept',
      'conf',
      '# about\r\n\r\n# mine\r\n[[registry]]\r\nlocation = "h.test"\r\nshort-name-mode = "disabled" # x\r\n',
      '# about\r\n\r\nshort-name-mode = "disabled" # x\r\n\r\n# mine\r\n[[registry]]\r\nlocation = "h.test"\r\n',
    ],
    [
      'two of them, one over several lines',
      'conf',
      '[[registry]]\nlocation = "h.test"\nunqualified-search-registries = [\n  "h.test",\n]\nshort-name-mode = "disabled"',
      'unqualified-search-registries = [\n  "h.test",\n]\n\nshort-name-mode = "disabled"\n\n[[registry]]\nlocation = "h.test"\n',
    ],
    [
      'words, schemes and quotes too many',
      'conf',
      `short-name-mode = 'Enforcing'\n[[registry]]\nlocation = "https://h.test/a"\ninsecure = "true"\nblocked = "False"\n`,
      `short-name-mode = 'enforcing'\n[[registry]]\nlocation = "h.test/a"\ninsecure = true\nblocked = false\n`,
    ],
    [
      'a word that is wrong, at a wrong place',
      'conf',
      '[[registry]]\nlocation = "h.test"\nshort-name-mode = "Enforcing"\n',
      'short-name-mode = "enforcing"\n\n[[registry]]\nlocation = "h.test"\n',
    ],
    [
      'a table in other letters, and what is in it then',
      'conf',
      '[[Registry]]\nLocation = "https://h.test"\nInsecure = true\n',
      '[[registry]]\nlocation = "h.test"\ninsecure = true\n',
    ],
    [
      'a misspelt key of the top below a table',
      'conf',
      '[[registry]]\nlocation = "h.test"\nunqualified-search-registies = ["https://h.test"]\n',
      'unqualified-search-registries = ["h.test"]\n\n[[registry]]\nlocation = "h.test"\n',
    ],
    [
      'a host with a scheme, a program for a helper',
      'conf',
      'unqualified-search-registries = ["https://h.test"]\ncredential-helpers = ["docker-credential-pass"]\n',
      'unqualified-search-registries = ["h.test"]\ncredential-helpers = ["pass"]\n',
    ],
    [
      'a member in other letters',
      'auth',
      '{\n\t"auths": {},\n\t"credhelpers": { "h.test": "pass" }\n}\n',
      '{\n\t"auths": {},\n\t"credHelpers": { "h.test": "pass" }\n}\n',
    ],
    [
      'a key of a helper',
      'auth',
      '{"credHelpers":{"https://h.test/v2/":"docker-credential-pass"}}',
      '{"credHelpers":{"h.test":"pass"}}',
    ],
    [
      'rules and levels',
      'settings',
      '# ours\nrules:\n  json-bon: warn # some day\nvalidate:\n  srtict: true\n',
      '# ours\nrules:\n  json-bom: warning # some day\nvalidate:\n  strict: true\n',
    ],
  ])('%s', async (_, name, before, after) => {
    expect((await fixed(name, before)).text).toBe(after);
  });

  test.each<[string, keyof typeof names, string]>([
    ['a name that is taken', 'conf', '[[registry]]\nlocation = "h.test"\nlocaton = "i.test"\n'],
    ['plain HTTP', 'conf', '[[registry]]\nlocation = "http://h.test"\n'],
    ['a text that is none', 'conf', '[[registry]\nlocaton = 1\n'],
    [
      'a line with a user and a password, which findings would show',
      'conf',
      '[[registry]]\nlocation = "h.test"\nunqualified-search-registries = ["user:hush@h.test"]\n',
    ],
    ['what is right', 'conf', '[[registry]]\nlocation = "h.test"\n'],
    [
      'a key in a table of one line',
      'conf',
      'registry = [{ location = "h.test", short-name-mode = "" }]\n',
    ],
    [
      'a key that the top has',
      'conf',
      'short-name-mode = "disabled"\n[[registry]]\nlocation = "h.test"\nshort-name-mode = "disabled"\n',
    ],
    [
      'a key that would make a file of two versions',
      'conf',
      '[registries.search]\nregistries = ["h.test"]\nunqualified-search-registries = ["h.test"]\n',
    ],
  ])('%s stays', async (_, name, before) => {
    expect(await fixed(name, before)).toEqual({ text: before, files: [] });
  });
});

test('without leave to write, the diff is all there is', async () => {
  const before = '[[registry]]\nlocation = "h.test"\nblokced = true\n';
  const { text, files } = await fixed('conf', before, false);
  expect(text).toBe(before);
  expect(files[0]?.diff).toContain('\n-blokced = true\n+blocked = true\n');
});

test('a diff shows no secret', async () => {
  const { files, text } = await fixed(
    'auth',
    '{\n "auths": {"user:hush@h.test": {"auth": "c2VjcmV0OmI="}},\n "credStore": "pass",\n "HttpHeaders": {"X": "quiet"}\n}',
  );
  expect(text).toContain('"credsStore"');
  expect(files[0]?.diff).toContain('credsStore');
  expect(files[0]?.diff).not.toMatch(/c2Vj|hush|quiet/);
});

test('the file keeps its mode, and a link stays one', async () => {
  const path = join(folder, 'registries.conf');
  await writeFile(path, 'short-name-mode = "Disabled"\n');
  await chmod(path, 0o640);
  const link = join(folder, 'linked');
  await rm(link, { force: true });
  await symlink('registries.conf', link);
  const files = await fixFiles(await validate([link], { kind: 'registries-conf' }), {
    write: true,
  });
  expect(files.map(({ problem }) => problem)).toEqual([undefined]);
  expect((await stat(path)).mode & 0o777).toBe(0o640);
  expect(await readFile(path, 'utf8')).toBe('short-name-mode = "disabled"\n');
  expect((await readdir(folder)).filter((name) => name.startsWith('.registries'))).toEqual([]);
});
