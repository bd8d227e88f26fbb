// The packages of a release, for this platform: made, installed by npm into an empty project, and run where there is
// neither Go nor k6.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { startMock } from '../../mocks/server.ts';
import { findK6 } from '../../src/run/load/k6/find.ts';
import { k6FileName, k6PackageName, sha256Of } from '../../src/run/load/k6/package.ts';
import { sourcesDigest } from '../../src/run/load/k6/sources.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { hasTools, runTool, testWith } from '../lib/tools.ts';

const msMax = 600_000;
const platform = `${process.platform}-${process.arch}`;
const name = k6PackageName(process.platform, process.arch) ?? '';
const root = mkdtempSync(join(tmpdir(), 'pullproof-packages-'));
const release = join(root, 'release');
const project = join(root, 'project');
const modules = join(project, 'node_modules');
const main = join(modules, 'pullproof');
const binary = join(modules, name, 'bin', k6FileName(process.platform));
const bin = join(root, 'bin');
const home = join(root, 'home');
afterAll(() => rmSync(root, { recursive: true, force: true }));

function run(program: string, words: readonly string[], cwd = project) {
  const options = { cwd, encoding: 'utf8', timeout: msMax } as const;
  const { status, stdout, stderr } = spawnSync(program, words, options);
  return { code: status, output: `${stdout}${stderr}` };
}

/** The installed command line, on a machine without Go, k6 and caches: nothing but Node is on the PATH. */
function pullproof(...words: string[]) {
  const variables = { PATH: bin, HOME: home, XDG_CACHE_HOME: join(home, 'cache') };
  return runTool(join(modules, '.bin', 'pullproof'), words, { ...variables, PULLPROOF_K6: '' });
}

const k6Test = testWith('go', 'k6');

beforeAll(() => {
  if (!hasTools('go', 'k6')) return;
  const script = join(packageRoot, 'tools', 'k6-packages.ts');
  const made = run(process.execPath, [script, release, platform], root);
  expect(made.code, made.output).toBe(0);
  for (const folder of [project, bin, home]) mkdirSync(folder);
  symlinkSync(process.execPath, join(bin, 'node'));
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  const tarballs = readdirSync(release).map((file) => join(release, file));
  expect(tarballs).toHaveLength(2);
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];
  const installed = run('npm', ['install', ...quiet, ...tarballs]);
  expect(installed.code, installed.output).toBe(0);
  // What npm would tell everybody who installs.
  expect(installed.output).not.toMatch(/install-scripts|allowScripts|EBADENGINE|deprecated/);
}, msMax);

interface Manifest {
  readonly version: string;
  readonly [member: string]: unknown;
}

function manifestOf(folder: string): Manifest & { dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function versionOf(folder: string): string {
  return manifestOf(folder).version;
}

k6Test('names versions, sums and licences that fit each other', async () => {
  const version = versionOf(packageRoot);
  expect(manifestOf(main)).toMatchObject({ version, optionalDependencies: { [name]: version } });
  expect(manifestOf(main)).not.toHaveProperty('scripts');
  expect(manifestOf(join(modules, name))).toMatchObject({
    ...{ name, version, license: 'AGPL-3.0-only' },
    ...{ os: [process.platform], cpu: [process.arch] },
  });
  const sums = JSON.parse(readFileSync(join(main, 'k6', 'checksums.json'), 'utf8'));
  const sources = await sourcesDigest(join(packageRoot, 'k6'));
  expect(sums).toEqual({ sources, version, packages: { [name]: await sha256Of(binary) } });
  // What ships is what was built: the sources that came along, and those in the main package.
  expect(await sourcesDigest(join(modules, name, 'source'))).toBe(sources);
  expect(await sourcesDigest(join(main, 'k6'))).toBe(sources);
  const text = (file: string) => readFileSync(join(modules, name, file), 'utf8');
  expect(text('LICENSE')).toContain('GNU AFFERO GENERAL PUBLIC LICENSE');
  expect(text('LICENSE-pullproof')).toContain('Apache License');
  expect(text('NOTICES.txt')).toContain('github.com/grafana/sobek');
  expect(text('SOURCE.md')).toMatch(/go\.k6\.io\/k6\/v2@v\d.*[0-9a-f]{40}/s);
});

k6Test('the binary is, byte for byte, what its sources make', { timeout: msMax }, async () => {
  const sum = await sha256Of(binary);
  // As pullproof builds it by itself.
  const variables = { ...process.env, PULLPROOF_K6: undefined };
  const cached = await findK6('built', { variables, progress: () => undefined });
  expect(await sha256Of(cached.path)).toBe(sum);
  // As the package says that it is built, from the sources that came along.
  const text = readFileSync(join(modules, name, 'SOURCE.md'), 'utf8');
  const [command = ''] = text.match(/^ {4}.* go build .*$/m) ?? [];
  const source = join(modules, name, 'source');
  const built = run('sh', ['-c', command], source);
  expect(built.code, built.output).toBe(0);
  expect(await sha256Of(join(source, 'k6'))).toBe(sum);
});

k6Test('demo runs without Go and k6, and builds nothing', { timeout: msMax }, async () => {
  const out = join(root, 'out');
  const { code, output } = await pullproof('demo', '--out', out);
  expect(code, output).toBe(0);
  expect(readFileSync(join(out, 'results.json'), 'utf8')).toMatch(/"engine":\s*"built"/);
  const left = readdirSync(home, { recursive: true, encoding: 'utf8' });
  expect(left.filter((file) => /k6/.test(file))).toEqual([]);
});

/** That a load ends with exit 3, and says all of these. */
async function expectRefusal(...said: string[]): Promise<void> {
  const mock = await startMock({ auth: 'none' });
  try {
    const image = `${mock.registry}/demo/single:1.0`;
    const { code, output } = await pullproof(
      'load',
      image,
      '--duration',
      '1s',
      '--out',
      join(root, 'refused'),
    );
    expect(code, output).toBe(3);
    for (const word of said) expect(output).toContain(word);
  } finally {
    await mock.close();
  }
}

k6Test('a binary that was changed is refused by name', { timeout: msMax }, async () => {
  appendFileSync(binary, 'x');
  await expectRefusal(binary, 'sha256', name, 'PULLPROOF_K6');
});

k6Test('without the package, the ways out', { timeout: msMax }, async () => {
  rmSync(join(modules, name), { recursive: true });
  await expectRefusal(name, '--omit=optional', 'Go ', 'PULLPROOF_K6');
});
