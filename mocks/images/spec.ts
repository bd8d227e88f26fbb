// What a file that describes synthetic images says (schemas/mock-images.schema.json, which a test holds to
// this), read and checked. Making the images is synthetic.ts.

import { parseSizeBytes, sizeForms } from '../../src/lib/units.ts';
import { type Platform, parsePlatform } from '../../src/protocol/grammar/platform.ts';
import { isRepository, isTag } from '../../src/protocol/grammar/reference.ts';
import { layerBytesMin } from './layer.ts';
import type { Sizes } from './size.ts';
import { type Place, parseYaml } from './yaml.ts';

/** Images that are alike. */
export interface ImageGroup {
  /** Every repository that has these images. */
  readonly repositories: readonly string[];
  /** The tags in each repository. */
  readonly tags: readonly string[];
  /** Different images in each repository; its tags take turns to name them. */
  readonly images: number;
  readonly format: 'oci' | 'docker';
  readonly isGzip: boolean;
  /** An index of them when there is more than one. */
  readonly platforms: readonly Platform[];
  readonly layersMin: number;
  readonly layersMax: number;
  readonly layerSize: Sizes;
  readonly shared: Shared | undefined;
}

/** The first layers of each image, which others have too. */
export interface Shared {
  /** Groups of the same name share, as far as their sizes and compression are the same. */
  readonly name: string;
  /** How many layers, or which share of an image's. */
  readonly layers: number | { readonly share: number };
  /** Different stacks of such layers; images take turns. */
  readonly stacks: number;
}

const groupsMax = 100;
const repositoriesMax = 10_000;
const tagsMax = 100_000;
const platformsMax = 20;
/** More than this and clients refuse the image (docker's limit). */
const layersMax = 127;
const layerBytesMax = 64 * 2 ** 30;
/** Sums over a file, so that a few digits too many do not fill the memory. */
const tagsInAllMax = 200_000;
const layersInAllMax = 200_000;

/** @throws UserError `images-invalid`, with file, line and column */
export function readSpec(text: string, file: string): readonly ImageGroup[] {
  const root = parseYaml(text, file);
  const { images } = root.fields(['images']);
  if (images === undefined) return root.fail('it has no images', 'Write a list named images.');
  let tags = 0;
  let layers = 0;
  return images.list(groupsMax).map((place, index) => {
    const group = readGroup(place, index);
    const { repositories, platforms } = group;
    tags += repositories.length * group.tags.length;
    layers += repositories.length * group.images * platforms.length * group.layersMax;
    if (tags > tagsInAllMax) {
      place.fail(`makes it ${tags} tags in all`, `At most ${tagsInAllMax} can be had.`);
    }
    if (layers > layersInAllMax) {
      const hint = `At most ${layersInAllMax} can be had: fewer images, layers or platforms.`;
      place.fail(`makes it up to ${layers} layers in all`, hint);
    }
    return group;
  });
}

const groupKeys = [
  'repository',
  'repositories',
  'tag',
  'tags',
  'images',
  'format',
  'compression',
  'platforms',
  'layers',
  'layerSize',
  'shared',
];

function readGroup(place: Place, index: number): ImageGroup {
  const fields = place.fields(groupKeys);
  const { repository, layers, layerSize } = fields;
  for (const [name, value] of Object.entries({ repository, layers, layerSize })) {
    if (value === undefined) place.fail(`has no ${name}`, `Add ${name}: it has no default.`);
  }
  const tags = readTags(fields.tag, fields.tags);
  return {
    repositories: expand(repository!, fields.repositories, repositoriesMax, isRepositoryName),
    tags,
    images: fields.images?.wholeNumber(1, tags.length) ?? tags.length,
    format: fields.format?.oneOf(['oci', 'docker']) ?? 'oci',
    isGzip: (fields.compression?.oneOf(['gzip', 'none']) ?? 'gzip') === 'gzip',
    platforms: readPlatforms(fields.platforms),
    ...readLayers(layers!),
    layerSize: readSizes(layerSize!),
    shared: readShared(fields.shared, index),
  };
}

interface Grammar {
  readonly is: (text: string) => boolean;
  readonly hint: string;
}

const isRepositoryName: Grammar = {
  is: isRepository,
  hint: 'A repository has lower-case letters and digits, separated by "/", ".", "_", "__" or dashes.',
};
const isTagName: Grammar = {
  is: isTag,
  hint: 'A tag has letters, digits, "_", "." and "-", at most 128, and starts with none of ".-".',
};

/** A template with `{n}`, from 1 to the count. */
function expand(
  template: Place,
  countPlace: Place | undefined,
  countMax: number,
  grammar: Grammar,
): string[] {
  const text = template.text();
  const count = countPlace?.wholeNumber(1, countMax) ?? 1;
  if (count > 1 && !text.includes('{n}')) {
    template.fail(`${count} names need a number`, `Write {n} where the number is to stand.`);
  }
  const names = Array.from({ length: count }, (_, at) => text.replaceAll('{n}', String(at + 1)));
  // The longest is the last; they differ in digits alone.
  for (const name of [names[0] ?? '', names.at(-1) ?? '']) {
    if (!grammar.is(name)) template.fail(`${JSON.stringify(name)} is no name`, grammar.hint);
  }
  return names;
}

