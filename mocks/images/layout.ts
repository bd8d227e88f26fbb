// An OCI image layout (image-spec image-layout.md), in a folder or an archive: every tag of its index.json.
// Documents are checked against their digest, layers by their size; they are served from where they lie.
import { createHash } from 'node:crypto';
import {
  indexFile,
  layoutEntry,
  layoutList,
  layoutVersion,
  markerFile,
  pathOfDigest,
  versionOfMarker,
} from '../../src/formats/oci-layout.ts';
import { asObject, asString, type JsonObject, parseJson } from '../../src/lib/json.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { isRegisteredDigest, parseDigest } from '../../src/protocol/grammar/digest.ts';
import {
  type Descriptor,
  readManifestDocument,
} from '../../src/protocol/grammar/manifest-document.ts';
import { kindOfMediaType } from '../../src/protocol/grammar/media-type.ts';
import type { Platform } from '../../src/protocol/grammar/platform.ts';
import type { DigestAlgorithm } from '../../src/protocol/talk.ts';
import { Content } from './content.ts';
import type { SeededPlatform } from './image.ts';
import { type Naming, nameOfImage } from './names.ts';
import type { Tree } from './tree.ts';

/** Manifests and indexes; the size that clients and registries agree on (spec.md, "Pushing Manifests"). */
const documentBytesMax = 4 * 1024 * 1024;
/** index.json of a store with many tags. */
const indexBytesMax = 64 * 1024 * 1024;
const entriesMax = 200_000;
/** Indexes in indexes. */
const depthMax = 4;
/** Smaller blobs are kept in memory, which is quicker than opening a file for each. */
const keptBytesMax = 64 * 1024;

const unknownPlatform: Platform = { os: 'unknown', architecture: 'unknown' };

export function isLayout(tree: Tree): boolean {
  return tree.sizeOf(indexFile) !== undefined && tree.sizeOf(markerFile) !== undefined;
}

/** @throws UserError `images-damaged`, `images-incomplete`, `images-unsafe`, `images-name` */
export function readLayout(tree: Tree, naming: Naming): Content {
  const version = versionOfMarker(readObject(tree, markerFile, documentBytesMax));
  if (version !== layoutVersion) {
    const problem = `oci-layout has imageLayoutVersion ${JSON.stringify(version)}`;
    fail(tree, problem, `Known is "${layoutVersion}".`);
  }
  const entries = layoutList(readObject(tree, indexFile, indexBytesMax));
  if (entries === undefined || entries.length > entriesMax) {
    return fail(tree, `index.json has no list of at most ${entriesMax} manifests`, damagedHint);
  }
  const walk = new LayoutWalk(tree);
  let unnamed = 0;
  for (const [place, entry] of entries.entries()) {
    const top = readDescriptor(tree, entry, `index.json: manifests[${place}]`);
    if (kindOfMediaType(top.mediaType) === undefined) continue;
    const { containerdName, refName } = layoutEntry(top);
    const text = containerdName ?? refName ?? '';
    const { repository, tag } = nameOfImage(text, naming);
    const platforms = walk.add(top, repository, `index.json: manifests[${place}]`);
    // Only one can be the latest; the others, as referrers often are, can be had by their digest.
    if (text === '' && unnamed++ > 0) continue;
    if (tag !== undefined) walk.content.tag(repository, tag, top, platforms);
  }
  return walk.content;
}

