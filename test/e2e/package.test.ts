// The package as npm packs it, installed by npm into an empty project with an empty cache and no network: what is in it,
// that every verb runs there, that every export compiles and runs, and that its address is the same everywhere.
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, test } from 'vitest';
import { verbs } from '../../src/cli/verbs.ts';
import { findK6 } from '../../src/run/load/k6/find.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { scratch } from '../lib/cli.ts';
import { freePort } from '../lib/docker-registry.ts';
import { startServer } from '../lib/server-child.ts';
import { allPaths, readSource } from '../lib/sources.ts';
import { runTool, testWith } from '../lib/tools.ts';

const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
const packedBytesMax = 4_000_000;

let folder = '';
let packed: { size: number; files: { path: string }[] };
const archive = () => join(folder, `pullproof-${manifest.version}.tgz`);
beforeAll(async () => {
  folder = scratch();
  const inFolder = ['--pack-destination', folder, packageRoot];
  const { code, output } = await runTool('npm', [
    'pack',
    '--ignore-scripts',
    '--json',
    ...inFolder,
  ]);
  expect(code, output).toBe(0);
  [packed] = JSON.parse(output.slice(output.indexOf('[')));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const quiet = ['--no-audit', '--no-fund', '--prefix', folder];
  const cache = { npm_config_cache: scratch() };
  const installed = await runTool('npm', ['install', '--offline', ...quiet, archive()], cache);
  expect(installed.code, installed.output).toBe(0);
  expect(installed.output).not.toMatch(/EBADENGINE|deprecated/);
});

const launcher = () => join(folder, 'node_modules/.bin/pullproof');

/** Runs the installed program in the project. */
function pullproof(words: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const script = 'cd "$1" && shift && exec "$@"';
  const all = ['-c', script, 'x', folder, process.execPath, launcher(), ...words];
  return runTool('sh', all, { HOME: folder, NO_COLOR: '1', ...variables });
}

