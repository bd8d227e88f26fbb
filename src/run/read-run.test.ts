import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadSample } from '../../test/lib/sample-results.ts';
import { readRun } from './read-run.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pullproof-read-run-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function written(text: string): string {
  writeFileSync(join(scratch, 'results.json'), text);
  return scratch;
}

test('a run is read by its folder and by its file', async () => {
  const folder = written(JSON.stringify(loadSample));
  const whole = { results: loadSample, folder };
  expect(await readRun(folder)).toEqual(whole);
  expect(await readRun(join(folder, 'results.json'))).toEqual(whole);
});

test.each(['', '{', '[]', 'null', '{}', '{"schema":"pullproof/results/v1","verb":"load"}'])(
  'no results: %j',
  async (text) => {
    await expect(readRun(written(text))).rejects.toMatchObject({ code: 'run-unreadable' });
  },
);

test('results of another version are named so', async () => {
  const other = { ...loadSample, schema: 'pullproof/results/v9' };
  await expect(readRun(written(JSON.stringify(other)))).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('pullproof/results/v9'),
  });
});
