// Held against git itself: of a folder we take what `git ls-files` shows.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, vi } from 'vitest';
import { testWith } from '../../../../test/lib/tools.ts';
import { GitIgnore } from './git-ignore.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-git-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(folder, 'home-'));
  vi.stubEnv('HOME', home);
  vi.stubEnv('XDG_CONFIG_HOME', '');
});
afterEach(() => void vi.unstubAllEnvs());

function write(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  }
}

const git = (dir: string, ...words: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1' },
  });

function repository(files: Readonly<Record<string, string>>, ...words: string[]): string {
  const dir = mkdtempSync(join(folder, 'x-'));
  git(dir, 'init', '-q', ...words);
  write(dir, files);
  return dir;
}

/** What git shows, tracked or not, in order. */
function shown(dir: string): string[] {
  const listed = git(dir, 'ls-files', '-co', '--exclude-standard', '-z').split('\0');
  return listed.filter((path) => path !== '' && existsSync(join(dir, path))).sort();
}

/** What is not ignored, in order. */
function taken(dir: string): string[] {
  const paths: string[] = [];
  const walk = (at: string, above: GitIgnore | undefined) => {
    const ignore = GitIgnore.below(above, at);
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      const isFolder = entry.isDirectory();
      if (entry.name === '.git' || ignore?.ignores(path, isFolder)) continue;
      if (isFolder) walk(path, ignore?.inside(path));
      else paths.push(relative(dir, path).split(sep).join('/'));
    }
  };
  walk(dir, GitIgnore.around(dir));
  return paths.sort();
}

const ignored = {
  '.gitignore': 'out/\n/part/u\n',
  'out/.gitignore': '!u\n',
  'out/t': '',
  'out/u': '',
  'out/deep/t': '',
  'out/deep/u': '',
  'part/t': '',
  'part/u': '',
  'a/long/way/out/u': '',
};

describe('what git tracks is not ignored, though a pattern fits', () => {
  testWith('git').each(['2', '3', '4'])('in an index of version %s', (version) => {
    const dir = repository(ignored);
    git(dir, 'add', '-f', 'out/t', 'out/deep/t', 'part');
    // What is not there yet has the flags of version 3.
    git(dir, 'add', '-N', '.');
    git(dir, 'update-index', '--index-version', version);
    expect(taken(dir)).toEqual(shown(dir));
    expect(taken(dir)).toEqual(expect.arrayContaining(['out/t', 'out/deep/t', 'part/u']));
    expect(taken(dir)).not.toContain('out/u');
  });

  testWith('git')('in a repository of SHA-256, and in a worktree', () => {
    const dir = repository(ignored, '--object-format=sha256');
    git(dir, 'add', '-f', 'out/t', '.gitignore');
    git(dir, 'commit', '-qm', 'x');
    expect(taken(dir)).toEqual(shown(dir));
    const tree = join(folder, 'tree');
    git(dir, 'worktree', 'add', '-q', tree);
    write(tree, { 'out/u': '', 'out/t': '' });
    expect(taken(tree)).toEqual(shown(tree));
    expect(taken(tree)).toEqual(['.gitignore', 'out/t']);
  });

  testWith('git')('among neighbours, and names of other scripts', () => {
    const dir = repository({
      '.gitignore': 'out*\n',
      'out/t': '',
      'out.x/u': '',
      'out-x': '',
      'outü/😀': '',
      'out\uff5e/t': '',
    });
    git(dir, 'add', '-f', 'out/t', 'out-x', 'outü', 'out\uff5e');
    expect(taken(dir)).toEqual(shown(dir));
    expect(taken(dir)).not.toContain('out.x/u');
  });

  testWith('git')('an index that is cut or no index tracks what can be read', () => {
    const dir = repository(ignored);
    git(dir, 'add', '-f', 'out/t');
    for (const bytes of [
      '',
      'DIRC',
      'DIRC\0\0\0\x02\xff\xff\xff\xff',
      `DIRC\0\0\0\x04\0\0\0\x01`,
    ]) {
      writeFileSync(join(dir, '.git/index'), bytes, 'latin1');
      expect(taken(dir)).not.toContain('out/t');
    }
  });
});

describe('the lists of the user', () => {
  testWith('git').each([
    ['a file of the configuration', '[user]\nname = a\n[Core]\n\tExcludesFile = ~/mine # x\n'],
    ['a quoted one beside its section', `[core] excludesfile = "${'HOME'}/mine" ; x\n`],
  ])('%s', (_, config) => {
    write(home, {
      '.gitconfig': config.replace('HOME', home),
      mine: 'mine\n',
      '.config/git/ignore': 'other\n',
    });
    const dir = repository({ mine: '', other: '', 'a/mine': '' });
    expect(taken(dir)).toEqual(shown(dir));
    expect(taken(dir)).toEqual(['other']);
  });

  testWith('git')('the usual one, where none is named', () => {
    write(home, { '.config/git/ignore': 'other\n' });
    const dir = repository({ mine: '', other: '' });
    expect(taken(dir)).toEqual(shown(dir));
    expect(taken(dir)).toEqual(['mine']);
  });
});

testWith('git')('patterns and names are bytes', () => {
  const dir = repository({ '.gitignore': '?\nü[a-z]\n', ü: '', u: '', üb: '', 'xx/ü': '' });
  expect(taken(dir)).toEqual(shown(dir));
  expect(taken(dir)).toEqual(['.gitignore', 'xx/ü', 'ü']);
});
