// Comparing what real programs left in folders.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../mocks/store.ts';

/** Relative path and digest of every file below the folder, sorted by path. */
export function filesIn(dir: string): [path: string, digest: string][] {
  const paths = readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  return paths
    .filter((path) => statSync(join(dir, path)).isFile())
    .map((path) => [path, digestOf(readFileSync(join(dir, path)))]);
}
