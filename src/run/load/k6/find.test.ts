// Fake binaries in a scratch PATH and cache stand in for Go and k6: what is chosen, and what is said.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type EngineChoice, findK6, placesOfK6 } from './find.ts';
import { k6FileName, k6PackageName, sha256Of } from './package.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pullproof-k6-'));
});

/** A program of shell lines; its path. */
function program(name: string, script: string): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const stock = 'echo "k6 v2.1.0 (go1.25.0, linux/amd64)"';
const built = `${stock}; echo "Extensions:"; echo "  k6/x/pullproof (devel), k6/x/pullproof [js]"`;

/** A Go that "builds" a program of these lines to the file after -o. */
function go(script: string): string {
  const words = `out=""; while [ $# -gt 0 ]; do [ "$1" = -o ] && out="$2"; shift; done`;
  const lines = `#!/bin/sh\\n${script.replaceAll('"', '\\"')}\\n`;
  return program('bin/go', `${words}\nprintf "${lines}" > "$out"; /bin/chmod 755 "$out"`);
}

const told: string[] = [];
function find(choice: EngineChoice = 'auto', variables: Record<string, string> = {}) {
  told.length = 0;
  return findK6(choice, {
    variables: { PATH: join(root, 'bin'), XDG_CACHE_HOME: join(root, 'cache'), ...variables },
    progress: (message) => told.push(message),
    root: join(root, 'pullproof'),
  });
}

/** A released pullproof, and the platform package beside it, as npm lays them out; the binary. */
async function release(script: string): Promise<string> {
  const name = k6PackageName(process.platform, process.arch) ?? 'none';
  const folder = join('node_modules', name);
  const path = program(join(folder, 'bin', k6FileName(process.platform)), script);
  writeFileSync(join(root, folder, 'package.json'), JSON.stringify({ name }));
  mkdirSync(join(root, 'pullproof', 'k6'), { recursive: true });
  const checksums = { version: '1.2.3', sources: '', packages: { [name]: await sha256Of(path) } };
  writeFileSync(join(root, 'pullproof', 'k6', 'checksums.json'), JSON.stringify(checksums));
  return path;
}

function cached(): string {
  const [folder = ''] = readdirSync(join(root, 'cache', 'pullproof'));
  return join(root, 'cache', 'pullproof', folder, 'k6');
}

const missing = (...words: string[]) =>
  expect.objectContaining({
    code: 'k6-missing',
    exitCode: 3,
    message: expect.stringMatching(words.join('.*')),
    hint: expect.stringMatching(/Go .*k6 .*PULLPROOF_K6/s),
  });

describe('PULLPROOF_K6', () => {
  test('comes first', async () => {
    program('bin/k6', stock);
    go(built);
    const path = program('mine', built);
    const found = await find('auto', { PULLPROOF_K6: path });
    expect(found).toEqual({ path, engine: 'built', version: '2.1.0' });
    expect(existsSync(join(root, 'cache'))).toBe(false);
  });

  test('serves as a stock k6 when that is asked for', async () => {
    const path = program('mine', built);
    expect(await find('stock', { PULLPROOF_K6: path })).toMatchObject({ path, engine: 'stock' });
  });

  test.each([
    ['does not exist', '/nowhere/k6', 'auto'],
    ['is no k6', 'echo hello', 'auto'],
    ['fails', `${stock}; exit 3`, 'auto'],
    ['is too old', 'echo "k6 v0.57.0 (go1.23)"', 'auto'],
    ['lacks the extension that is asked for', stock, 'built'],
  ] as const)('that %s ends the search, with a way out', async (_what, script, choice) => {
    program('bin/k6', stock);
    const path = script.startsWith('/') ? script : program('mine', script);
    await expect(find(choice, { PULLPROOF_K6: path })).rejects.toMatchObject({
      code: 'k6-unusable',
      exitCode: 3,
      hint: expect.stringContaining('PULLPROOF_K6'),
    });
  });

  test('empty is not set', async () => {
    program('bin/k6', stock);
    expect(await find('stock', { PULLPROOF_K6: '' })).toMatchObject({ engine: 'stock' });
  });
});

describe('the platform package', () => {
  test('comes before a build, and is not built', async () => {
    program('bin/k6', stock);
    go(built);
    const path = await release(built);
    expect(await find()).toEqual({ path, engine: 'built', version: '2.1.0' });
    expect(existsSync(join(root, 'cache'))).toBe(false);
    expect(await find('stock')).toMatchObject({ path: join(root, 'bin', 'k6') });
  });

  test('comes after PULLPROOF_K6', async () => {
    await release(built);
    const path = program('mine', stock);
    expect(await find('auto', { PULLPROOF_K6: path })).toMatchObject({ path });
  });

  test('that was changed ends the search, whatever else there is', async () => {
    program('bin/k6', stock);
    go(built);
    writeFileSync(await release(built), '#!/bin/sh\nexit 0\n');
    const broken = { code: 'k6-package-broken', exitCode: 3 };
    await expect(find()).rejects.toMatchObject(broken);
    const path = program('mine', built);
    expect(await find('auto', { PULLPROOF_K6: path })).toMatchObject({ path });
    expect(await find('stock')).toMatchObject({ engine: 'stock' });
  });

  test('that does not run here: why, and the next way', async () => {
    const path = await release('exit 1');
    await expect(find()).rejects.toEqual(missing(path, 'does not run', 'no Go', 'no k6'));
    go(built);
    expect(await find()).toMatchObject({ path: cached(), engine: 'built' });
  });

  test('that is not there: its name, and the next way', async () => {
    await release(built);
    rmSync(join(root, 'node_modules'), { recursive: true });
    await expect(find()).rejects.toEqual(missing('@pullproof/k6-', 'not installed', 'no Go'));
    const path = program('bin/k6', stock);
    expect(await find()).toMatchObject({ path, engine: 'stock' });
  });

  test('is a place that is told of, in its turn', async () => {
    const variables = { PATH: join(root, 'bin'), XDG_CACHE_HOME: join(root, 'cache') };
    const packaged = async () => (await placesOfK6(variables, 30, join(root, 'pullproof')))[1];
    const absent = await packaged();
    expect(absent?.problem).toBeDefined();
    const path = await release(built);
    expect(await packaged()).toMatchObject({ path, engine: 'built', place: absent?.place });
    writeFileSync(path, 'cut');
    expect((await packaged())?.problem).toContain(path);
  });
});

