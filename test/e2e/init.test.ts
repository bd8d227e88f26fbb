// `pullproof init` as people use it: what it writes is judged, run against the mock, and asked for on a terminal.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { cli, homeless, readResults, scratch } from '../lib/cli.ts';

const launcher = join(packageRoot, 'dist/src/cli/launcher.js');
const plan = 'pullproof.plan.yaml';

let mock: RunningMock;
beforeAll(async () => {
  mock = await startMock({ auth: 'none' });
});
afterAll(async () => await mock.close());

test('off a terminal nothing is asked, and what is written works', async () => {
  const cwd = scratch();
  const image = `${mock.registry}/demo/app:latest`;
  const made = await cli(['init', '--image', image], { cwd });
  expect(made.code, made.stderr).toBe(0);
  const judged = await cli(['validate', '.'], { cwd });
  expect(judged.code, judged.stdout).toBe(0);
  const words = ['load', '--plan', plan, '--duration', '300ms', '--out', 'run'];
  const loaded = await cli(words, { cwd });
  expect(loaded.code, loaded.stdout + loaded.stderr).toBe(0);
  expect(readResults(join(cwd, 'run')).verdict).toBe('pass');
  const workflow = parse(readFileSync(join(cwd, '.github/workflows/pullproof.yml'), 'utf8'));
  expect(workflow.jobs.load.steps[1].with.config).toBe(plan);
  const again = await cli(['init'], { cwd });
  expect(again.code).toBe(0);
  expect(again.stdout.match(/--force/g)).toHaveLength(3);
  expect(readFileSync(join(cwd, plan), 'utf8')).toContain(image);
});

describe('refused, and nothing is written', () => {
  test.each([
    ['an image without registry', ['--image', 'app:1']],
    ['an image with a quote', ['--image', "r.example/a'b"]],
    ['credentials', ['--registry', 'user:secret@r.example/ci']],
    ['a registry that is none', ['--registry', 'http://']],
    ['nothing to check', ['--for', 'conform']],
    ['nothing to diagnose', ['--for', 'doctor']],
    ['a verb that is none', ['--for', 'loads']],
    ['a CI that is none', ['--ci', 'jenkins']],
    ['two folders', ['a', 'b']],
    ['a folder without a name', ['']],
  ])('%s', async (_, words) => {
    const cwd = scratch();
    const { code, stderr } = await cli(['init', ...words], { cwd });
    expect(code, stderr).toBe(2);
    expect(stderr).not.toContain('secret');
    expect(readdirSync(cwd)).toEqual([]);
  });
});

test('where there is no room nothing is left by halves, and what was there stays', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, plan), 'mine');
  const limited = `trap '' XFSZ; ulimit -f 4; exec '${process.execPath}' '${launcher}' init --force`;
  const env = { ...process.env, ...homeless() };
  const { status, stderr } = spawnSync('sh', ['-c', limited], { cwd, env, encoding: 'utf8' });
  expect(status, stderr).toBe(2);
  expect(readdirSync(cwd).sort()).toEqual(['.pullproof.yaml', plan]);
  expect(readFileSync(join(cwd, plan), 'utf8')).toBe('mine');
});

/** Types an answer at each question, in a terminal of its own. */
function answering(folder: string, answers: readonly string[]): Promise<number | null> {
  const command = `exec '${process.execPath}' '${launcher}' init '${folder}'`;
  const env = { ...process.env, ...homeless(), TERM: 'xterm', NO_COLOR: '1' };
  const child = spawn('script', ['-qefc', command, '/dev/null'], { env });
  const left = [...answers];
  let since = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    since += text;
    // Questions end so; what is typed comes back with a line end.
    if (!/: $/.test(stripVTControlCharacters(since)) || left.length === 0) return;
    since = '';
    child.stdin.write(left.shift() as string);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

describe('on a terminal', () => {
  test('answers decide; what cannot be is asked again', async () => {
    const folder = scratch();
    const answers = [
      'walk\r',
      'conform, load\r',
      'r.example/ci\r',
      'r.example/app:1\r',
      'gitlab\r',
    ];
    expect(await answering(folder, answers)).toBe(0);
    const { variables } = parse(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8'));
    expect(variables).toMatchObject({
      PULLPROOF_REGISTRY: 'r.example/ci',
      PULLPROOF_IMAGE: 'r.example/app:1',
    });
    expect(readFileSync(join(folder, plan), 'utf8')).toContain("- 'r.example/app:1'");
  });

  test('defaults are taken by empty lines', async () => {
    const folder = scratch();
    expect(await answering(folder, ['\r', '\r'])).toBe(0);
    expect(existsSync(join(folder, '.github/workflows/pullproof.yml'))).toBe(true);
  });

  test.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('%s ends it, and nothing is written', async (_, letter) => {
    const folder = scratch();
    expect(await answering(folder, [letter])).toBe(130);
    expect(readdirSync(folder)).toEqual([]);
  });
});
