// The package of a release: found as Node finds it, held to its sum, and what is wrong is named.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { k6PackageName, packagedK6, sha256Of } from './package.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pullproof-package-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const main = () => join(root, 'app', 'node_modules', 'pullproof');

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** The binary of a package in a folder of modules. */
function install(modules: string, name: string, file: string, content = 'program'): string {
  write(join(modules, name, 'package.json'), JSON.stringify({ name }));
  return write(join(modules, name, 'bin', file), content);
}

async function release(...names: string[]): Promise<void> {
  const sum = await sha256Of(write(join(root, 'sum'), 'program'));
  const packages = Object.fromEntries(names.map((name) => [name, sum]));
  const checksums = JSON.stringify({ version: '1.2.3', sources: 'any', packages });
  write(join(main(), 'k6', 'checksums.json'), checksums);
}

const find = (system = 'linux', processor = 'x64') =>
  packagedK6({ root: main(), system, processor });

test('a sum is that of the bytes', async () => {
  expect(await sha256Of(write(join(root, 'abc'), 'abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test('a sum is that of all the bytes of a file of several pieces', async () => {
  const bytes = Buffer.from(Array.from({ length: 700_001 }, (_, at) => (at * at) % 251));
  const path = join(root, 'large');
  writeFileSync(path, bytes);
  expect(await sha256Of(path)).toBe(createHash('sha256').update(bytes).digest('hex'));
});

test('names are those of Node, for what there is', () => {
  expect(k6PackageName('win32', 'arm64')).toBe('@pullproof/k6-win32-arm64');
  expect(k6PackageName('darwin', 'x64')).toBe('@pullproof/k6-darwin-x64');
  for (const [system, processor] of [
    ['linux', 'riscv64'],
    ['freebsd', 'x64'],
    ['constructor', 'x64'],
    ['linux', 'toString'],
  ] as const) {
    expect(k6PackageName(system, processor)).toBeUndefined();
  }
});

test('a checkout has none, and no problem', async () => {
  expect(await find()).toEqual({});
});

// A folder each: Node remembers where it found a package.
test.each([
  ['beside', 'app/node_modules', 'linux', 'arm64', '@pullproof/k6-linux-arm64', 'k6'],
  ['above', 'node_modules', 'darwin', 'x64', '@pullproof/k6-darwin-x64', 'k6'],
  [
    ...['below', 'app/node_modules/pullproof/node_modules'],
    ...['win32', 'x64', '@pullproof/k6-win32-x64', 'k6.exe'],
  ],
] as [string, string, string, string, string, string][])('is found %s', async (...row) => {
  const [, modules, system, processor, name, file] = row;
  await release(name);
  const path = install(join(root, modules), name, file);
  expect(await find(system, processor)).toEqual({ path });
});

test('what is not installed, and what there is not, is said by name', async () => {
  await release('@pullproof/k6-linux-x64');
  expect((await find()).problem).toMatch(/@pullproof\/k6-linux-x64@1\.2\.3/);
  expect((await find('linux', 'riscv64')).problem).toMatch(/linux-riscv64/);
  // A release that was made for some platforms alone.
  expect((await find('darwin', 'x64')).problem).toMatch(/darwin-x64/);
});

test.each([
  ['changed', 'another'],
  ['cut short', 'prog'],
  ['empty', ''],
])('a binary that is %s is refused', async (_how, content) => {
  const name = '@pullproof/k6-linux-x64';
  await release(name);
  const path = install(join(root, 'app', 'node_modules'), name, 'k6', content);
  await expect(find()).rejects.toMatchObject({
    code: 'k6-package-broken',
    exitCode: 3,
    message: expect.stringContaining(path),
    hint: expect.stringMatching(/@pullproof\/k6-linux-x64@1\.2\.3.*PULLPROOF_K6/s),
  });
});

test('a package without its binary is refused, too', async () => {
  const name = '@pullproof/k6-linux-x64';
  await release(name);
  rmSync(install(join(root, 'app', 'node_modules'), name, 'k6'));
  await expect(find()).rejects.toMatchObject({ code: 'k6-package-broken' });
});

test('sums that cannot be read are said, and are no defect of ours', async () => {
  for (const text of ['{', '[]', '{"packages": 3}', 'null']) {
    write(join(main(), 'k6', 'checksums.json'), text);
    await expect(find()).rejects.toMatchObject({ code: 'k6-package-broken', exitCode: 3 });
  }
});
