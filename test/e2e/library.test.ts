// `pullproof/validate` and the compiled validators as those meet them who install the package: packed by
// npm, imported by name, checked by TypeScript, run in k6. The examples are those of docs/validate.md.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findK6 } from '../../src/run/load/k6/find.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { manifest } from '../../src/validate/cases/documents.ts';
import { testWith } from '../lib/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-library-'));
const modules = join(folder, 'node_modules');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const runMsMax = 180_000;

function run(program: string, ...words: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(program, words, {
    cwd: folder,
    encoding: 'utf8',
    timeout: runMsMax,
  });
  return { status, output: stdout + stderr };
}

const page = readFileSync(join(packageRoot, 'docs', 'validate.md'), 'utf8');

/** The code blocks of the page, by the name of the file that their first line gives. */
const examples = new Map(
  [...page.matchAll(/```[jt]s\n\/\/ (\S+)\n[\s\S]*?```/g)].map(([block, name = '']) => [
    name,
    block.replace(/^```[jt]s\n|```$/g, ''),
  ]),
);

beforeAll(() => {
  const words = ['pack', '--ignore-scripts', '--pack-destination', folder, packageRoot];
  const packed = run('npm', ...words);
  expect(packed.status, packed.output).toBe(0);
  mkdirSync(join(modules, 'pullproof'), { recursive: true });
  const unpacked = run(
    'tar',
    'xzf',
    archive(),
    '-C',
    join(modules, 'pullproof'),
    '--strip-components=1',
  );
  expect(unpacked.status, unpacked.output).toBe(0);
  symlinkSync(join(packageRoot, 'node_modules', '@types'), join(modules, '@types'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const [name, text] of examples) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest()));
  writeFileSync(join(folder, 'wrong.json'), JSON.stringify(manifest({ layers: 'none' })));
});

/** What npm called it. */
function archive(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  return join(folder, `pullproof-${version}.tgz`);
}

describe('the packed package', () => {
  test('runs the example of the page', () => {
    const { status, output } = run(process.execPath, 'gate.ts');
    expect(status, output).toBe(1);
    expect(output).toContain('wrong.json');
    expect(output).toContain('manifest-layers');
  });

  test('has types that fit the example', () => {
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024'];
    const tsc = join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc');
    const { status, output } = run(process.execPath, tsc, ...options, '--types', 'node', 'gate.ts');
    expect(output).toBe('');
    expect(status).toBe(0);
  });

  test('judges bytes, with settings, and refuses what is not there', () => {
    writeFileSync(
      join(folder, 'more.mjs'),
      `import { rules, UserError, validate } from 'pullproof/validate';
      import { readFileSync } from 'node:fs';
      const bytes = readFileSync('wrong.json');
      const { valid, findings } = await validate(bytes);
      const levels = { 'manifest-layers': 'off' };
      const off = await validate(bytes, { levels, name: 'it' });
      const absent = await validate('absent.json').catch((error) => error);
      console.log(JSON.stringify({
        valid, ids: findings.map(({ ruleId }) => ruleId), rules: rules.length > 100,
        off: [off.valid, off.path], absent: absent instanceof UserError,
      }));`,
    );
    const { status, output } = run(process.execPath, 'more.mjs');
    expect(status, output).toBe(0);
    expect(JSON.parse(output)).toEqual({
      valid: false,
      ids: ['manifest-layers'],
      rules: true,
      off: [true, 'it'],
      absent: true,
    });
  });
});

testWith('k6')('the compiled validators run in k6', async () => {
  const k6 = await findK6('built', { variables: process.env, progress: () => undefined });
  const { status, output } = run(k6.path, 'run', '--no-color', 'k6-validate.js');
  expect(status, output).toBe(0);
  expect(output).toMatch(/checks_succeeded\.*: 100/);
});
