// Comparing what real programs left in folders.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Relative path and digest of every file below the folder, sorted by path. */
export function filesIn(dir: string): [path: string, digest: string][] {
  const paths = readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  return paths
    .filter((path) => statSync(join(dir, path)).isFile())
    .map((path) => [path, digestOfFile(join(dir, path))]);
}

function digestOfFile(path: string): string {
  return `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
}
