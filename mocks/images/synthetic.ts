// Makes the images that a file describes (spec.ts): the same seed gives the same bytes. The layers are made
// as they are sent (layer.ts); only their digests are found out at start.
import type { Descriptor } from '../../src/protocol/grammar/manifest-document.ts';
import { formatPlatform, type Platform } from '../../src/protocol/grammar/platform.ts';
import { randomOf } from '../random.ts';
import { Content } from './content.ts';
import type { DigestCache } from './digest-cache.ts';
import { digestLayers, type LayerDigests } from './hashing.ts';
import { configOf, formats, type SeededPlatform } from './image.ts';
import { generated, gzipOf, type Layer, layerBytesMin, layerOf, Stream } from './layer.ts';
import { drawSizeBytes } from './size.ts';
import type { ImageGroup } from './spec.ts';
import type { Work } from './work.ts';

interface PlannedImage {
  readonly group: ImageGroup;
  readonly repository: string;
  readonly tags: readonly string[];
  readonly platforms: readonly { readonly platform: Platform; readonly layers: readonly Layer[] }[];
}

/** Rejects when `work` is aborted. */
export async function makeImages(
  groups: readonly ImageGroup[],
  seed: number,
  cache: DigestCache,
  work: Work,
): Promise<Content> {
  const stream = new Stream(seed);
  const layers = new Layers();
  const images = groups.flatMap((group, index) => plan(group, index, seed, layers));
  const all = layers.all();
  const digests = await digestLayers(all, stream, cache, work);
  const made = new Map(all.map((layer, at) => [layer, madeLayer(layer, digests[at]!, stream)]));
  const content = new Content();
  for (const image of images) put(image, made, content);
  return content;
}

/** Layers of the same label and size are one. */
class Layers {
  readonly #layers = new Map<string, Layer>();

  of(label: string, sizeBytes: number, isGzip: boolean): Layer {
    const key = `${label} ${sizeBytes} ${isGzip}`;
    let layer = this.#layers.get(key);
    if (layer === undefined) {
      layer = layerOf(label, sizeBytes, isGzip);
      this.#layers.set(key, layer);
    }
    return layer;
  }

  all(): Layer[] {
    return [...this.#layers.values()];
  }
}

function plan(group: ImageGroup, index: number, seed: number, layers: Layers): PlannedImage[] {
  let turn = 0;
  return group.repositories.flatMap((repository) => {
    const tagsOf = Array.from({ length: group.images }, (): string[] => []);
    for (const [at, tag] of group.tags.entries()) tagsOf[at % group.images]?.push(tag);
    return tagsOf.map((tags, number): PlannedImage => {
      const label = `${index} ${repository} ${number}`;
      const names = layerNames(group, label, turn++, seed);
      const platforms = group.platforms.map((platform) => ({
        platform,
        layers: names.map((name, place) => {
          // By name alone: the layers of all platforms are of one size, and shared ones wherever they are.
          const random = randomOf(seed, `size ${name}`);
          const bytes = Math.max(drawSizeBytes(group.layerSize, place, random), layerBytesMin);
          return layers.of(`${name} ${formatPlatform(platform)}`, bytes, group.isGzip);
        }),
      }));
      return { group, repository, tags, platforms };
    });
  });
}

/** The image's layers from the base up; the name is what makes two of them one. */
function layerNames(group: ImageGroup, label: string, turn: number, seed: number): string[] {
  const { layersMin, layersMax, shared } = group;
  const random = randomOf(seed, `layers ${label}`);
  const count = layersMin + Math.floor(random() * (layersMax - layersMin + 1));
  const sharedCount = shared === undefined ? 0 : sharedLayers(shared.layers, count);
  return Array.from({ length: count }, (_, place) =>
    place < sharedCount && shared !== undefined
      ? `shared ${shared.name} ${turn % shared.stacks} ${place}`
      : `own ${label} ${place}`,
  );
}

function sharedLayers(layers: number | { readonly share: number }, count: number): number {
  return Math.min(typeof layers === 'number' ? layers : Math.round(layers.share * count), count);
}

interface MadeLayer {
  readonly diffId: string;
  readonly digest: string;
  readonly body: ReturnType<typeof generated>;
}

function madeLayer(layer: Layer, digests: LayerDigests, stream: Stream): MadeLayer {
  const tar = stream.tar(layer);
  const { diffId, digest, crc32 } = digests;
  return { diffId, digest, body: generated(layer.isGzip ? gzipOf(tar, crc32) : tar) };
}

function put(image: PlannedImage, made: ReadonlyMap<Layer, MadeLayer>, content: Content): void {
  const { group, repository, tags } = image;
  const format = formats[group.format];
  const layerType = group.isGzip ? format.gzipLayer : format.tarLayer;
  const platforms = image.platforms.map(({ platform, layers }): SeededPlatform => {
    const diffIds: string[] = [];
    const descriptors: Descriptor[] = [];
    for (const layer of layers) {
      const { diffId, digest, body } = made.get(layer)!;
      diffIds.push(diffId);
      descriptors.push({ mediaType: layerType, digest, size: body.length });
      content.addBlob(repository, digest, body);
    }
    const steps = layers.map(({ label }) => `ADD ${label} /files`);
    const configBytes = configOf(platform, diffIds, steps);
    const config = content.putBlob(repository, format.config, configBytes);
    const manifest = content.putManifest(repository, format.manifest, {
      config,
      layers: descriptors,
    });
    return { platform, manifest, config, layers: descriptors };
  });
  const [only] = platforms;
  const entries = platforms.map(({ manifest, platform }) => ({ ...manifest, platform }));
  const top =
    platforms.length === 1 && only !== undefined
      ? only.manifest
      : content.putManifest(repository, format.index, { manifests: entries });
  for (const tag of tags) content.tag(repository, tag, top, platforms);
}
