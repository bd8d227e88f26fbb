import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { wayTo } from './way-to.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'pullproof-way-')));
afterAll(() => rmSync(top, { recursive: true, force: true }));
mkdirSync(join(top, 'a', 'b'), { recursive: true });
symlinkSync('a', join(top, 'link'));
symlinkSync('/nowhere', join(top, 'a', 'dead'));

test.each([
  ['a', 'a/b/x', 'b/x'],
  ['a', 'link/b/x', 'b/x'],
  ['link', 'a/b/x', 'b/x'],
  ['link', 'link/x', 'x'],
  ['a', 'link/dead', 'dead'],
  ['a', 'x', '../x'],
  ['a/b', 'gone/x', '../../gone/x'],
  ['gone', 'a/x', '../a/x'],
  ['a', 'a', ''],
])('from %s to %s', (folder, path, way) => {
  expect(wayTo(join(top, folder), join(top, path)).split(sep).join('/')).toBe(way);
});