describe('our build', () => {
  test('is built once, with progress, and found in the cache from then on', async () => {
    program('bin/k6', stock);
    go(built);
    const first = await find();
    expect(first).toEqual({ path: cached(), engine: 'built', version: '2.1.0' });
    expect(told.length).toBeGreaterThan(0);
    go('exit 1');
    expect(await find()).toEqual(first);
    expect(told).toEqual([]);
  });

  test('leaves nothing half-built behind', async () => {
    go(built);
    await find();
    expect(readdirSync(dirname(cached()))).toEqual(['k6']);
  });

  test('is built anew when the cached file does not run', async () => {
    go(built);
    await find();
    writeFileSync(cached(), 'cut off');
    expect(await find()).toMatchObject({ engine: 'built', version: '2.1.0' });
  });

  test('that cannot be built: the last words of Go, then a stock k6', async () => {
    program('bin/go', 'echo "exchange/body.go:7: undefined: nothing" >&2; exit 2');
    await expect(find('built')).rejects.toEqual(missing('go build', 'undefined: nothing'));
    await expect(find()).rejects.toEqual(missing('undefined: nothing', 'no k6 on the PATH'));
    const path = program('bin/k6', stock);
    expect(await find()).toEqual({ path, engine: 'stock', version: '2.1.0' });
    await expect(find('built')).rejects.toEqual(missing('undefined: nothing'));
  });

  test('what Go tells of its downloads hides nothing', async () => {
    const downloads = `printf 'go: downloading a.example/%040d v1\\n' $(seq 40) >&2`;
    program('bin/go', `echo 'go: no space left' >&2; ${downloads}; exit 1`);
    await expect(find('built')).rejects.toEqual(missing('no space left'));
  });

  test('that takes too long is ended, and told as that', async () => {
    program('bin/go', 'echo "go: downloading x" >&2; exec /bin/sleep 30');
    const search = findK6('built', {
      variables: { PATH: join(root, 'bin'), XDG_CACHE_HOME: join(root, 'cache') },
      progress: () => undefined,
      buildSeconds: 0.5,
    });
    await expect(search).rejects.toEqual(missing('not done after', 'run this again'));
  });

  test('into a cache that cannot be written', async () => {
    go(built);
    writeFileSync(join(root, 'cache'), 'a file');
    await expect(find('built')).rejects.toEqual(missing('could not be built'));
  });

  test('is stopped with the run', async () => {
    program('bin/go', 'exec /bin/sleep 30');
    const stop = new AbortController();
    const search = findK6('built', {
      variables: { PATH: join(root, 'bin'), XDG_CACHE_HOME: join(root, 'cache') },
      progress: () => stop.abort(),
      signal: stop.signal,
    });
    await expect(search).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a stock k6', () => {
  test('is the choice when there is no Go', async () => {
    const path = program('bin/k6', stock);
    expect(await find()).toEqual({ path, engine: 'stock', version: '2.1.0' });
  });

  test('is taken without a build when it is asked for, even one with our extension', async () => {
    go(built);
    program('bin/k6', built);
    expect(await find('stock')).toMatchObject({ engine: 'stock' });
    expect(existsSync(join(root, 'cache'))).toBe(false);
  });

  test.each([
    ['too old', 'echo "k6 v1.4.2 (go1.25.0)"'],
    ['no k6', 'echo hello'],
    ['broken', 'exit 1'],
  ])('that is %s is none', async (_what, script) => {
    program('bin/k6', script);
    await expect(find()).rejects.toEqual(missing('no Go', join(root, 'bin', 'k6')));
  });

  test('a folder of that name is none', async () => {
    mkdirSync(join(root, 'bin', 'k6'), { recursive: true });
    mkdirSync(join(root, 'bin', 'go'));
    await expect(find()).rejects.toEqual(missing('no Go on the PATH', 'no k6 on the PATH'));
  });

  test('nothing anywhere', async () => {
    await expect(find('auto', { PATH: '' })).rejects.toEqual(missing('no Go', 'no k6'));
    await expect(find('stock', { PATH: '' })).rejects.toEqual(missing('no k6 on the PATH'));
  });
});
