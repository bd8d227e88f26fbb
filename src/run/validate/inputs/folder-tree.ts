// A folder that holds an image, as the rules see it: its files, read and hashed where they lie.
import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { saveManifestFile } from '../../../formats/docker-save.ts';
import { blobsFolder, indexFile, markerFile } from '../../../formats/oci-layout.ts';
import type { FileTree } from '../../../validate/image/tree.ts';
import { documentBytesMax } from '../../../validate/source.ts';
import { unreadable, unreadableFile } from './unreadable.ts';

/** An image has its files at most this deep: blobs/ALGORITHM/ENCODED. */
const depthMax = 4;
const filesMax = 1_000_000;
const pieceBytes = 1024 * 1024;

/** Names that only the top of an image folder has. */
export async function looksLikeImage(dir: string, names: ReadonlySet<string>): Promise<boolean> {
  if (names.has(markerFile)) return true;
  if (names.has(indexFile) && names.has(blobsFolder)) return true;
  if (!names.has(saveManifestFile)) return false;
  return names.has('version') || (await firstChar(join(dir, saveManifestFile))) === '[';
}

/** The first character that is no blank, as far as the file begins with it; undefined without one. */
export async function firstChar(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  try {
    const block = Buffer.alloc(64);
    await file?.read(block, 0, block.length, 0);
    return block.toString('latin1').trimStart()[0];
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}

/** @throws UserError (exit 2) */
export async function openFolder(dir: string, signal: AbortSignal): Promise<FileTree> {
  const name = dir.replace(/(?<=.)\/+$/, '');
  const files = new Map<string, number>();
  const folders = new Set<string>();
  await list(dir, '', { files, folders, visited: new Set() });
  return {
    name,
    files,
    folders,
    problems: [],
    pathOf: (file) => join(name, file),
    async read(file) {
      if ((files.get(file) ?? 0) > documentBytesMax) return undefined;
      return await readFile(join(dir, file)).catch((error) => {
        throw unreadableFile(join(dir, file), error);
      });
    },
    async digest(file, algorithm) {
      const hash = createHash(algorithm);
      for await (const piece of filePieces(join(dir, file), signal)) hash.update(piece);
      return signal.aborted ? undefined : `${algorithm}:${hash.digest('hex')}`;
    },
    async stream(wanted, openSink) {
      for (const file of wanted) {
        signal.throwIfAborted();
        const sink = openSink(file);
        for await (const piece of filePieces(join(dir, file), signal)) await sink.write(piece);
        signal.throwIfAborted();
        await sink.end();
      }
    },
  };
}

/** The content of a file; ends early when the run is stopped. @throws UserError (exit 2) */
export async function* filePieces(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of createReadStream(path, { highWaterMark: pieceBytes })) {
      if (signal.aborted) return;
      yield piece as Uint8Array;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw unreadableFile(path, error);
  }
}

/** Links are followed (build tools fill layouts with them), each folder once. */
async function list(
  dir: string,
  prefix: string,
  found: {
    readonly files: Map<string, number>;
    readonly folders: Set<string>;
    readonly visited: Set<string>;
  },
): Promise<void> {
  const { files, folders, visited } = found;
  const real = await realpath(dir);
  if (visited.has(real) || prefix.split('/').length > depthMax) return;
  visited.add(real);
  const entries = await readdir(dir, { withFileTypes: true }).catch((error) => {
    throw unreadableFile(dir, error);
  });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(dir, entry.name);
    // Links that lead nowhere are as good as absent.
    const stats = await stat(path).catch((): Stats | undefined => undefined);
    if (stats?.isDirectory()) {
      if (prefix === '') folders.add(entry.name);
      await list(path, `${prefix}${entry.name}/`, found);
    }
    if (stats?.isFile()) files.set(`${prefix}${entry.name}`, stats.size);
    if (files.size > filesMax) throw unreadable(dir, `holds more than ${filesMax} files`);
  }
}
