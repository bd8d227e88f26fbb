// Which form of image a folder or an archive holds, and its judgement.

import type { DocumentResult } from '../../../reports/results.ts';
import { saveManifestFile } from '../../formats/docker-save.ts';
import { isDirTransport, judgeDirTransport } from './dir-transport.ts';
import { isDockerSave, judgeDockerSave } from './docker-save.ts';
import type { WalkOptions } from './layer/expected.ts';
import { isLayout, judgeLayout } from './layout.ts';
import type { FileTree } from './tree.ts';
import type { ImageWalk } from './walk.ts';

export interface Judgement {
  readonly documents: readonly DocumentResult[];
  /** Blobs that hash to the digest that names them. */
  readonly verified: { readonly blobs: number; readonly bytes: number };
}

/** Undefined when it is none of the forms that we know. */
export async function judgeTree(
  tree: FileTree,
  options: WalkOptions,
): Promise<Judgement | undefined> {
  const walks: ImageWalk[] = [];
  if (isLayout(tree)) walks.push(await judgeLayout(tree, options));
  // A manifest.json that belongs to no other form is that of docker save, whatever is in it.
  const isNothingElse = walks.length === 0 && !isDirTransport(tree);
  if ((await isDockerSave(tree)) || (isNothingElse && tree.files.has(saveManifestFile))) {
    const judged = new Set(walks.flatMap(({ documents }) => documents.map(({ path }) => path)));
    walks.push(await judgeDockerSave(tree, options, judged));
  } else if (walks.length === 0 && !isNothingElse) {
    walks.push(await judgeDirTransport(tree, options));
  }
  if (walks.length === 0) return undefined;
  return {
    documents: walks.flatMap(({ documents }) => documents),
    verified: {
      blobs: walks.reduce((sum, { verified }) => sum + verified.blobs, 0),
      bytes: walks.reduce((sum, { verified }) => sum + verified.bytes, 0),
    },
  };
}
