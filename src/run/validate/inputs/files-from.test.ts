import { expect, test } from 'vitest';
import { pathsOf } from './files-from.ts';

test.each([
  ['a\nb c\n', ['a', 'b c']],
  ['a\r\n b\r\n', ['a', ' b']],
  ['a\n\nb', ['a', 'b']],
  ['a\nb\0c\0', ['a\nb', 'c']],
  ['\ufeffa\n', ['a']],
  ['', []],
])('%j is a list', (text, paths) => {
  expect(pathsOf(Buffer.from(text))).toEqual(paths);
});

test('what PowerShell writes is a list', () => {
  expect(pathsOf(Buffer.from('\ufeffä/b c\r\nd\r\n', 'utf16le'))).toEqual(['ä/b c', 'd']);
});
