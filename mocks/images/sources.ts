// Finds out what `--images` names - a preset, a layout, an archive, a description - and reads it.
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { compressionOf } from '../../src/formats/compression.ts';
import { blockBytes, hasRightChecksum } from '../../src/formats/tar/header.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { isRepository } from '../../src/protocol/grammar/reference.ts';
import type { Store } from '../store.ts';
import type { Content } from './content.ts';
import { DigestCache } from './digest-cache.ts';
import { isDockerSave, readDockerSave } from './docker-save.ts';
import type { SeededImage } from './image.ts';
import { isLayout, readLayout } from './layout.ts';
import type { Naming } from './names.ts';
import { presets } from './presets.ts';
import { seedImages } from './small.ts';
import { readSpec } from './spec.ts';
import { makeImages } from './synthetic.ts';
import { ArchiveTree, FolderTree, type Tree } from './tree.ts';
import { Work } from './work.ts';

export interface ImageOptions {
  /**
   * Each a preset (small, typical, large, many), a folder with an OCI image layout, an archive of one or
   * of `docker save`, or a YAML file (schemas/mock-images.schema.json). `PATH=REPOSITORY` gives the
   * images of a layout or archive to that repository.
   */
  readonly sources: readonly string[];
  /** Where digests of large layers are kept; left out: nowhere. */
  readonly cacheFolder?: string | undefined;
  /** Told how far it is, when it takes longer than 2 s. */
  readonly progress?: ((line: string) => void) | undefined;
  /** Ends the reading, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Images that are ready to be served. */
export interface ImageSet {
  /** Says what can be pulled. */
  putInto(store: Store): readonly SeededImage[];
  /** Closes the files that they are served from. */
  close(): void;
}

const sourcesMax = 100;
const specBytesMax = 1024 * 1024;
/** Of an archive that is unpacked to the disk, so that a small file cannot fill it. */
const unpackedBytesMax = 64 * 2 ** 30;

/**
 * Reads what the sources name.
 * @throws UserError `images-missing`, `images-unknown`, `images-unreadable`, `images-invalid`,
 *   `images-damaged`, `images-incomplete`, `images-unsafe`, `images-name`
 */
export async function readImages(options: ImageOptions, seed: number): Promise<ImageSet> {
  const { sources, cacheFolder, progress, signal } = options;
  if (sources.length > sourcesMax) {
    const message = `${sources.length} sources of images were given`;
    throw new UserError('images-invalid', message, `At most ${sourcesMax} can be had.`);
  }
  const reader = new SourceReader(seed, cacheFolder, new Work(progress, signal));
  try {
    for (const source of sources) await reader.read(source);
    return reader;
  } catch (error) {
    reader.close();
    throw error;
  }
}

class SourceReader implements ImageSet {
  readonly #seed: number;
  readonly #cacheFolder: string | undefined;
  readonly #work: Work;
  readonly #contents: Content[] = [];
  readonly #trees: Tree[] = [];
  /** Source of each `repository:tag`. */
  readonly #names = new Map<string, string>();
  #isSmall = false;

  constructor(seed: number, cacheFolder: string | undefined, work: Work) {
    this.#seed = seed;
    this.#cacheFolder = cacheFolder;
    this.#work = work;
  }

