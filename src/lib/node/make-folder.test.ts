import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pullproof-folder-'));
afterAll(() => rmSync(scratch, { recursive: true }));

test('a folder is made with its parents, once', () => {
  const folder = join(scratch, 'a', 'b', 'c');
  expect(makeFolder(folder)).toBe(true);
  expect(statSync(folder).isDirectory()).toBe(true);
  expect(makeFolder(folder)).toBe(false);
});

test('a link to a folder is one', () => {
  symlinkSync(scratch, join(scratch, 'link'));
  expect(makeFolder(join(scratch, 'link'))).toBe(false);
  expect(makeFolder(join(scratch, 'link', 'below'))).toBe(true);
});

test('what stands in the way is told by the system', () => {
  const file = join(scratch, 'file');
  writeFileSync(file, '');
  symlinkSync(join(scratch, 'nowhere'), join(scratch, 'broken'));
  expect(() => makeFolder(file)).toThrow('EEXIST');
  expect(() => makeFolder(join(scratch, 'broken'))).toThrow('EEXIST');
  expect(() => makeFolder(join(file, 'below', 'it'))).toThrow('EEXIST');
});

test.runIf(process.platform === 'linux')('a place that takes no folders ends it', () => {
  expect(() => makeFolder('/proc/pullproof/below')).toThrow('ENOENT');
});
