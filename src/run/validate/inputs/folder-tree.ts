// A folder that holds an image, as the rules see it: its files, read and hashed where they lie.

import { constants, type Dirent, type Stats } from 'node:fs';
import { open, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { saveManifestFile } from '../../../formats/docker-save.ts';
import { blobsFolder, indexFile, markerFile } from '../../../formats/oci-layout.ts';
import { crypto } from '../../../lib/node/crypto.ts';
import { isRegistry } from '../../../protocol/grammar/reference.ts';
import type { FileTree } from '../../../validate/image/tree.ts';
import { documentBytesMax } from '../../../validate/source.ts';
import { unreadable, unreadableFile } from './unreadable.ts';

/** An image has its files at most this deep: blobs/ALGORITHM/ENCODED. */
const depthMax = 4;
const filesMax = 1_000_000;
const pieceBytes = 1024 * 1024;
const smallPieceBytes = 16 * 1024;
/** Layers read side by side: each is unpacked in a thread of Node's, and costs the memory of its paths. */
const streamsMax = 2;

/** What lies in a folder: links are among both. */
export interface FolderNames {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
}

export function namesOf(entries: readonly Dirent[]): FolderNames {
  const files = entries.filter((entry) => !entry.isDirectory());
  const folders = entries.filter((entry) => !entry.isFile());
  const nameOf = ({ name }: Dirent) => name;
  return { files: new Set(files.map(nameOf)), folders: new Set(folders.map(nameOf)) };
}

/** The folder of certificates for registries, and the one for a registry in it. */
const certsPath = /(?:^|[/\\])certs\.d(?:[/\\]([^/\\]+))?$/;

/** Other programs have a certs.d too, with names of other things in it. */
function soundsLikeHost(name: string): boolean {
  return /[.:]/.test(name) && isRegistry(name);
}

/** Whether a folder holds certificates for registries; the host where it is for one, '' for all. */
export function certsHostOf(dir: string): string | undefined {
  const found = certsPath.exec(resolve(dir));
  return found === null ? undefined : (found[1] ?? '');
}

/**
 * Whether a folder is an image, by names that only the top of one has. One that nobody named (`isFound`) has
 * to show more: browser extensions have a manifest.json and a version, sites an index.json.
 */
export async function looksLikeImage(
  dir: string,
  { files, folders }: FolderNames,
  isFound: boolean,
): Promise<boolean> {
  if (certsHostOf(dir) !== undefined && (!isFound || [...folders].some(soundsLikeHost)))
    return true;
  const holds = async (file: string, test: (text: string) => boolean) =>
    files.has(file) && test(await headOf(join(dir, file)));
  const hasBlobs = folders.has(blobsFolder);
  if (files.has(markerFile)) {
    const isSure = !isFound || hasBlobs || files.has(indexFile);
    return isSure || (await holds(markerFile, (text) => text.includes('imageLayoutVersion')));
  }
  if (files.has(indexFile) && hasBlobs) {
    return (
      !isFound || (await holds(indexFile, (text) => /"(?:manifests|schemaVersion)"/.test(text)))
    );
  }
  if (!files.has(saveManifestFile)) return false;
  if (await holds(versionFile, (text) => text.startsWith('Directory Transport'))) return true;
  if (!isFound && files.has(versionFile)) return true;
  return await holds(saveManifestFile, (text) => {
    return text.trimStart()[0] === '[' && (!isFound || /"(?:Config|Layers)"/.test(text));
  });
}

/** The file of a dir: folder that names its version. */
const versionFile = 'version';
const headBytes = 4096;

/** The first character that is no blank, as far as the file begins with it; undefined without one. */
export async function firstChar(path: string): Promise<string | undefined> {
  return (await headOf(path)).slice(0, 64).trimStart()[0];
}

/** The first characters of a file; none of what is no file, or cannot be read. */
async function headOf(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  try {
    const block = Buffer.alloc(headBytes);
    const { bytesRead } = (await file?.read(block, 0, block.length, 0)) ?? { bytesRead: 0 };
    return block.toString('latin1', 0, bytesRead);
  } catch {
    return '';
  } finally {
    await file?.close();
  }
}

/** @throws UserError (exit 2) */
export async function openFolder(dir: string, signal: AbortSignal): Promise<FileTree> {
  const name = dir.replace(/(?<=.)\/+$/, '');
  const files = new Map<string, number>();
  const folders = new Set<string>();
  const deadLinks = new Map<string, string>();
  await list(dir, '', { files, folders, deadLinks, visited: new Set() });
  return {
    name,
    files,
    folders,
    problems: [],
    deadLinks,
    digestReads: true,
    pathOf: (file) => join(name, file),
    async read(file) {
      if ((files.get(file) ?? 0) > documentBytesMax) return undefined;
      return await readFile(join(dir, file)).catch((error) => {
        throw unreadableFile(join(dir, file), error);
      });
    },
    async digest(file, algorithm) {
      const hash = crypto().createHash(algorithm);
      for await (const piece of filePieces(join(dir, file), signal)) hash.update(piece);
      return signal.aborted ? undefined : `${algorithm}:${hash.digest('hex')}`;
    },
    async stream(wanted, openSink) {
      await sideBySide([...wanted], async (file) => {
        signal.throwIfAborted();
        const sink = openSink(file);
        for await (const piece of filePieces(join(dir, file), signal)) await sink.write(piece);
        signal.throwIfAborted();
        await sink.end();
      });
    },
  };
}

/** Begins no more when one has failed, and ends when all that began have. */
async function sideBySide(
  files: readonly string[],
  read: (file: string) => Promise<void>,
): Promise<void> {
  const left = files.values();
  let failed = false;
  const lane = async () => {
    for (const file of left) {
      if (failed) return;
      await read(file).catch((error) => {
        failed = true;
        throw error;
      });
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: streamsMax }, lane));
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
}

