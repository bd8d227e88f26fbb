// The error for input that cannot be read.
import { UserError } from '../../../lib/user-error.ts';

const hint =
  "Give files, folders, archives, globs such as 'blobs/sha256/*', images as HOST/NAME:TAG, or -.";

/** `problem` continues the sentence that begins with the path. Exit code 2. */
export function unreadable(path: string, problem: string): UserError {
  return new UserError('input-unreadable', `${path} ${problem}`, hint);
}

/** The same for an error of the file system. */
export function unreadableFile(path: string, error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return unreadable(path, 'does not exist');
  return unreadable(path, `cannot be read: ${message}`);
}
