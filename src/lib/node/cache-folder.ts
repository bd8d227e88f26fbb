// Where what is kept from run to run lies: compiled code, k6, images. Never in the working folder, and never
// where others can write.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Undefined where there is no home: a user without one, a container that was given none. */
export function cacheFolder(variables: Variables = process.env): string | undefined {
  const { XDG_CACHE_HOME: named = '' } = variables;
  // XDG Base Directory Specification: a path that is not absolute is invalid, and ignored.
  if (isAbsolute(named)) return join(named, 'pullproof');
  const home = homeFolder();
  return isAbsolute(home) ? join(home, '.cache', 'pullproof') : undefined;
}

/** '' for a user without one: in a container, perhaps one that no file of it knows. */
export function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}
