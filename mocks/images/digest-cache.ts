// Digests of large generated layers, kept from one start to the next in a file of the user's cache folder:
// one for each seed and way of making layers. What is not sound in it is made anew.
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asObject, asString, type JsonObject, parseJson } from '../../src/lib/json.ts';
import { makeFolder } from '../../src/lib/node/make-folder.ts';
import type { LayerDigests } from './hashing.ts';
import type { Layer } from './layer.ts';

/** Changes with every change of the bytes that layer.ts makes. */
const layersVersion = 1;
const entriesMax = 10_000;
const fileBytesMax = 16 * 1024 * 1024;
const sha256 = /^sha256:[0-9a-f]{64}$/;

export class DigestCache {
  readonly #file: string | undefined;
  readonly #entries: Map<string, LayerDigests>;
  #isChanged = false;

  /** `folder` undefined: nothing is kept. */
  constructor(folder: string | undefined, seed: number) {
    const name = `mock-layers-v${layersVersion}-${seed}.json`;
    this.#file = folder === undefined ? undefined : join(folder, name);
    this.#entries = this.#file === undefined ? new Map() : readEntries(this.#file);
  }

  get(layer: Layer): LayerDigests | undefined {
    return this.#entries.get(keyOf(layer));
  }

  /** Beyond the limit nothing more is kept. */
  put(layer: Layer, digests: LayerDigests): void {
    if (this.#file === undefined || this.#entries.size >= entriesMax) return;
    this.#entries.set(keyOf(layer), digests);
    this.#isChanged = true;
  }

  /** A cache that cannot be written is none, and no reason to stop. */
  save(): void {
    if (this.#file === undefined || !this.#isChanged) return;
    this.#isChanged = false;
    const temporary = `${this.#file}.${process.pid}`;
    try {
      makeFolder(dirname(this.#file));
      writeFileSync(temporary, JSON.stringify(Object.fromEntries(this.#entries)));
      renameSync(temporary, this.#file);
    } catch {
      rmSync(temporary, { force: true });
    }
  }
}

function keyOf({ label, tarBytes, isGzip }: Layer): string {
  return `${isGzip ? 'gzip' : 'tar'} ${tarBytes} ${label}`;
}

function readEntries(file: string): Map<string, LayerDigests> {
  const entries = new Map<string, LayerDigests>();
  for (const [key, value] of Object.entries(readObject(file) ?? {})) {
    const digests = digestsOf(value);
    if (digests !== undefined && entries.size < entriesMax) entries.set(key, digests);
  }
  return entries;
}

function readObject(file: string): JsonObject | undefined {
  try {
    if (statSync(file).size > fileBytesMax) return undefined;
    return asObject(parseJson(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

function digestsOf(value: unknown): LayerDigests | undefined {
  const entry = asObject(value);
  const diffId = asString(entry?.diffId) ?? '';
  const digest = asString(entry?.digest) ?? '';
  const crc32 = entry?.crc32;
  const isSound = sha256.test(diffId) && sha256.test(digest) && Number.isInteger(crc32);
  return isSound ? { diffId, digest, crc32: (crc32 as number) >>> 0 } : undefined;
}
