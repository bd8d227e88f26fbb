// Which runs `report merge` is to join: reads them, and refuses what does not belong together.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadResult, Results } from '../../../../reports/results.ts';
import { UserError } from '../../../lib/user-error.ts';
import { equalShare, partsOf, shareName } from '../plan/segment.ts';
import { readRun } from '../read-run.ts';
import { timelineName } from '../timeline/file.ts';

/** One timeline, and what is known of its run. */
export interface Part {
  readonly name: string;
  readonly timeline: string;
  readonly results: Results & { readonly load: LoadResult };
  /** What of a shared load was made; absent where it was not shared. */
  readonly shares?: Shares | undefined;
  /** The run is described, but has no figures of its own (src/run/load/k8s/k8s.ts). */
  readonly isBare: boolean;
  /** What of its results could not be read. */
  readonly remarks: readonly string[];
}

/** Segments of a sequence, both as k6 writes them. */
interface Shares {
  readonly of: string;
  readonly parts: readonly string[];
}

/** A folder of `load --k8s` describes its run here, and takes the timelines of its runners there. */
export const bareRunName = 'run.json';
export const timelinesFolder = 'timelines';

/** The timelines of a run folder, a results.json, or a folder of `load --k8s`. @throws UserError (exit 2) */
export async function readParts(path: string): Promise<Part[]> {
  const runners = await runnersOf(path);
  const name = runners === undefined ? undefined : bareRunName;
  const { results, folder, remarks = [] } = await readRun(path, name);
  const { load } = results;
  if (results.verb !== 'load' || load === undefined) {
    throw impossible(
      `${path} is a run of ${results.verb} without figures of load`,
      'Name runs of `pullproof load`.',
    );
  }
  if (load.knee !== undefined) {
    throw impossible(
      `${path} is a breakpoint run, which searches by what it measured itself`,
      'Join runs of --shape rate.',
    );
  }
  const known = { results: { ...results, load }, remarks };
  if (runners === undefined) {
    const timeline = join(folder, timelineName);
    return [{ ...known, name: path, timeline, shares: sharesOf(load), isBare: false }];
  }
  return runners.map((file) => {
    const timeline = join(folder, timelinesFolder, file);
    const shares = { parts: [partOf(timeline, load)], of: load.segment?.of ?? '0,1' };
    return { ...known, name: timeline, timeline, shares, isBare: true };
  });
}

/** Of what was joined before, all but what was missing; a load of which nothing was missing is one of its own. */
function sharesOf({ segment, merged }: LoadResult): Shares | undefined {
  if (segment !== undefined) return { of: segment.of, parts: [segment.part] };
  const { of, missing = [] } = merged ?? {};
  if (of === undefined || missing.length === 0) return undefined;
  const parts = partsOf({ of }).filter((part) => !missing.includes(shareName(part, { of })));
  return { of, parts };
}

/** As a runner wrote it to its volume, or as `kubectl logs` told what it wrote to its log; none that a file system hides. */
const timelineFile = /^[^.].*\.(?:ndjson|log)$/;
const runnerFile = /-(\d+)\.(?:ndjson|log)$/;

/** Files that the runners of a TestRun wrote; undefined for a run of this machine. */
async function runnersOf(path: string): Promise<string[] | undefined> {
  const files = await readdir(path).catch((): string[] => []);
  if (!files.includes(bareRunName)) return undefined;
  const found = await readdir(join(path, timelinesFolder)).catch((): string[] => []);
  const timelines = found.filter((file) => timelineFile.test(file)).sort();
  if (timelines.length > 0) return timelines;
  throw new UserError(
    'timeline-missing',
    `there are no timelines in ${join(path, timelinesFolder)}`,
    `Copy them there from the volume or the logs of the runners: ${path} says how, in its README.md.`,
  );
}

/** The share of a runner, by the number that the operator gave it, from 1 on. */
function partOf(timeline: string, { segment }: LoadResult): string {
  const runner = Number(runnerFile.exec(timeline)?.[1]);
  const parts = partsOf(segment ?? equalShare(1, 1));
  const part = parts[runner - 1];
  if (part !== undefined) return part;
  throw impossible(
    `${timeline} is named like none of the ${parts.length} runners`,
    'Keep the names that the runners gave: they end in -1.ndjson or -1.log, -2 and so on.',
  );
}

/** Fields that a plan decides, in the words of the results. */
const sameFields = ['client', 'shape', 'verify', 'engine', 'plan'] as const;

/** @throws UserError (exit 2) for runs of different images or plans */
export function refuseDifferent(first: Part, other: Part): void {
  const [a, b] = [first.results.load, other.results.load];
  const refuse = (what: string, one: unknown, another: unknown): never => {
    throw impossible(
      `${first.name} and ${other.name} differ in ${what}: ${String(one)} and ${String(another)}`,
      'Join runs of the same images and the same plan only.',
    );
  };
  if (a.images.join() !== b.images.join()) {
    refuse('their images', a.images.join(', '), b.images.join(', '));
  }
  for (const field of sameFields) {
    const what =
      field === 'plan' ? 'their plans (shape, mix, platform or limits)' : `their ${field}`;
    if (a[field] !== b[field]) refuse(what, a[field], b[field]);
  }
  const told = ({ replay }: LoadResult) =>
    replay && `${replay.requests} requests of ${replay.format} at ${replay.speed}x`;
  if (told(a) !== told(b)) refuse('their traces', told(a), told(b));
  const [shares, sharesToo] = [first.shares?.of, other.shares?.of];
  if (shares !== sharesToo) {
    refuse('how the load was shared', shares ?? 'not at all', sharesToo ?? 'not at all');
  }
  const [seed, seedToo] = [first.results.environment.seed, other.results.environment.seed];
  if (shares !== undefined && seed !== seedToo) refuse('their seeds', seed, seedToo);
}

/** Segments that no run made. @throws UserError `run-twice` for one that two runs made */
export function missingOf(parts: readonly Part[]): string[] {
  const of = parts[0]?.shares?.of;
  if (of === undefined) return [];
  const made = new Map<string, string>();
  for (const { shares, name } of parts) {
    for (const part of shares?.parts ?? []) {
      const earlier = made.get(part);
      if (earlier !== undefined) {
        throw new UserError(
          'run-twice',
          `${earlier} and ${name} both made the segment ${shareName(part, { of })}`,
          'Name one run for each segment; in a folder of --k8s, keep one file for each runner.',
        );
      }
      made.set(part, name);
    }
  }
  const missing = partsOf({ of }).filter((part) => !made.has(part));
  return missing.map((part) => shareName(part, { of }));
}

/** Exit 2: these runs cannot be joined. */
export function impossible(message: string, hint: string): UserError {
  return new UserError('merge-impossible', message, hint);
}
