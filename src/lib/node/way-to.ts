// How a path is called from a folder.

import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';

/**
 * The relative path, both given as absolute ones. Where it leads out of the folder, links are followed: by them
 * the path may lie in it.
 */
export function wayTo(folder: string, path: string): string {
  const way = relative(folder, path);
  if (!leadsOut(way)) return way;
  const real = relative(dirname(realPath(join(folder, 'file'))), realPath(path));
  return leadsOut(real) ? way : real;
}

/** Whether a relative path is of something that is not in the folder where it starts. */
export function leadsOut(way: string): boolean {
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

/** Links of folders are followed; the name itself is what people call the file. */
function realPath(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}
