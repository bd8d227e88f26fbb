// The files by which other tools know an OCI image layout (image-layout.md): oci-layout, and index.json
// with a name for each tag. Reading what others wrote, and writing what the store has.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  indexFile,
  layoutEntry,
  layoutList,
  layoutVersion,
  markerFile,
  newMarker,
  refNameKey,
  versionOfMarker,
} from '../../src/formats/oci-layout.ts';
import { parseJson } from '../../src/lib/json.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { isWellFormedDigest } from '../../src/protocol/grammar/digest.ts';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import { isRegistry, isRepository, isTag } from '../../src/protocol/grammar/reference.ts';
import type { Contents } from './contents.ts';

const indexBytesMax = 256 * 1024 ** 2;
const entriesMax = 1_000_000;

export interface IndexEntry {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  /** `org.opencontainers.image.ref.name`. */
  readonly refName: string | undefined;
}

export interface Place {
  readonly repository: string;
  /** Undefined: no tag. */
  readonly tag: string | undefined;
}

/**
 * Makes the folder a layout if it is empty.
 * @throws UserError `store-foreign`, `store-version`, `store-damaged`
 */
export function openLayout(dir: string, ownFolder: string): void {
  const path = join(dir, markerFile);
  const names = readdirSync(dir).filter((name) => name !== ownFolder);
  if (names.length === 0) {
    writeFileSync(path, newMarker);
    return;
  }
  if (!names.includes(markerFile)) {
    const hint = 'Give an empty folder, or one that is an OCI image layout.';
    throw new UserError(
      'store-foreign',
      `${dir} is no OCI image layout: it has no oci-layout`,
      hint,
    );
  }
  const version = versionOfMarker(parseJson(readFileSync(path, 'utf8')));
  if (version === layoutVersion) return;
  const hint = `This version of pullproof knows image layouts of version ${layoutVersion}.`;
  if (version === undefined) {
    throw new UserError('store-damaged', `${path} names no imageLayoutVersion`, hint);
  }
  throw new UserError('store-version', `${path} is of version ${JSON.stringify(version)}`, hint);
}

/** The bytes of index.json; undefined when there is none. @throws UserError `store-damaged` */
export function readIndexFile(dir: string): Buffer | undefined {
  const path = join(dir, indexFile);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (found.size > indexBytesMax) throw damaged(path, `has more than ${indexBytesMax} bytes`);
  return readFileSync(path);
}

/** @throws UserError `store-damaged` */
export function parseIndex(dir: string, text: string): IndexEntry[] {
  const path = join(dir, indexFile);
  const manifests = layoutList(parseJson(text));
  if (manifests === undefined) throw damaged(path, 'is no image index');
  if (manifests.length > entriesMax) throw damaged(path, `has more than ${entriesMax} entries`);
  return manifests.map((entry, index) => {
    const { mediaType, digest = '', size = -1, refName } = layoutEntry(entry);
    if (mediaType === undefined || size < 0 || !isWellFormedDigest(digest)) {
      throw damaged(path, `has no descriptor in /manifests/${index}`);
    }
    return { mediaType, digest, size, refName };
  });
}

/**
 * Where an entry of a layout is in a registry. `host/repository:tag` and `repository:tag` say so; a mere
 * tag is one of the repository that is called as the folder is.
 */
export function placeOf(refName: string | undefined, dir: string): Place {
  const repository = repositoryOfFolder(dir);
  if (refName === undefined) return { repository, tag: undefined };
  const colon = refName.lastIndexOf(':');
  const name = refName.slice(0, Math.max(0, colon));
  const tag = refName.slice(colon + 1);
  if (!isTag(tag)) return { repository, tag: undefined };
  if (colon < 0) return { repository, tag };
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(0, slash));
  const hasHost = (/[.:]/.test(first) || first === 'localhost') && isRegistry(first);
  const path = hasHost ? name.slice(slash + 1) : name;
  return isRepository(path) ? { repository: path, tag } : { repository, tag: undefined };
}

function repositoryOfFolder(dir: string): string {
  const name = basename(dir)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return isRepository(name) ? name : 'layout';
}

/** index.json of the store: an entry per tag, and one per manifest that has none. */
export function formatIndex(contents: Contents): string {
  const manifests: object[] = [];
  const tagged = new Set<string>();
  const rest = new Map<string, object>();
  for (const [repository, found] of contents.repositories()) {
    for (const [tag, digest] of found.tags) {
      const manifest = found.manifests.get(digest);
      if (manifest === undefined) continue;
      const { mediaType, size } = manifest;
      tagged.add(digest);
      const name = found.refNames.get(tag) ?? `${repository}:${tag}`;
      manifests.push({ mediaType, digest, size, annotations: { [refNameKey]: name } });
    }
    for (const [digest, { mediaType, size }] of found.manifests) {
      rest.set(digest, { mediaType, digest, size });
    }
  }
  for (const [digest, entry] of rest) if (!tagged.has(digest)) manifests.push(entry);
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
}

function damaged(path: string, problem: string): UserError {
  const hint = 'Restore it from a copy, or write the layout anew.';
  return new UserError('store-damaged', `${path} ${problem}`, hint);
}
