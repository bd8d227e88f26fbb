import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { checkoutOf } from './checkout.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pullproof-checkout-')));
const repository = join(folder, 'repository');
const sub = join(repository, 'a', 'b');
mkdirSync(join(repository, '.git'), { recursive: true });
mkdirSync(sub, { recursive: true });
mkdirSync(join(folder, 'worktree'));
writeFileSync(join(folder, 'worktree', '.git'), 'gitdir: elsewhere\n');
symlinkSync(repository, join(folder, 'link'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('paths from the root of the checkout', () => {
  test.each([
    ['x.json', 'a/b/x.json'],
    ['./x y.json', 'a/b/x y.json'],
    ['../x.json', 'a/x.json'],
    [join(repository, 'x.json'), 'x.json'],
    ['..dots/x.json', 'a/b/..dots/x.json'],
    ['../../../x.json', undefined],
    ['/nowhere/x.json', undefined],
    ['../..', undefined],
  ])('%s', (file, path) => {
    const { pathOf, url } = checkoutOf(sub, {});
    expect(pathOf(file)).toBe(path);
    expect(url).toBe(`${pathToFileURL(repository)}/`);
  });

  test.each(['GITHUB_WORKSPACE', 'CI_PROJECT_DIR'])('%s wins', (name) => {
    const { pathOf } = checkoutOf(sub, { [name]: join(repository, 'a') });
    expect(pathOf('x.json')).toBe('b/x.json');
    expect(pathOf('../../x.json')).toBeUndefined();
    expect(checkoutOf(sub, { [name]: '' }).pathOf('x.json')).toBe('a/b/x.json');
  });

  test.each([join(folder, 'gone'), join(folder, 'worktree', '.git', 'x')])('%s is none', (path) => {
    expect(checkoutOf(sub, { GITHUB_WORKSPACE: path }).pathOf('x.json')).toBe('a/b/x.json');
  });

  test('are the same by way of a link', () => {
    const workspace = { GITHUB_WORKSPACE: join(folder, 'link') };
    expect(checkoutOf(sub, workspace).pathOf('x.json')).toBe('a/b/x.json');
    expect(checkoutOf(sub, {}).pathOf(join(folder, 'link', 'a', 'x.json'))).toBe('a/x.json');
  });

  test('of a worktree, and where there is no repository', () => {
    const worktree = join(folder, 'worktree');
    expect(checkoutOf(worktree, {}).pathOf('x.json')).toBe('x.json');
    expect(checkoutOf(folder, {}).pathOf('x.json')).toBe('x.json');
  });
});
