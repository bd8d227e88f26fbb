// The error for input that cannot be read.
import { readlinkSync } from 'node:fs';
import { UserError } from '../../../lib/user-error.ts';
import { deadLinkWords } from '../../../validate/image/missing.ts';

const hint =
  "Give files, folders, archives, globs such as 'blobs/sha256/*', images as HOST/NAME:TAG, or -.";

/** `problem` continues the sentence that begins with the path. Exit code 2. */
export function unreadable(path: string, problem: string): UserError {
  return new UserError('input-unreadable', `${path} ${problem}`, hint);
}

/** The same for an error of the file system. */
export function unreadableFile(path: string, error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    const link = linkAt(path);
    return unreadable(path, link === undefined ? 'does not exist' : deadLinkWords(link));
  }
  if (code === 'ENOTDIR') return unreadable(path, 'does not exist: it leads through a file');
  return unreadable(path, `cannot be read: ${message}`);
}

/** Where a link leads; undefined for all else. */
export function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
