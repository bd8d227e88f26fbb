// The lines of a timeline's file, however they lie across what is read at once.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linesOf } from './file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pullproof-timeline-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function read(text: string): Promise<string[]> {
  const file = join(folder, 'timeline.ndjson');
  writeFileSync(file, text);
  const lines: string[] = [];
  for await (const line of linesOf(file)) lines.push(line);
  return lines;
}

const long = 'é'.repeat(700_000);

test.each([
  ['nothing', '', []],
  ['lines', 'a\n\nb\n', ['a', '', 'b']],
  ['a last line that is cut', 'a\nb', ['a', 'b']],
  ['lines longer than what is read at once', `${long}\n${long}`, [long, long]],
])('%s', async (_, text, lines) => {
  expect(await read(text)).toEqual(lines);
});

test('a line that is none of ours is told, after all before it', async () => {
  const file = join(folder, 'other');
  writeFileSync(file, `a\n${'x'.repeat(20 * 1024 * 1024)}\nb\n`);
  const lines: string[] = [];
  const reading = async () => {
    for await (const line of linesOf(file)) lines.push(line);
  };
  await expect(reading()).rejects.toMatchObject({ code: 'timeline-missing', exitCode: 2 });
  expect(lines).toEqual(['a']);
});
