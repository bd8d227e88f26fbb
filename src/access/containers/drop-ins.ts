// Files of a folder of drop-ins, and which of several folders of them win.
import { isUtf8 } from 'node:buffer';
import { lstat, readdir } from 'node:fs/promises';
import { posix } from 'node:path';
import { readConfigBytes } from '../config-file.ts';
import { type HostView, pathOn } from '../host-view.ts';
import type { Looked, Written } from '../route.ts';
import { ConfFault } from './conf-fault.ts';

const dropInsMax = 1000;

/**
 * Paths, in the order of names; folders in it are no drop-ins. `isWalked`: as filepath.WalkDir goes, which takes a
 * file or a link in the place of the folder for one without drop-ins.
 * @throws ConfFault for what cannot be listed
 */
export async function dropInsOf(
  host: HostView,
  folder: string,
  ending: string,
  looked: Looked[],
  isWalked = false,
): Promise<string[]> {
  try {
    if (isWalked && !(await lstat(pathOn(host, folder))).isDirectory()) {
      looked.push({ path: folder, state: 'invalid' });
      return [];
    }
    const entries = await readdir(pathOn(host, folder), { withFileTypes: true });
    const names = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
    const fitting = names.filter((name) => name.endsWith(ending)).slice(0, dropInsMax);
    return fitting.sort(inBytes).map((name) => posix.join(folder, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      looked.push({ path: folder, state: 'absent' });
      return [];
    }
    looked.push({ path: folder, state: 'unreadable' });
    const message = `${folder} cannot be listed (${code})`;
    const written = { in: folder, line: 0 };
    const hint = 'Make it a readable folder, or remove it.';
    throw new ConfFault('registries-conf-unreadable', written, message, hint);
  }
}

/** As Go sorts. */
export function inBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Of each name the first, in the order of names; `layers` from the one that wins. */
export function firstOfEachName(
  layers: readonly (readonly string[])[],
  looked: Looked[],
): string[] {
  const byName = new Map<string, string>();
  for (const path of layers.flat()) {
    const name = posix.basename(path);
    if (byName.has(name)) looked.push({ path, state: 'passed over' });
    else byName.set(name, path);
  }
  return [...byName].sort(([a], [b]) => inBytes(a, b)).map(([, path]) => path);
}

/**
 * The user's own folder, then those of the host for this kind of user before those for all: registries.conf.d,
 * registries.rootless.conf.d and so on.
 */
export function layeredFolders(
  [user = '', ...others]: readonly string[],
  name: string,
  suffix: string,
  uid: number,
): string[] {
  const folders = others.flatMap((folder) => {
    const own = posix.join(folder, name);
    // Windows knows no such numbers.
    if (uid < 0) return [own + suffix];
    const special = `${own}.${uid === 0 ? 'rootful' : 'rootless'}${suffix}`;
    return [...(uid > 0 ? [posix.join(special, String(uid))] : []), special, own + suffix];
  });
  return [posix.join(user, name + suffix), ...folders];
}

/**
 * The text of a file, which is in `looked` as `no match` then; undefined where it is absent and nobody named it.
 * @throws ConfFault
 */
export async function readConf(
  host: HostView,
  path: string,
  looked: Looked[],
  wantedBy?: Written,
): Promise<string | undefined> {
  const read = await readConfigBytes(host, path);
  if (read.state === 'read' && isUtf8(read.bytes)) {
    looked.push({ path, state: 'no match' });
    return read.bytes.toString('utf8');
  }
  looked.push({ path, state: read.state === 'read' ? 'invalid' : read.state });
  if (read.state === 'absent' && read.code === 'ENOENT' && wantedBy === undefined) return undefined;
  const why = { read: 'is not UTF-8', absent: 'is not there', unreadable: '' }[read.state];
  const message = `${path} ${read.state === 'unreadable' ? read.why : why}`;
  const hint = wantedBy === undefined ? 'Mend it, or remove it.' : `${wantedBy.in} names it.`;
  throw new ConfFault(
    'registries-conf-unreadable',
    wantedBy ?? { in: path, line: 0 },
    message,
    hint,
  );
}
