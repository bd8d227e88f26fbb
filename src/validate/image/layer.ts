// Looks through one layer as it streams by: its size and digest, its compression, the digest of what
// it unpacks to, and every header of the tar inside. Memory is that of the paths seen.

import { createHash, type Hash } from 'node:crypto';
import { type Compression, compressionOf, magicBytes } from '../../formats/compression.ts';
import { type TarEntry, TarReader } from '../../formats/tar/read.ts';
import type { Rule } from '../rules/rule.ts';
import { quote } from '../rules/rule.ts';
import * as all from './rules.ts';
import { Unpacker } from './unpack.ts';

/** Paths remembered to find duplicates, and their characters; later ones are not compared. */
const pathsMax = 1_000_000;
const pathCharsMax = 64 * 1024 * 1024;
/** Links remembered that climb above the root, and steps of the path of each. */
const climbingMax = 10_000;
const climbingStepsMax = 64;
/** Findings of one rule in one layer; further ones are counted. */
const findingsPerRuleMax = 5;
/** What AUFS kept at the root of a branch, and Docker once put into layers: all clients skip it. */
const aufsNames = new Set(['.wh..wh.aufs', '.wh..wh.orph', '.wh..wh.plnk']);

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
}

export interface LayerOutcome {
  readonly bytes: number;
  /** The bytes are those of the digest. */
  readonly verified: boolean;
  readonly drafts: readonly BlobDraft[];
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
  readonly #raw: Hash | undefined;
  readonly #diffs = new Map<string, Hash>();
  readonly #counts = new Map<Rule, number>();
  readonly #drafts: BlobDraft[] = [];
  readonly #tar: TarReader;
  readonly #paths = new Set<string>();
  /** Symbolic links that climb above the root. */
  readonly #climbing = new Set<string>();
  #head: Uint8Array = new Uint8Array(0);
  #unpacker: Unpacker | undefined;
  #bytes = 0;
  #pathChars = 0;
  #tarBroken = false;

