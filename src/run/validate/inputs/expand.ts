// What the words of a user point at: documents, folders and archives of images, images in registries.
import type { Stats } from 'node:fs';
import { glob, readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { UserError } from '../../../lib/user-error.ts';
import { isWellFormedDigest } from '../../../protocol/grammar/digest.ts';
import { type Image, parseImage } from '../../target.ts';
import { isArchive } from './archive-tree.ts';
import { looksLikeImage } from './folder-tree.ts';
import { unreadable, unreadableFile } from './unreadable.ts';

export type Input =
  | { readonly form: 'document' | 'blob' | 'folder' | 'archive'; readonly path: string }
  | { readonly form: 'remote'; readonly image: Image };

export interface ExpandOptions {
  readonly plainHttp: boolean;
  /** The kind is given: every file is a document, no folder an image. */
  readonly documentsOnly: boolean;
  readonly signal: AbortSignal;
}

const inputsMax = 100_000;
const depthMax = 32;

/** Every input once, in the order of the words. @throws UserError (exit 2) */
export async function expandInputs(
  words: readonly string[],
  options: ExpandOptions,
): Promise<Input[]> {
  const inputs = new Map<string, Input>();
  for (const word of words) {
    if (options.signal.aborted) break;
    for await (const input of inputsOf(word, options)) {
      inputs.set(input.form === 'remote' ? input.image.text : input.path, input);
      if (inputs.size > inputsMax)
        throw unreadable(word, `stands for more than ${inputsMax} files`);
    }
  }
  return [...inputs.values()];
}

async function* inputsOf(word: string, options: ExpandOptions): AsyncGenerator<Input> {
  if (word === '-') {
    yield { form: 'document', path: word };
    return;
  }
  const stats = await stat(word).catch((error: NodeJS.ErrnoException) => error);
  if (!(stats instanceof Error)) {
    yield* pathInputs(word, stats.isDirectory(), stats.isFile(), options);
  } else if (stats.code !== 'ENOENT' && stats.code !== 'ENOTDIR' && stats.code !== 'ENAMETOOLONG') {
    throw unreadableFile(word, stats);
  } else if (/[*?[{]/.test(word)) {
    yield* globInputs(word, options);
  } else {
    yield { form: 'remote', image: remoteOf(word, options.plainHttp) };
  }
}

async function* pathInputs(
  path: string,
  isFolder: boolean,
  isFile: boolean,
  options: ExpandOptions,
): AsyncGenerator<Input> {
  if (isFolder) {
    let found = 0;
    for await (const input of folderInputs(path, 0, options)) {
      found++;
      yield input;
    }
    if (found === 0) throw unreadable(path, 'holds no image and no file that ends in .json');
  } else {
    yield isFile ? await fileInput(path, options) : { form: 'document', path };
  }
}

/** A file of blobs/ALGORITHM/ is whatever it is: a document, a layer, or nothing that we know. */
async function fileInput(path: string, { documentsOnly }: ExpandOptions): Promise<Input> {
  if (documentsOnly) return { form: 'document', path };
  if (digestOfBlob(path) !== undefined) return { form: 'blob', path };
  return { form: (await isArchive(path)) ? 'archive' : 'document', path };
}

/** The digest that the file has to have by its place in an OCI layout; undefined elsewhere. */
export function digestOfBlob(path: string): string | undefined {
  const found = /(?:^|[\\/])blobs[\\/](sha256|sha512)[\\/]([a-f0-9]+)$/.exec(path);
  const digest = found === null ? '' : `${found[1]}:${found[2]}`;
  return isWellFormedDigest(digest) ? digest : undefined;
}

/** An image, or every *.json below it. Links to folders are not followed: they may lead in circles. */
async function* folderInputs(
  dir: string,
  depth: number,
  options: ExpandOptions,
): AsyncGenerator<Input> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((error) => {
    throw unreadableFile(dir, error);
  });
  const names = new Set(entries.map(({ name }) => name));
  if (!options.documentsOnly && (await looksLikeImage(dir, names))) {
    yield { form: 'folder', path: dir };
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (options.signal.aborted) return;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      if (depth < depthMax) yield* folderInputs(path, depth + 1, options);
    } else if (entry.name.endsWith('.json')) {
      const isFile = entry.isFile() || (entry.isSymbolicLink() && (await leadsToFile(path)));
      if (isFile) yield { form: 'document', path };
    }
  }
}

async function leadsToFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/**
 * Globs are expanded here too, for shells that do not, and for quoted ones: files, and folders that hold
 * an image. What lies in such a folder is judged with it.
 */
async function* globInputs(pattern: string, options: ExpandOptions): AsyncGenerator<Input> {
  const files: string[] = [];
  const images: string[] = [];
  for await (const path of glob(pattern)) {
    if (options.signal.aborted) return;
    const stats = await stat(path).catch((): Stats | undefined => undefined);
    if (stats?.isFile()) files.push(path);
    else if (stats?.isDirectory() && !options.documentsOnly && (await isImage(path)))
      images.push(path);
    if (files.length + images.length > inputsMax) break;
  }
  if (files.length + images.length === 0) throw unreadable(pattern, 'matches no file');
  for (const path of images) yield { form: 'folder', path };
  for (const path of files) {
    if (images.some((image) => path.startsWith(join(image, sep)))) continue;
    yield await fileInput(path, options);
  }
}

async function isImage(dir: string): Promise<boolean> {
  const names = await readdir(dir).catch((error) => {
    throw unreadableFile(dir, error);
  });
  return await looksLikeImage(dir, new Set(names));
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
