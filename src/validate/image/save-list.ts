// manifest.json of docker save by itself: a list of images with their files and tags. Whether the files are
// there is for docker-save.ts to say.

import { type SavedImage, savedImages } from '../../formats/docker-save.ts';
import { asArray, asObject } from '../../lib/json.ts';
import { misspeltName } from '../../lib/nearest.ts';
import { parseReference } from '../../protocol/grammar/reference.ts';
import { quote } from '../rules/rule.ts';
import type { ReportRule } from './compare.ts';
import * as all from './rules.ts';

/** Says what is wrong with the list, and returns its images: undefined each that is none. */
export function judgeSaveList(
  value: unknown,
  report: ReportRule,
): readonly (SavedImage | undefined)[] {
  const images = savedImages(value);
  if (images === undefined) {
    const found = asObject(value)?.schemaVersion === undefined ? quote(value) : 'a manifest';
    report(all.saveManifest, '', `it is ${found}, not a list of images`);
    return [];
  }
  const tags = new Map<string, string>();
  for (const [at, image] of images.entries()) {
    if (image === undefined) report(all.saveManifest, `/${at}`, 'it is not an object');
    else {
      const members = Object.keys(asObject(asArray(value)?.[at]) ?? {});
      judgeImage(image, { pointer: `/${at}`, members, tags }, report);
    }
  }
  return images;
}

interface ImagePlace {
  readonly pointer: string;
  /** Their names. */
  readonly members: readonly string[];
  /** Where the tags of earlier images are. */
  readonly tags: Map<string, string>;
}

function judgeImage(
  { config, layers, repoTags }: SavedImage,
  { pointer, members, tags }: ImagePlace,
  report: ReportRule,
): void {
  const problem = (name: string, what: string) => {
    const meant = members.includes(name) ? undefined : misspeltName(name, members);
    const perhaps = meant === undefined ? '' : `, perhaps ${quote(meant)} is meant to be it`;
    return `${name} is no ${what}${perhaps}`;
  };
  const problems = [
    ...(config === undefined ? [problem('Config', 'file name')] : []),
    ...(layers === undefined ? [problem('Layers', 'list of files')] : []),
    ...(repoTags === undefined ? [problem('RepoTags', 'list of references')] : []),
  ];
  if (problems.length > 0) report(all.saveManifest, pointer, problems.join(', '));
  for (const [at, tag] of (repoTags ?? []).entries()) {
    const place = `${pointer}/RepoTags/${at}`;
    const earlier = tags.get(tag);
    if (!isTagged(tag)) report(all.saveRepoTag, place, `${quote(tag)} is no NAME:TAG`);
    else if (earlier !== undefined)
      report(all.saveRepoTag, place, `${quote(tag)} is at ${earlier} too`);
    tags.set(tag, place);
  }
}

function isTagged(text: string): boolean {
  try {
    const { tag, digest } = parseReference(text);
    return tag !== undefined && digest === undefined && text.endsWith(`:${tag}`);
  } catch {
    return false;
  }
}
