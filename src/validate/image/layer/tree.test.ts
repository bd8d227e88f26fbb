import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainPath } from '../../../formats/tar/names.ts';
import type { TarEntry } from '../../../formats/tar/read.ts';
import { LayerEntries } from './entries.ts';

type Pair = readonly [path: string, type: TarEntry['type'], link?: string];

function rulesOf(entries: readonly Pair[]): string[] {
  const rules = new Set<string>();
  const layer = new LayerEntries(({ id }) => rules.add(id));
  for (const [path, type, link = ''] of entries) {
    layer.add({ path, type, link, bytes: 0, offset: 0, sparse: false });
  }
  layer.finish();
  return [...rules].sort();
}

describe('two entries of a layer', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 })
    .map((steps) => steps.join('/'));
  const entry = fc.tuple(path, fc.constantFrom<TarEntry['type']>('file', 'directory', 'special'));

  // By definition: a tree has one entry for a path, and only folders have something below them.
  test('are told when no tree has both, however their names are written', () => {
    const writings = fc.constantFrom(
      (name: string) => name,
      (name: string) => `./${name}`,
      (name: string) => `${name}/`,
      (name: string) => `.//${name.replaceAll('/', '//')}`,
    );
    const entries = fc.array(fc.tuple(entry, writings), { maxLength: 6 });
    fc.assert(
      fc.property(entries, (list) => {
        const paths = list.map(([[name, type]]) => ({ name, type }));
        const isTree = paths.every(({ name }, at) =>
          paths.every((other, otherAt) => {
            if (at === otherAt) return true;
            const isBelow = name.startsWith(`${other.name}/`);
            return name !== other.name && (!isBelow || other.type === 'directory');
          }),
        );
        const written = list.map(([[name, type], write]) => [write(name), type] as const);
        for (const [name] of written) expect(plainPath(name)).not.toMatch(/^\.|\/$/);
        expect(rulesOf(written).length === 0).toBe(isTree);
      }),
    );
  });

  test.each<[string, readonly Pair[], readonly string[]]>([
    [
      'a folder, then entries in it',
      [
        ['a/', 'directory'],
        ['a/b', 'file'],
      ],
      [],
    ],
    [
      'entries, then their folder',
      [
        ['a/b', 'file'],
        ['a/', 'directory'],
      ],
      [],
    ],
    [
      'the implied folder twice',
      [
        ['a/b', 'file'],
        ['a/c', 'file'],
        ['a', 'directory'],
      ],
      [],
    ],
    [
      'what lies below a hard link, deep down',
      [
        ['f', 'file'],
        ['a', 'hardlink', 'f'],
        ['a/b/c/d', 'directory'],
      ],
      ['layer-below-file'],
    ],
    [
      'a folder below a link and what lies in it',
      [
        ['a', 'symlink', '/b'],
        ['a/b', 'directory'],
        ['a/b/c', 'file'],
      ],
      ['layer-below-link'],
    ],
    [
      'what lies behind a link that climbs above the root',
      [
        ['a', 'symlink', '../b'],
        ['a/b/c', 'file'],
      ],
      ['layer-link', 'layer-path'],
    ],
    [
      'a device twice',
      [
        ['a', 'special'],
        ['./a', 'special'],
      ],
      ['layer-duplicate'],
    ],
    [
      'a link in the place of a folder',
      [
        ['a', 'directory'],
        ['a', 'symlink', 'b'],
      ],
      ['layer-duplicate'],
    ],
    ['a fifo as the root', [['.', 'special']], ['layer-root']],
    [
      'the root twice',
      [
        ['./', 'directory'],
        ['.', 'directory'],
      ],
      ['layer-duplicate-folder'],
    ],
  ])('%s', (_, entries, rules) => {
    expect(rulesOf(entries)).toEqual(rules);
  });
});

describe('whiteouts of a layer', () => {
  test.each<[string, readonly Pair[], readonly string[]]>([
    [
      'before all that is beside them',
      [
        ['.wh.a', 'file'],
        ['b', 'file'],
        ['c/.wh.d', 'file'],
      ],
      [],
    ],
    [
      'behind an entry of their folder',
      [
        ['b', 'file'],
        ['.wh.a', 'file'],
      ],
      ['layer-whiteout-order'],
    ],
    [
      'an opaque one behind an entry of its folder',
      [
        ['b/c', 'file'],
        ['b/.wh..wh..opq', 'file'],
      ],
      ['layer-whiteout-opaque', 'layer-whiteout-order'],
    ],
    [
      'a folder in the place of another, emptied in both ways',
      [
        ['.wh.a', 'file'],
        ['a/', 'directory'],
        ['a/.wh..wh..opq', 'file'],
        ['a/b', 'file'],
      ],
      ['layer-whiteout-opaque'],
    ],
    [
      "AUFS's own",
      [
        ['a', 'file'],
        ['.wh..wh.aufs', 'file'],
      ],
      ['layer-aufs'],
    ],
    ['as a device', [['.wh.a', 'special']], ['layer-whiteout']],
    ['as a link to what is not there', [['.wh.a', 'hardlink', 'b']], ['layer-whiteout-link']],
  ])('%s', (_, entries, rules) => {
    expect(rulesOf(entries)).toEqual(rules);
  });
});

describe('hard links of a layer', () => {
  test.each<[string, readonly Pair[], readonly string[]]>([
    [
      'to a file',
      [
        ['a', 'file'],
        ['b', 'hardlink', './a'],
      ],
      [],
    ],
    [
      'to a link',
      [
        ['a', 'symlink', 'c'],
        ['b', 'hardlink', 'a'],
      ],
      [],
    ],
    [
      'to one more name',
      [
        ['a', 'file'],
        ['b', 'hardlink', 'a'],
        ['c', 'hardlink', 'b'],
      ],
      [],
    ],
    [
      'to each other',
      [
        ['a', 'hardlink', 'b'],
        ['b', 'hardlink', 'a'],
      ],
      ['layer-hard-link-target'],
    ],
    ['to the root', [['a', 'hardlink', './']], ['layer-hard-link']],
    [
      'to a folder without entry',
      [
        ['a/c', 'file'],
        ['b', 'hardlink', 'a'],
      ],
      ['layer-hard-link'],
    ],
    [
      'to a whiteout',
      [
        ['.wh.a', 'file'],
        ['b', 'hardlink', '.wh.a'],
      ],
      ['layer-hard-link-target'],
    ],
    [
      'to an opaque whiteout',
      [
        ['a/.wh..wh..opq', 'file'],
        ['b', 'hardlink', 'a/.wh..wh..opq'],
      ],
      ['layer-hard-link-target', 'layer-whiteout-opaque'],
    ],
    [
      'to what a whiteout of its folder removes',
      [
        ['a/.wh..wh..opq', 'file'],
        ['b', 'hardlink', 'a/c/d'],
      ],
      ['layer-hard-link-target', 'layer-whiteout-opaque'],
    ],
    [
      'to what lies below a file',
      [
        ['a', 'file'],
        ['b', 'hardlink', 'a/c'],
      ],
      ['layer-hard-link-target'],
    ],
    [
      'through a link',
      [
        ['a', 'symlink', 'c'],
        ['b', 'hardlink', 'a/d'],
      ],
      [],
    ],
    ['to a lower layer, as far as one layer shows', [['b', 'hardlink', 'a/d']], []],
    ['out of the root', [['b', 'hardlink', 'a/../../c']], ['layer-path']],
  ])('%s', (_, entries, rules) => {
    expect(rulesOf(entries)).toEqual(rules);
  });
});
