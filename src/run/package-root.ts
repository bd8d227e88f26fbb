// Where the package lies: files that are read at run time (scenarios, k6 sources) are found from here,
// whether the code runs from src/ or from dist/.
import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const packageRoot = findRoot();

/** Whether this is the built code, with all that `npm run build` made beside it. */
export const isBuilt = fileURLToPath(import.meta.url).startsWith(join(packageRoot, 'dist') + sep);

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json of pullproof not found');
    folder = parent;
  }
  return folder;
}
