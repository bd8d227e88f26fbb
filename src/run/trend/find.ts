// Run folders below a folder: whatever holds a results.json. Bounded in depth and number.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../lib/user-error.ts';

export interface FoundRun {
  /** Below the folder, with `/`; '.' is the folder itself. */
  readonly path: string;
  readonly report: boolean;
}

export interface Found {
  readonly runs: readonly FoundRun[];
  /** Folders that could not be read, and bounds that were met. */
  readonly leftOut: readonly { readonly path: string; readonly message: string }[];
}

const runsMax = 2000;
const depthMax = 6;
const foldersMax = 20_000;

/** Links to folders are not followed. @throws UserError `trend-folder` (exit 2) for what is no folder */
export async function findRuns(folder: string): Promise<Found> {
  await refuseNoFolder(folder);
  const runs: FoundRun[] = [];
  const leftOut: { path: string; message: string }[] = [];
  let open = ['.'];
  let seen = 0;
  for (let depth = 0; depth <= depthMax && open.length > 0; depth++) {
    const next: string[] = [];
    for (const path of open) {
      seen++;
      const found = await lookInto(folder, path);
      if (typeof found === 'string') leftOut.push({ path, message: found });
      else if (found.isRun) runs.push({ path, report: found.report });
      else for (const one of found.folders) next.push(one);
      if (seen >= foldersMax || runs.length >= runsMax) {
        const message = `only the first ${runs.length} runs in ${seen} folders were looked at`;
        return { runs, leftOut: [...leftOut, { path: '.', message }] };
      }
    }
    open = next;
  }
  if (open.length > 0) {
    const message = `folders more than ${depthMax} deep were not looked into`;
    leftOut.push({ path: '.', message });
  }
  return { runs, leftOut };
}

type Looked = { isRun: boolean; report: boolean; folders: string[] };

/** A message where it cannot be read. */
async function lookInto(folder: string, path: string): Promise<Looked | string> {
  try {
    const entries = await readdir(join(folder, path), { withFileTypes: true });
    const has = (name: string) =>
      entries.some((entry) => entry.name === name && !entry.isDirectory());
    const folders = entries
      .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
      .map(({ name }) => (path === '.' ? name : `${path}/${name}`))
      .sort();
    return { isRun: has('results.json'), report: has('report.html'), folders };
  } catch (error) {
    return `it cannot be read: ${(error as Error).message}`;
  }
}

async function refuseNoFolder(folder: string): Promise<void> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return;
  throw new UserError(
    'trend-folder',
    `${folder} is no folder`,
    'Name the folder below which the run folders lie, such as pullproof-results.',
  );
}
