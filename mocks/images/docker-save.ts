// An archive that `docker save` or `podman save` wrote: manifest.json with configs, layers and names. It has
// no registry manifests, so that Docker schema 2 manifests are written here; configs stay as they are.
import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import {
  type SavedImage,
  savedImages,
  savedImagesMax,
  saveManifestFile,
  textsOf,
} from '../../src/formats/docker-save.ts';
import { asObject, parseJson } from '../../src/lib/json.ts';
import { UserError } from '../../src/lib/user-error.ts';
import type { Descriptor } from '../../src/protocol/grammar/manifest-document.ts';
import { chunksOf } from '../call.ts';
import { Content } from './content.ts';
import { formats } from './image.ts';
import { platformOfConfig } from './layout.ts';
import { type Naming, nameOfImage } from './names.ts';
import type { Tree } from './tree.ts';
import type { Work } from './work.ts';

const documentBytesMax = 4 * 1024 * 1024;
const layersMax = 1_000;

export function isDockerSave(tree: Tree): boolean {
  return tree.sizeOf(saveManifestFile) !== undefined;
}

/** @throws UserError `images-damaged`, `images-incomplete`, `images-unsafe`, `images-name` */
export async function readDockerSave(tree: Tree, naming: Naming, work: Work): Promise<Content> {
  const images = savedImages(readJson(tree, saveManifestFile));
  if (images === undefined) {
    return fail(tree, `manifest.json is no list of at most ${savedImagesMax} images`);
  }
  const reader = new SaveReader(tree, work);
  for (const [place, image] of images.entries()) {
    await reader.add(image, naming, `manifest.json: [${place}]`);
  }
  return reader.content;
}

/** A layer as it lies in the archive. */
interface SavedLayer {
  readonly path: string;
  readonly descriptor: Descriptor;
}

class SaveReader {
  readonly content = new Content();
  readonly #tree: Tree;
  readonly #work: Work;
  /** By path: images share layers. */
  readonly #layers = new Map<string, SavedLayer>();

  constructor(tree: Tree, work: Work) {
    this.#tree = tree;
    this.#work = work;
  }

  async add(image: SavedImage | undefined, naming: Naming, where: string): Promise<void> {
    const { config: configPath, layers: paths, repoTags: tags } = image ?? {};
    if (configPath === undefined || paths === undefined || tags === undefined) {
      return fail(this.#tree, `${where} has no Config, Layers and RepoTags`);
    }
    if (paths.length > layersMax) fail(this.#tree, `${where} has more than ${layersMax} layers`);
    const configBytes = this.#read(configPath, where);
    const json = asObject(parseJson(configBytes.toString('utf8')));
    // Docker leaves them out where there are none.
    const diffIds = textsOf(asObject(json?.rootfs)?.diff_ids ?? []);
    if (diffIds === undefined || diffIds.length !== paths.length) {
      fail(this.#tree, `${configPath} has not one diff_id for each of ${paths.length} layers`);
    }
    const layers: SavedLayer[] = [];
    for (const [place, path] of paths.entries()) {
      layers.push(await this.#layer(path, diffIds?.[place] ?? '', where));
    }
    for (const name of tags.length === 0 ? [''] : tags) {
      const { repository, tag = 'latest' } = nameOfImage(name, naming);
      for (const { path, descriptor } of layers) {
        this.content.addBlob(repository, descriptor.digest, this.#tree.body(path));
      }
      const config = this.content.putBlob(repository, formats.docker.config, configBytes);
      const descriptors = layers.map(({ descriptor }) => descriptor);
      const manifest = this.content.putManifest(repository, formats.docker.manifest, {
        config,
        layers: descriptors,
      });
      const platform = platformOfConfig(json);
      const platforms = [{ platform, manifest, config, layers: descriptors }];
      this.content.tag(repository, tag, manifest, platforms);
    }
  }

  #read(path: string, where: string): Buffer {
    this.#locate(path, where);
    return this.#tree.read(path, documentBytesMax);
  }

  /** The size of a file that must be there. */
  #locate(path: string, where: string): number {
    const size = path.split('/').includes('..') ? undefined : this.#tree.sizeOf(path);
    if (size !== undefined) return size;
    const message = `${this.#tree.source}: ${path} is missing, which ${where} names`;
    throw new UserError('images-incomplete', message, damagedHint);
  }

  async #layer(name: string, diffId: string, where: string): Promise<SavedLayer> {
    // docker saves a layer that comes again as a link to the first one.
    const path = this.#tree.follow(name);
    const known = this.#layers.get(path);
    if (known !== undefined) return known;
    const size = this.#locate(path, where);
    const hash = createHash('sha256');
    this.#work.expect(size);
    let magic = 0;
    for await (const chunk of chunksOf(this.#tree.body(path))) {
      if (magic === 0) magic = Buffer.from(chunk).readUIntBE(0, Math.min(2, chunk.length));
      hash.update(chunk);
      if (this.#work.isDue(chunk.length)) {
        await breathe();
        this.#work.tell();
      }
    }
    const digest = `sha256:${hash.digest('hex')}`;
    const isGzip = magic === 0x1f8b;
    if (!isGzip && digest !== diffId) {
      fail(this.#tree, `${path} is not the layer ${diffId} that its config names`);
    }
    const mediaType = isGzip ? formats.docker.gzipLayer : formats.docker.tarLayer;
    const layer = { path, descriptor: { mediaType, digest, size } };
    this.#layers.set(path, layer);
    return layer;
  }
}

const damagedHint = 'Save the image again (docker save, podman save): the archive is not whole.';

function fail(tree: Tree, problem: string): never {
  throw new UserError('images-damaged', `${tree.source}: ${problem}`, damagedHint);
}

function readJson(tree: Tree, path: string): unknown {
  return parseJson(tree.read(path, documentBytesMax).toString('utf8'));
}
