// Looks through one layer as it streams by: its size and digest, its compression, the digest of what
// it unpacks to, and every header of the tar inside. Memory is that of the paths seen.

import type { Hash } from 'node:crypto';
import { type Compression, compressionOf } from '../../../formats/compression.ts';
import { blockBytes } from '../../../formats/tar/header.ts';
import { type TarEntry, TarReader } from '../../../formats/tar/read.ts';
import { crypto } from '../../../lib/node/crypto.ts';
import { plural } from '../../../lib/plural.ts';
import { lookOfNoTar, packingOf } from '../../looks/no-tar.ts';
import type { Rule } from '../../rules/rule.ts';
import { blobDigest, blobSize } from '../rules.ts';
import { Unpacker } from '../unpack.ts';
import { LayerEntries } from './entries.ts';
import type { OutsideLink } from './links.ts';
import * as all from './rules.ts';
import { LayerPaths } from './stack.ts';

/** Findings of one rule in one layer; further ones are counted. */
const findingsPerRuleMax = 5;

/** A finding without place: it is about a whole blob. */
export interface BlobDraft {
  readonly rule: Rule;
  readonly detail: string;
}

/** Where bytes go as they come; resolves when more may come. */
export interface ByteSink {
  write(chunk: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

export interface ExpectedLayer {
  readonly digest: string;
  /** Bytes as the descriptors say that name it; none where nothing says it. */
  readonly sizes: ReadonlySet<number>;
  /** As their media types say; `any`: as the content shows. None: not a file system; only hashed. */
  readonly compressions: ReadonlySet<Compression | 'any'>;
  /** Digests of the unpacked layer in the configs that use it, when they say one. */
  readonly diffIds: ReadonlySet<string>;
  /** It need not be there: clients fetch it from its urls. */
  readonly isForeign?: boolean;
  /** Other layers lie upon it: its paths are asked for. */
  readonly isBelow?: boolean;
}

export interface LayerOutcome {
  readonly bytes: number;
  /** The bytes are those of the digest. */
  readonly verified: boolean;
  readonly drafts: readonly BlobDraft[];
  /** Hard links to what layers below may have. */
  readonly outside: readonly OutsideLink[];
  /** Where they were asked for and the layer is whole. */
  readonly paths: LayerPaths | undefined;
}

const tarLayer =
  /^application\/vnd\.(?:oci\.image\.layer\.(?:nondistributable\.)?v1\.tar|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar)(?:[.+](gzip|zstd))?$/;

/** How a layer of this media type is compressed; undefined when it is no file system. */
export function compressionOfType(mediaType: string): Compression | undefined {
  const match = tarLayer.exec(mediaType);
  return match === null ? undefined : ((match[1] as Compression | undefined) ?? 'none');
}

/** `sha256` or `sha512` when the digest is of these; undefined for others. */
export function computable(digest: string): 'sha256' | 'sha512' | undefined {
  const [algorithm] = digest.split(':', 1);
  return algorithm === 'sha256' || algorithm === 'sha512' ? algorithm : undefined;
}

export class LayerInspection implements ByteSink {
  readonly #expected: ExpectedLayer;
  readonly #bytesMax: number;
  readonly #algorithm: 'sha256' | 'sha512' | undefined;
  readonly #raw: Hash | undefined;
  #rawHex: string | undefined;
  readonly #diffs = new Map<string, Hash>();
  readonly #counts = new Map<Rule, number>();
  readonly #drafts: BlobDraft[] = [];
  readonly #tar: TarReader;
  readonly #entries = new LayerEntries((rule, detail) => this.#report(rule, detail));
  /** The first block, as it came and unpacked. */
  #head: Uint8Array = new Uint8Array(0);
  #front: Uint8Array = new Uint8Array(0);
  #hasEntries = false;
  /** It is compressed in a way that nothing here unpacks. */
  #isSealed = false;
  #unpacker: Unpacker | undefined;
  #bytes = 0;
  #tarBroken = false;
  #outside: readonly OutsideLink[] = [];
  #paths: LayerPaths | undefined;

  constructor(expected: ExpectedLayer, bytesMax: number) {
    this.#expected = expected;
    this.#bytesMax = bytesMax;
    this.#algorithm = computable(expected.digest);
    this.#raw = this.#algorithm && crypto().createHash(this.#algorithm);
    for (const diffId of expected.diffIds) {
      const known = computable(diffId);
      if (known !== undefined && !this.#diffs.has(known))
        this.#diffs.set(known, crypto().createHash(known));
    }
    this.#tar = new TarReader({
      entry: (entry) => this.#entry(entry),
      problem: (problem, detail) => {
        const wrong = problem === 'malformed' || problem === 'truncated';
        this.#tarBroken ||= wrong;
        const look = wrong && !this.#hasEntries ? lookOfNoTar(this.#front) : undefined;
        const text = look === undefined ? detail : `${look.detail}, not a tar archive`;
        this.#report(wrong ? all.layerTar : all.layerTarEnd, text);
      },
    });
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#bytesMax) return;
    // Hashed while a thread of Node's unpacks it.
    const taken = this.#take(chunk);
    this.#raw?.update(chunk);
    await taken;
  }

  async #take(chunk: Uint8Array): Promise<void> {
    if (this.#expected.compressions.size === 0 || this.#isSealed) return;
    if (this.#unpacker !== undefined) return this.#unpacker.write(chunk);
    this.#head = Buffer.concat([this.#head, chunk]);
    if (this.#head.length >= blockBytes) await this.#begin();
  }

  async end(): Promise<void> {
    if (this.#expected.compressions.size > 0 && this.#unpacker === undefined && !this.#isSealed) {
      await this.#begin();
    }
    const { problem, detail } = (await this.#unpacker?.finish()) ?? { detail: '' };
    if (this.#bytes > this.#bytesMax) {
      this.#report(all.layerLimits, `it has ${this.#bytes} bytes, more than ${this.#bytesMax}`);
      return;
    }
    if (problem !== undefined) {
      const rule = problem === 'limit' ? all.layerLimits : all.layerCompression;
      this.#report(rule, problem === 'limit' ? detail : `it cannot be unpacked: ${detail}`);
    } else if (this.#unpacker !== undefined) {
      this.#tar.finish();
      this.#endEntries();
      this.#checkDiffIds();
    }
  }

  /** What was read of a broken tar tells nothing of what is not there. */
  #endEntries(): void {
    const outside = this.#entries.finish();
    if (this.#tarBroken) return;
    this.#outside = outside;
    const { tree } = this.#entries;
    if (this.#expected.isBelow && tree.isWhole) this.#paths = new LayerPaths(tree);
  }

  /** To be asked after `end`. */
  outcome(): LayerOutcome {
    const { digest, sizes } = this.#expected;
    const algorithm = this.#algorithm;
    const whole = this.#bytes <= this.#bytesMax;
    const actual = whole ? `${algorithm}:${this.#hexOfBytes()}` : undefined;
    const verified = algorithm !== undefined && actual === digest;
    const damaged = algorithm !== undefined && whole && !verified;
    const drafts: BlobDraft[] = [];
    if (damaged) drafts.push({ rule: blobDigest, detail: `it hashes to ${actual}` });
    for (const size of sizes) {
      if (size === this.#bytes) continue;
      const detail = `it has ${plural(this.#bytes, 'byte')}, its descriptor says ${size}`;
      drafts.push({ rule: blobSize, detail });
    }
    // What is wrong inside of damaged bytes only follows from the damage.
    const inside = this.#drafts.filter(({ rule }) => !damaged || rule === all.layerLimits);
    return {
      bytes: this.#bytes,
      verified,
      drafts: [...drafts, ...inside, ...this.#more(damaged)],
      outside: damaged ? [] : this.#outside,
      paths: damaged ? undefined : this.#paths,
    };
  }

  #hexOfBytes(): string {
    this.#rawHex ??= this.#raw?.digest('hex') ?? '';
    return this.#rawHex;
  }

  #more(damaged: boolean): BlobDraft[] {
    if (damaged) return [];
    return [...this.#counts].flatMap(([rule, count]): BlobDraft[] => {
      const more = count - findingsPerRuleMax;
      return more > 0 ? [{ rule, detail: `the same is true of ${more} more` }] : [];
    });
  }

  async #begin(): Promise<void> {
    const found = compressionOf(this.#head);
    const packing = found === 'none' ? packingOf(this.#head) : undefined;
    const words = { gzip: 'gzip', zstd: 'zstd', none: 'not compressed' };
    for (const wanted of this.#expected.compressions) {
      if (packing === undefined && (wanted === 'any' || wanted === found)) continue;
      const isPlain = found === 'none' && packing === undefined;
      const rule = isPlain ? all.layerNotCompressed : all.layerCompression;
      const says = wanted === 'any' ? '' : `its media type says ${words[wanted]}, `;
      this.#report(rule, `${says}it is ${packing ?? words[found]}`);
    }
    this.#isSealed = packing !== undefined;
    if (this.#isSealed) return;
    // What is not packed hashes to the same as what it unpacks to.
    if (found === 'none') this.#diffs.delete(this.#algorithm ?? '');
    this.#unpacker = new Unpacker(found, this.#bytesMax, (piece) => this.#unpacked(piece));
    await this.#unpacker.write(this.#head);
    this.#head = new Uint8Array(0);
  }

  #unpacked(piece: Uint8Array): void {
    for (const hash of this.#diffs.values()) hash.update(piece);
    const missing = blockBytes - this.#front.length;
    if (missing > 0) this.#front = Buffer.concat([this.#front, piece.subarray(0, missing)]);
    this.#tar.write(piece);
  }

  #checkDiffIds(): void {
    const actual = new Map([...this.#diffs].map(([name, hash]) => [name, hash.digest('hex')]));
    const own = this.#algorithm ?? '';
    if (!this.#diffs.has(own)) actual.set(own, this.#hexOfBytes());
    for (const diffId of this.#expected.diffIds) {
      const algorithm = computable(diffId);
      if (algorithm === undefined) continue;
      const found = `${algorithm}:${actual.get(algorithm)}`;
      if (found !== diffId) {
        this.#report(all.layerDiffId, `it unpacks to ${found}, the config says ${diffId}`);
      }
    }
  }

  #entry(entry: TarEntry): void {
    this.#hasEntries = true;
    if (!this.#tarBroken) this.#entries.add(entry);
  }

  #report(rule: Rule, detail: string | (() => string)): void {
    const count = (this.#counts.get(rule) ?? 0) + 1;
    this.#counts.set(rule, count);
    if (count > findingsPerRuleMax) return;
    this.#drafts.push({ rule, detail: typeof detail === 'string' ? detail : detail() });
  }
}
