import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { imageLayout } from '../../../validate/image/cases/fixture.ts';
import { judgeInputs } from '../judge-inputs.ts';
import { RootedPatterns } from './rooted-patterns.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-walk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const digest = `sha256:${'0'.repeat(64)}`;
const mediaType = 'application/vnd.oci.image.config.v1+json';
const manifest = { schemaVersion: 2, config: { mediaType, digest, size: 2 }, layers: [] };

/** A folder of these files; objects are written as JSON. */
function write(files: Readonly<Record<string, string | Uint8Array | object>>): string {
  const dir = mkdtempSync(join(folder, 'x-'));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(dir, file, '..'), { recursive: true });
    const isRaw = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(join(dir, file), isRaw ? content : JSON.stringify(content));
  }
  return dir;
}

interface Wanted {
  readonly words?: readonly string[];
  readonly files?: readonly string[];
  readonly exclude?: readonly string[];
  readonly sifts?: boolean;
  readonly signal?: AbortSignal;
}

async function judge(dir: string, wanted: Wanted = {}) {
  const { words = [dir], files = [], exclude = [] } = wanted;
  const excluded = new RootedPatterns(dir, exclude);
  const judged = await judgeInputs(
    { words, files },
    {
      kindOf: () => undefined,
      excludes: (path, isFolder) => excluded.fit(path, isFolder),
      sifts: wanted.sifts ?? false,
      layers: false,
      layerBytesMax: 1e9,
      signal: wanted.signal ?? new AbortController().signal,
      progress: () => undefined,
    },
  );
  const skipped = judged.skipped.list();
  return {
    paths: judged.documents.map(({ path }) => relative(dir, path)),
    invalid: judged.documents.filter(({ valid }) => !valid).map(({ path }) => relative(dir, path)),
    skipped: Object.fromEntries(skipped.map(({ reason, count }) => [reason, count])),
    messages: judged.documents.flatMap(({ findings }) => findings.map((it) => it.message)),
    unread: judged.unread.map(({ message }) => message),
  };
}

test('files that are named are sifted as those of a folder, where that is asked for', async () => {
  const names = ['manifest.json', 'pwa.json', 'notes.txt', 'registries.conf', 'broken.json'];
  const dir = write({
    'manifest.json': manifest,
    'pwa.json': { icons: [] },
    'notes.txt': 'x',
    'registries.conf': '',
    'broken.json': '{',
  });
  const words = names.map((name) => join(dir, name));
  const sifted = await judge(dir, { words, sifts: true });
  expect(sifted.paths).toEqual(['manifest.json', 'registries.conf']);
  expect([sifted.skipped, sifted.unread]).toEqual([{ 'no document that pullproof knows': 3 }, []]);
  const listed = await judge(dir, { words: [join(dir, '*')], files: words, sifts: true });
  expect(listed.paths.toSorted()).toEqual(sifted.paths);
  expect((await judge(dir, { words })).paths).toHaveLength(names.length);
  const gone = await judge(dir, { words: [join(dir, 'gone.json')], sifts: true });
  expect(gone.unread).toHaveLength(1);
});

