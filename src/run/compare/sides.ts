// The runs of both sides of a comparison, as they were named: folders, results.json, or patterns of these.
import { glob, readdir, realpath, stat } from 'node:fs/promises';
import { UserError } from '../../lib/user-error.ts';
import { type EarlierRun, readRun } from '../load/read-run.ts';

export interface NamedRun extends EarlierRun {
  /** As the user named it. */
  readonly path: string;
}

/** Of one side. */
const runsMax = 200;
/** Read at a time: a results document may take megabytes. */
const parallelMax = 4;

/** @throws UserError `no-baseline` (exit 3), `no-run`, `run-unreadable`, `run-twice` (exit 2) */
export async function readSides(
  base: readonly string[],
  others: readonly string[],
): Promise<{ base: NamedRun[]; with: NamedRun[] }> {
  // What is to be compared comes first: that there is no baseline is an answer, a mistyped run is none.
  const found = await readAll(await expanded(others));
  if (found.length === 0) throw noRun(others.join(' '));
  const named = await expanded(base);
  if (named.length === 0) throw noBaseline(base.join(' '));
  for (const path of named) if (await isAbsent(path)) throw noBaseline(path);
  return { base: await readAll(named), with: found };
}

/** What a shell would make of patterns; a path that is there is none. */
async function expanded(paths: readonly string[]): Promise<string[]> {
  const all: string[] = [];
  for (const path of paths) {
    if (!/[*?[]/.test(path) || !(await isAbsent(path))) {
      all.push(path);
      continue;
    }
    const matches: string[] = [];
    for await (const match of glob(path)) {
      matches.push(match);
      if (matches.length > runsMax) break;
    }
    all.push(...matches.sort());
  }
  if (all.length > runsMax) {
    throw new UserError(
      'runs-too-many',
      `there are more than ${runsMax} runs on one side`,
      'Name fewer: 8 a side are plenty.',
    );
  }
  return all;
}

/** Not there, or an empty folder: where a cache was restored and held nothing. */
async function isAbsent(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return found.isDirectory() && (await readdir(path)).length === 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR';
  }
}

async function readAll(paths: readonly string[]): Promise<NamedRun[]> {
  const seen = new Map<string, string>();
  const runs: NamedRun[] = [];
  for (let at = 0; at < paths.length; at += parallelMax) {
    const some = paths.slice(at, at + parallelMax);
    runs.push(
      ...(await Promise.all(some.map(async (path) => ({ ...(await readRun(path)), path })))),
    );
  }
  for (const { path, folder } of runs) {
    const place = await realpath(folder);
    const earlier = seen.get(place);
    if (earlier !== undefined) {
      throw new UserError(
        'run-twice',
        `${earlier} and ${path} are the same run`,
        'Name each run of a side once: it would count as evidence twice.',
      );
    }
    seen.set(place, path);
  }
  return runs;
}

function noRun(pattern: string): UserError {
  return new UserError(
    'no-run',
    `nothing is called ${pattern}, so that there is no run to compare`,
    'Name the folders of the runs that are to be held against the base.',
  );
}

function noBaseline(path: string): UserError {
  return new UserError(
    'no-baseline',
    `there is no baseline at ${path}`,
    'Keep the results of an earlier run there: its folder, or results.json and timeline.ndjson of it.',
    3,
  );
}
