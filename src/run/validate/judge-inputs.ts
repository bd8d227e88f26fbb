// Finds what words point at and judges each: the common part of the verb and of the library.
import type { DocumentResult } from '../../../reports/results.ts';
import { plural } from '../../lib/plural.ts';
import { UserError } from '../../lib/user-error.ts';
import type { Credentials } from '../../protocol/client.ts';
import type { Judgement } from '../../validate/image/judge-tree.ts';
import { type Kind, type Severity, validateDocument } from '../../validate/index.ts';
import { isOurs } from '../../validate/sift.ts';
import type { Access } from '../context.ts';
import { expandInputs, type Input, type NamedFolder } from './inputs/expand.ts';
import { readFileUpTo } from './inputs/read-file.ts';
import { Skipped } from './inputs/skipped.ts';
import { unreadable, unreadableFile } from './inputs/unreadable.ts';

export interface JudgeOptions extends Severity {
  /** What a file has to be, by its path; found from the content where it is undefined. */
  readonly kindOf: (path: string) => Kind | undefined;
  /** Whether the user leaves a path out. */
  readonly excludes: (path: string, isFolder: boolean) => boolean;
  /** Of files that are named, too, judge those alone that look like ours, as in folders. */
  readonly sifts?: boolean;
  /** Look into layers, not only at their digests. */
  readonly layers: boolean;
  /** Largest layer, packed or unpacked. */
  readonly layerBytesMax: number;
  /** How registries are asked; without it, words that are no files are errors. */
  readonly remote?: Remote | undefined;
  /** What `-` stands for; without it, a file of that name. */
  readonly stdin?: (() => AsyncIterable<Uint8Array>) | undefined;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

export interface Remote {
  /** To this registry. */
  readonly accessTo: (registry: string) => Promise<Access>;
  readonly plainHttp: boolean;
  readonly credentials: (registry: string, repository: string) => Promise<Credentials | undefined>;
}

export interface Judged {
  readonly documents: DocumentResult[];
  /** Blobs of images whose bytes hash to the digest that names them. */
  readonly verified: { blobs: number; bytes: number };
  readonly skipped: Skipped;
  /** One for each input that could not be read, or reached. */
  readonly unread: readonly UserError[];
}

/** What is to be judged: words as on the command line, and paths that are nothing else. */
export interface Named {
  readonly words: readonly string[];
  readonly files?: readonly string[];
}

/** Documents are far smaller; more than this is some other file. */
const fileBytesMax = 64 * 1024 * 1024;
/** An archive on standard input, which is kept in a file meanwhile. */
const stdinBytesMax = 64 * 1024 ** 3;
/** Files between two looks at whether the user has had enough. */
const filesAtOnce = 64;

/** Judges all that can be read. */
export async function judgeInputs(named: Named, options: JudgeOptions): Promise<Judged> {
  return await new InputJudge(options).judge(named);
}

class InputJudge implements Judged {
  readonly documents: DocumentResult[] = [];
  readonly verified = { blobs: 0, bytes: 0 };
  readonly skipped = new Skipped();
  readonly unread: UserError[] = [];
  readonly #folders: NamedFolder[] = [];
  readonly #options: JudgeOptions;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  async judge({ words, files = [] }: Named): Promise<Judged> {
    const { remote, signal, progress, excludes, kindOf, sifts = false } = this.#options;
    const inputs = await expandInputs(words, files, {
      plainHttp: remote?.plainHttp ?? false,
      isDocument: (path) => kindOf(path) !== undefined,
      excludes,
      sifts,
      skipped: this.skipped,
      folders: this.#folders,
      unread: (error) => this.unread.push(error),
      signal,
    });
    for (const [at, input] of inputs.entries()) {
      if (signal.aborted) return this;
      await this.#try(input);
      if (at % filesAtOnce !== 0) continue;
      progress(plural(this.documents.length, 'document'));
      await new Promise(setImmediate);
    }
    // A project may have nothing of ours; where there is no file at all, something went wrong before.
    for (const { path, files: met } of this.#folders) {
      if (met === 0 && !signal.aborted && this.unread.length === 0) {
        this.unread.push(unreadable(path, 'holds no file at all'));
      }
    }
    return this;
  }

  async #try(input: Input): Promise<void> {
    try {
      if (input.form === 'document') await this.#document(input.path, input.foundIn);
      else await this.#image(input);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.unread.push(error);
    }
  }

  async #image(input: Input): Promise<void> {
    const { judgeImage } = await import('./judge-image.ts');
    this.#take(await judgeImage(input, this.#options));
  }

  #take({ documents, verified }: Judgement): void {
    for (const document of documents) this.documents.push(document);
    this.verified.blobs += verified.blobs;
    this.verified.bytes += verified.bytes;
  }

  async #document(path: string, foundIn: NamedFolder | undefined): Promise<void> {
    const { kindOf, strict, levels } = this.#options;
    const bytes = await this.#read(path, foundIn !== undefined);
    if (bytes === undefined) return;
    if (foundIn !== undefined && !isOurs(path, bytes)) {
      this.skipped.add('other', path);
      return;
    }
    const kind = kindOf(path);
    this.documents.push(
      validateDocument(bytes, { path, strict, levels, ...(kind !== undefined && { kind }) }),
    );
  }

  /** Undefined for what was met in a folder and is too large, or gone by now. @throws UserError (exit 2) */
  async #read(path: string, isFound: boolean): Promise<Uint8Array | undefined> {
    const { stdin, signal } = this.#options;
    if (path === '-' && stdin !== undefined) return await this.#stdin(stdin());
    try {
      const bytes = await readFileUpTo(path, fileBytesMax, signal);
      if (bytes !== undefined) return bytes;
    } catch (error) {
      if (isFound && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw unreadableFile(path, error);
    }
    if (!isFound) throw unreadable(path, `is larger than ${fileBytesMax} bytes, no document is`);
    this.skipped.add('large', path);
    return undefined;
  }

  /** Undefined for an archive, which is judged, and where the run is stopped before the end. @throws UserError (exit 2) */
  async #stdin(stdin: AsyncIterable<Uint8Array>): Promise<Uint8Array | undefined> {
    const { readStdin } = await import('./inputs/stdin.ts');
    const content = await readStdin(stdin, {
      isDocument: this.#options.kindOf('-') !== undefined,
      documentBytesMax: fileBytesMax,
      archiveBytesMax: stdinBytesMax,
      signal: this.#options.signal,
    });
    if (content?.form !== 'archive') return content?.bytes;
    try {
      const { judgeArchive } = await import('./judge-image.ts');
      this.#take(await judgeArchive(content.path, '-', this.#options));
    } finally {
      await content.remove();
    }
    return undefined;
  }
}