describe('a folder', () => {
  test('of any project: what is ours is judged, by name and by what it shows', async () => {
    const layout = Object.fromEntries(
      [...imageLayout()].map(([file, bytes]) => [`l/${file}`, bytes]),
    );
    const dir = write({
      ...layout,
      'package.json': { name: 'x', version: '1.0.0', config: {}, os: ['linux'] },
      'tsconfig.json': '{ // comment\n "compilerOptions": {} }',
      'errors.json': { errors: [] },
      'token.json': { token: 'x' },
      'tags.json': { tags: ['a'] },
      'repositories.json': { repositories: [] },
      'platform.json': { os: 'linux', architecture: 'amd64' },
      'versions.json': { schemaVersion: 1, layers: ['a'], manifests: ['b'] },
      'file.json': { digest: 'abc', size: 1 },
      'google.json': { auths: { google: { clientId: 'x' } } },
      'composer/auth.json': { 'http-basic': {} },
      'extension/manifest.json': { manifest_version: 3 },
      'extension/version': '1.2.3',
      'site/index.json': { pages: [] },
      'site/blobs/a': '',
      'template.json':
        '{ "schemaVersion": 2, {{ if .x }} "mediaType": "application/vnd.oci.image.manifest.v1+json" }',
      'ok/m.json': manifest,
      'ok/bad.JSON': { ...manifest, layers: [{ mediaType, digest, size: -1 }] },
      'ok/config.json': {
        architecture: 'amd64',
        os: 'linux',
        rootfs: { type: 'layers', diff_ids: [] },
      },
      'ok/cut.json': `{ "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", `,
      'ok/windows.json': Buffer.from(`\ufeff${JSON.stringify(manifest)}`, 'utf16le'),
      'etc/registries.conf': 'unqualified-search-registries = ["docker.io"]\n',
      'home/.docker/config.json': { auths: {} },
      'run/auth.json': { auths: { 'registry.example': {} } },
      '.pullproof.yaml': 'rules: {}\n',
    });
    const { paths, invalid, unread, skipped } = await judge(dir);
    expect(paths.filter((path) => !path.startsWith('l/')).sort()).toEqual([
      '.pullproof.yaml',
      'etc/registries.conf',
      'home/.docker/config.json',
      'ok/bad.JSON',
      'ok/config.json',
      'ok/cut.json',
      'ok/m.json',
      'ok/windows.json',
      'run/auth.json',
    ]);
    expect(paths).toContain('l/index.json');
    expect(invalid.filter((path) => !/bad|cut|windows/.test(path))).toEqual([]);
    expect(unread).toEqual([]);
    expect(Object.values(skipped)).toEqual([14]);
  });

  test('is not entered for dependencies, nor where git ignores', async () => {
    const dir = write({
      '.git/info/exclude': 'private/\n',
      '.git/x.json': manifest,
      '.gitignore': '/build\n*.tmp.json\n!keep.tmp.json\n',
      'node_modules/a/m.json': manifest,
      'build/m.json': manifest,
      'private/m.json': manifest,
      'a.tmp.json': manifest,
      'keep.tmp.json': manifest,
      'sub/.gitignore': 'm.json\r\n',
      'sub/m.json': manifest,
      'sub/build/x.json': manifest,
    });
    const { paths, skipped } = await judge(dir);
    expect(paths.sort()).toEqual(['keep.tmp.json', 'sub/build/x.json']);
    expect(Object.values(skipped).sort()).toEqual([2, 4]);
    // From a folder below, the lists above still hold; what is named is judged.
    const sub = await judge(dir, { words: [join(dir, 'sub'), join(dir, 'build/m.json')] });
    expect(sub.paths.sort()).toEqual(['build/m.json', 'sub/build/x.json']);
  });

  test('a checkout within it has its own rules', async () => {
    const dir = write({
      '.git/info/exclude': 'm.json\n',
      'sub/.git/info/exclude': 'own.json\n',
      'sub/m.json': manifest,
      'sub/own.json': manifest,
      'm.json': manifest,
    });
    expect((await judge(dir)).paths).toEqual(['sub/m.json']);
  });

  test('leaves out what is excluded, and so do globs and names', async () => {
    const dir = write({ 'a/m.json': manifest, 'a/b/m.json': manifest, 'c.json': manifest });
    const exclude = ['b', './c.{json,yaml}'];
    expect((await judge(dir, { exclude })).paths).toEqual(['a/m.json']);
    const words = [join(dir, '**/*.json'), join(dir, 'c.json'), join(dir, 'a/b/m.json')];
    const named = await judge(dir, { exclude, words });
    expect([named.paths, named.unread]).toEqual([['a/m.json'], []]);
  });

  test('that is reached by a link is excluded from as it lies', async () => {
    const dir = write({ 'real/a/m.json': manifest, 'real/b.json': manifest });
    symlinkSync('real', join(dir, 'link'));
    const excluded = new RootedPatterns(join(dir, 'real'), ['/a/']);
    expect(excluded.fit(join(dir, 'link/a/m.json'))).toBe(true);
    expect(excluded.fit(join(dir, 'link/b.json'))).toBe(false);
    expect(new RootedPatterns(join(dir, 'link'), ['/a/']).fit(join(dir, 'real/a/m.json'))).toBe(
      true,
    );
  });

  test('with odd entries ends, and tells what it could not read', async () => {
    const dir = write({ 'dir.json/m.json': manifest, 'a b\n.json': manifest });
    symlinkSync('.', join(dir, 'loop'));
    symlinkSync('self.json', join(dir, 'self.json'));
    symlinkSync('dir.json/m.json', join(dir, 'link.json'));
    if (process.platform === 'linux') execFileSync('mkfifo', [join(dir, 'pipe.json')]);
    if (process.platform === 'linux')
      writeFileSync(Buffer.from(`${dir}/\xff.json`, 'latin1'), '{}');
    const { paths, unread } = await judge(dir);
    expect(paths.sort()).toEqual(['a b\n.json', 'dir.json/m.json', 'link.json']);
    expect(unread).toHaveLength(process.platform === 'linux' ? 1 : 0);
  });

  test('that is a layout tells which of its blobs is a link to nothing', async () => {
    const files = imageLayout();
    const dir = write(Object.fromEntries(files));
    const [blob = ''] = [...files.keys()].filter((path) => path.startsWith('blobs/sha256/'));
    rmSync(join(dir, blob));
    symlinkSync('/nowhere/blob', join(dir, blob));
    expect((await judge(dir)).messages.join()).toContain('/nowhere/blob');
  });

  test('in which nothing is ours is right, one without files is an error', async () => {
    expect((await judge(write({ 'package.json': { name: 'x' } }))).unread).toEqual([]);
    expect((await judge(write({ 'a/b/setup.py': '' }))).unread).toEqual([]);
    const certs = write({ 'certs.d/h.test:5000/ca.crt': 'x' });
    expect((await judge(certs)).unread).toEqual([]);
    expect((await judge(join(certs, 'certs.d'))).unread).toEqual([]);
    const empty = write({});
    mkdirSync(join(empty, 'a/b'), { recursive: true });
    expect((await judge(empty)).unread).toHaveLength(1);
  });
});

