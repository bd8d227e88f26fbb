// mkdir with its parents, for the mock and for whoever writes folders beside it. Node's own `recursive`
// never comes back where a parent exists and refuses children with ENOENT, as /proc does.
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes the folder and the parents it lacks; one that is there is left alone.
 * @returns whether it made the folder
 * @throws the system's error
 */
export function makeFolder(folder: string): boolean {
  const path = resolve(folder);
  if (isFolder(path)) return false;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    // Another process may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && isFolder(path)) return false;
    throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
