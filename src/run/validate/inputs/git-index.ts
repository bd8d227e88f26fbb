// Which files git tracks: they are of the repository although a pattern ignores them. Read from the index of
// the checkout (gitformat-index(5), versions 2 to 4), when something ignored is met.
import { join } from 'node:path';
import { bytesOf, type GitFolder, readBytes, readText, setting } from './git-folder.ts';

/** Some hundred thousand files. */
const bytesMax = 128 * 1024 * 1024;
/** Of one path, and of all. */
const pathBytesMax = 4096;
const pathsBytesMax = 64 * 1024 * 1024;
const headBytes = 12;
/** Times, device, inode, mode, owner, size; the name of the object and the flags come after. */
const statBytes = 40;
const flagsBytes = 2;
const extended = 0x4000;

export class TrackedFiles {
  readonly #git: GitFolder;
  /** In the order of their bytes, as they stand in the index; a character for each. */
  #paths: readonly string[] | undefined;

  constructor(git: GitFolder) {
    this.#git = git;
  }

  /** Whether a file is tracked, or any below a folder. `path`: from the top, with slashes. */
  has(path: string): boolean {
    this.#paths ??= this.#read();
    const name = bytesOf(path);
    const inside = `${name}/`;
    const isFile = this.#paths[firstFrom(this.#paths, name)] === name;
    return isFile || this.#paths[firstFrom(this.#paths, inside)]?.startsWith(inside) === true;
  }

  #read(): readonly string[] {
    const { own, common } = this.#git;
    const index = readBytes(join(own, 'index'), bytesMax);
    if (index === undefined) return [];
    const format = setting(readText(join(common, 'config')) ?? '', 'extensions', 'objectformat');
    return [...pathsOf(index, format === 'sha256' ? 32 : 20)];
  }
}

/** Where a sorted list has the first that is not before `wanted`. */
function firstFrom(sorted: readonly string[], wanted: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The paths of an index, a character for each byte; those before the place where it is not as it should be. */
function* pathsOf(index: Buffer, hashBytes: number): Generator<string> {
  if (index.length < headBytes || index.toString('latin1', 0, 4) !== 'DIRC') return;
  const version = index.readUInt32BE(4);
  const count = index.readUInt32BE(8);
  if (version < 2 || version > 4) return;
  let name = Buffer.alloc(0);
  let bytes = 0;
  let at = headBytes;
  for (let entry = 0; entry < count; entry++) {
    const flagsAt = at + statBytes + hashBytes;
    if (flagsAt + flagsBytes > index.length) return;
    const isExtended = (index.readUInt16BE(flagsAt) & extended) !== 0;
    let from = flagsAt + flagsBytes * (isExtended ? 2 : 1);
    let kept = 0;
    if (version === 4) {
      const dropped = varint(index, from);
      from = dropped.end;
      kept = name.length - dropped.value;
    }
    const end = index.indexOf(0, from);
    if (end === -1 || kept < 0 || kept + end - from > pathBytesMax) return;
    name = Buffer.concat([name.subarray(0, kept), index.subarray(from, end)]);
    bytes += name.length;
    if (bytes > pathsBytesMax) return;
    yield name.toString('latin1');
    // Entries of versions before 4 are filled up to a multiple of 8, with a NUL at least.
    at = version === 4 ? end + 1 : at + Math.ceil((end + 1 - at) / 8) * 8;
  }
}

/** As "offset encoding" of packs: each byte but the last adds one. */
function varint(bytes: Buffer, from: number): { value: number; end: number } {
  let at = from;
  let byte = bytes[at++] ?? 0;
  let value = byte & 0x7f;
  while (byte >= 0x80 && at < bytes.length) {
    byte = bytes[at++] ?? 0;
    value = (value + 1) * 0x80 + (byte & 0x7f);
  }
  return { value, end: at };
}
