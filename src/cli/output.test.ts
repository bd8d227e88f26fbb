import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { loadSample } from '../../test/lib/sample-results.ts';
import { openOutput } from './output.ts';

// Other files share this worker.
afterAll(() => {
  vi.restoreAllMocks();
});

const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
afterAll(() => stdout.mockRestore());

const scratch = () => mkdtempSync(join(tmpdir(), 'pullproof-output-'));

function open(out: string, words: readonly string[] = []) {
  const flags = { out, quiet: true, format: 'json', seed: 7 };
  return openOutput('load', flags, { words, verbs: {}, signal: new AbortController().signal });
}

describe('the command line in the results', () => {
  test.each([
    'https://user:hunter22@registry.example/app',
    'user:hunter22@registry.example/app',
    'https://user:p@hunter22@registry.example/app',
    'hunter22@registry.example',
  ])('%s loses its credentials', async (word) => {
    const { context } = await open(scratch(), ['conform', word, '--level', 'must']);
    expect(context.command).not.toContain('hunter22');
    expect(context.command).toMatch(/^pullproof conform .*registry\.example.* --level must$/);
  });

  test.each([
    `registry.example/app@sha256:${'0'.repeat(64)}`,
    `app:1@sha512:${'0'.repeat(128)}`,
    '--username=ci@registry.example',
    './a@b.json',
  ])('%s stays', async (word) => {
    expect((await open(scratch(), [word])).context.command).toBe(`pullproof ${word}`);
  });
});

describe('the run folder', () => {
  test('is made with its parents, and holds the results in three forms', async () => {
    const dir = join(scratch(), 'a', 'b');
    const output = await open(dir);
    expect(await output.finish({ ...loadSample, exitCode: 1 })).toBe(1);
    expect(JSON.parse(readFileSync(join(dir, 'results.json'), 'utf8'))).toMatchObject({
      schema: 'pullproof/results/v1',
      exitCode: 1,
    });
    for (const file of ['report.html', 'junit.xml']) expect(existsSync(join(dir, file))).toBe(true);
    expect(JSON.parse(String(stdout.mock.calls.at(-1)?.[0]))).toMatchObject({ verb: 'load' });
  });

  test('holds nothing that a terminal or a log would act upon', async () => {
    const dir = scratch();
    const target = 'a\u009b31m\u202e##[add-mask]b';
    await (await open(dir)).finish({ ...loadSample, target });
    const text = readFileSync(join(dir, 'results.json'), 'utf8');
    expect(text).not.toMatch(/[\u009b\u202e]|##\[/);
    expect(JSON.parse(text)).toMatchObject({ target });
  });

  test('that cannot be made is told before the run', async () => {
    const file = join(scratch(), 'file');
    writeFileSync(file, '');
    for (const dir of [file, join(file, 'below'), '/proc/pullproof/x']) {
      await expect(open(dir)).rejects.toMatchObject({ code: 'out-unwritable', exitCode: 2 });
    }
  });
});
