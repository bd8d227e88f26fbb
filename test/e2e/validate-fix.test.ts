// `validate --fix`, `--fix-dry-run` and `--client`, as the built command line has them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { cli, scratch } from '../lib/cli.ts';

const before = '# mine\r\n[[registry]]\r\nlocaton = "https://h.test" # here\r\n';
const after = '# mine\r\n[[registry]]\r\nlocation = "h.test" # here\r\n';
const secret = '{"auths": {"h.test": {"auth": "dTpodXNo"}}, "credStore": "pass"}\n';

let folder = '';
beforeEach(() => {
  folder = scratch();
  writeFileSync(join(folder, 'registries.conf'), before);
  writeFileSync(join(folder, 'auth.json'), secret);
});

const judge = (...words: string[]) => cli(['validate', ...words], { cwd: folder });
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

describe('--fix', () => {
  test('shows the changes, writes them, and judges what is left', async () => {
    const { code, stdout, stderr } = await judge('--fix', '.');
    expect([code, stderr]).toEqual([0, expect.stringContaining('mended: 2 files')]);
    expect(read('registries.conf')).toBe(after);
    expect(read('auth.json')).toBe(secret.replace('credStore', 'credsStore'));
    expect(stdout).toContain('+location = "h.test" # here');
    expect(stdout).not.toContain('dTpodXNo');
    expect((await judge('--fix', '.')).stdout).not.toContain('@@');
  });

  test('--fix-dry-run writes nothing, and findings count', async () => {
    const { code, stdout } = await judge('--fix-dry-run', '.');
    expect(code).toBe(1);
    expect(stdout).toContain('+location = "h.test" # here');
    expect([read('registries.conf'), read('auth.json')]).toEqual([before, secret]);
  });

  test('leaves standard output to the format, and its fixes are those of SARIF', async () => {
    const { stdout, stderr } = await judge('--fix-dry-run', '--format', 'sarif', '.');
    const { results } = JSON.parse(stdout).runs[0];
    const fixes = results.flatMap((one: { fixes?: object[] }) => one.fixes ?? []);
    expect(fixes.length).toBeGreaterThan(1);
    expect(stderr).toContain('+location = "h.test" # here');
  });

  test('what steers a terminal or a log is spelt out in the diff, not in the file', async () => {
    const hostile = '# \u009b31m \u202e\n  ##[add-mask]x\n';
    writeFileSync(join(folder, 'registries.conf'), hostile + before);
    const { stdout } = await judge('--fix', 'registries.conf');
    expect(read('registries.conf')).toBe(hostile + after);
    expect(stdout).not.toMatch(/[\u009b\u202e]|##\[/);
    expect(stdout).toContain('+location = "h.test" # here\r\n');
  });

  test('standard input cannot be mended', async () => {
    expect(await judge('--fix', '-')).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('--client', () => {
  const old = '[registries.search]\nregistries = ["h.test"]\n';

  test.each([
    ['podman@5.8', 0],
    ['podman@6', 1],
  ])('registries.conf of version 1 is judged as %s reads it', async (client, code) => {
    writeFileSync(join(folder, 'registries.conf'), old);
    expect(await judge('registries.conf', '--client', client)).toMatchObject({ code });
  });

  test.each(['podman', 'pdoman@5', 'podman@new'])('%s is none', async (client) => {
    const { code, stderr } = await judge('registries.conf', '--client', client);
    expect([code, stderr]).toEqual([2, expect.stringContaining('podman@')]);
  });
});
