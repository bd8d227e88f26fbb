// A folder that skopeo's dir: transport writes: manifest.json, `version`, blobs named by hex alone, and
// for all platforms a HEX.manifest.json each.

import { quote } from '../rules/rule.ts';
import { digestDrafts } from './content.ts';
import type { WalkOptions } from './layer/expected.ts';
import { computable } from './layer/inspection.ts';
import * as all from './rules.ts';
import type { FileTree } from './tree.ts';
import { contentOfTree } from './tree-content.ts';
import { ImageWalk } from './walk.ts';

const manifestFile = 'manifest.json';
const versionFile = 'version';
const versionLine = /^Directory Transport Version: 1\.[0-9]+\n?$/;
const blobFile = /^(?:(sha512)-)?([a-f0-9]{64}|[a-f0-9]{128})$/;

export function isDirTransport({ files }: FileTree): boolean {
  if (!files.has(manifestFile)) return false;
  return files.has(versionFile) || [...files.keys()].some((file) => blobFile.test(file));
}

export async function judgeDirTransport(tree: FileTree, options: WalkOptions): Promise<ImageWalk> {
  const fileOf = (digest: string): string => {
    const hex = digest.slice(digest.indexOf(':') + 1);
    const names = [hex, `${hex}.manifest.json`, digest.replace(':', '-')];
    return names.find((name) => tree.files.has(name)) ?? hex;
  };
  const walk = new ImageWalk(contentOfTree(tree, fileOf), options);
  await judgeVersion(tree, walk);
  const manifest = await tree.read(manifestFile);
  if (manifest !== undefined) await walk.judge(tree.pathOf(manifestFile), manifest);
  const reached = new Set([...walk.reached()].map(fileOf));
  for (const [file, bytes] of tree.files) {
    const hex = blobFile.exec(file)?.[2];
    if (hex === undefined || reached.has(file) || options.signal.aborted) continue;
    const digest = `${hex.length === 64 ? 'sha256' : 'sha512'}:${hex}`;
    const actual = await tree.digest(file, computable(digest) ?? 'sha256');
    const path = tree.pathOf(file);
    const drafts = digestDrafts({ path, bytes, digest: actual }, digest);
    if (drafts.length === 0) walk.count(bytes);
    const unused = { rule: all.blobUnreferenced, detail: 'nothing refers to it' };
    walk.addBlob(path, 'blob', [...drafts, unused]);
  }
  if (options.layers) await walk.inspectLayers();
  return walk;
}

async function judgeVersion(tree: FileTree, walk: ImageWalk): Promise<void> {
  const bytes = tree.files.has(versionFile) ? await tree.read(versionFile) : undefined;
  const text = bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  if (text !== undefined && versionLine.test(text)) return;
  const detail = text === undefined ? 'there is no file version' : `version is ${quote(text)}`;
  walk.addBlob(tree.pathOf(versionFile), 'dir-version', [{ rule: all.dirVersion, detail }]);
}
