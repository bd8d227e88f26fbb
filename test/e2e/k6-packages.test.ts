// The packages of a release, for this platform: made, unpacked into an empty project as npm lays them out, and run
// where there is neither Go nor k6.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { findK6 } from '../../src/run/load/k6/find.ts';
import { k6PackageName, sha256Of } from '../../src/run/load/k6/package.ts';
import { sourcesDigest } from '../../src/run/load/k6/sources.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { testWith } from '../lib/tools.ts';

const msMax = 600_000;
const platform = `${process.platform}-${process.arch}`;
const name = k6PackageName(process.platform, process.arch) ?? '';
const root = mkdtempSync(join(tmpdir(), 'pullproof-packages-'));
const release = join(root, 'release');
const modules = join(root, 'project', 'node_modules');
const main = join(modules, 'pullproof');
const binary = join(modules, name, 'bin', 'k6');
afterAll(() => rmSync(root, { recursive: true, force: true }));

function run(
  program: string,
  words: readonly string[],
  variables: NodeJS.ProcessEnv = process.env,
) {
  const { status, stdout, stderr } = spawnSync(program, words, {
    cwd: root,
    env: variables,
    encoding: 'utf8',
    timeout: msMax,
  });
  return { status, output: stdout + stderr };
}

/** The installed command line, on a machine without Go, k6 and caches. */
function pullproof(...words: string[]) {
  return run(process.execPath, [join(main, 'dist', 'src', 'cli', 'launcher.js'), ...words], {
    PATH: '/nowhere',
    HOME: join(root, 'home'),
  });
}

function unpack(tarball: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const words = ['xzf', join(release, tarball), '-C', folder, '--strip-components=1'];
  expect(run('tar', words)).toMatchObject({ status: 0 });
}

function tarballOf(start: string): string {
  return readdirSync(release).find((file) => file.startsWith(start)) ?? `no ${start}`;
}

const k6Test = testWith('go', 'k6');

beforeAll(() => {
  if (process.env.PULLPROOF_TEST_NO_K6 === '1') return;
  const script = join(packageRoot, 'tools', 'k6-packages.ts');
  const { status, output } = run(process.execPath, [script, release, platform]);
  expect(status, output).toBe(0);
  unpack(tarballOf(`pullproof-k6-${platform}`), join(modules, name));
  unpack(tarballOf(`pullproof-${versionOf(packageRoot)}`), main);
  for (const dependency of Object.keys(manifestOf(packageRoot).dependencies ?? {})) {
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    symlinkSync(join(packageRoot, 'node_modules', dependency), join(modules, dependency));
  }
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

k6Test('the binary is, byte for byte, what a build of the sources makes', async () => {
  const cached = await findK6('built', { variables: process.env, progress: () => undefined });
  expect(await sha256Of(binary)).toBe(await sha256Of(cached.path));
});

k6Test('demo runs without Go and k6, and builds nothing', { timeout: msMax }, () => {
  const out = join(root, 'out');
  const { status, output } = pullproof('demo', '--out', out);
  expect(status, output).toBe(0);
  const results = readdirSync(out, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('results.json'))
    .map((file) => readFileSync(join(out, file), 'utf8'));
  expect(results.join('\n')).toMatch(/"engine":\s*"built"/);
  expect(existsSync(join(root, 'home', '.cache', 'pullproof'))).toBe(false);
});

const load = ['load', 'http://127.0.0.1:9/demo/app:latest', '--duration', '1s'];

k6Test('a binary that was changed is refused by name', { timeout: msMax }, () => {
  appendFileSync(binary, 'x');
  const { status, output } = pullproof(...load);
  expect(status, output).toBe(3);
  for (const word of ['k6-package-broken', binary, name, 'PULLPROOF_K6']) {
    expect(output).toContain(word);
  }
});

k6Test('without the package, the ways out', { timeout: msMax }, () => {
  rmSync(join(modules, name), { recursive: true });
  const { status, output } = pullproof(...load);
  expect(status, output).toBe(3);
  for (const word of ['k6-missing', name, '--omit=optional', 'Go ', 'PULLPROOF_K6']) {
    expect(output).toContain(word);
  }
});
