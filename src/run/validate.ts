// The engine of `validate`: finds the documents, judges each, sums up.
import { glob, readFile, stat } from 'node:fs/promises';
import type { DocumentResult, Results } from '../../reports/results.ts';
import { UserError } from '../protocol/user-error.ts';
import { type Kind, validateDocument } from '../validate/index.ts';
import { conclude, newResults, type RunContext } from './context.ts';

export interface ValidateRunOptions {
  /** Paths, globs, or `-` for standard input. */
  readonly paths: readonly string[];
  readonly kind?: Kind | undefined;
  readonly strict: boolean;
  readonly readStdin: () => Promise<Uint8Array>;
}

/** Documents are far smaller; more than this is some other file. */
const documentBytesMax = 64 * 1024 * 1024;
const documentsMax = 100_000;

/** @throws UserError (exit 2) for paths that cannot be read */
export async function runValidate(
  options: ValidateRunOptions,
  context: RunContext,
): Promise<Results> {
  const results = newResults('validate', options.paths.join(' '), context);
  const documents: DocumentResult[] = [];
  results.documents = documents;
  for (const path of await expand(options.paths)) {
    if (context.signal.aborted) break;
    const bytes = path === '-' ? await options.readStdin() : await readDocument(path);
    const { kind, strict } = options;
    documents.push(validateDocument(bytes, { path, strict, ...(kind !== undefined && { kind }) }));
  }
  const valid = documents.every((document) => document.valid);
  return conclude(results, valid ? 'pass' : 'fail', context.signal);
}

/** Globs are expanded here too, for shells that do not, and for quoted ones. */
async function expand(paths: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const path of paths) {
    const exists =
      path === '-' ||
      (await stat(path).then(
        () => true,
        () => false,
      ));
    if (exists || !/[*?[{]/.test(path)) {
      found.add(path);
      continue;
    }
    const before = found.size;
    for await (const match of glob(path)) {
      if (found.size >= documentsMax)
        throw unreadable(path, `matches more than ${documentsMax} files`);
      if ((await stat(match)).isFile()) found.add(match);
    }
    if (found.size === before) throw unreadable(path, 'matches no file');
  }
  return [...found];
}

async function readDocument(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > documentBytesMax) throw new Error(`it is larger than ${documentBytesMax} bytes`);
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw unreadable(path, 'does not exist');
    if (code === 'EISDIR') throw unreadable(path, 'is a directory');
    throw unreadable(path, `cannot be read: ${message}`);
  }
}

function unreadable(path: string, problem: string): UserError {
  const hint = "Give files, globs such as 'blobs/sha256/*', or - for standard input.";
  return new UserError('input-unreadable', `${path} ${problem}`, hint);
}
