// Finds what words point at and judges each: the common part of the verb and of the library.
import type { DocumentResult } from '../../../reports/results.ts';
import type { Credentials } from '../../protocol/client.ts';
import { type Kind, type Severity, validateDocument } from '../../validate/index.ts';
import type { Access } from '../context.ts';
import { expandInputs, type Input } from './inputs/expand.ts';
import { readFileUpTo } from './inputs/read-file.ts';
import { unreadable, unreadableFile } from './inputs/unreadable.ts';

export interface JudgeOptions extends Severity {
  /** Found from the content when absent. */
  readonly kind?: Kind | undefined;
  /** Look into layers, not only at their digests. */
  readonly layers: boolean;
  /** Largest layer, packed or unpacked. */
  readonly layerBytesMax: number;
  /** How registries are asked; without it, words that are no files are errors. */
  readonly remote?: Remote | undefined;
  readonly readStdin?: (() => Promise<Uint8Array>) | undefined;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

export interface Remote {
  readonly access: Access;
  readonly plainHttp: boolean;
  readonly credentials: (registry: string, repository: string) => Promise<Credentials | undefined>;
}

export interface Judged {
  readonly documents: DocumentResult[];
  /** Blobs of images whose bytes hash to the digest that names them. */
  readonly verified: { blobs: number; bytes: number };
}

/** Documents are far smaller; more than this is some other file. */
const documentBytesMax = 64 * 1024 * 1024;
/** Files read at once, and the size of those that are read one by one: 16 large ones fill the memory. */
const readersMax = 16;
const atOnceBytes = 1024 * 1024;

/** @throws UserError: exit 2 for what cannot be read, 3 for a registry that cannot be reached */
export async function judgeInputs(
  words: readonly string[],
  options: JudgeOptions,
): Promise<Judged> {
  const { remote, signal, progress } = options;
  const plainHttp = remote?.plainHttp ?? false;
  const documentsOnly = options.kind !== undefined;
  const inputs = await expandInputs(words, { plainHttp, documentsOnly, signal });
  const documents: DocumentResult[] = [];
  const verified = { blobs: 0, bytes: 0 };
  for (let at = 0; at < inputs.length && !signal.aborted; ) {
    const batch = documentsFrom(inputs, at);
    if (batch.length > 0) {
      documents.push(...(await judgeDocuments(batch, options)));
      progress(`${documents.length} documents`);
      at += batch.length;
      continue;
    }
    const { judgeImage } = await import('./judge-image.ts');
    const judged = await judgeImage(inputs[at] as Input, options);
    for (const document of judged.documents) documents.push(document);
    verified.blobs += judged.verified.blobs;
    verified.bytes += judged.verified.bytes;
    at++;
  }
  return { documents, verified };
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
  { kind, strict, levels, readStdin }: JudgeOptions,
): Promise<DocumentResult[]> {
  const judge = (path: string, bytes: Uint8Array) =>
    validateDocument(bytes, { path, strict, levels, ...(kind !== undefined && { kind }) });
  const judged = await Promise.all(
    paths.map(async (path) => {
      const isStdin = path === '-' && readStdin !== undefined;
      const bytes = isStdin ? await readStdin() : await readDocument(path, atOnceBytes);
      return bytes === 'later' ? path : judge(path, bytes);
    }),
  );
  const results: DocumentResult[] = [];
  for (const result of judged) {
    const isLarge = typeof result === 'string';
    results.push(isLarge ? judge(result, await readLarge(result)) : result);
  }
  return results;
}

async function readLarge(path: string): Promise<Uint8Array> {
  return (await readDocument(path, documentBytesMax)) as Uint8Array;
}

async function readDocument(path: string, atOnceMax: number): Promise<Uint8Array | 'later'> {
  const bytes = await readFileUpTo(path, documentBytesMax, atOnceMax).catch((error) => {
    throw unreadableFile(path, error);
  });
  if (bytes !== undefined) return bytes;
  throw unreadable(path, `is larger than ${documentBytesMax} bytes, no document is`);
}
