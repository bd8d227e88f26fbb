import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'settings.yaml');

async function read(text: string) {
  writeFileSync(file, text);
  return await readSettings(file);
}

test('a file sets levels, strictness and a limit', async () => {
  const text =
    'rules:\n  json-bom: warning\n  manifest-size: off\nvalidate:\n  strict: true\n  maxLayerBytes: 7\n';
  const settings = await read(text);
  expect(settings).toMatchObject({ file, strict: true, layerBytesMax: 7 });
  expect(settings.levels?.('a.json')).toEqual({ 'json-bom': 'warning', 'manifest-size': 'off' });
});

test('paths in a file start from its folder', async () => {
  const text = `
exclude: [/vendor, '*.{tmp,bak}.json']
baseline: sub/known.json
rules: { json-bom: warning, manifest-size: off }
overrides:
  - files: test/**
    rules: { json-bom: off }
  - files: [test/replies, 'image.tar']
    kind: token-reply
    rules: { json-bom: note }
`;
  const { exclude, baseline, levels, kindOf } = await read(text);
  const at = (path: string) => relative('.', join(folder, path));
  expect(baseline).toBe(join(folder, 'sub/known.json'));
  const excluded = ['vendor/a.json', 'a/x.tmp.json', 'a/vendor/b.json', 'b.json'];
  expect(excluded.map((path) => exclude?.fit(at(path)))).toEqual([true, true, false, false]);
  const bom = (path: string) => levels?.(at(path))['json-bom'];
  const paths = ['a.json', 'test/a.json', 'test/replies/a', 'image.tar!/index.json'];
  expect(paths.map(bom)).toEqual(['warning', 'off', 'note', 'note']);
  expect(levels?.(at('test/a.json'))['manifest-size']).toBe('off');
  expect(kindOf?.(at('test/replies/a'))).toBe('token-reply');
  expect(kindOf?.(at('test/a'))).toBeUndefined();
});

test('the nearest file counts, but none above the top of a checkout', async () => {
  const at = (...names: string[]) => join(folder, 'search', ...names);
  mkdirSync(at('repo/.git'), { recursive: true });
  mkdirSync(at('repo/a/b'), { recursive: true });
  writeFileSync(at('.pullproof.yaml'), 'validate: { maxLayerBytes: 1 }');
  writeFileSync(at('repo/a/.pullproof.yml'), 'validate: { maxLayerBytes: 2 }');
  expect((await readSettings(undefined, [], at('repo/a/b'))).layerBytesMax).toBe(2);
  expect((await readSettings(undefined, [], at('repo/a'))).layerBytesMax).toBe(2);
  expect((await readSettings(undefined, [], at('repo'))).file).toBeUndefined();
  expect((await readSettings(undefined, [], at())).layerBytesMax).toBe(1);
});

test('a file that is judged by itself is no setting', async () => {
  const at = (...names: string[]) => join(folder, 'alone', ...names);
  mkdirSync(at());
  writeFileSync(at('.pullproof.yaml'), 'strct: true');
  const read = (...judged: string[]) => readSettings(undefined, judged, at());
  expect((await read(at('.pullproof.yaml'))).file).toBeUndefined();
  await expect(read(at('.pullproof.yaml'), at('a.json'))).rejects.toMatchObject({ exitCode: 2 });
  await expect(read()).rejects.toMatchObject({ exitCode: 2 });
});

test('an empty file sets nothing', async () => {
  expect((await read('')).levels?.('a.json')).toEqual({});
});

test.each([
  ['an unknown key', 'rulez: {}', /perhaps rules/],
  ['an unknown setting', 'validate: { stric: true }', /perhaps strict/],
  ['an unknown rule', 'rules: { jsn-bom: off }', /perhaps json-bom/],
  ['an unknown level', 'rules: { json-bom: fatal }', /:1:/],
  [
    'an unknown rule for some files',
    'overrides: [{ files: a, rules: { jsn-bom: off } }]',
    /perhaps json-bom/,
  ],
  ['an unknown kind', 'overrides: [{ files: a, kind: manifst }]', /perhaps manifest/],
  ['a text that is no YAML', 'rules: [', /:1:/],
])('%s is told with its place', async (_, text, told) => {
  await expect(read(text)).rejects.toMatchObject({
    code: 'settings-unreadable',
    exitCode: 2,
    message: expect.stringMatching(told),
  });
});

test('a file that was named has to be there', async () => {
  await expect(readSettings(join(folder, 'absent.yaml'))).rejects.toMatchObject({ exitCode: 2 });
  await expect(readSettings(folder)).rejects.toMatchObject({ exitCode: 2 });
});

test('a file that is a link to nothing is not passed over', async () => {
  const dir = join(folder, 'dead');
  mkdirSync(dir);
  symlinkSync('nowhere', join(dir, '.pullproof.yaml'));
  await expect(readSettings(undefined, [], dir)).rejects.toMatchObject({
    code: 'settings-unreadable',
  });
});
