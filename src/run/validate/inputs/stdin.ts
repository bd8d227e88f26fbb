// Standard input: a document is kept in memory, the archive of an image in a file of its own for as long as
// it is judged, since it is read twice. Which it is, its first bytes say.
import { rmSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../lib/user-error.ts';
import { headBytes, isArchiveHead } from './archive-head.ts';
import { unreadable } from './unreadable.ts';

export type Stdin =
  | { readonly form: 'document'; readonly bytes: Uint8Array }
  | { readonly form: 'archive'; readonly path: string; readonly remove: () => Promise<void> };

export interface StdinOptions {
  /** The kind is given, so no archive is expected. */
  readonly isDocument: boolean;
  readonly documentBytesMax: number;
  readonly archiveBytesMax: number;
  readonly signal: AbortSignal;
}

/**
 * Reads to the end; undefined when the run is stopped before. @throws UserError (exit 2) past a limit, or where
 * no file can be written
 */
export async function readStdin(
  stdin: AsyncIterable<Uint8Array>,
  options: StdinOptions,
): Promise<Stdin | undefined> {
  try {
    return await readToEnd(stdin, options);
  } catch (error) {
    if (options.signal.aborted) return undefined;
    throw error;
  }
}

async function readToEnd(stdin: AsyncIterable<Uint8Array>, options: StdinOptions): Promise<Stdin> {
  const pieces = stdin[Symbol.asyncIterator]();
  const begun: Uint8Array[] = [];
  let bytes = 0;
  let isTold = options.isDocument;
  for (;;) {
    const { value, done: isLast } = await pieces.next();
    options.signal.throwIfAborted();
    if (!isLast) {
      begun.push(value);
      bytes += value.length;
    }
    if (!isTold && (isLast || bytes >= headBytes)) {
      isTold = true;
      if (isArchiveHead(Buffer.concat(begun))) return await spool(begun, pieces, options);
    }
    if (bytes > options.documentBytesMax) throw tooLarge(options.documentBytesMax);
    if (isLast) return { form: 'document', bytes: Buffer.concat(begun) };
  }
}

/** Writes it all into a file that nobody else can read. */
async function spool(
  begun: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  { archiveBytesMax, signal }: StdinOptions,
): Promise<Stdin> {
  const folder = await mkdtemp(join(tmpdir(), 'pullproof-')).catch(unwritable);
  // Also where the process ends before the archive is judged.
  const atExit = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', atExit);
  const remove = async () => {
    process.off('exit', atExit);
    await rm(folder, { recursive: true, force: true });
  };
  const path = join(folder, 'stdin');
  try {
    const file = await open(path, 'wx', 0o600).catch(unwritable);
    try {
      let bytes = 0;
      const write = async (piece: Uint8Array) => {
        bytes += piece.length;
        if (bytes > archiveBytesMax) throw tooLarge(archiveBytesMax);
        await file.writeFile(piece).catch(unwritable);
      };
      for (const piece of begun) await write(piece);
      for await (const piece of { [Symbol.asyncIterator]: () => rest }) {
        signal.throwIfAborted();
        await write(piece);
      }
      signal.throwIfAborted();
    } finally {
      await file.close();
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { form: 'archive', path, remove };
}

function tooLarge(bytesMax: number): UserError {
  return unreadable('standard input', `holds more than ${bytesMax} bytes`);
}

function unwritable(error: Error): never {
  throw new UserError(
    'stdin-not-kept',
    `the archive on standard input cannot be kept while it is judged: ${error.message}`,
    'Give it as a file, or let TMPDIR name a folder with room.',
  );
}
