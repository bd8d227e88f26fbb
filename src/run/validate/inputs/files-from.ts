// The paths of --files-from: one a line, or with a NUL after each, as `find -print0` and `git ls-files -z`
// write them.
import { UserError } from '../../../lib/user-error.ts';
import { readFileUpTo } from './read-file.ts';

const bytesMax = 64 * 1024 * 1024;

/** @throws UserError (exit 2) for a list that cannot be read */
export async function readFileList(
  file: string,
  readStdin: () => Promise<Uint8Array>,
): Promise<string[]> {
  if (file === '-') return pathsOf(await readStdin());
  const bytes = await readFileUpTo(file, bytesMax).catch((error: Error) => {
    throw unreadable(file, error.message);
  });
  if (bytes === undefined) throw unreadable(file, `it is larger than ${bytesMax} bytes`);
  return pathsOf(bytes);
}

/** In the order of the list, as they stand there: blanks are part of a name. */
export function pathsOf(bytes: Uint8Array): string[] {
  // PowerShell's `>` writes UTF-16, which would be a list of single letters.
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
  return text.split(text.includes('\0') ? '\0' : /\r?\n/).filter((path) => path !== '');
}

function unreadable(file: string, problem: string): UserError {
  const message = `the list ${file} cannot be read: ${problem}`;
  return new UserError('list-unreadable', message, 'Give a file with a path a line, or -.');
}
