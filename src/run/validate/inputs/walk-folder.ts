// The files below a folder that may be ours: by their names here, by what they hold in src/validate/sift.ts.
// Links to folders are not followed: they may lead in circles.
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mayBeOurs } from '../../../validate/sift.ts';
import type { ExpandOptions, Input, NamedFolder } from './expand.ts';
import { looksLikeImage, namesOf } from './folder-tree.ts';
import { GitIgnore } from './git-ignore.ts';
import type { SkipReason } from './skipped.ts';
import { unreadable, unreadableFile } from './unreadable.ts';

/** Folders within folders; paths have an end before that. */
const depthMax = 256;
/** Names in all folders together; only whole disks have more. */
const entriesMax = 1_000_000;
/** Folders between two looks at whether the user has had enough. */
const foldersAtOnce = 64;
/** Of others, and of version control. */
const foreignFolders = new Set(['node_modules', '.git', '.hg', '.svn', '.jj']);

/** Where no file lies on a disk. */
const systemFolders = new Set(['/dev', '/proc', '/sys']);

interface Place {
  readonly dir: string;
  readonly depth: number;
  /** What git ignores here; undefined where nothing says. */
  readonly ignore: GitIgnore | undefined;
}

/** An image, or what may be a document of ours, in the order of the names. */
export function walkFolder(folder: NamedFolder, options: ExpandOptions): AsyncGenerator<Input> {
  const dir = folder.path;
  return new FolderWalk(folder, options).walk({ dir, depth: 0, ignore: GitIgnore.around(dir) });
}

class FolderWalk {
  readonly #named: NamedFolder;
  readonly #options: ExpandOptions;
  #entries = 0;
  #folders = 0;

  constructor(named: NamedFolder, options: ExpandOptions) {
    this.#named = named;
    this.#options = options;
  }

  async *walk(place: Place): AsyncGenerator<Input> {
    const { dir, depth } = place;
    const { isDocument, signal, unread } = this.#options;
    if (++this.#folders % foldersAtOnce === 0) await new Promise(setImmediate);
    let entries: Dirent[];
    try {
      entries = readdirSync(dir, { withFileTypes: true });
    } catch (error) {
      unread(unreadableFile(dir, error));
      return;
    }
    this.#entries += entries.length;
    this.#named.files += entries.filter((entry) => !entry.isDirectory()).length;
    if (this.#entries > entriesMax) {
      throw unreadable(this.#named.path, `holds more than ${entriesMax} files: name folders in it`);
    }
    if (!isDocument(dir) && (await looksLikeImage(dir, namesOf(entries), depth > 0))) {
      // Certificates lie in folders of it.
      this.#named.files += entries.length;
      yield { form: 'folder', path: dir };
      return;
    }
    const isCheckout = depth > 0 && entries.some(({ name }) => name === '.git');
    const around = isCheckout ? GitIgnore.around(dir) : place.ignore;
    const inner = { ...place, ignore: GitIgnore.below(around, dir) };
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (signal.aborted) return;
      if (entry.isDirectory()) yield* this.#folder(entry.name, inner);
      else yield* this.#file(entry, inner);
    }
  }

  async *#folder(name: string, place: Place): AsyncGenerator<Input> {
    const path = join(place.dir, name);
    const isForeign = foreignFolders.has(name) || systemFolders.has(path);
    const reason = isForeign ? 'foreign' : this.#reasonAgainst(path, true, place);
    if (reason === undefined && place.depth < depthMax) {
      const ignore = place.ignore?.inside(resolve(path));
      yield* this.walk({ dir: path, depth: place.depth + 1, ignore });
    } else {
      this.#named.files++;
      this.#options.skipped.add(reason ?? 'deep', path);
    }
  }

  *#file(entry: Dirent, place: Place): Generator<Input> {
    const path = join(place.dir, entry.name);
    const isNamed = this.#options.isDocument(path);
    if (!isNamed && !mayBeOurs(path)) return;
    const reason = this.#reasonAgainst(path, false, place) ?? reasonOfForm(entry, path);
    if (reason !== undefined) this.#options.skipped.add(reason, path);
    else if (path.includes('\ufffd')) this.#options.unread(unreadable(path, notUtf8));
    else if (isNamed) yield { form: 'document', path };
    else yield { form: 'document', path, foundIn: this.#named };
  }

  #reasonAgainst(path: string, isFolder: boolean, { ignore }: Place): SkipReason | undefined {
    if (this.#options.excludes(path, isFolder)) return 'excluded';
    return ignore?.ignores(resolve(path), isFolder) ? 'ignored' : undefined;
  }
}

const notUtf8 = 'has a name that is not UTF-8, and cannot be opened by it: rename it';

function reasonOfForm(entry: Dirent, path: string): SkipReason | undefined {
  if (entry.isFile()) return undefined;
  if (!entry.isSymbolicLink()) return 'special';
  try {
    return statSync(path).isFile() ? undefined : 'link';
  } catch (error) {
    // What may not be looked at is no dead link: reading it tells why.
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? undefined : 'link';
  }
}
