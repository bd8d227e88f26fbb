// What an image is made of, wherever it lies: documents and blobs by their digests. Folders and archives
// are in tree-content.ts, registries in src/run/validate/inputs.

import { quote } from '../rules/rule.ts';
import { type BlobDraft, type ByteSink, computable } from './layer/inspection.ts';
import { blobAlgorithm, blobDigest } from './rules.ts';

/** What is there under a digest. */
export interface Content {
  /** Name in results. */
  readonly path: string;
  readonly bytes: number;
  /** Of the bytes, by the algorithm of the digest that was asked for; undefined: not computed. */
  readonly digest: string | undefined;
  /** The bytes, when a document was asked for and is not too large. */
  readonly body?: Uint8Array | undefined;
  /** Of the transport. */
  readonly contentType?: string | undefined;
  /** What the transport showed to be wrong. */
  readonly drafts?: readonly BlobDraft[];
}

/** `unchecked`: not looked at. A text: why it could not be had, without full stop. */
export type Sought = Content | 'missing' | 'unchecked' | { readonly unavailable: string };

export interface ImageContent {
  document(digest: string, mediaType: string): Promise<Sought>;
  /** `isStreamed`: it is read as a layer later, which hashes it: until then its digest may be left out. */
  blob(digest: string, isStreamed: boolean): Promise<Sought>;
  /** Where a link leads that stands in place of a blob, and leads to nothing. */
  deadLink?(digest: string): string | undefined;
  /** Name in results of a blob that need not be there. */
  pathOf(digest: string): string;
  /** Streams blobs. @returns why some could not be had, by digest */
  stream(
    digests: ReadonlySet<string>,
    open: (digest: string) => ByteSink,
  ): Promise<ReadonlyMap<string, string>>;
}

/** What the digest says about content. */
export function digestDrafts(content: Content, digest: string): BlobDraft[] {
  if (computable(digest) === undefined) {
    return [{ rule: blobAlgorithm, detail: `${quote(digest)} cannot be computed` }];
  }
  if (content.digest === undefined || content.digest === digest) return [];
  const detail = `it hashes to ${content.digest}, not to ${digest}`;
  return [{ rule: blobDigest, detail }];
}
