import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { expandBraces, PathPatterns } from './path-patterns.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-patterns-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fits = (pattern: string | string[], path: string) =>
  new PathPatterns([pattern].flat()).fitsBelow(
    path.replace(/\/$/, '').split('/'),
    path.endsWith('/'),
  );

describe('a pattern', () => {
  test.each([
    ['a.json', 'a.json', true],
    ['a.json', 'x/y/a.json', true],
    ['/a.json', 'x/a.json', undefined],
    ['x/a.json', 'x/a.json', true],
    ['x/a.json', 'y/x/a.json', undefined],
    ['**/x/a.json', 'y/x/a.json', true],
    ['**/x/a.json', 'x/a.json', true],
    ['x/**', 'x/', undefined],
    ['x/**', 'x/y', true],
    ['x/**/a', 'x/a', true],
    ['x/**/a', 'x/1/2/a', true],
    ['build/', 'build', undefined],
    ['build/', 'build/', true],
    ['build/', 'x/build/deep/a.json', true],
    ['*.json', 'a.json', true],
    ['*.json', '.json', true],
    ['*.json', 'a.jsonc', undefined],
    ['x/*.json', 'x/y/a.json', undefined],
    ['a?c', 'abc', true],
    ['a[b-d]c', 'acc', true],
    ['a[!b]c', 'abc', undefined],
    ['a[]]c', 'a]c', true],
    ['a[[:digit:]]c', 'a1c', true],
    ['a[c', 'a[c', undefined],
    ['\\!a', '!a', true],
    ['\\#a', '#a', true],
    ['a\\ ', 'a ', true],
    ['a  ', 'a', true],
    ['# a', '# a', undefined],
    ['', 'a', undefined],
  ])('%j of %j: %j', (pattern, path, expected) => {
    expect(fits(pattern, path)).toBe(expected);
  });

  test('that comes later wins, but nothing is taken back below a folder that fits', () => {
    expect(fits(['*.json', '!a.json'], 'a.json')).toBe(false);
    expect(fits(['!a.json', '*.json'], 'a.json')).toBe(true);
    expect(fits(['x/', '!x/a.json'], 'x/a.json')).toBe(true);
    expect(fits(['x/*', '!x/a.json'], 'x/a.json')).toBe(false);
  });

  test('takes no longer for many stars', () => {
    const name = 'a'.repeat(250);
    expect(fits(`${'*a'.repeat(100)}b`, name)).toBeUndefined();
    expect(fits(`${'**/a/'.repeat(100)}b`, 'a/'.repeat(120))).toBeUndefined();
  });

  test('says what git says', () => {
    const git = (words: string[], input = '') =>
      spawnSync('git', ['-C', folder, ...words], { encoding: 'utf8', input });
    if (git(['init', '-q']).status !== 0) return;
    mkdirSync(join(folder, 'b'));
    const piece = fc.constantFrom(
      'a',
      'b',
      'ab',
      '*',
      '?',
      '**',
      '[ab]',
      '[!a]',
      '[a-b]*',
      'a*b',
      '*a*',
    );
    const line = fc
      .tuple(
        fc.constantFrom('', '', '!'),
        fc.constantFrom('', '/'),
        fc.array(piece, { minLength: 1, maxLength: 3 }),
      )
      .map(([not, root, pieces]) => not + root + pieces.join('/'));
    const name = fc.constantFrom('a', 'b', 'ab', 'aab', 'c');
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
    const lists = fc.tuple(
      fc.array(line, { minLength: 1, maxLength: 4 }),
      fc.uniqueArray(path, { minLength: 9, maxLength: 30 }),
    );
    fc.assert(
      fc.property(lists, ([lines, paths]) => {
        writeFileSync(join(folder, '.git/info/exclude'), `${lines.join('\n')}\n`);
        const told = git(['check-ignore', '--no-index', '-z', '--stdin'], paths.join('\0')).stdout;
        const patterns = new PathPatterns(lines);
        const ours = paths.filter((it) => patterns.fitsBelow(it.split('/')) === true);
        expect(ours).toEqual(told.split('\0').filter((it) => it !== ''));
      }),
      { numRuns: 25 },
    );
  });
});

test('alternatives are written out', () => {
  expect(expandBraces('*.{json,conf}')).toEqual(['*.json', '*.conf']);
  expect(expandBraces('{a,b}/{1,2}')).toEqual(['a/1', 'a/2', 'b/1', 'b/2']);
  expect(expandBraces('a{b}')).toEqual(['a{b}']);
  expect(expandBraces('{a,b}'.repeat(20))).toHaveLength(1);
});