  putInto(store: Store): readonly SeededImage[] {
    const small = this.#isSmall ? seedImages(store, this.#seed) : [];
    return [...small, ...this.#contents.flatMap((content) => content.putInto(store))];
  }

  close(): void {
    for (const tree of this.#trees.splice(0)) tree.close();
  }

  async read(text: string): Promise<void> {
    if (text === 'small') {
      this.#isSmall = true;
      return;
    }
    const content = await this.#contentOf(text);
    for (const { repository, tag } of content.images) {
      const name = `${repository}:${tag}`;
      const earlier = this.#names.get(name);
      if (earlier !== undefined) {
        const message = `${name} is in ${earlier} and again in ${text}`;
        const hint = 'Leave one out, or give a layout or archive a repository: PATH=REPOSITORY.';
        throw new UserError('images-name', message, hint);
      }
      this.#names.set(name, text);
    }
    this.#contents.push(content);
  }

  async #contentOf(text: string): Promise<Content> {
    const preset = Object.hasOwn(presets, text) ? presets[text] : undefined;
    if (preset !== undefined) return await this.#make(preset, text);
    const { path, repository } = splitSource(text);
    const naming: Naming = { source: path, repository };
    try {
      const stats = statSync(path);
      if (stats.isDirectory()) return this.#readFolder(path, naming);
      // A pipe would be waited for, and cannot be read by offset.
      if (!stats.isFile()) failUnknown(`${path} is neither a file nor a folder`);
      const kind = kindOfFile(path);
      if (kind === 'text') return await this.#describe(path, repository);
      const fd = kind === 'gzip' ? await unpack(path, this.#work) : openSync(path, 'r');
      return await this.#readArchive(fd, naming);
    } catch (error) {
      throw asUserError(error, path);
    }
  }

  async #describe(path: string, repository: string | undefined): Promise<Content> {
    if (repository === undefined) return await this.#make(readFileSync(path, 'utf8'), path);
    const message = `${path} describes images with repositories of their own`;
    throw new UserError('images-name', message, `Leave out "=${repository}".`);
  }

  async #make(yaml: string, source: string): Promise<Content> {
    const cache = new DigestCache(this.#cacheFolder, this.#seed);
    return await makeImages(readSpec(yaml, source), this.#seed, cache, this.#work);
  }

  #readFolder(path: string, naming: Naming): Content {
    const tree = this.#keep(new FolderTree(path, path));
    if (isLayout(tree)) return readLayout(tree, naming);
    const message = `${path} is no OCI image layout: it has no oci-layout and index.json`;
    const hint = 'Write one by: skopeo copy docker://IMAGE oci:FOLDER:TAG.';
    throw new UserError('images-unknown', message, hint);
  }

  async #readArchive(fd: number, naming: Naming): Promise<Content> {
    const tree = this.#keep(openArchive(fd, naming.source));
    if (isLayout(tree)) {
      try {
        return readLayout(tree, naming);
      } catch (error) {
        // docker saves the index of an image whose other platforms it does not have.
        const isSparse = error instanceof UserError && error.code === 'images-incomplete';
        if (!isSparse || !isDockerSave(tree)) throw error;
      }
    }
    if (isDockerSave(tree)) return await readDockerSave(tree, naming, this.#work);
    const { source } = naming;
    return failUnknown(`${source} holds neither an OCI image layout nor what docker save writes`);
  }

  #keep<T extends Tree>(tree: T): T {
    this.#trees.push(tree);
    return tree;
  }
}

const sourceHint =
  'Give a preset (small, typical, large, many), an OCI layout, an archive of docker save or skopeo, or a YAML file.';

function failUnknown(message: string): never {
  throw new UserError('images-unknown', message, sourceHint);
}

function openArchive(fd: number, source: string): ArchiveTree {
  try {
    return new ArchiveTree(fd, source);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** `PATH` or `PATH=REPOSITORY`. @throws UserError `images-missing`, `images-name` */
function splitSource(text: string): { path: string; repository: string | undefined } {
  if (existsSync(text)) return { path: text, repository: undefined };
  const equals = text.lastIndexOf('=');
  const path = text.slice(0, Math.max(0, equals));
  const repository = text.slice(equals + 1);
  if (equals < 0 || !existsSync(path)) {
    const message = `there is no file, folder or preset ${JSON.stringify(text)} to take images from`;
    throw new UserError('images-missing', message, sourceHint);
  }
  if (isRepository(repository)) return { path, repository };
  const message = `${text}: ${JSON.stringify(repository)} is no repository`;
  throw new UserError('images-name', message, 'Write it as in ./layout=team/app.');
}

/** By the first bytes. @throws UserError `images-unknown` */
function kindOfFile(path: string): 'tar' | 'gzip' | 'text' {
  const block = Buffer.alloc(blockBytes);
  const fd = openSync(path, 'r');
  try {
    const count = readSync(fd, block, 0, blockBytes, 0);
    if (compressionOf(block) === 'gzip') return 'gzip';
    if (count === blockBytes && hasRightChecksum(block)) return 'tar';
    const isText = !block.subarray(0, count).includes(0);
    if (isText && fstatSync(fd).size <= specBytesMax) return 'text';
  } finally {
    closeSync(fd);
  }
  return failUnknown(`${path} is no archive and no description`);
}

/** Unpacks to a file that has no name any more, so that nothing is left however the process ends. */
async function unpack(path: string, work: Work): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'pullproof-images-'));
  try {
    const target = join(folder, 'archive.tar');
    const fd = openSync(target, 'wx+', 0o600);
    try {
      await pipeline(
        createReadStream(path),
        createGunzip(),
        (chunks: AsyncIterable<Buffer>) => counted(chunks, path, work),
        createWriteStream(target, { flags: 'r+' }),
      );
      return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function* counted(chunks: AsyncIterable<Buffer>, path: string, work: Work) {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > unpackedBytesMax) {
      const message = `${path} unpacks to more than ${unpackedBytesMax} bytes`;
      throw new UserError('images-damaged', message, 'Unpack it yourself if you trust it: gunzip.');
    }
    work.expect(chunk.length);
    if (work.isDue(chunk.length)) work.tell();
    yield chunk;
  }
}

/** Errors of the file system and of gzip, said as what the user can mend. */
function asUserError(error: unknown, path: string): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') return error;
  if (code.startsWith('Z_')) {
    const hint = 'Write the archive anew: it is damaged or cut short.';
    return new UserError('images-damaged', `${path}: ${error.message}`, hint);
  }
  if (code === 'ABORT_ERR' || code.startsWith('ERR_')) return error;
  const hint = 'Give a file or folder that you may read, and room for unpacked archives.';
  return new UserError('images-unreadable', `${path}: ${error.message}`, hint);
}
