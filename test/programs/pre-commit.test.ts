// Our hooks, by the real pre-commit, with the pullproof that was built: which files each judges, and what it says.
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect } from 'vitest';
import { packageRoot } from '../../src/run/package-root.ts';
import { imageLayout } from '../../src/validate/image/cases/fixture.ts';
import { scratch } from '../lib/cli.ts';
import { runTool, testWith } from '../lib/tools.ts';

const testHooks = testWith('pre-commit', 'git');

const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json' };
const well: Readonly<Record<string, string>> = {
  'index.json': JSON.stringify({ ...index, manifests: [] }),
  'package.json': '{"name":"x"}',
  'manifest.json': '{"icons":[]}',
  'etc/registries.conf': 'unqualified-search-registries = ["registry.example"]\n',
  '.docker/config.json': '{"auths":{}}',
  '.pullproof.yaml': 'validate:\n  strict: false\n',
  'README.md': '# x\n',
};

/** A repository with our hooks, as they are in this checkout, and the folder of a pullproof for the PATH. */
let hooks = '';
let bin = '';
beforeAll(async () => {
  hooks = scratch();
  copyFileSync(join(packageRoot, '.pre-commit-hooks.yaml'), join(hooks, '.pre-commit-hooks.yaml'));
  bin = scratch();
  const launcher = join(packageRoot, 'dist/src/cli/launcher.js');
  const script = `#!/bin/sh\nexec '${process.execPath}' '${launcher}' "$@"\n`;
  writeFileSync(join(bin, 'pullproof'), script);
  chmodSync(join(bin, 'pullproof'), 0o755);
  await commit(hooks);
});

async function git(folder: string, ...words: string[]): Promise<string> {
  const own = [
    '-c',
    'user.name=x',
    '-c',
    'user.email=x@example.test',
    '-c',
    'commit.gpgsign=false',
  ];
  const { code, output } = await runTool('git', ['-C', folder, ...own, ...words]);
  expect(code, output).toBe(0);
  return output.trim();
}

async function commit(folder: string): Promise<void> {
  await git(folder, 'init', '--quiet', '--initial-branch=main');
  await git(folder, 'add', '--all', '--force');
  await git(folder, 'commit', '--quiet', '--message=x');
}

interface Outcome {
  readonly code: number;
  readonly output: string;
  /** Hook → what pre-commit says of it. */
  readonly hooks: Readonly<Record<string, string>>;
}

async function run(
  ids: readonly string[],
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<Outcome> {
  const folder = scratch();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const rev = await git(hooks, 'rev-parse', 'HEAD');
  // Verbose: what a hook prints is shown where it passes, too.
  const list = ids.map((id) => ({ id: `${id}-system`, alias: id, verbose: true }));
  const config = { repos: [{ repo: hooks, rev, hooks: list }] };
  writeFileSync(join(folder, '.pre-commit-config.yaml'), JSON.stringify(config));
  await commit(folder);
  const script = 'cd "$1" && exec pre-commit run --all-files --color never';
  const { code, output } = await runTool('bash', ['-c', script, 'x', folder], {
    ...{ PATH: `${bin}:${process.env.PATH}`, PRE_COMMIT_HOME: scratch(), HOME: scratch() },
  });
  const lines = [...output.matchAll(/^(pullproof.*?)\.{3,}.*?(Passed|Failed|Skipped)$/gm)];
  return { code, output, hooks: Object.fromEntries(lines.map(([, name, state]) => [name, state])) };
}

describe('pre-commit', () => {
  testHooks('lets pass what is well, and JSON of anybody else', async () => {
    const ids = [
      'pullproof',
      'pullproof-manifests',
      'pullproof-auth-files',
      'pullproof-registries-conf',
      'pullproof-settings',
      'pullproof-layouts',
    ];
    const { code, output, hooks: told } = await run(ids, well);
    expect(code, output).toBe(0);
    expect(Object.keys(told)).toHaveLength(ids.length);
    expect(new Set(Object.values(told)), output).toEqual(new Set(['Passed']));
  });

  testHooks('each hook fails for its own files alone', async () => {
    const ids = [
      'pullproof',
      'pullproof-manifests',
      'pullproof-registries-conf',
      'pullproof-settings',
    ];
    const wrong = { ...well, 'etc/registries.conf': 'unqualified-search-registries = 7\n' };
    const { code, output, hooks: told } = await run(ids, wrong);
    expect(code, output).toBe(1);
    expect(told).toEqual({
      pullproof: 'Failed',
      'pullproof (manifests)': 'Passed',
      'pullproof (registries.conf)': 'Failed',
      'pullproof (its settings)': 'Passed',
    });
    expect(output).toMatch(/etc\/registries\.conf:1:/);
    const none = await run(['pullproof', 'pullproof-auth-files'], { 'README.md': 'x' });
    expect([none.code, ...Object.values(none.hooks)], none.output).toEqual([
      0,
      'Skipped',
      'Skipped',
    ]);
  });

  testHooks('a layout is judged as a whole, layers included', async () => {
    const entries = [...imageLayout()].map(([path, bytes]) => [`image/${path}`, bytes] as const);
    const files = Object.fromEntries(entries);
    const sound = await run(['pullproof-layouts'], files);
    expect([sound.code, ...Object.values(sound.hooks)], sound.output).toEqual([0, 'Passed']);
    const [blob = ''] = Object.keys(files).filter((path) => path.includes('/blobs/'));
    const bad = await run(['pullproof-layouts'], { ...files, [blob]: 'changed' });
    expect([bad.code, ...Object.values(bad.hooks)], bad.output).toEqual([1, 'Failed']);
  });
});
