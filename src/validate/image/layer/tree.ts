// The paths of one layer side by side: two entries for one path, entries below what is no folder, whiteouts
// that come too late. A path costs its characters and one number; entries beyond the bounds are not compared.

import type { TarEntry, TarType } from '../../../formats/tar/read.ts';
import type { Rule } from '../../rules/rule.ts';
import { quote } from '../../rules/rule.ts';
import * as all from './rules.ts';

/** A detail that takes work is a function: of many findings few are shown. */
export type ReportLayer = (rule: Rule, detail: string | (() => string)) => void;

/** Paths remembered of a layer, and their characters. */
const pathsMax = 500_000;
const pathCharsMax = 32 * 1024 * 1024;
/** Folders beside a whiteout of their name that are judged. */
const hiddenMax = 1_000;

export const whiteoutPrefix = '.wh.';
/** Names of AUFS's own, which clients skip, but for the opaque whiteout. */
export const aufsPrefix = '.wh..wh.';
/** Hides all that lower layers have in its folder. */
export const opaqueWhiteout = '.wh..wh..opq';

/** What a path is: one of these, and flags beside it. An implied folder has entries below it and none of its own. */
const [file, folder, impliedFolder, symlink] = [0, 1, 2, 3];
const kindMask = 3;
const [belowFile, belowLink, climbing, hasEntries] = [4, 8, 16, 32];
const inheritedMask = belowFile | belowLink | climbing;

const words: Readonly<Record<number, string>> = {
  [file]: 'a file',
  [folder]: 'a folder',
  [impliedFolder]: 'a folder',
  [symlink]: 'a symbolic link',
};

/** What lies at a path: `nothing` where no entry of the layer says it. */
export type PathKind = 'file' | 'folder' | 'symlink' | 'nothing';

export class LayerTree {
  readonly #report: ReportLayer;
  readonly #paths = new Map<string, number>([['', impliedFolder]]);
  #chars = 0;
  #isFull = false;
  /** The folder of the last entry: most entries have the same as the one before. */
  #lastPath = '';
  #lastFlags = impliedFolder;
  #lateWhiteouts = 0;
  #firstLate = '';
  #opaques = 0;
  #whiteouts = 0;
  /** Folders beside a whiteout of their name. */
  readonly #hidden: string[] = [];
  #firstOpaque = '';

  constructor(report: ReportLayer) {
    this.#report = report;
  }

  /** Whether all paths are known. */
  get isWhole(): boolean {
    return !this.#isFull;
  }

  /** Paths but the root. */
  get size(): number {
    return this.#paths.size - 1;
  }

  kindOf(path: string): PathKind {
    const flags = this.#paths.get(path);
    if (flags === undefined) return 'nothing';
    const kind = flags & kindMask;
    if (kind === symlink) return 'symlink';
    return kind === file ? 'file' : 'folder';
  }

