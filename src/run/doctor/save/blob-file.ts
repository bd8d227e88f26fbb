// One blob on its way into a file: hashed while it is written, and taken only where digest and length are right.
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Descriptor } from '../../../protocol/grammar/manifest-document.ts';
import { saveFailed } from './failed.ts';

export class BlobFile {
  readonly #blob: Descriptor;
  readonly digest: string;
  readonly path: string;
  readonly #hash: Hash;
  #file: FileHandle | undefined;
  #bytes = 0;
  isWhole = false;

  constructor(blob: Descriptor, path: string) {
    this.#blob = blob;
    this.digest = blob.digest;
    this.path = path;
    this.#hash = createHash(blob.digest.split(':', 1)[0] ?? '');
  }

  /** What comes beyond the blob's length is not written: the pull tells it. @throws UserError */
  readonly write = async (piece: Uint8Array): Promise<void> => {
    const left = this.#blob.size - this.#bytes;
    this.#bytes += piece.length;
    if (piece.length > left) return await this.close();
    try {
      this.#file ??= await open(this.path, 'wx', 0o644);
      await this.#file.writeFile(piece);
    } catch (error) {
      throw saveFailed(`${this.path}: ${(error as Error).message}`);
    }
    this.#hash.update(piece);
    if (this.#bytes === this.#blob.size) await this.#end();
  };

  /** Of a blob of no bytes, of which no piece comes. */
  async writeNothing(): Promise<void> {
    await this.write(new Uint8Array());
  }

  async #end(): Promise<void> {
    await this.close();
    const digest = `${this.#blob.digest.split(':', 1)[0]}:${this.#hash.copy().digest('hex')}`;
    this.isWhole = digest === this.#blob.digest;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}