test('a signal is heard while folders are looked through', async () => {
  const names = Array.from({ length: 300 }, (_, at) => `${at}/.svn/x`);
  const dir = write(Object.fromEntries(names.map((name) => [name, ''])));
  const stop = new AbortController();
  setImmediate(() => stop.abort());
  const { skipped } = await judge(dir, { signal: stop.signal });
  expect(Object.values(skipped).reduce((sum, count) => sum + count, 0)).toBeLessThan(300);
});

test('what cannot be read does not stop the others', async () => {
  const dir = write({ 'm.json': manifest, 'n.json': manifest });
  symlinkSync('nowhere', join(dir, 'dead.test'));
  const words = ['gone.json', 'gone/*.json', 'dead.test', 'm.json/a', 'm.json'].map((name) =>
    join(dir, name),
  );
  const files = [join(dir, 'gone too.json'), join(dir, 'n.json')];
  const { paths, unread } = await judge(dir, { words, files });
  expect(paths).toEqual(['m.json', 'n.json']);
  expect(unread).toHaveLength(5);
  expect(unread[2]).toContain('a link to "nowhere"');
});

test('what is named as well as met is judged whatever it is', async () => {
  const dir = write({ 'package.json': { name: 'x' }, 'm.json': manifest });
  const file = join(dir, 'package.json');
  for (const words of [
    [dir, file],
    [file, dir],
  ]) {
    expect((await judge(dir, { words })).paths.sort()).toEqual(['m.json', 'package.json']);
  }
});