class LayoutWalk {
  readonly content = new Content();
  readonly #tree: Tree;
  /** By repository and digest, so that what many tags share is walked once. */
  readonly #platforms = new Map<string, readonly SeededPlatform[]>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** Adds a manifest or index with all that it names. `where`: who names it. */
  add(top: Descriptor, repository: string, where: string, depth = 0): readonly SeededPlatform[] {
    const key = `${repository} ${top.digest}`;
    const earlier = this.#platforms.get(key);
    if (earlier !== undefined) return earlier;
    if (depth > depthMax) {
      fail(this.#tree, `${where}: indexes in indexes, more than ${depthMax} deep`, damagedHint);
    }
    const path = this.#pathOf(top, where);
    const bytes = this.#tree.read(path, documentBytesMax);
    const algorithm = top.digest.slice(0, top.digest.indexOf(':')) as DigestAlgorithm;
    if (createHash(algorithm).update(bytes).digest('hex') !== parseDigest(top.digest)?.encoded) {
      fail(this.#tree, `${path} does not have the digest that it is named after`, damagedHint);
    }
    const document = readManifestDocument(bytes.toString('utf8'), top.mediaType);
    if (typeof document === 'string') {
      return fail(this.#tree, `${path}: ${document}`, damagedHint);
    }
    this.content.addManifest(repository, top.digest, top.mediaType, bytes, algorithm);
    let platforms: readonly SeededPlatform[] = [];
    if (document.kind === 'index') {
      platforms = document.entries.flatMap((entry) =>
        this.#addEntry(entry, repository, path, depth),
      );
    } else if (document.kind === 'manifest') {
      const { config, layers } = document;
      for (const blob of [config, ...layers]) this.#addBlob(blob, repository, path);
      const platform = top.platform ?? this.#platformOf(config);
      platforms = [{ platform, manifest: top, config, layers }];
    }
    this.#platforms.set(key, platforms);
    return platforms;
  }

  #addEntry(
    entry: Descriptor,
    repository: string,
    path: string,
    depth: number,
  ): readonly SeededPlatform[] {
    // Descriptors of other types must be ignored (image-index.md, "manifests").
    if (kindOfMediaType(entry.mediaType) === undefined) return [];
    const platforms = this.add(entry, repository, path, depth + 1);
    // An attestation is none that a client may choose.
    return entry.platform?.os === 'unknown' ? [] : platforms;
  }

  #addBlob(blob: Descriptor, repository: string, where: string): void {
    if (this.content.has(repository, blob.digest)) return;
    // Layers that may not be distributed lie elsewhere.
    if (blob.urls !== undefined && this.#tree.sizeOf(pathOfDigest(blob.digest)) === undefined)
      return;
    const path = this.#pathOf(blob, where);
    const isKept = blob.size <= keptBytesMax;
    const body = isKept ? this.#tree.read(path, keptBytesMax) : this.#tree.body(path);
    this.content.addBlob(repository, blob.digest, body);
  }

  /** Of the blob, which is there, with the size that is told of it. */
  #pathOf({ digest, size }: Descriptor, where: string): string {
    if (!/^sha(?:256|512):/.test(digest) || !isRegisteredDigest(digest)) {
      fail(this.#tree, `${where}: the digest ${digest} is neither sha256 nor sha512`, damagedHint);
    }
    const path = pathOfDigest(digest);
    const found = this.#tree.sizeOf(path);
    if (found === undefined) {
      throw new UserError(
        'images-incomplete',
        `${this.#tree.source}: ${path} is missing, which ${where} names`,
        'Copy the whole image again, with all its platforms (skopeo copy --all).',
      );
    }
    if (found !== size) {
      const problem = `${path} has ${found} bytes, but ${where} says ${size}`;
      fail(this.#tree, problem, damagedHint);
    }
    return path;
  }

  #platformOf(config: Descriptor): Platform {
    if (config.size > documentBytesMax) return unknownPlatform;
    const bytes = this.#tree.read(pathOfDigest(config.digest), documentBytesMax);
    return platformOfConfig(asObject(parseJson(bytes.toString('utf8'))));
  }
}

/** What an image config says; artifacts have none. */
export function platformOfConfig(config: JsonObject | undefined): Platform {
  const os = asString(config?.os);
  const architecture = asString(config?.architecture);
  const variant = asString(config?.variant);
  if (os === undefined || architecture === undefined) return unknownPlatform;
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

const damagedHint = 'Write the layout anew: a tool was interrupted, or a file was changed by hand.';

function fail(tree: Tree, problem: string, hint: string): never {
  throw new UserError('images-damaged', `${tree.source}: ${problem}`, hint);
}

function readObject(tree: Tree, path: string, bytesMax: number): JsonObject {
  const object = asObject(parseJson(tree.read(path, bytesMax).toString('utf8')));
  return object ?? fail(tree, `${path} is no JSON object`, damagedHint);
}

/** By the reader of indexes, which looks at every field. */
function readDescriptor(tree: Tree, value: unknown, where: string): Descriptor {
  const read = readManifestDocument(JSON.stringify({ manifests: [value] }), '');
  const problem = typeof read === 'string' ? read : '';
  const descriptor =
    typeof read !== 'string' && read.kind === 'index' ? read.entries[0] : undefined;
  return descriptor ?? fail(tree, `${where}: ${problem}`, damagedHint);
}
