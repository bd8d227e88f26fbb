// What git ignores (gitignore(5)), read from its files, so that the choice is the same where there is no
// git: .gitignore of each folder, .git/info/exclude, and the user's own list.
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { checkoutTop } from '../../../lib/node/checkout-top.ts';
import { PathPatterns } from '../../../lib/path-patterns.ts';

const fileName = '.gitignore';
/** Longer lists are none that people write. */
const bytesMax = 1024 * 1024;

/** The patterns that hold in a folder: its own, then those of the folders above. */
export class GitIgnore {
  readonly #folder: string;
  readonly #patterns: PathPatterns;
  readonly #above: GitIgnore | undefined;

  private constructor(folder: string, patterns: PathPatterns, above?: GitIgnore) {
    this.#folder = folder;
    this.#patterns = patterns;
    this.#above = above;
  }

  /** What holds around a folder, itself left out: in a checkout all from its top. */
  static around(dir: string): GitIgnore | undefined {
    const folder = resolve(dir);
    const top = checkoutTop(folder);
    if (top === undefined) return undefined;
    let ignore = GitIgnore.#userLists(top);
    for (
      let at = top;
      at !== folder;
      at = join(at, folder.slice(at.length).split(sep, 2).join(sep))
    ) {
      ignore = GitIgnore.below(ignore, at);
    }
    return ignore;
  }

  /** With the patterns of a folder, if it has any. */
  static below(above: GitIgnore | undefined, folder: string): GitIgnore | undefined {
    return GitIgnore.#with(readPatterns(join(folder, fileName)), resolve(folder), above);
  }

  /** The lists that weigh least: of the user, then of the clone. */
  static #userLists(top: string): GitIgnore | undefined {
    const config = process.env.XDG_CONFIG_HOME || join(homedir(), '.config');
    const ofUser = GitIgnore.#with(readPatterns(join(config, 'git', 'ignore')), top, undefined);
    return GitIgnore.#with(readPatterns(join(gitFolder(top), 'info', 'exclude')), top, ofUser);
  }

  static #with(patterns: PathPatterns | undefined, folder: string, above: GitIgnore | undefined) {
    return patterns === undefined ? above : new GitIgnore(folder, patterns, above);
  }

  /** `path`: absolute, of something in a folder that is not ignored itself. */
  ignores(path: string, isFolder: boolean): boolean {
    const from = this.#folder.endsWith(sep) ? this.#folder.length : this.#folder.length + 1;
    const names = path.slice(from).split(sep);
    const fits = this.#patterns.fits(names, isFolder);
    return fits ?? this.#above?.ignores(path, isFolder) ?? false;
  }
}

/** Of a worktree or submodule .git is a file that names its folder, and that one the common one. */
function gitFolder(top: string): string {
  const git = join(top, '.git');
  const named = /^gitdir: (.+)$/m.exec(readText(git) ?? '')?.[1];
  if (named === undefined) return git;
  const own = resolve(top, named.trimEnd());
  const common = readText(join(own, 'commondir'))?.trim();
  return common === undefined ? own : resolve(own, common);
}

function readPatterns(file: string): PathPatterns | undefined {
  const text = readText(file);
  const patterns = text === undefined ? undefined : PathPatterns.ofText(text);
  return patterns?.isEmpty === false ? patterns : undefined;
}

/** Undefined for what is no file, too large, or cannot be read: git takes such a list for none. */
function readText(file: string): string | undefined {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile() !== true || stats.size > bytesMax) return undefined;
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
