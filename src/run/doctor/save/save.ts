// Keeps the pulled image: blobs go to files as they come, and the whole takes its place at the end or not at all.
import type { Descriptor } from '../../../protocol/grammar/manifest-document.ts';
import type { SaveTarget } from './target.ts';

/** Takes a body piece by piece, as src/drivers hands it on. */
export type BlobSink = (piece: Uint8Array) => Promise<void>;

export interface Saved {
  /** The manifest of the chosen platform as it came, its digest, and its media type. */
  readonly text: string;
  readonly digest: string;
  readonly mediaType: string;
}

export interface Saver {
  /** Where the bytes of a blob go, config and layers; asked for anew when it is read again. */
  sinkOf(blob: Descriptor): BlobSink;
  /** Checks that all blobs are there by digest, and puts the image in its place. @throws UserError */
  finish(manifest: Saved): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/** @throws UserError `save-exists` (exit 2) where something is there already */
export async function openSave(_target: SaveTarget): Promise<Saver> {
  throw new Error('not yet');
}
