// What a folder holds that pullproof judges, for the settings that `init` writes.
import { relative } from 'node:path';
import { configBytesMax } from '../../formats/config-limits.ts';
import { kindOfName } from '../../validate/other-kinds.ts';
import { isOurs } from '../../validate/sift.ts';
import { expandInputs } from '../validate/inputs/expand.ts';
import { readFileUpTo } from '../validate/inputs/read-file.ts';
import { Skipped } from '../validate/inputs/skipped.ts';

/** Paths from the folder, by what they are. */
export type Found = Readonly<Record<FoundKind, readonly string[]>>;
type FoundKind = 'images' | 'documents' | 'auth files' | 'registries.conf';

/** Files that are read; the rest of a large project is not looked at. */
const readMax = 2_000;

/** Nothing where the folder is not there. What cannot be read is passed by. */
export async function findIn(folder: string, signal: AbortSignal): Promise<Found> {
  const found: Record<FoundKind, string[]> = {
    images: [],
    documents: [],
    'auth files': [],
    'registries.conf': [],
  };
  const inputs = await expandInputs([], [folder], {
    plainHttp: false,
    isDocument: () => false,
    excludes: () => false,
    sifts: false,
    skipped: new Skipped(),
    folders: [],
    unread: () => undefined,
    signal,
  });
  for (const input of inputs.slice(0, readMax)) {
    if (input.form === 'remote' || signal.aborted) continue;
    const path = relative(folder, input.path) || '.';
    if (input.form === 'document') {
      const kind = kindOfName(path);
      if (kind === 'pullproof-config' || !(await holdsOurs(input.path))) continue;
      found[kindsByName[kind ?? ''] ?? 'documents'].push(path);
    } else found.images.push(path);
  }
  return found;
}

const kindsByName: Readonly<Record<string, FoundKind>> = {
  'auth-file': 'auth files',
  dockercfg: 'auth files',
  'registries-conf': 'registries.conf',
};

async function holdsOurs(path: string): Promise<boolean> {
  const bytes = await readFileUpTo(path, configBytesMax).catch(() => undefined);
  return bytes !== undefined && isOurs(path, bytes);
}