  /** All paths but the root, with what they are. */
  *entries(): Generator<readonly [path: string, kind: PathKind]> {
    for (const path of this.#paths.keys()) if (path !== '') yield [path, this.kindOf(path)];
  }

  /** `plain` is its path without `./`, doubled slashes and the like; `climbs`: it links above the root. */
  add(entry: TarEntry, plain: string, climbs: boolean): void {
    if (this.#isFull) return;
    if (plain === '') {
      this.#addRoot(entry);
      return;
    }
    const slash = plain.lastIndexOf('/');
    const parent = this.#enter(slash < 0 ? '' : plain.slice(0, slash));
    const below = inheritedBy(parent);
    if (below !== 0) this.#reportBelow(entry, plain, below);
    const kind = kindOfType(entry.type);
    const known = this.#paths.get(plain);
    if (kind === folder && this.#whiteouts > 0) this.#noteHidden(plain, slash);
    if (known !== undefined) this.#reportSecond(entry, known & kindMask, kind);
    const kept = known === undefined ? 0 : known & hasEntries;
    this.#set(plain, kind | below | kept | (climbs ? climbing : 0));
    const name = plain.slice(slash + 1);
    if (name.startsWith(whiteoutPrefix)) this.#addWhiteout(entry, plain, name, parent);
    else if ((this.#lastFlags & hasEntries) === 0) this.#markLast();
  }

  /** Says what is told once of a whole layer. */
  finish(): void {
    for (const path of new Set(this.#hidden)) {
      if (this.#paths.has(`${path}/${opaqueWhiteout}`)) continue;
      this.#report(all.layerWhiteoutFolder, `${quote(path)} is a folder beside a whiteout of it`);
    }
    if (this.#lateWhiteouts > 0) {
      const detail = `${quote(this.#firstLate)} comes behind entries of its folder`;
      this.#report(all.layerWhiteoutOrder, detail + andMore(this.#lateWhiteouts));
    }
    if (this.#opaques > 0) {
      const detail = `${quote(this.#firstOpaque)} hides all that lower layers have in its folder`;
      this.#report(all.layerWhiteoutOpaque, detail + andMore(this.#opaques));
    }
  }

  #addRoot(entry: TarEntry): void {
    if (entry.path === '') return;
    const kind = kindOfType(entry.type);
    const root = this.#paths.get('') ?? impliedFolder;
    if (kind !== folder) {
      this.#report(all.layerRoot, `${quote(entry.path)} is ${wordOf(entry.type)}`);
    } else if ((root & kindMask) === folder) {
      this.#report(all.layerDuplicateFolder, `${quote(entry.path)} is there a second time`);
    } else {
      this.#paths.set('', folder | (root & hasEntries));
      this.#forgetLast();
    }
  }

  /** Goes to the folder of an entry; what of its path has no entry is implied. */
  #enter(path: string): number {
    if (path === this.#lastPath) return this.#lastFlags;
    let flags = this.#paths.get(path);
    if (flags === undefined) {
      const implied: string[] = [];
      let above = path;
      while (flags === undefined) {
        implied.push(above);
        above = above.slice(0, Math.max(0, above.lastIndexOf('/')));
        flags = this.#paths.get(above);
      }
      for (const missing of implied.reverse()) {
        flags = impliedFolder | inheritedBy(flags);
        this.#set(missing, flags);
        if (this.#whiteouts > 0) this.#noteHidden(missing, missing.lastIndexOf('/'));
      }
    }
    this.#lastPath = path;
    this.#lastFlags = flags;
    return flags;
  }

  #markLast(): void {
    this.#lastFlags |= hasEntries;
    this.#paths.set(this.#lastPath, this.#lastFlags);
  }

  #forgetLast(): void {
    this.#lastPath = '';
    this.#lastFlags = this.#paths.get('') ?? impliedFolder;
  }

  #set(path: string, flags: number): void {
    if (!this.#paths.has(path)) this.#chars += path.length;
    this.#paths.set(path, flags);
    this.#isFull = this.#paths.size > pathsMax || this.#chars > pathCharsMax;
  }

  #reportBelow({ path }: TarEntry, plain: string, below: number): void {
    if ((below & climbing) !== 0) {
      this.#report(all.layerPath, `${quote(path)} lies behind a link that climbs above the root`);
      return;
    }
    const isFile = (below & belowFile) !== 0;
    this.#report(isFile ? all.layerBelowFile : all.layerBelowLink, () => {
      const above = quote(this.#aboveOf(plain, isFile ? file : symlink));
      return `${quote(path)} lies below ${above}, which is ${isFile ? 'no folder' : 'a symbolic link'}`;
    });
  }

  /** The nearest path above that is of this kind. */
  #aboveOf(plain: string, kind: number): string {
    let above = plain;
    do above = above.slice(0, Math.max(0, above.lastIndexOf('/')));
    while (above !== '' && ((this.#paths.get(above) ?? folder) & kindMask) !== kind);
    return above;
  }

  #reportSecond({ path, type }: TarEntry, first: number, second: number): void {
    if (second === folder) {
      if (first === impliedFolder) return;
      if (first === folder) {
        this.#report(all.layerDuplicateFolder, `${quote(path)} is there a second time`);
        return;
      }
    } else if (first === impliedFolder) {
      const detail = `${quote(path)} is ${wordOf(type)}, and entries before it lie below it`;
      this.#report(all.layerBelowFile, detail);
      return;
    }
    const change = first === second ? '' : `, first as ${words[first]}, then as ${wordOf(type)}`;
    this.#report(all.layerDuplicate, `${quote(path)} is there a second time${change}`);
  }

  /** Of a folder: a whiteout of its name is there. `slash` is the last in its path. */
  #noteHidden(plain: string, slash: number): void {
    const whiteout = `${plain.slice(0, slash + 1)}${whiteoutPrefix}${plain.slice(slash + 1)}`;
    if (!this.#paths.has(whiteout) || this.#hidden.length >= hiddenMax) return;
    this.#hidden.push(plain);
  }

  #addWhiteout({ path }: TarEntry, plain: string, name: string, parent: number): void {
    if (name === opaqueWhiteout) {
      this.#firstOpaque ||= path;
      this.#opaques++;
    } else if (name.startsWith(aufsPrefix)) {
      return;
    }
    this.#whiteouts++;
    const hidden = plain.slice(0, -name.length) + name.slice(whiteoutPrefix.length);
    if (hidden !== '' && this.#paths.has(hidden)) {
      const detail = `${quote(path)} comes behind ${quote(hidden)}, which the same layer adds`;
      this.#report(all.layerWhiteoutOwn, detail);
    } else if ((parent & hasEntries) !== 0) {
      this.#firstLate ||= path;
      this.#lateWhiteouts++;
    }
  }
}

function kindOfType(type: TarType): number {
  if (type === 'directory') return folder;
  return type === 'symlink' ? symlink : file;
}

function wordOf(type: TarType): string {
  if (type === 'hardlink') return 'a hard link';
  if (type === 'special') return 'a device or the like';
  return words[kindOfType(type)] ?? 'a file';
}

/** What a path has from the one above it. */
function inheritedBy(above: number): number {
  const kind = above & kindMask;
  const own = kind === file ? belowFile : kind === symlink ? belowLink : 0;
  return own | (above & inheritedMask);
}

function andMore(count: number): string {
  return count > 1 ? `, and ${count - 1} more do` : '';
}