function readTags(template: Place | undefined, tags: Place | undefined): readonly string[] {
  if (tags?.isList) {
    template?.fail('is for a number of tags, and tags is a list', 'Leave one of the two out.');
    const names = tags.list(tagsMax).map((place) => {
      const name = place.text();
      return isTag(name) ? name : place.fail(`${JSON.stringify(name)} is no tag`, isTagName.hint);
    });
    if (new Set(names).size < names.length) tags.fail('names a tag twice', 'Leave one out.');
    return names;
  }
  if (template !== undefined) return expand(template, tags, tagsMax, isTagName);
  if (tags === undefined) return ['latest'];
  const count = tags.wholeNumber(1, tagsMax);
  return Array.from({ length: count }, (_, at) => String(at + 1));
}

function readPlatforms(place: Place | undefined): readonly Platform[] {
  if (place === undefined) return [{ os: 'linux', architecture: 'amd64' }];
  const texts = new Set<string>();
  return place.list(platformsMax).map((entry) => {
    const text = entry.text();
    if (texts.has(text)) entry.fail(`names ${JSON.stringify(text)} twice`, 'Leave one out.');
    texts.add(text);
    const hint = 'Write os/architecture or os/architecture/variant, as in linux/arm/v7.';
    return parsePlatform(text) ?? entry.fail(`${JSON.stringify(text)} is no platform`, hint);
  });
}

function readLayers(place: Place): Pick<ImageGroup, 'layersMin' | 'layersMax'> {
  if (!place.isMap) {
    const count = place.wholeNumber(1, layersMax);
    return { layersMin: count, layersMax: count };
  }
  const { min, max } = place.fields(['min', 'max']);
  if (min === undefined || max === undefined) return failRange(place);
  const least = min.wholeNumber(1, layersMax);
  return { layersMin: least, layersMax: max.wholeNumber(least, layersMax) };
}

function failRange(place: Place): never {
  return place.fail('needs min and max', 'Write { min: 1, max: 10 }, with values that fit.');
}

function readSizes(place: Place): Sizes {
  if (!place.isMap) return { kind: 'fixed', bytes: readSizeBytes(place) };
  const { uniform, lognormal, list } = place.fields(['uniform', 'lognormal', 'list']);
  const chosen = [uniform, lognormal, list].filter((it) => it !== undefined);
  if (chosen.length !== 1) {
    place.fail('needs exactly one distribution', 'Write a size, or uniform, lognormal or list.');
  }
  if (uniform !== undefined) {
    const { min, max } = uniform.fields(['min', 'max']);
    if (min === undefined || max === undefined) return failRange(uniform);
    const minBytes = readSizeBytes(min);
    const maxBytes = readSizeBytes(max);
    if (maxBytes < minBytes) max.fail('is less than min', 'Write the larger size as max.');
    return { kind: 'uniform', minBytes, maxBytes };
  }
  if (lognormal !== undefined) {
    const { median, sigma, max } = lognormal.fields(['median', 'sigma', 'max']);
    if (median === undefined || sigma === undefined) {
      return lognormal.fail('needs median and sigma', 'Write { median: 8MB, sigma: 1.2 }.');
    }
    const medianBytes = readSizeBytes(median);
    const maxBytes = max === undefined ? layerBytesMax : readSizeBytes(max);
    if (maxBytes < medianBytes) max?.fail('is less than the median', 'Write a larger size.');
    return { kind: 'lognormal', medianBytes, sigma: sigma.number(0, 5), maxBytes };
  }
  return { kind: 'list', bytes: list!.list(layersMax).map(readSizeBytes) };
}

function readSizeBytes(place: Place): number {
  const value = place.scalar;
  const bytes = typeof value === 'string' ? parseSizeBytes(value) : value;
  if (!Number.isSafeInteger(bytes)) {
    const said = value === undefined ? '' : `${JSON.stringify(value).slice(0, 100)} `;
    place.fail(`${said}is no size`, `Write ${sizeForms}.`);
  }
  if ((bytes as number) < layerBytesMin || (bytes as number) > layerBytesMax) {
    place.fail(`${bytes} bytes cannot be had`, 'A layer has from 4KB to 64GiB.');
  }
  return bytes as number;
}

function readShared(place: Place | undefined, index: number): Shared | undefined {
  if (place === undefined) return undefined;
  const { name, layers, share, stacks } = place.fields(['name', 'layers', 'share', 'stacks']);
  if ((layers === undefined) === (share === undefined)) {
    place.fail('needs either layers or share', 'Write { layers: 3 }, or { share: 0.5 }.');
  }
  return {
    name: name === undefined ? `group ${index}` : `named ${readLabel(name)}`,
    layers: layers?.wholeNumber(1, layersMax) ?? { share: share!.number(0, 1) },
    stacks: stacks?.wholeNumber(1, repositoriesMax) ?? 1,
  };
}

function readLabel(place: Place): string {
  const text = place.text();
  if (/^[A-Za-z0-9._-]{1,64}$/.test(text)) return text;
  return place.fail('is no name', 'Write letters, digits, ".", "_" and "-", at most 64.');
}
