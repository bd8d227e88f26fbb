// Where git keeps what it knows of a checkout, read without running it.
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { homeFolder } from '../../../lib/node/cache-folder.ts';

/** Longer texts are none that people write. */
const textBytesMax = 1024 * 1024;

export interface GitFolder {
  /** Of this checkout. */
  readonly own: string;
  /** Of the repository, with all its worktrees. */
  readonly common: string;
}

/** Of a worktree or submodule .git is a file that names its folder, and that one the common one. */
export function gitFolderOf(top: string): GitFolder {
  const git = join(top, '.git');
  const named = /^gitdir: (.+)$/m.exec(readText(git) ?? '')?.[1];
  const own = named === undefined ? git : resolve(top, named.trimEnd());
  const common = readText(join(own, 'commondir'))?.trim();
  return { own, common: common === undefined ? own : resolve(own, common) };
}

/** The user's own list of what to ignore: `core.excludesFile`, or where git looks without it. */
export function userIgnoreFile({ common }: GitFolder): string {
  const config = join(process.env.XDG_CONFIG_HOME || join(homeFolder(), '.config'), 'git');
  const files = [join(common, 'config'), join(homeFolder(), '.gitconfig'), join(config, 'config')];
  const named = files.map((file) => setting(readText(file) ?? '', 'core', 'excludesfile'));
  const path = named.find((value) => value !== undefined) ?? join(config, 'ignore');
  return path.replace(/^~(?=\/)/, homeFolder());
}

/** The last value of a key in a file of git-config(1), without what it includes; undefined without one. */
export function setting(text: string, section: string, key: string): string | undefined {
  let current = '';
  let value: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const head = /^\s*\[\s*([^\]\s"]+)\s*\]/.exec(line);
    if (/^\s*\[/.test(line)) current = head?.[1]?.toLowerCase() ?? '';
    if (current !== section) continue;
    const [, name = '', written = ''] =
      /^(?:\s*\[[^\]]*\])?\s*([A-Za-z][\w-]*)\s*=\s*("(?:[^"\\]|\\.)*"|[^#;]*)/.exec(line) ?? [];
    if (name.toLowerCase() !== key) continue;
    value = written
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .replace(/\\(.)/g, '$1');
  }
  return value;
}

/** Undefined for what is no file, too large, or cannot be read: git takes such a list for none. */
export function readText(file: string): string | undefined {
  return readBytes(file, textBytesMax)?.toString('utf8');
}

/** The same, as bytes. */
export function readBytes(file: string, bytesMax: number): Buffer | undefined {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile() !== true || stats.size > bytesMax) return undefined;
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** A character for each byte of the text: git compares names byte by byte. */
export function bytesOf(text: string): string {
  return /^\p{ASCII}*$/u.test(text) ? text : Buffer.from(text).toString('latin1');
}
