// What the words of a user point at: documents, folders and archives of images, images in registries.
import { type Stats, statSync } from 'node:fs';
import { glob, readdir, stat } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import { UserError } from '../../../lib/user-error.ts';
import { isWellFormedDigest } from '../../../protocol/grammar/digest.ts';
import { mayBeOurs } from '../../../validate/sift.ts';
import { type Image, parseImage } from '../../target.ts';
import { isArchive } from './archive-head.ts';
import { looksLikeImage, namesOf } from './folder-tree.ts';
import type { Skipped } from './skipped.ts';
import { linkAt, unreadable, unreadableFile } from './unreadable.ts';
import { walkFolder } from './walk-folder.ts';

export type Input =
  | {
      readonly form: 'document';
      readonly path: string;
      /** Where it was met, and that it may be none of ours: a folder, or with `sifts` itself. */
      readonly foundIn?: NamedFolder;
    }
  | { readonly form: 'blob' | 'folder' | 'archive'; readonly path: string }
  | { readonly form: 'remote'; readonly image: Image };

/** A folder that was named, and how many files were met below it, whatever they are. */
export interface NamedFolder {
  readonly path: string;
  files: number;
}

export interface ExpandOptions {
  readonly plainHttp: boolean;
  /** Whether the kind of a file is given: then it is a document whatever it holds, and no folder an image. */
  readonly isDocument: (path: string) => boolean;
  /** Whether the user leaves a path out. */
  readonly excludes: (path: string, isFolder: boolean) => boolean;
  /** Of files that are named, too, those alone that look like ours. */
  readonly sifts: boolean;
  readonly skipped: Skipped;
  /** Filled with the folders that were named. */
  readonly folders: NamedFolder[];
  /** Told of each input that cannot be read; the others go on. */
  readonly unread: (error: UserError) => void;
  readonly signal: AbortSignal;
}

const inputsMax = 100_000;

/** Every input once, in the order of the words. `files` are paths alone, no globs and no images. */
export async function expandInputs(
  words: readonly string[],
  files: readonly string[],
  options: ExpandOptions,
): Promise<Input[]> {
  const inputs = new Map<string, Input>();
  const take = async (found: AsyncGenerator<Input>, word: string) => {
    try {
      for await (const input of found) {
        if (inputs.size === inputsMax) {
          throw unreadable(word, `stands for more than ${inputsMax} files`);
        }
        const key = input.form === 'remote' ? input.image.text : normalize(input.path);
        const isFound = input.form === 'document' && input.foundIn !== undefined;
        // What is named as well is judged whatever it is.
        if (!isFound || !inputs.has(key)) inputs.set(key, input);
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      options.unread(error);
    }
  };
  for (const word of words) {
    if (!options.signal.aborted) await take(inputsOf(word, options), word);
  }
  for (const file of files) {
    if (!options.signal.aborted) await take(namedInputs(file, options), file);
  }
  return [...inputs.values()];
}

async function* inputsOf(word: string, options: ExpandOptions): AsyncGenerator<Input> {
  if (word === '-') {
    yield { form: 'document', path: word };
    return;
  }
  const stats = statsOf(word);
  if (!(stats instanceof Error)) {
    yield* pathInputs(word, stats, options);
  } else if (!absent.has(stats.code)) {
    throw unreadableFile(word, stats);
  } else if (/[*?[{]/.test(word)) {
    yield* globInputs(word, options);
  } else if (stats.code === 'ENOTDIR' || linkAt(word) !== undefined) {
    throw unreadableFile(word, stats);
  } else {
    yield { form: 'remote', image: remoteOf(word, options.plainHttp) };
  }
}

/** Codes of errors after which a word may still be a glob, or an image. */
const absent: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** Not awaited: for one file that would load the larger half of node:fs. */
function statsOf(path: string): Stats | NodeJS.ErrnoException {
  try {
    return statSync(path);
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

async function* namedInputs(path: string, options: ExpandOptions): AsyncGenerator<Input> {
  const stats = statsOf(path);
  if (stats instanceof Error) throw unreadableFile(path, stats);
  yield* pathInputs(path, stats, options);
}

async function* pathInputs(
  path: string,
  stats: Stats,
  options: ExpandOptions,
): AsyncGenerator<Input> {
  if (options.excludes(path, stats.isDirectory())) {
    options.skipped.add('excluded', path);
  } else if (stats.isDirectory()) {
    const folder = { path, files: 0 };
    options.folders.push(folder);
    yield* walkFolder(folder, options);
  } else if (stats.isFile()) {
    yield* fileInputs(path, options);
  } else {
    yield { form: 'document', path };
  }
}

function* fileInputs(path: string, options: ExpandOptions): Generator<Input> {
  const input = fileInput(path, options);
  if (!options.sifts || input.form !== 'document' || options.isDocument(path)) yield input;
  else if (mayBeOurs(path)) yield { ...input, foundIn: { path, files: 1 } };
  else options.skipped.add('other', path);
}

/** A file of blobs/ALGORITHM/ is whatever it is: a document, a layer, or nothing that we know. */
function fileInput(path: string, { isDocument }: ExpandOptions): Input {
  if (isDocument(path)) return { form: 'document', path };
  if (digestOfBlob(path) !== undefined) return { form: 'blob', path };
  return { form: isArchive(path) ? 'archive' : 'document', path };
}

/** The digest that the file has to have by its place in an OCI layout; undefined elsewhere. */
export function digestOfBlob(path: string): string | undefined {
  const found = /(?:^|[\\/])blobs[\\/](sha256|sha512)[\\/]([a-f0-9]+)$/.exec(path);
  const digest = found === null ? '' : `${found[1]}:${found[2]}`;
  return isWellFormedDigest(digest) ? digest : undefined;
}

/**
 * Globs are expanded here too, for shells that do not, and for quoted ones: files, and folders that hold
 * an image. What lies in such a folder is judged with it.
 */
async function* globInputs(pattern: string, options: ExpandOptions): AsyncGenerator<Input> {
  const files: string[] = [];
  const images: string[] = [];
  let excluded = 0;
  for await (const path of glob(pattern)) {
    if (options.signal.aborted) return;
    const stats = await stat(path).catch((): Stats | undefined => undefined);
    const isImage = stats?.isDirectory() && !options.isDocument(path) && (await holdsImage(path));
    if (!stats?.isFile() && !isImage) continue;
    if (options.excludes(path, isImage === true)) {
      options.skipped.add('excluded', path);
      excluded++;
    } else (isImage ? images : files).push(path);
    if (files.length + images.length > inputsMax) break;
  }
  if (files.length + images.length + excluded === 0) throw unreadable(pattern, 'matches no file');
  // The file system has them in an order of its own.
  for (const path of images.sort()) yield { form: 'folder', path };
  for (const path of files.sort()) {
    if (images.some((image) => path.startsWith(join(image, sep)))) continue;
    yield* fileInputs(path, options);
  }
}

async function holdsImage(dir: string): Promise<boolean> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((error) => {
    throw unreadableFile(dir, error);
  });
  return await looksLikeImage(dir, namesOf(entries), false);
}

/** @throws UserError (exit 2) */
function remoteOf(word: string, plainHttp: boolean): Image {
  try {
    return parseImage(word, plainHttp);
  } catch (error) {
    if (!(error instanceof UserError) || error.code === 'target-credentials') throw error;
    throw unreadable(word, `does not exist, and is no image with a registry: ${error.message}`);
  }
}
