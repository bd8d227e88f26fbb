// An archive is read as if it were unpacked, the second time, too.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sha256, tar } from '../../../validate/image/cases/fixture.ts';
import { openArchive } from './archive-tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-archive-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function contents(bytes: Uint8Array): Promise<Record<string, string>> {
  const path = join(folder, 'image.tar');
  writeFileSync(path, bytes);
  const tree = await openArchive(path, 1_000_000, new AbortController().signal);
  const found: Record<string, string> = {};
  await tree.stream(new Set([...tree.files.keys(), 'absent']), (file) => {
    let text = '';
    return {
      write: async (piece) => {
        text += Buffer.from(piece).toString();
      },
      end: async () => {
        found[file] = text;
        expect(await tree.digest(file, 'sha256')).toBe(sha256(Buffer.from(text)));
      },
    };
  });
  return found;
}

test('of entries of one name the last counts', async () => {
  const bytes = tar(
    { path: 'a', content: 'first' },
    { path: 'b', content: 'other' },
    { path: './a', content: 'last' },
  );
  expect(await contents(bytes)).toEqual({ a: 'last', b: 'other' });
});

test('links have the content that they lead to, before it or behind', async () => {
  const bytes = tar(
    { path: 'x/early', flag: '2', link: '../a' },
    { path: 'a', content: 'content' },
    { path: 'b', flag: '1', link: 'a' },
    { path: 'c', flag: '2', link: 'x/early' },
    { path: 'out', flag: '2', link: '../a' },
    { path: 'folder/', flag: '5' },
  );
  const content = 'content';
  expect(await contents(bytes)).toEqual({ a: content, b: content, c: content, 'x/early': content });
});
