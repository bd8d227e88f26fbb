// What an archive holds that holds no image: the image is in a folder of it, or it is something else.

import { quote } from '../rules/rule.ts';
import type { BlobDraft } from './layer/inspection.ts';
import { deadLinkWords } from './missing.ts';
import { archiveContents } from './rules.ts';
import type { FileTree } from './tree.ts';

/** Files that make an image, the most telling first. */
const imageFiles = ['oci-layout', 'index.json', 'manifest.json'];

/** Files or folders at the top, one after another, and what an archive is that has them all. */
const others: readonly (readonly [names: readonly string[], what: string, fix: string])[] = [
  [
    ['etc', 'usr'],
    'a root file system, as of a layer or of docker export',
    'Save the image itself: docker save, or skopeo copy to oci-archive:.',
  ],
  [
    ['blobs'],
    'blobs without the oci-layout and the index.json that lead to them',
    'Pack the whole layout: tar -C FOLDER -cf image.tar .',
  ],
  [
    ['Chart.yaml'],
    'a Helm chart',
    'Give the manifest of the chart in its registry: HOST/NAME:VERSION.',
  ],
  [['package.json'], 'a package of npm', 'Give the image.'],
];

export function strangeContents(tree: FileTree): BlobDraft {
  const dead = imageFiles.find((file) => tree.deadLinks.has(file));
  if (dead !== undefined) {
    const link = tree.deadLinks.get(dead) ?? '';
    return { rule: archiveContents, detail: `${dead} ${deadLinkWords(link)}` };
  }
  const inner = imageFiles
    .map((file) => [...tree.files.keys()].find((path) => path.endsWith(`/${file}`)))
    .find((path) => path !== undefined);
  if (inner !== undefined) {
    const folder = inner.slice(0, inner.lastIndexOf('/'));
    const fix = 'Pack what is in the folder, not the folder: tar -C FOLDER -cf image.tar .';
    const detail = `the image lies in a folder: ${quote(inner)} belongs to the top`;
    return { rule: { ...archiveContents, fix: fix.replace('FOLDER', shellWord(folder)) }, detail };
  }
  const tops = topsOf(tree);
  const found = others.find(([names]) => names.every((name) => tops.has(name)));
  if (found === undefined) {
    const detail =
      tops.size === 0 ? 'it is empty' : 'there is neither an oci-layout nor a manifest.json in it';
    return { rule: archiveContents, detail };
  }
  const [, what, fix] = found;
  return { rule: { ...archiveContents, fix }, detail: `it holds ${what}` };
}

/** Names at the top, and in the only folder there. */
function topsOf({ files, folders }: FileTree): ReadonlySet<string> {
  const paths = [...files.keys()];
  const tops = new Set([...folders, ...paths.map((path) => path.split('/', 1)[0] ?? '')]);
  if (tops.size !== 1) return tops;
  return new Set([...tops, ...paths.map((path) => path.split('/', 2)[1] ?? '')]);
}

/** A path for a command to be copied; one that a shell would read otherwise is left to the user. */
function shellWord(path: string): string {
  return /^[\w./-]{1,200}$/.test(path) && !path.startsWith('-') ? path : 'FOLDER';
}
