// What our k6 is built of, and how: the same for the cached build and for the packages of a release.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Words of `go` in the folder k6/; the same words, sources and Go make the same bytes. */
export function buildWords(target: string): string[] {
  return ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', target, './cmd/k6'];
}

/** Variables of `go` beside those of the host. */
export const buildVariables = {
  CGO_ENABLED: '0',
  GOFLAGS: '-mod=readonly',
  GOWORK: 'off',
} as const;

/** sha256 of the files of the folder k6/ that decide what is built, hex. */
export async function sourcesDigest(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await sourcesOf(folder)) {
    hash.update(`${file}\n`).update(await readFile(join(folder, file)));
  }
  return hash.digest('hex');
}

/** Files that decide what is built, sorted. */
export async function sourcesOf(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return files
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /(?:\.go|\.pgo|go\.mod|go\.sum)$/.test(file) && !file.endsWith('_test.go'))
    .sort();
}
