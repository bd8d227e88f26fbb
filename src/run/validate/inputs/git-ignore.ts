// What git ignores (gitignore(5)), read from its files, so that the choice is the same where there is no
// git: .gitignore of each folder, .git/info/exclude, and the user's own list. What git tracks is not ignored.
import { join, relative, resolve, sep } from 'node:path';
import { checkoutTop } from '../../../lib/node/checkout-top.ts';
import { PathPatterns } from '../../../lib/path-patterns.ts';
import { bytesOf, gitFolderOf, readText, userIgnoreFile } from './git-folder.ts';
import { TrackedFiles } from './git-index.ts';

const fileName = '.gitignore';
const everything = new PathPatterns(['*']);

/** What git tracks in a checkout. */
interface Checkout {
  readonly top: string;
  readonly tracked: TrackedFiles;
}

/** The patterns that hold in a folder: its own, then those of the folders above. */
export class GitIgnore {
  readonly #folder: string;
  readonly #patterns: PathPatterns;
  readonly #above: GitIgnore | undefined;
  readonly #checkout: Checkout | undefined;

  private constructor(
    folder: string,
    patterns: PathPatterns,
    above: GitIgnore | undefined,
    checkout?: Checkout,
  ) {
    this.#folder = folder;
    this.#patterns = patterns;
    this.#above = above;
    this.#checkout = above === undefined ? checkout : above.#checkout;
  }

  /** What holds around a folder, itself left out: in a checkout all from its top. */
  static around(dir: string): GitIgnore | undefined {
    const folder = resolve(dir);
    const top = checkoutTop(folder);
    if (top === undefined) return undefined;
    let ignore: GitIgnore | undefined = GitIgnore.#ofCheckout(top);
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
    // Below an ignored folder nothing is taken back.
    if (above !== undefined && above.#patterns === everything) return above;
    const patterns = readPatterns(join(folder, fileName));
    return patterns.isEmpty ? above : new GitIgnore(resolve(folder), patterns, above);
  }

  /** The lists that weigh least: of the user, then of the clone. */
  static #ofCheckout(top: string): GitIgnore {
    const git = gitFolderOf(top);
    const checkout = { top, tracked: new TrackedFiles(git) };
    const ofUser = new GitIgnore(top, readPatterns(userIgnoreFile(git)), undefined, checkout);
    return new GitIgnore(top, readPatterns(join(git.common, 'info', 'exclude')), ofUser);
  }

  /** `path`: absolute, of something in a folder that is not ignored itself. */
  ignores(path: string, isFolder: boolean): boolean {
    return this.#fits(path, isFolder) && !this.#tracks(path);
  }

  /** What holds in a folder: where it is ignored, only what git tracks there is not. */
  inside(folder: string): GitIgnore {
    return this.#fits(folder, true) ? new GitIgnore(folder, everything, this) : this;
  }

  #fits(path: string, isFolder: boolean): boolean {
    const from = this.#folder.endsWith(sep) ? this.#folder.length : this.#folder.length + 1;
    const names = bytesOf(path.slice(from)).split(sep);
    const fits = this.#patterns.fits(names, isFolder);
    return fits ?? (this.#above === undefined ? false : this.#above.#fits(path, isFolder));
  }

  #tracks(path: string): boolean {
    const { top, tracked } = this.#checkout ?? {};
    return top !== undefined && tracked?.has(relative(top, path).split(sep).join('/')) === true;
  }
}

function readPatterns(file: string): PathPatterns {
  return PathPatterns.ofText(bytesOf((readText(file) ?? '').replace(/^\ufeff/, '')));
}
