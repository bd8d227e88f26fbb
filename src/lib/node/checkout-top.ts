// Where the git checkout around a folder begins.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The nearest folder with a .git in it, upwards; undefined outside of checkouts. Of a repository .git is a folder,
 * of a worktree or submodule a file. `folder`: absolute.
 */
export function checkoutTop(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : checkoutTop(parent);
}
