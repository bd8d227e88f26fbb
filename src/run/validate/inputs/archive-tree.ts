// A tar archive (plain, gzip, zstd) that holds an image. It is read from front to back once: every file
// is hashed, and what may be a document is kept. A second reading streams layers. Nothing is written.
import type { Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { type Compression, compressionOf, magicBytes } from '../../../formats/compression.ts';
import { plainPath, TarNames } from '../../../formats/tar/names.ts';
import { type TarEntry, TarReader } from '../../../formats/tar/read.ts';
import { crypto } from '../../../lib/node/crypto.ts';
import type { BlobDraft, ByteSink } from '../../../validate/image/layer/inspection.ts';
import { layerLimits } from '../../../validate/image/layer/rules.ts';
import { archiveMalformed } from '../../../validate/image/rules.ts';
import type { FileTree } from '../../../validate/image/tree.ts';
import { Unpacker } from '../../../validate/image/unpack.ts';
import { lookOfNoTar } from '../../../validate/looks/no-tar.ts';
import { documentBytesMax } from '../../../validate/source.ts';
import { headBytes } from './archive-head.ts';
import { filePieces } from './folder-tree.ts';
import { unreadable, unreadableFile } from './unreadable.ts';

/** Far more than images have, and the characters of their paths. */
const filesMax = 250_000;
const pathCharsMax = 64 * 1024 * 1024;
/** All documents of an archive together. */
const keptBytesMax = 256 * 1024 * 1024;
/** Files of this size are kept whatever they hold. */
const smallBytes = 64 * 1024;
/** Blanks, `[`, `{`, and the first byte of a byte order mark. */
const jsonStart = new Set([0x20, 0x09, 0x0a, 0x0d, 0x5b, 0x7b, 0xef]);
/** Compressed bytes at a time, so that what is unpacked and not yet taken stays small. */
const biteBytes = 32 * 1024;

/** One file of the archive, as the first reading found it. */
interface Found {
  readonly bytes: number;
  /** Where its content begins. Of several entries of one name the last counts, as when unpacking. */
  readonly offset: number;
  readonly algorithm: 'sha256' | 'sha512';
  readonly digest: string;
  readonly kept: Uint8Array | undefined;
}

interface Scan {
  readonly files: ReadonlyMap<string, Found>;
  readonly folders: ReadonlySet<string>;
  readonly compression: Compression;
  readonly problems: readonly BlobDraft[];
  readonly deadLinks: ReadonlyMap<string, string>;
}

/**
 * `name`: what results call it, where that is not its path.
 * @throws UserError (exit 2) when the file cannot be read; what is wrong in it is a finding
 */
export async function openArchive(
  path: string,
  bytesMax: number,
  signal: AbortSignal,
  name = path,
): Promise<FileTree> {
  const { files, folders, compression, problems, deadLinks } = await scan(path, bytesMax, signal);
  return {
    name,
    files: new Map([...files].map(([file, { bytes }]) => [file, bytes])),
    folders,
    problems,
    deadLinks,
    pathOf: (file) => `${name}!/${file}`,
    digestReads: false,
    read: async (file) => files.get(file)?.kept,
    async digest(file, algorithm) {
      const found = files.get(file);
      return found?.algorithm === algorithm ? found.digest : undefined;
    },
    async stream(wanted, openSink) {
      const byOffset = new Map<number, string[]>();
      for (const file of wanted) {
        const offset = files.get(file)?.offset;
        if (offset === undefined) continue;
        byOffset.set(offset, [...(byOffset.get(offset) ?? []), file]);
      }
      const picker = new Picker(byOffset, openSink);
      await eachPiece(path, compression, bytesMax, signal, (piece) => picker.write(piece));
      signal.throwIfAborted();
    },
  };
}

/** Feeds the unpacked archive to `take`; returns what was wrong with the compression. */
async function eachPiece(
  path: string,
  compression: Compression,
  bytesMax: number,
  signal: AbortSignal,
  take: (piece: Uint8Array) => Promise<void>,
): Promise<BlobDraft | undefined> {
  const waiting: Uint8Array[] = [];
  const unpacker = new Unpacker(compression, bytesMax, (piece) => waiting.push(piece));
  const drain = async () => {
    for (const piece of waiting.splice(0)) await take(piece);
  };
  try {
    for await (const piece of filePieces(path, signal)) {
      for (let at = 0; at < piece.length; at += biteBytes) {
        await unpacker.write(piece.subarray(at, at + biteBytes));
        await drain();
      }
      if (unpacker.outcome.problem !== undefined) break;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw unreadableFile(path, error);
  }
  if (signal.aborted) return undefined;
  const { problem, detail } = await unpacker.finish();
  await drain();
  if (problem === undefined) return undefined;
  return { rule: problem === 'limit' ? layerLimits : archiveMalformed, detail };
}

async function scan(path: string, bytesMax: number, signal: AbortSignal): Promise<Scan> {
  const compression = await compressionOfFile(path);
  const scanner = new Scanner(path);
  const head = new Head();
  const problem = await eachPiece(path, compression, bytesMax, signal, async (piece) => {
    head.write(piece);
    scanner.reader.write(piece);
  });
  if (problem === undefined && !signal.aborted) scanner.reader.finish();
  if (problem !== undefined) scanner.problems.push(problem);
  const { names, folders, deadLinks } = scanner;
  scanner.resolveLinks();
  const stranger = problem === undefined && !signal.aborted ? head.problem(compression) : undefined;
  const problems = stranger === undefined ? scanner.problems : [stranger];
  return { files: names.files, folders, compression, problems, deadLinks };
}

/** The first bytes of what should be a tar. */
class Head {
  #bytes = new Uint8Array();

  write(piece: Uint8Array): void {
    const missing = headBytes - this.#bytes.length;
    if (missing > 0) this.#bytes = Buffer.concat([this.#bytes, piece.subarray(0, missing)]);
  }

  /** Something else than a tar, told by its name. */
  problem(compression: Compression): BlobDraft | undefined {
    const look = lookOfNoTar(this.#bytes);
    if (look === undefined) return undefined;
    const unpacked = compression === 'none' ? '' : `, compressed by ${compression}`;
    const detail = `${look.detail}${unpacked}`;
    return { rule: { ...archiveMalformed, fix: look.fix }, detail };
  }
}

async function compressionOfFile(path: string): Promise<Compression> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(magicBytes);
    await file.read(head, 0, head.length, 0);
    return compressionOf(head);
  } finally {
    await file.close();
  }
}

/** The first reading. */
class Scanner {
  readonly names = new TarNames<Found>();
  readonly folders = new Set<string>();
  readonly problems: BlobDraft[] = [];
  readonly reader: TarReader;
  /** Links by what they say, those taken out that lead to a file. */
  readonly deadLinks = new Map<string, string>();
  readonly #path: string;
  #entry: TarEntry | undefined;
  #hash: Hash | undefined;
  #algorithm: 'sha256' | 'sha512' = 'sha256';
  #pieces: Uint8Array[] | undefined;
  #pathChars = 0;
  #isKept = false;
  #keptBytes = 0;

  constructor(path: string) {
    this.#path = path;
    this.reader = new TarReader({
      entry: (entry) => this.#begin(entry),
      data: (piece) => this.#take(piece),
      end: () => this.#end(),
      problem: (problem, detail) => {
        // Missing padding is no writer's habit here: the file was cut.
        if (problem === 'malformed' || problem === 'truncated' || problem === 'unpadded') {
          this.problems.push({ rule: archiveMalformed, detail });
        }
      },
    });
  }

  #begin(entry: TarEntry): void {
    this.#entry = entry;
    this.#hash = undefined;
    this.#pathChars += entry.path.length + entry.link.length;
    if (this.names.size > filesMax || this.#pathChars > pathCharsMax) {
      throw unreadable(
        this.#path,
        `holds more than ${filesMax} files, no archive of an image does`,
      );
    }
    const path = plainPath(entry.path);
    if (entry.type === 'hardlink' || entry.type === 'symlink') {
      this.names.addLink(path, entry);
      this.deadLinks.set(path, entry.link);
    }
    if (entry.type === 'directory' || path.includes('/')) this.folders.add(topOf(path));
    if (entry.type !== 'file') return;
    this.#algorithm = path.startsWith('blobs/sha512/') ? 'sha512' : 'sha256';
    // Small ones are hashed at once: of archives with very many files each Hash would take its memory.
    this.#hash = entry.bytes > smallBytes ? crypto().createHash(this.#algorithm) : undefined;
    const room = entry.bytes <= documentBytesMax && this.#keptBytes + entry.bytes <= keptBytesMax;
    this.#pieces = room || this.#hash === undefined ? [] : undefined;
    this.#isKept = room;
  }

  #take(piece: Uint8Array): void {
    this.#hash?.update(piece);
    // What is not small and does not begin as JSON is no document.
    const isLarge = (this.#entry?.bytes ?? 0) > smallBytes;
    if (isLarge && this.#pieces?.length === 0 && !jsonStart.has(piece[0] ?? 0)) {
      this.#pieces = undefined;
    }
    this.#pieces?.push(piece.slice());
  }

  #end(): void {
    const entry = this.#entry;
    if (entry?.type !== 'file') return;
    const content = this.#pieces && Buffer.concat(this.#pieces);
    const hex = this.#hash?.digest('hex') ?? crypto().hash(this.#algorithm, content ?? '', 'hex');
    const kept = this.#isKept ? content : undefined;
    this.#keptBytes += kept?.length ?? 0;
    this.names.addFile(plainPath(entry.path), {
      bytes: entry.bytes,
      offset: entry.offset,
      algorithm: this.#algorithm,
      digest: `${this.#algorithm}:${hex}`,
      kept,
    });
    this.#pieces = undefined;
    this.#hash = undefined;
  }

  /** Links count as the files that they lead to: in docker save archives, from a layer to the same one. */
  resolveLinks(): void {
    const { files } = this.names;
    const found = [...this.names.links].map((path) => {
      const target = this.names.follow(path);
      return [path, target === undefined ? undefined : files.get(target)] as const;
    });
    for (const [path, file] of found) if (file !== undefined) files.set(path, file);
    for (const path of files.keys()) this.deadLinks.delete(path);
  }
}

