// Files and archives that the tests of this folder read.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { seal } from '../../src/formats/tar/header.ts';
import { writeTar } from '../../src/formats/tar/write.ts';

/** Shared by the test files of a worker; it goes with all temporary files (test/setup/temporary-folder.ts). */
export const root = mkdtempSync(join(tmpdir(), 'pullproof-sources-'));
let made = 0;

/** A new folder with these files. */
export function folderOf(
  files: Readonly<Record<string, Uint8Array>>,
  name = `folder${made++}`,
): string {
  const folder = join(root, name);
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

export function archiveOf(files: Readonly<Record<string, Uint8Array>>): string {
  const entries = Object.entries(files).map(([name, content]) => ({ name, content, mode: 0o644 }));
  return fileOf(writeTar(entries, 1));
}

export function fileOf(bytes: Uint8Array | string, ending = 'tar'): string {
  const path = join(root, `file${made++}.${ending}`);
  writeFileSync(path, bytes);
  return path;
}

/** A symbolic link's header. */
export function linkHeader(name: string, target: string): Buffer {
  const tar = Buffer.from(writeTar([{ name, mode: 0o777, content: new Uint8Array(0) }], 1));
  const header = tar.subarray(0, 512);
  header.write('2', 156);
  header.write(target, 157);
  return seal(header);
}
