// The files and links of a tar by their names, as if it were unpacked: where an entry, and where a link, leads.
// Who reads the archive decides what may be followed and what is refused.

import { posix } from 'node:path';
import type { TarEntry } from './read.ts';

/** Links that lead to links; more of them are taken for a circle. */
const linksMax = 16;

/** A step that is empty, `.` or `..`: nearly all names have none, which then need no second look. */
const oddStep = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** The name of an entry without `./` in front, slashes doubled or around it, and steps back inside of it. */
export function plainPath(path: string): string {
  if (!oddStep.test(path)) return path;
  return posix.normalize(path).replace(/^(?:\.?\/)+|^\.$|\/$/g, '');
}

/** Whether a name, taken as it is, is of something outside of the folder that an archive is unpacked to. */
export function leadsOut(path: string): boolean {
  if (!oddStep.test(path)) return false;
  return path.startsWith('/') || /^\.\.(?:\/|$)/.test(posix.normalize(path));
}

/**
 * Where a link of an archive leads, in the archive: undefined when it leads out. Hard links are names of
 * entries, symbolic ones are relative to their folder (POSIX.1-2024, pax, "linkname").
 */
function targetOf({ type, link }: TarEntry, path: string): string | undefined {
  if (type === 'symlink' && link.startsWith('/')) return undefined;
  const target = plainPath(type === 'symlink' ? posix.join(posix.dirname(path), link) : link);
  return leadsOut(target) ? undefined : target;
}

/** `File`: what is known of a regular file. */
export class TarNames<File> {
  readonly files = new Map<string, File>();
  readonly #links = new Map<string, string>();

  /** Of files and links. */
  get size(): number {
    return this.files.size + this.#links.size;
  }

  get links(): Iterable<string> {
    return this.#links.keys();
  }

  isLink(path: string): boolean {
    return this.#links.has(path);
  }

  /** Forgets what had this name: as when unpacking, an entry replaces an earlier one. */
  remove(path: string): void {
    this.files.delete(path);
    this.#links.delete(path);
  }

  addFile(path: string, file: File): void {
    this.remove(path);
    this.files.set(path, file);
  }

  /** Of a symbolic or hard link with this plain path; one that leads out of the archive is as good as absent. */
  addLink(path: string, entry: TarEntry): void {
    this.remove(path);
    const target = targetOf(entry, path);
    if (target !== undefined) this.#links.set(path, target);
  }

  /** The file that a path means, links followed; undefined when there is none in the archive. */
  follow(path: string): string | undefined {
    let target: string | undefined = path;
    for (let step = 0; step < linksMax && target !== undefined; step++) {
      if (this.files.has(target)) return target;
      target = this.#links.get(target);
    }
    return undefined;
  }
}
