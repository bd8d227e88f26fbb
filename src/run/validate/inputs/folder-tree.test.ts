import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFolder } from './folder-tree.ts';

const never = new AbortController().signal;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pullproof-tree-'));
  for (const name of ['a', 'b', 'c', 'd']) await writeFile(join(folder, name), name.repeat(5));
});

afterEach(() => rm(folder, { recursive: true }));

it('streams two files side by side', async () => {
  const tree = await openFolder(folder, never);
  const second = Promise.withResolvers<void>();
  const seen = new Map<string, string>();
  await tree.stream(new Set(['a', 'b', 'c']), (file) => ({
    async write(chunk) {
      seen.set(file, Buffer.from(chunk).toString());
    },
    async end() {
      // The first ends when the second has.
      if (file === 'a') await second.promise;
      if (file === 'b') second.resolve();
    },
  }));
  expect(Object.fromEntries(seen)).toEqual({ a: 'aaaaa', b: 'bbbbb', c: 'ccccc' });
});

it('begins no more when one has failed, and waits for what has begun', async () => {
  const tree = await openFolder(folder, never);
  const [opened, ended]: string[][] = [[], []];
  const failing = tree.stream(new Set(['a', 'b', 'c', 'd']), (file) => {
    opened?.push(file);
    return {
      async write() {
        if (file === 'a') throw new Error('full');
      },
      async end() {
        ended?.push(file);
      },
    };
  });
  await expect(failing).rejects.toThrow('full');
  expect(ended).toEqual(opened?.filter((file) => file !== 'a'));
  expect(opened).not.toContain('d');
});
