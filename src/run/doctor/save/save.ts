// Keeps the pulled image: blobs go to files as they come, and the whole takes its place at the end or not at all.
import { createHash } from 'node:crypto';
import { chmod, link, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../../../lib/user-error.ts';
import {
  type Descriptor,
  readManifestDocument,
} from '../../../protocol/grammar/manifest-document.ts';
import { BlobFile } from './blob-file.ts';
import { saveFailed } from './failed.ts';
import { type Layout, layouts } from './layouts.ts';
import type { SaveTarget } from './target.ts';

/** Takes a body piece by piece, as src/drivers hands it on. */
export type BlobSink = (piece: Uint8Array) => Promise<void>;

export interface Saved {
  /** The manifest of the chosen platform as it came, its digest, and its media type. */
  readonly text: string;
  readonly digest: string;
  readonly mediaType: string;
}

export interface Saver {
  /** Where the bytes of a blob go, config and layers; asked for anew when it is read again. */
  sinkOf(blob: Descriptor): BlobSink;
  /** Checks that all blobs are there by digest, and puts the image in its place. @throws UserError */
  finish(manifest: Saved): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/** @throws UserError `save-exists`, `save-failed` (exit 2) */
export async function openSave(given: SaveTarget): Promise<Saver> {
  const layout = layouts[given.transport];
  await refuseWhatIsThere(given.path, layout);
  // With no slash at its end: what is made lies beside it first.
  const target = { ...given, path: resolve(given.path) };
  const folder = await mkdtemp(`${target.path}.partial-`).catch((error: Error) => {
    throw saveFailed(error.message);
  });
  return new FolderSaver(target, layout, folder);
}

async function refuseWhatIsThere(path: string, { isFile }: Layout): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error.code);
  if (found === 'ENOENT') return;
  const isFolder = typeof found === 'object' && found.isDirectory();
  // Whoever works in a folder would be left in the one that was there before.
  const isReplaceable = !isFile && isFolder && resolve(path) !== process.cwd();
  if (isReplaceable && (await readdir(path)).length === 0) return;
  throw new UserError(
    'save-exists',
    `--save: ${path} is there already`,
    'Name a new place, or remove what is there: nothing is written over.',
  );
}

/** What is asked to be kept in the folder beside its place. */
class FolderSaver implements Saver {
  readonly #target: SaveTarget;
  readonly #layout: Layout;
  readonly #folder: string;
  readonly #all: BlobFile[] = [];

  constructor(target: SaveTarget, layout: Layout, folder: string) {
    this.#target = target;
    this.#layout = layout;
    this.#folder = folder;
  }

  sinkOf(blob: Descriptor): BlobSink {
    if (this.#whole(blob.digest) !== undefined) return async () => undefined;
    return this.#begin(blob).write;
  }

  #whole(digest: string): BlobFile | undefined {
    return this.#all.find((file) => file.isWhole && file.digest === digest);
  }

  #begin(blob: Descriptor): BlobFile {
    // Its own name: the one before it may be under way still.
    const file = new BlobFile(blob, join(this.#folder, `.blob-${this.#all.length}`));
    this.#all.push(file);
    return file;
  }

  async finish(manifest: Saved): Promise<void> {
    const { text, digest, mediaType } = manifest;
    const [algorithm = ''] = digest.split(':', 1);
    if (`${algorithm}:${createHash(algorithm).update(text).digest('hex')}` !== digest) {
      throw saveFailed(`the manifest does not hash to ${digest}`, broken);
    }
    const document = readManifestDocument(text, mediaType);
    if (typeof document === 'string') throw saveFailed(document, broken);
    if (document.kind !== 'manifest') throw saveFailed(`it is of kind ${document.kind}`, broken);
    const blobs = [document.config, ...document.layers];
    for (const blob of blobs) await this.#take(blob);
    await Promise.all(this.#all.map((file) => file.close()));
    const { config, layers } = document;
    const image = { ...manifest, config, layers, name: this.#target.name };
    const made = await this.#layout.write(this.#folder, image);
    for (const { path } of this.#all) await rm(path, { force: true });
    await this.#place(made);
  }

  /** The blob in the place where the layout wants it. @throws UserError */
  async #take(blob: Descriptor): Promise<void> {
    const { digest, size } = blob;
    if (size === 0) await this.#begin(blob).writeNothing();
    const file = this.#whole(digest);
    if (file === undefined) {
      throw saveFailed(
        `${digest} (${size} bytes) was not read whole, or is not what its digest says`,
        broken,
      );
    }
    const to = join(this.#folder, await this.#layout.blobPath(this.#folder, digest));
    await rename(file.path, to).catch((error: NodeJS.ErrnoException) => {
      // Named twice by its manifest: it is there.
      if (error.code !== 'ENOENT') throw saveFailed(error.message);
    });
  }

  /** `made`: the file that is the image; undefined for the folder itself. */
  async #place(made: string | undefined): Promise<void> {
    const { path } = this.#target;
    try {
      if (made === undefined) {
        await chmod(this.#folder, 0o755);
        await rename(this.#folder, path);
        return;
      }
      // Unlike a rename, a link takes no other file's place.
      await link(made, path);
      await this.abandon();
    } catch (error) {
      throw saveFailed((error as Error).message);
    }
  }

  async abandon(): Promise<void> {
    await Promise.all(this.#all.map((file) => file.close()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const broken = 'Look at the image with `pullproof validate --layers`, and at the hops of this run.';