/**
 * The content of a file; ends early when the run is stopped. A piece holds until the next one is asked for, then
 * its memory is used again: fresh memory costs more than the reading. @throws UserError (exit 2)
 */
export async function* filePieces(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = await open(path).catch((error) => {
    throw unreadableFile(path, error);
  });
  let reading: Promise<{ bytesRead: number; buffer: Buffer }> | undefined;
  try {
    const { size } = await file.stat();
    const bytes = Math.min(pieceBytes, Math.max(size, smallPieceBytes));
    let [taken, free] = [Buffer.allocUnsafeSlow(bytes), Buffer.allocUnsafeSlow(bytes)];
    reading = file.read(taken);
    while (!signal.aborted) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = file.read(free);
      yield taken.subarray(0, bytesRead);
      [taken, free] = [free, taken];
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw unreadableFile(path, error);
  } finally {
    await reading?.catch(() => undefined);
    await file.close();
  }
}

/** Links are followed (build tools fill layouts with them), each folder once. */
async function list(
  dir: string,
  prefix: string,
  found: {
    readonly files: Map<string, number>;
    readonly folders: Set<string>;
    readonly deadLinks: Map<string, string>;
    readonly visited: Set<string>;
  },
): Promise<void> {
  const { files, folders, deadLinks, visited } = found;
  const real = await realpath(dir);
  if (visited.has(real) || prefix.split('/').length > depthMax) return;
  visited.add(real);
  const entries = await readdir(dir, { withFileTypes: true }).catch((error) => {
    throw unreadableFile(dir, error);
  });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(dir, entry.name);
    const stats = await stat(path).catch((): Stats | undefined => undefined);
    if (stats === undefined && entry.isSymbolicLink()) {
      deadLinks.set(`${prefix}${entry.name}`, await readlink(path).catch(() => '?'));
    }
    if (stats?.isDirectory()) {
      if (prefix === '') folders.add(entry.name);
      await list(path, `${prefix}${entry.name}/`, found);
    }
    if (stats?.isFile()) files.set(`${prefix}${entry.name}`, stats.size);
    if (files.size > filesMax) throw unreadable(dir, `holds more than ${filesMax} files`);
  }
}
