// What a folder or an archive of an image looks like to the rules: files by their paths. Reading them
// is the work of src/run/validate/inputs; tests have trees in memory.

import type { BlobDraft, ByteSink } from './layer/inspection.ts';

export interface FileTree {
  /** As the user wrote it. */
  readonly name: string;
  /** Bytes of each regular file by its path: relative, `/` between steps. */
  readonly files: ReadonlyMap<string, number>;
  /** Folders at the top, empty ones too. */
  readonly folders: ReadonlySet<string>;
  /** Links that lead to nothing here, by their paths: where they say that they lead. */
  readonly deadLinks: ReadonlyMap<string, string>;
  /** Name of a file in results. */
  pathOf(file: string): string;
  /** The whole file; undefined when it is larger than a document may be. */
  read(file: string): Promise<Uint8Array | undefined>;
  /** A digest costs a reading of the file. */
  readonly digestReads: boolean;
  /** `algorithm:hex` of the file; undefined when it was not computed. */
  digest(file: string, algorithm: 'sha256' | 'sha512'): Promise<string | undefined>;
  /** Streams files, in the order that is convenient, also side by side. */
  stream(files: ReadonlySet<string>, open: (file: string) => ByteSink): Promise<void>;
  /** What is wrong with the archive itself. */
  readonly problems: readonly BlobDraft[];
}