describe('what is packed', () => {
  test('is what runs, what is read, and nothing of tests', () => {
    const paths = packed.files.map(({ path }) => path);
    const rooms = new Set(paths.map((path) => path.split('/')[0]));
    expect([...rooms].sort()).toEqual(
      [
        ...[
          'LICENSE',
          'README.md',
          'dist',
          'docs',
          'k6',
          'man',
          'package.json',
          'reports',
          'scenarios',
        ],
      ]
        .concat('schemas', 'src')
        .sort(),
    );
    expect(paths.filter((path) => /(?:\.|_)test\.|^(?:test|bench|tools)\//.test(path))).toEqual([]);
    expect(packed.size).toBeLessThan(packedBytesMax);
  });

  test('installs nothing else', () => {
    const names = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(names).toEqual(['pullproof']);
  });
});

type Target = string | Readonly<Record<string, string>> | null;

/** What can be imported: the patterns of package.json with every file that they find, of types or of code. */
function entryPoints(): string[] {
  const entries = Object.entries<Target>(manifest.exports);
  const hidden = entries.flatMap(([name, target]) => (target === null ? [name] : []));
  const names = entries.flatMap(([name, target]) => {
    const patterns = typeof target === 'string' ? [target] : Object.values(target ?? {});
    return patterns.flatMap((pattern) => starsOf(pattern).map((star) => name.replace('*', star)));
  });
  const isHidden = (name: string) => hidden.some((one) => name.startsWith(one.replace('*', '')));
  return [...new Set(names)].filter((name) => !isHidden(name));
}

/** What its `*` stands for among the files that are packed; one thing, where it has none. */
function starsOf(pattern: string): string[] {
  const [before = '', after] = pattern.split('*');
  if (after === undefined) return [''];
  return packed.files
    .map(({ path }) => `./${path}`)
    .filter((file) => file.startsWith(before) && file.endsWith(after))
    .map((file) => file.slice(before.length, file.length - after.length));
}

describe('who looks at packages finds nothing', () => {
  test('publint', async () => {
    const tarball = new Uint8Array(readFileSync(archive())).buffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  // For modules alone: what CommonJS and Node 10 would meet is not looked at.
  test('arethetypeswrong, at every entry point', { timeout: 120_000 }, async () => {
    const names = entryPoints();
    const data = createPackageFromTarballData(readFileSync(archive()));
    const checked = await checkPackage(data, { entrypoints: names });
    if (!('entrypoints' in checked)) throw new Error('the package has no types');
    expect(Object.keys(checked.entrypoints)).toEqual(names);
    const said = Object.values(checked.entrypoints).flatMap(({ subpath, resolutions }) =>
      (['node16-esm', 'bundler'] as const).flatMap((kind) => {
        const { visibleProblems = [], implementationResolution } = resolutions[kind];
        const problems = visibleProblems.map((index) => checked.problems[index]?.kind);
        if (implementationResolution === undefined) problems.push('NoResolution');
        return problems.map((problem) => `${subpath} ${kind} ${problem}`);
      }),
    );
    expect(said).toEqual([]);
  });
});

/** Verb → what of it is tried, in order: `report` is about what ran before. IMAGE is one of a mock that is up. */
const trials: Readonly<Record<string, readonly (readonly string[])[]>> = {
  validate: [['.pullproof.yaml'], ['registries.conf'], ['layers.json']],
  // Serves what the next ones ask for.
  mock: [],
  // k6-packages.test.ts runs it, installed as this is.
  demo: [['--help']],
  conform: [['--read-only', '--room', 'tags', 'IMAGE']],
  doctor: [['IMAGE']],
  load: [['IMAGE', '--vus', '1', '--duration', '300ms', '--out', 'load']],
  report: [
    ['load'],
    ['merge', '--out', 'merged', 'load'],
    ['compare', 'load', 'load', '--format', 'json'],
    ['trend', '.'],
  ],
  init: [['fresh']],
  env: [[]],
  complete: [['bash']],
  list: [['checks']],
  explain: [['manifest-layers']],
};

describe('every verb', () => {
  test('has a trial', () => {
    expect(Object.keys(trials).sort()).toEqual(Object.keys(verbs).sort());
  });

  testWith('k6')('runs', async () => {
    const k6 = await findK6('built', { variables: process.env, progress: () => undefined });
    writeFileSync(join(folder, '.pullproof.yaml'), 'validate:\n  strict: false\n');
    writeFileSync(join(folder, 'registries.conf'), 'unqualified-search-registries = []\n');
    writeFileSync(join(folder, 'layers.json'), configWithLicence);
    const host = `127.0.0.1:${await freePort()}`;
    const words = [launcher(), 'mock', '--auth', 'none', '--port', host.slice(10)];
    const stop = await startServer(process.execPath, words, `http://${host}/v2/`);
    try {
      for (const [verb, ways] of Object.entries(trials)) {
        for (const way of ways) {
          const all = [verb, ...way].map((word) =>
            word === 'IMAGE' ? `http://${host}/demo/app:latest` : word,
          );
          const { code, output } = await pullproof(all, { PULLPROOF_K6: k6.path });
          expect(code, `${all.join(' ')}: ${output}`).toBe(0);
        }
      }
    } finally {
      await stop();
    }
  });
});

/** Judged by the lists of SPDX. */
const configWithLicence = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [],
  annotations: { 'org.opencontainers.image.licenses': 'Apache-2.0 WITH LLVM-exception' },
});

const consumer = `import { createRegistry, registryHandlers } from 'pullproof/mocks';
import { drive, type HttpReply, profiles, pull } from 'pullproof/protocol';
import { type Finding, validate } from 'pullproof/validate';
import { validators } from 'pullproof/validators';
import { NodeDriver, type Results, run, UserError, version } from 'pullproof';
import schema from 'pullproof/schemas/oci-manifest.schema.json' with { type: 'json' };

const results: Results = (await run('validate', ['.pullproof.yaml'])).results;
const refused = await run('conform', ['--nonsense']).catch((error: unknown) => error);
const { findings } = await validate(new TextEncoder().encode('{"schemaVersion":2}'));
const rules: string[] = findings.map((finding: Finding) => finding.ruleId);
const registry = createRegistry();
const reply: Response = await registry.fetch(new Request('https://registry.test/v2/'));
let missing = '';
try { registryHandlers(registry); } catch (error) { missing = (error as UserError).code; }
const talk = pull({
  registryUrl: 'https://registry.test', repository: 'demo/app', reference: 'latest',
  platform: { os: 'linux', architecture: 'amd64' }, client: profiles['podman']!, verification: 'all',
});
const failed = await drive(talk, async (): Promise<HttpReply> => { throw new Error('unplugged'); })
  .catch((error: Error) => error.message);
console.log(JSON.stringify([
  results.verdict, refused instanceof UserError, rules.length > 0, reply.status, missing, failed,
  validators.manifest({}), typeof schema.$id, typeof version, typeof NodeDriver,
]));
`;

const scenario = `import { pullOnce } from 'pullproof/scenarios/lib/pull';
import { stockEngine } from 'pullproof/scenarios/lib/stock.ts';
import smoke, { options } from 'pullproof/scenarios/01-smoke.js';
export const all: [number, unknown, () => void, unknown] = [options.vus, pullOnce, smoke, stockEngine];
`;

describe('every export', () => {
  beforeAll(() => {
    writeFileSync(join(folder, 'consumer.ts'), consumer);
    writeFileSync(join(folder, 'scenario.ts'), scenario);
    for (const name of ['@types', 'undici-types'])
      symlinkSync(join(packageRoot, 'node_modules', name), join(folder, 'node_modules', name));
  });

  const tsc = join(packageRoot, 'node_modules/typescript/bin/tsc');
  test.each([
    ['consumer.ts', 'nodenext', 'nodenext', 'node'],
    ['consumer.ts', 'esnext', 'bundler', 'node'],
    ['scenario.ts', 'esnext', 'bundler', 'k6'],
  ])('%s compiles as module %s, resolved as by %s', async (file, module, resolution, types) => {
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          ...{ module, moduleResolution: resolution, types: [types], target: 'es2024' },
          ...{ strict: true, noEmit: true, skipLibCheck: false, resolveJsonModule: true },
        },
        files: [file],
      }),
    );
    const { code, output } = await runTool(process.execPath, [tsc, '-p', folder]);
    expect(output).toBe('');
    expect(code).toBe(0);
  });

  test('runs', async () => {
    writeFileSync(join(folder, '.pullproof.yaml'), 'validate:\n  strict: false\n');
    const script = 'cd "$1" && exec "$2" consumer.ts';
    const { code, output } = await runTool('sh', ['-c', script, 'x', folder, process.execPath]);
    expect(code, output).toBe(0);
    const [first, ...rest] = JSON.parse(output);
    expect([first, ...rest]).toEqual([
      ...['pass', true, true, 401, 'msw-missing', 'unplugged'],
      ...[false, 'string', 'string', 'function'],
    ]);
  });
});

