// Judges one image where it lies: a folder, an archive, a registry. Apart from judge-inputs.ts, so that who
// validates a file does not wait for all of this to load.

import { digestDrafts } from '../../validate/image/content.ts';
import { type Judgement, judgeTree } from '../../validate/image/judge-tree.ts';
import type { WalkOptions } from '../../validate/image/layer/expected.ts';
import { strangeContents } from '../../validate/image/strange-contents.ts';
import type { FileTree } from '../../validate/image/tree.ts';
import { ImageWalk } from '../../validate/image/walk.ts';
import { foundResult } from '../../validate/validate.ts';
import type { Image } from '../target.ts';
import { withDriver } from '../with-driver.ts';
import { openArchive } from './inputs/archive-tree.ts';
import type { Input } from './inputs/expand.ts';
import { certsHostOf, openFolder } from './inputs/folder-tree.ts';
import { RegistryContent } from './inputs/registry-content.ts';
import { unreadable } from './inputs/unreadable.ts';
import { judgeBlob } from './judge-blob.ts';
import type { JudgeOptions } from './judge-inputs.ts';

/** What an archive may unpack to: many layers. */
const archiveBytesMax = 1024 ** 4;

/** @throws UserError: exit 2 for what cannot be read, 3 for a registry that cannot be reached */
export async function judgeImage(input: Input, options: JudgeOptions): Promise<Judgement> {
  const walkOptions = walkOptionsOf(options);
  if (input.form === 'remote') return await judgeRemote(input.image, options, walkOptions);
  if (input.form === 'blob') return await judgeBlob(input.path, options);
  if (input.form === 'folder') {
    const host = certsHostOf(input.path);
    if (host !== undefined) return await judgeCertsFolder(input.path, host, options);
    return await judgeFiles(await openFolder(input.path, options.signal), walkOptions);
  }
  return await judgeArchive(input.path, input.path, options);
}

/** `name`: what results call it. */
export async function judgeArchive(
  path: string,
  name: string,
  options: JudgeOptions,
): Promise<Judgement> {
  const { signal, progress } = options;
  progress(`reading ${name}`);
  const tree = await openArchive(path, archiveBytesMax, signal, name);
  return await judgeFiles(tree, walkOptionsOf(options));
}

function walkOptionsOf(options: JudgeOptions): WalkOptions {
  const { strict, levels, layers, layerBytesMax, signal, progress } = options;
  return { strict, levels, layers, layerBytesMax, signal, progress };
}

async function judgeCertsFolder(
  path: string,
  host: string,
  options: JudgeOptions,
): Promise<Judgement> {
  const { judgeCerts } = await import('../../validate/image/certs.ts');
  const documents = await judgeCerts(await openFolder(path, options.signal), host, options);
  return { documents, verified: { blobs: 0, bytes: 0 } };
}

async function judgeFiles(tree: FileTree, options: WalkOptions): Promise<Judgement> {
  const drafts = [...tree.problems];
  const judged = options.signal.aborted ? undefined : await judgeTree(tree, options);
  if (judged === undefined && drafts.length === 0 && !options.signal.aborted) {
    drafts.push(strangeContents(tree));
  }
  const own = drafts.length === 0 ? [] : [foundResult(tree.name, 'archive', drafts, options)];
  const { documents = [], verified = { blobs: 0, bytes: 0 } } = judged ?? {};
  return { documents: [...own, ...documents], verified };
}

async function judgeRemote(
  image: Image,
  { remote }: JudgeOptions,
  options: WalkOptions,
): Promise<Judgement> {
  if (remote === undefined) throw unreadable(image.text, 'does not exist');
  const { accessTo, credentials } = remote;
  const access = await accessTo(image.registry);
  const named = { ...image, credentials: await credentials(image.registry, image.repository) };
  return await withDriver(access, options.signal, async (driver) => {
    const content = new RegistryContent(driver, named, options.layerBytesMax);
    const walk = new ImageWalk(content, options);
    try {
      const top = await content.top();
      const { path, body, contentType, digest = '' } = top;
      const isDigest = image.reference.includes(':');
      const wrong = isDigest ? digestDrafts(top, image.reference) : [];
      if (wrong.length === 0) walk.count(top.bytes);
      const drafts = [...(top.drafts ?? []), ...wrong];
      const tag = isDigest ? undefined : image.reference;
      await walk.judge(path, body, { contentType, digest, drafts, tag });
      if (options.layers) await walk.inspectLayers();
    } catch (error) {
      // What was found until then counts.
      if (!options.signal.aborted) throw error;
    }
    return walk;
  });
}
