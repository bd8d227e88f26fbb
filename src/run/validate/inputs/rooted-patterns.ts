// Patterns that users write: of --exclude and of .pullproof.yaml, as in .gitignore, with `{a,b}` besides.
// They are rooted at the folder where they are written.
import { resolve, sep } from 'node:path';
import { wayTo } from '../../../lib/node/way-to.ts';
import { expandBraces, PathPatterns } from '../../../lib/path-patterns.ts';

export class RootedPatterns {
  readonly #root: string;
  readonly #patterns: PathPatterns;

  constructor(root: string, patterns: readonly string[]) {
    this.#root = resolve(root);
    this.#patterns = new PathPatterns(
      patterns.flatMap(expandBraces).map((pattern) => rooted(pattern, this.#root)),
    );
  }

  /**
   * Whether a path, or a folder that leads to it, fits. What lies elsewhere is known by names alone, or by
   * patterns that begin with `../`.
   */
  fit(path: string, isFolder = false): boolean {
    // Asked for each of thousands of files.
    if (this.#patterns.isEmpty) return false;
    const names = wayTo(this.#root, resolve(path)).split(sep);
    const up = names.findIndex((name) => name !== '..');
    return this.#patterns.fitsBelow(names, isFolder, up) === true;
  }
}

/** `./a` is `/a`, and so is the absolute path of it. */
function rooted(pattern: string, root: string): string {
  const [, not = '', text = ''] = /^(!?)(.*)$/s.exec(pattern) ?? [];
  const own = root.split(sep).join('/').replace(/\/?$/, '/');
  if (text.startsWith(own)) return `${not}/${text.slice(own.length)}`;
  return not + text.replace(/^\.\//, '/');
}