describe('on a Node that is too old', () => {
  const old = 'Object.defineProperty(process, "versions", { value: { node: "20.19.4" } });';
  const onOldNode = (words: string[], variables = {}) => {
    const script = 'cd "$1" && shift && exec "$@"';
    const preload = ['--import', `data:text/javascript,${encodeURIComponent(old)}`];
    const all = ['-c', script, 'x', folder, process.execPath, ...preload, ...words];
    return runTool('sh', all, variables);
  };

  test('the program says what it needs', async () => {
    const { code, output } = await onOldNode([launcher(), 'env'], { PRE_COMMIT: '' });
    expect(code, output).toBe(2);
    expect(output).toMatch(/^error: .*22\.18.*20\.19\.4.*\n.*npx .*\n$/);
    const hook = await onOldNode([launcher(), 'validate'], { PRE_COMMIT: '1' });
    expect(hook.code, hook.output).toBe(2);
    expect(hook.output).toContain('language_version');
  });

  test('so does the library, and shows nothing of its parts', async () => {
    writeFileSync(join(folder, 'old.js'), "import 'pullproof';");
    const { code, output } = await onOldNode(['old.js']);
    expect(code, output).toBe(1);
    expect(output).toMatch(/Error: .*22\.18.*20\.19\.4/);
    expect(output.length).toBeLessThan(2000);
  });
});

test('the repository has one address, that of package.json', () => {
  const own = manifest.repository.url.replace(/^git\+|\.git$/g, '');
  const [, , host, owner, name] = own.split('/');
  const address = new RegExp(`${host}/[\\w.-]+/${name}(?![\\w-])`, 'g');
  const others = allPaths()
    .filter((path) => /\.(?:ts|md|json|ya?ml|go|mod)$|Dockerfile$/.test(path))
    .flatMap((path) => [...readSource(path).text.matchAll(address)].map(([found]) => [path, found]))
    .filter(([, found]) => found !== `${host}/${owner}/${name}`);
  expect(others).toEqual([]);
  expect([manifest.homepage, manifest.bugs.url]).toEqual([`${own}#readme`, `${own}/issues`]);
});
