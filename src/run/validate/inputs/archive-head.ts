// Whether a file or stream is an archive, by how it begins. Apart from what reads archives (archive-tree.ts),
// which a start with one document does without.
import { closeSync, openSync, readSync } from 'node:fs';
import { compressionOf } from '../../../formats/compression.ts';
import { isTarHead } from '../../../formats/tar/header.ts';
import { unreadableFile } from './unreadable.ts';

/** Those of the header of a tar. */
export const headBytes = 512;
const archiveName = /\.(?:tar|tgz|tar\.(?:gz|zst|zstd))$/i;

/** Whether what begins with these bytes, as many as `headBytes`, is a tar, or compressed as ours may be. */
export function isArchiveHead(head: Uint8Array): boolean {
  return compressionOf(head) !== 'none' || isTarHead(head);
}

/** Whether a regular file is to be read as an archive: by its first bytes, else by its name. */
export function isArchive(path: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const head = Buffer.alloc(headBytes);
      const bytes = readSync(file, head, 0, headBytes, 0);
      return archiveName.test(path) || isArchiveHead(head.subarray(0, bytes));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadableFile(path, error);
  }
}