  constructor(expected: ExpectedLayer, bytesMax: number) {
    this.#expected = expected;
    this.#bytesMax = bytesMax;
    const algorithm = computable(expected.digest);
    this.#raw = algorithm && createHash(algorithm);
    for (const diffId of expected.diffIds) {
      const known = computable(diffId);
      if (known !== undefined && !this.#diffs.has(known)) this.#diffs.set(known, createHash(known));
    }
    this.#tar = new TarReader({
      entry: (entry) => this.#entry(entry),
      problem: (problem, detail) => {
        this.#tarBroken = problem === 'malformed';
        const wrong = problem === 'malformed' || problem === 'truncated';
        this.#report(wrong ? all.layerTar : all.layerTarEnd, detail);
      },
    });
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#bytesMax) return;
    this.#raw?.update(chunk);
    if (this.#expected.compressions.size === 0) return;
    if (this.#unpacker !== undefined) return this.#unpacker.write(chunk);
    this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    if (this.#head.length >= magicBytes) await this.#begin();
  }

  async end(): Promise<void> {
    if (this.#expected.compressions.size > 0 && this.#unpacker === undefined) {
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
      this.#checkDiffIds();
    }
  }

  /** To be asked after `end`. */
  outcome(): LayerOutcome {
    const { digest, sizes } = this.#expected;
    const algorithm = computable(digest);
    const whole = this.#bytes <= this.#bytesMax;
    const actual = whole ? `${algorithm}:${this.#raw?.digest('hex')}` : undefined;
    const verified = algorithm !== undefined && actual === digest;
    const damaged = algorithm !== undefined && whole && !verified;
    const drafts: BlobDraft[] = [];
    if (damaged) drafts.push({ rule: all.blobDigest, detail: `it hashes to ${actual}` });
    for (const size of sizes) {
      if (size === this.#bytes) continue;
      const detail = `it has ${this.#bytes} bytes, its descriptor says ${size}`;
      drafts.push({ rule: all.blobSize, detail });
    }
    // What is wrong inside of damaged bytes only follows from the damage.
    const inside = this.#drafts.filter(({ rule }) => !damaged || rule === all.layerLimits);
    return { bytes: this.#bytes, verified, drafts: [...drafts, ...inside, ...this.#more(damaged)] };
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
    const words = { gzip: 'gzip', zstd: 'zstd', none: 'not compressed' };
    for (const wanted of this.#expected.compressions) {
      if (wanted === 'any' || wanted === found) continue;
      const rule = found === 'none' ? all.layerNotCompressed : all.layerCompression;
      this.#report(rule, `its media type says ${words[wanted]}, it is ${words[found]}`);
    }
    this.#unpacker = new Unpacker(found, this.#bytesMax, (piece) => this.#unpacked(piece));
    await this.#unpacker.write(this.#head);
    this.#head = new Uint8Array(0);
  }

  #unpacked(piece: Uint8Array): void {
    for (const hash of this.#diffs.values()) hash.update(piece);
    this.#tar.write(piece);
  }

  #checkDiffIds(): void {
    const actual = new Map([...this.#diffs].map(([name, hash]) => [name, hash.digest('hex')]));
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
    const { path, type, link } = entry;
    if (this.#tarBroken) return;
    const steps = path.split('/').filter((step) => step !== '' && step !== '.');
    if (path.startsWith('/')) this.#report(all.layerPathAbsolute, `${quote(path)} is absolute`);
    if (steps.includes('..')) this.#report(all.layerPath, `${quote(path)} has a step ".."`);
    if (this.#isBehindClimbing(steps)) {
      this.#report(all.layerPath, `${quote(path)} lies behind a link that climbs above the root`);
    }
    if (entry.sparse) this.#report(all.layerSparse, `${quote(path)} is a sparse file`);
    if (path === '') this.#report(all.layerTar, 'an entry has no name');
    if ((type === 'symlink' || type === 'hardlink') && link === '') {
      this.#report(all.layerTar, `${quote(path)} is a link to nothing`);
    }
    this.#whiteout(entry, steps);
    if (type === 'hardlink' && link.split('/').includes('..')) {
      this.#report(all.layerPath, `${quote(path)} is a hard link to ${quote(link)}`);
    }
    if (type === 'symlink' && climbs(steps.slice(0, -1), link)) {
      const detail = `${quote(path)} is a link to ${quote(link)}, above the root`;
      this.#report(all.layerLink, detail);
      const isRemembered = steps.length <= climbingStepsMax && this.#climbing.size < climbingMax;
      if (isRemembered) this.#climbing.add(steps.join('/'));
    }
    this.#duplicate(entry, steps.join('/'));
  }

  #isBehindClimbing(steps: readonly string[]): boolean {
    if (this.#climbing.size === 0) return false;
    let path = '';
    for (const step of steps.slice(0, -1).slice(0, climbingStepsMax)) {
      path = path === '' ? step : `${path}/${step}`;
      if (this.#climbing.has(path)) return true;
    }
    return false;
  }

  /** Folders are remembered with a slash at their end, the root as one. */
  #duplicate({ path, type }: TarEntry, plain: string): void {
    const folder = `${plain}/`;
    const isFolder = type === 'directory' || plain === '';
    if (isFolder && this.#paths.has(folder)) {
      this.#report(all.layerDuplicateFolder, `${quote(path)} is there a second time`);
    } else if (this.#paths.has(plain) || this.#paths.has(folder)) {
      this.#report(all.layerDuplicate, `${quote(path)} is there a second time`);
    } else if (this.#paths.size < pathsMax && this.#pathChars < pathCharsMax) {
      this.#paths.add(isFolder ? folder : plain);
      this.#pathChars += folder.length;
    }
  }

  #whiteout({ path, type, bytes }: TarEntry, steps: readonly string[]): void {
    const name = steps.at(-1) ?? '';
    if (steps.some((step) => aufsNames.has(step))) {
      this.#report(all.layerAufs, `${quote(path)} was a file of AUFS's own`);
      return;
    }
    const inside = steps.slice(0, -1).some((step) => step.startsWith('.wh.'));
    if (inside) this.#report(all.layerWhiteout, `${quote(path)} is below a whiteout`);
    if (!name.startsWith('.wh.')) return;
    const hidden = name.slice('.wh.'.length);
    if (hidden === '' || hidden === '.' || hidden === '..') {
      this.#report(all.layerWhiteout, `${quote(path)} hides nothing that can have a name`);
    } else if (hidden.startsWith('.wh.') && hidden !== '.wh..opq') {
      this.#report(all.layerWhiteout, `${quote(path)} hides a whiteout`);
    } else if (type === 'hardlink' || type === 'file') {
      if (bytes > 0) this.#report(all.layerWhiteout, `${quote(path)} has content`);
    } else {
      this.#report(all.layerWhiteout, `${quote(path)} is no regular file`);
    }
  }

  #report(rule: Rule, detail: string): void {
    const count = (this.#counts.get(rule) ?? 0) + 1;
    this.#counts.set(rule, count);
    if (count <= findingsPerRuleMax) this.#drafts.push({ rule, detail });
  }
}

/** Whether a relative link, followed from a folder, goes above the root. */
function climbs(folder: readonly string[], link: string): boolean {
  if (link.startsWith('/')) return false;
  let depth = folder.length;
  for (const step of link.split('/')) {
    if (step === '..') depth--;
    else if (step !== '' && step !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}
