import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  expect(await read(text)).toEqual({
    file,
    levels: { 'json-bom': 'warning', 'manifest-size': 'off' },
    strict: true,
    layerBytesMax: 7,
  });
});

test('an empty file sets nothing', async () => {
  expect(await read('')).toEqual({ file, levels: {} });
});

test.each([
  ['an unknown key', 'rulez: {}', /perhaps rules/],
  ['an unknown setting', 'validate: { stric: true }', /perhaps strict/],
  ['an unknown rule', 'rules: { jsn-bom: off }', /perhaps json-bom/],
  ['an unknown level', 'rules: { json-bom: fatal }', /:1:/],
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
