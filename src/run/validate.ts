// The engine of `validate`: finds what the words point at, judges each, sums up.
import { open } from 'node:fs/promises';
import type { DocumentResult, Results } from '../../reports/results.ts';
import type { Credentials } from '../protocol/client.ts';
import { type Judgement, judgeTree } from '../validate/image/judge-tree.ts';
import { archiveContents } from '../validate/image/rules.ts';
import type { FileTree } from '../validate/image/tree.ts';
import { digestDrafts, ImageWalk, type WalkOptions } from '../validate/image/walk.ts';
import { type Kind, validateDocument } from '../validate/index.ts';
import { foundResult } from '../validate/validate.ts';
import { type Access, conclude, newResults, type RunContext } from './context.ts';
import { openArchive } from './inputs/archive-tree.ts';
import { expandInputs, type Input } from './inputs/expand.ts';
import { openFolder } from './inputs/folder-tree.ts';
import { RegistryContent } from './inputs/registry-content.ts';
import { unreadable, unreadableFile } from './inputs/unreadable.ts';
import type { Image } from './target.ts';
import { withDriver } from './with-driver.ts';

export interface ValidateRunOptions {
  /** Paths, globs, images in registries, or `-` for standard input. */
  readonly paths: readonly string[];
  readonly kind?: Kind | undefined;
  readonly strict: boolean;
  /** Look into layers, not only at their digests. */
  readonly layers: boolean;
  readonly layerBytesMax: number;
  readonly access: Access;
  readonly plainHttp: boolean;
  readonly credentials: (registry: string, repository: string) => Promise<Credentials | undefined>;
  readonly readStdin: () => Promise<Uint8Array>;
}

/** Documents are far smaller; more than this is some other file. */
const documentBytesMax = 64 * 1024 * 1024;
/** Files read at once. */
const readersMax = 8;

/** @throws UserError: exit 2 for what cannot be read, 3 for a registry that cannot be reached */
export async function runValidate(
  options: ValidateRunOptions,
  context: RunContext,
): Promise<Results> {
  const target = options.paths.map((word) => word.replace(/^https?:\/\//i, '')).join(' ');
  const results = newResults('validate', target, context);
  const documents: DocumentResult[] = [];
  const verified = { blobs: 0, bytes: 0 };
  results.documents = documents;
  const { plainHttp } = options;
  const { signal } = context;
  const documentsOnly = options.kind !== undefined;
  const inputs = await expandInputs(options.paths, { plainHttp, documentsOnly, signal });
  for (let at = 0; at < inputs.length && !signal.aborted; ) {
    const batch = documentsFrom(inputs, at);
    if (batch.length > 0) {
      documents.push(...(await judgeDocuments(batch, options)));
      context.progress(`${documents.length} documents`);
      at += batch.length;
      continue;
    }
    const judged = await judgeImage(inputs[at] as Input, options, context);
    for (const document of judged.documents) documents.push(document);
    verified.blobs += judged.verified.blobs;
    verified.bytes += judged.verified.bytes;
    at++;
  }
  if (verified.blobs > 0) results.verified = verified;
  const valid = documents.every((document) => document.valid);
  return conclude(results, valid ? 'pass' : 'fail', signal);
}

/** The next inputs as long as they are documents, to be read together. */
function documentsFrom(inputs: readonly Input[], from: number): string[] {
  const paths: string[] = [];
  for (let at = from; at < inputs.length && paths.length < readersMax; at++) {
    const input = inputs[at] as Input;
    if (input.form !== 'document') break;
    paths.push(input.path);
  }
  return paths;
}

async function judgeDocuments(
  paths: readonly string[],
  { kind, strict, readStdin }: ValidateRunOptions,
): Promise<DocumentResult[]> {
  return await Promise.all(
    paths.map(async (path) => {
      const bytes = path === '-' ? await readStdin() : await readDocument(path);
      return validateDocument(bytes, { path, strict, ...(kind !== undefined && { kind }) });
    }),
  );
}

async function readDocument(path: string): Promise<Uint8Array> {
  const file = await open(path).catch((error) => {
    throw unreadableFile(path, error);
  });
  try {
    const { size } = await file.stat();
    if (size > documentBytesMax) {
      throw unreadable(path, `is larger than ${documentBytesMax} bytes, no document is`);
    }
    return await file.readFile();
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === undefined
      ? error
      : unreadableFile(path, error);
  } finally {
    await file.close();
  }
}

async function judgeImage(
  input: Input,
  options: ValidateRunOptions,
  { signal, progress }: RunContext,
): Promise<Judgement> {
  const { strict, layers, layerBytesMax } = options;
  const walkOptions: WalkOptions = { strict, layers, layerBytesMax, signal, progress };
  if (input.form === 'remote') return await judgeRemote(input.image, options, walkOptions);
  if (input.form === 'folder') {
    return await judgeFiles(await openFolder(input.path, signal), walkOptions);
  }
  progress(`reading ${input.path}`);
  return await judgeFiles(await openArchive(input.path, archiveBytesMax, signal), walkOptions);
}

/** What an archive may unpack to: many layers. */
const archiveBytesMax = 1024 ** 4;

async function judgeFiles(tree: FileTree, options: WalkOptions): Promise<Judgement> {
  const drafts = [...tree.problems];
  const judged = options.signal.aborted ? undefined : await judgeTree(tree, options);
  if (judged === undefined && drafts.length === 0 && !options.signal.aborted) {
    const detail = 'there is neither an oci-layout nor a manifest.json in it';
    drafts.push({ rule: archiveContents, detail });
  }
  const own =
    drafts.length === 0 ? [] : [foundResult(tree.name, 'archive', drafts, options.strict)];
  const { documents = [], verified = { blobs: 0, bytes: 0 } } = judged ?? {};
  return { documents: [...own, ...documents], verified };
}

async function judgeRemote(
  image: Image,
  { access, credentials }: ValidateRunOptions,
  options: WalkOptions,
): Promise<Judgement> {
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
      await walk.judge(path, body, { contentType, digest, drafts });
      if (options.layers) await walk.inspectLayers();
    } catch (error) {
      // What was found until then counts.
      if (!options.signal.aborted) throw error;
    }
    return walk;
  });
}
