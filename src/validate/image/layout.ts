// An OCI layout, folder or archive: its marker, its index, everything below, and the blobs that
// nothing refers to (image-spec image-layout.md).

import { saveManifestFile } from '../../formats/docker-save.ts';
import {
  blobsFolder,
  indexFile,
  layoutEntry,
  layoutList,
  markerFile,
  pathOfDigest,
  refNameKey,
} from '../../formats/oci-layout.ts';
import type { JsonObject } from '../../lib/json.ts';
import { isWellFormedDigest } from '../../protocol/grammar/digest.ts';
import { detectKind } from '../kinds.ts';
import { quote } from '../rules/rule.ts';
import type { ReportRule } from './compare.ts';
import { digestDrafts } from './content.ts';
import type { WalkOptions } from './layer/expected.ts';
import { computable } from './layer/inspection.ts';
import * as all from './rules.ts';
import type { FileTree } from './tree.ts';
import { contentOfTree } from './tree-content.ts';
import { ImageWalk } from './walk.ts';

const blobFolder = `${blobsFolder}/`;
/** Digests that one note names. */
const namedMax = 5;

export function isLayout({ files }: FileTree): boolean {
  if (files.has(markerFile)) return true;
  // A layout without marker, or the beginning of one in an archive that is cut off.
  const hasBlobs = [...files.keys()].some((file) => file.startsWith(blobFolder));
  return hasBlobs && (files.has(indexFile) || !files.has(saveManifestFile));
}

/**
 * No registry gets this index, and image-layout.md lets it refer to anything: Docker and containerd put
 * images of either format into their archives.
 */
const indexLevels = { 'mixed-media-types': 'note' } as const;

/** Judges the layout; the walk then holds the results. */
export async function judgeLayout(tree: FileTree, options: WalkOptions): Promise<ImageWalk> {
  const walk = new ImageWalk(contentOfTree(tree, pathOfDigest), options);
  await judgeMarker(tree, walk);
  const index = await readFile(tree, indexFile);
  // What an archive lacks that is cut off or damaged follows from that, which is told.
  const isWhole = tree.problems.length === 0;
  if (index !== undefined) {
    await walk.judge(tree.pathOf(indexFile), index, {
      kind: 'index',
      levels: indexLevels,
      check: (value, report) => {
        checkIsIndex(value, report);
        checkRefNames(value, report);
      },
    });
  } else if (isWhole || tree.files.has(indexFile)) {
    const detail = tree.files.has(indexFile) ? 'index.json is too large' : 'there is no index.json';
    walk.addBlob(tree.pathOf(indexFile), 'index', [{ rule: all.layoutIndex, detail }]);
  }
  if (!tree.folders.has(blobsFolder) && isWhole) {
    const detail = 'there is no folder blobs';
    walk.addBlob(tree.name, 'oci-layout', [{ rule: all.layoutBlobs, detail }]);
  }
  await judgeOtherBlobs(tree, walk, options);
  if (options.layers) await walk.inspectLayers();
  return walk;
}

async function readFile(tree: FileTree, file: string): Promise<Uint8Array | undefined> {
  return tree.files.has(file) ? await tree.read(file) : undefined;
}

async function judgeMarker(tree: FileTree, walk: ImageWalk): Promise<void> {
  const path = tree.pathOf(markerFile);
  const marker = await readFile(tree, markerFile);
  if (marker !== undefined) {
    await walk.judge(path, marker, { kind: 'oci-layout' });
    return;
  }
  if (tree.problems.length > 0) return;
  const detail = 'there is no file oci-layout';
  walk.addBlob(path, 'oci-layout', [{ rule: all.layoutMarker, detail }]);
}

/** What is another document is judged as that one. */
function checkIsIndex(value: JsonObject, report: ReportRule): void {
  const kind = detectKind(value) ?? 'index';
  if (kind !== 'index') report(all.layoutIndex, '', `it is a ${kind}, not an image index`);
}

/** Names are tags in practice; layouts without nested index repeat one for each platform. */
function checkRefNames(value: JsonObject, report: ReportRule): void {
  const first = new Map<string, string>();
  for (const [at, item] of (layoutList(value) ?? []).entries()) {
    const { refName: name, fields } = layoutEntry(item);
    if (name === undefined) continue;
    const key = JSON.stringify([name, fields?.platform]);
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, `/manifests/${at}`);
    } else {
      const pointer = `/manifests/${at}/annotations/${refNameKey}`;
      report(all.refNameDuplicate, pointer, `${quote(name)} is the name of ${earlier} too`);
    }
  }
}

/** Blobs that nothing refers to must still be what their names say. */
async function judgeOtherBlobs(
  tree: FileTree,
  walk: ImageWalk,
  options: WalkOptions,
): Promise<void> {
  const reached = walk.reached();
  const unreferenced: string[] = [];
  for (const file of tree.files.keys()) {
    if (!file.startsWith(blobFolder) || options.signal.aborted) continue;
    const digest = file.slice(blobFolder.length).replace('/', ':');
    if (reached.has(digest)) continue;
    const path = tree.pathOf(file);
    if (!isWellFormedDigest(digest) || file.split('/').length !== 3) {
      const detail = `${quote(file)} is not blobs/ALGORITHM/ENCODED`;
      walk.addBlob(path, 'blob', [{ rule: all.blobName, detail }]);
      continue;
    }
    unreferenced.push(digest);
    const algorithm = computable(digest);
    const actual = algorithm && (await tree.digest(file, algorithm));
    const bytes = tree.files.get(file) ?? 0;
    const drafts = digestDrafts({ path, bytes, digest: actual }, digest);
    if (drafts.length > 0) walk.addBlob(path, 'blob', drafts);
    else walk.count(bytes);
  }
  const [named, more] = [unreferenced.slice(0, namedMax), unreferenced.length - namedMax];
  if (unreferenced.length === 0 || !tree.files.has(indexFile)) return;
  const rest = more > 0 ? ` and ${more} more` : '';
  const detail = `nothing refers to ${named.join(', ')}${rest}`;
  walk.addBlob(tree.name, 'oci-layout', [{ rule: all.blobUnreferenced, detail }]);
}
