// Names and links of archives.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leadsOut, plainPath, TarNames } from './names.ts';
import type { TarEntry } from './read.ts';

const entry = (type: TarEntry['type'], link = ''): TarEntry => {
  return { path: '', type, link, bytes: 0, offset: 0, sparse: false };
};

describe('a name', () => {
  test.each([
    ['./a//b/', 'a/b'],
    ['/a', 'a'],
    ['a/../b', 'b'],
    ['./', ''],
    ['../a', '../a'],
  ])('%s is %s', (name, plain) => {
    expect(plainPath(name)).toBe(plain);
  });

  test('that does not lead out has no step back once it is plain', () => {
    const step = fc.constantFrom('a', 'b', '.', '..', '');
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const name = steps.join('/');
        const plain = plainPath(name);
        expect(plainPath(plain)).toBe(plain);
        if (!leadsOut(name)) expect(plain.split('/')).not.toContain('..');
      }),
    );
  });

  test.each(['/a', '..', '../a', 'a/../../b'])('%s leads out', (name) => {
    expect(leadsOut(name)).toBe(true);
  });

  test.each(['a', './a', 'a/..', '..a', 'a/../b'])('%s does not', (name) => {
    expect(leadsOut(name)).toBe(false);
  });
});

describe('links', () => {
  function namesOf(
    ...links: readonly (readonly [path: string, type: 'hardlink' | 'symlink', link: string])[]
  ) {
    const names = new TarNames<number>();
    names.addFile('a/file', 1);
    for (const [path, type, link] of links) names.addLink(path, entry(type, link));
    return names;
  }

  test('lead from their folder, hard ones from the top', () => {
    const names = namesOf(['b/soft', 'symlink', '../a/file'], ['b/hard', 'hardlink', './a/file']);
    expect(['b/soft', 'b/hard', 'a/file'].map((path) => names.follow(path))).toEqual([
      'a/file',
      'a/file',
      'a/file',
    ]);
  });

  test('may lead to links, and in a circle nowhere', () => {
    const names = namesOf(
      ['one', 'symlink', 'two'],
      ['two', 'symlink', 'a/file'],
      ['x', 'symlink', 'y'],
      ['y', 'symlink', 'x'],
    );
    expect(names.follow('one')).toBe('a/file');
    expect(names.follow('x')).toBe(undefined);
  });

  test.each([
    ['symlink', '/a/file'],
    ['symlink', '../a/file'],
    ['hardlink', '../a/file'],
  ] as const)('a %s to %s is not in the archive', (type, link) => {
    const names = namesOf(['link', type, link]);
    expect([names.follow('link'), names.isLink('link')]).toEqual([undefined, false]);
  });

  test('replace what had their name, and are replaced', () => {
    const names = namesOf(['a/file', 'symlink', 'other']);
    expect([names.files.has('a/file'), names.follow('a/file')]).toEqual([false, undefined]);
    names.addFile('a/file', 2);
    expect([names.files.get('a/file'), names.isLink('a/file'), names.size]).toEqual([2, false, 1]);
  });
});