/** The second reading: hands the content of some files, by where it begins, to sinks. */
class Picker {
  readonly #wanted: ReadonlyMap<number, readonly string[]>;
  readonly #open: (file: string) => ByteSink;
  readonly #reader: TarReader;
  /** What one write brought, in order; sinks are asynchronous, the reader is not. */
  readonly #steps: (() => Promise<void>)[] = [];
  #sinks: readonly ByteSink[] = [];

  constructor(
    wanted: ReadonlyMap<number, readonly string[]>,
    openSink: (file: string) => ByteSink,
  ) {
    this.#wanted = wanted;
    this.#open = openSink;
    this.#reader = new TarReader({
      entry: ({ offset, type }) => this.#begin(type === 'file' ? offset : -1),
      data: (piece) => this.#steps.push(() => this.#each((sink) => sink.write(piece))),
      end: () => this.#steps.push(() => this.#each((sink) => sink.end())),
      // The first reading told.
      problem: () => undefined,
    });
  }

  async write(piece: Uint8Array): Promise<void> {
    this.#reader.write(piece);
    for (const step of this.#steps.splice(0)) await step();
  }

  #begin(offset: number): void {
    this.#steps.push(async () => {
      const files = this.#wanted.get(offset) ?? [];
      this.#sinks = files.map((file) => this.#open(file));
    });
  }

  async #each(act: (sink: ByteSink) => Promise<void>): Promise<void> {
    for (const sink of this.#sinks) await act(sink);
  }
}

function topOf(path: string): string {
  return path.split('/', 1)[0] ?? '';
}
