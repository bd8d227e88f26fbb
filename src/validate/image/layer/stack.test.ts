import { describe, expect, test } from 'vitest';
import type { TarEntry } from '../../../formats/tar/read.ts';
import { LayerPaths } from './stack.ts';
import { LayerTree, type PathKind } from './tree.ts';

const types = ['file', 'directory', 'symlink'] as const;

function entry(path: string, type: TarEntry['type']): TarEntry {
  return { path, type, link: 'x', bytes: 0, offset: 0, sparse: false };
}

describe('the paths of a layer below', () => {
  test('are told apart, and by what they are', () => {
    const tree = new LayerTree(() => undefined);
    const names = 'abcdefghijklmnopqrstuvwxyz0123456789'.split('');
    const paths = names.flatMap((a) => names.map((b) => `${a}/${b}`));
    for (const [at, path] of paths.entries()) {
      if (at % 2 === 0) tree.add(entry(path, types[at % 3] ?? 'file'), path, false);
    }
    const known = new LayerPaths(tree);
    expect(known.size).toBe(tree.size);
    const kindsOf = (layer: { kindOf(path: string): PathKind }) =>
      [...paths, ...names].map((path) => layer.kindOf(path));
    expect(kindsOf(known)).toEqual(kindsOf(tree));
  });
});
