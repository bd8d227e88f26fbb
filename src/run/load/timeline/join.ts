// Several timelines joined into one, also of a few hundred runners: in tiers then, a thread for each core joins some of
// them, and what the threads made is joined in the end.
import { access, constants, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../../lib/user-error.ts';
import { Failures } from './failures.ts';
import { timelineBytesMax, timelineMissing } from './file.ts';
import { type Counted, joinFiles } from './join-files.ts';
import type { Timeline } from './timeline.ts';
import { Pending } from './unfinished.ts';

/** What one source of a joined timeline holds. */
export interface Tally extends Omit<Counted, 'heads' | 'told'> {
  /** Failed pulls. */
  readonly failures: Failures;
  /** What was under way at its end. */
  readonly pending: Pending;
}

/** Fewer are joined before threads have begun. */
const threadFilesMin = 8;
const threadsMax = 8;
const ownFile = import.meta.filename;
const workerFile = join(import.meta.dirname, `join-worker${extname(ownFile)}`);

/** What a thread gets as its `workerData`. */
export interface JoinOrder {
  readonly files: readonly string[];
  readonly target: string;
}

/** What it answers. */
export type JoinAnswer =
  | { readonly counted: readonly Counted[] }
  | { readonly refused: Pick<UserError, 'code' | 'message' | 'hint'> };

/**
 * Adds the files to `timeline` and writes what they say to `target`, second by second: lines that tell of the same
 * thing become one, however many files there are. A tally for each, in their order.
 * @throws UserError `timeline-missing`, or `run-twice` when two files are of the same run
 */
export async function joinTimelines(
  files: readonly string[],
  timeline: Timeline,
  target: string,
): Promise<Tally[]> {
  for (const file of files) await refuseUnreadable(file);
  const take = (line: Parameters<Timeline['take']>[0]) => timeline.take(line);
  const threads = Math.min(threadsMax, availableParallelism(), files.length / threadFilesMin);
  const counted =
    threads < 2
      ? await joinFiles(files, target, take)
      : await inTiers(files, Math.floor(threads), target, take);
  refuseTwice(files, counted);
  return counted.map(({ heads, told, ...one }) => ({ ...one, ...tallyOf(told) }));
}

async function inTiers(
  files: readonly string[],
  threads: number,
  target: string,
  take: (line: Counted['told'][number]) => void,
): Promise<Counted[]> {
  const orders = Array.from({ length: threads }, (_, thread) => ({
    files: files.filter((_, at) => at % threads === thread),
    target: `${target}.${thread + 1}`,
  }));
  const targets = orders.map((order) => order.target);
  try {
    const counted = await Promise.all(orders.map(inThread));
    await joinFiles(targets, target, take);
    return files.map((_, at) => counted[at % threads]?.[Math.floor(at / threads)] as Counted);
  } finally {
    for (const one of targets) await rm(one, { force: true });
  }
}

async function inThread(order: JoinOrder): Promise<readonly Counted[]> {
  const worker = new Worker(workerFile, { workerData: order });
  const answer = await new Promise<JoinAnswer>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('a thread that joins timelines ended early')));
  });
  if ('counted' in answer) return answer.counted;
  const { code, message, hint } = answer.refused;
  throw new UserError(code, message, hint);
}

function tallyOf(told: Counted['told']): Pick<Tally, 'failures' | 'pending'> {
  const failures = new Failures();
  const pending = new Pending();
  for (const line of told) {
    if (line.series === 'pending') pending.add(line);
    else failures.add(line);
  }
  return { failures, pending };
}

function refuseTwice(files: readonly string[], counted: readonly Counted[]): void {
  const known = new Map<string, string>();
  for (const [at, { heads }] of counted.entries()) {
    const name = files[at] as string;
    for (const head of heads) {
      const earlier = known.get(head);
      known.set(head, name);
      if (earlier === undefined) continue;
      throw new UserError(
        'run-twice',
        earlier === name ? `${name} holds a run twice` : `${earlier} and ${name} are the same run`,
        'Name each run once: counts would be added twice.',
      );
    }
  }
}

async function refuseUnreadable(file: string): Promise<void> {
  const problem = await problemOf(file).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? 'it is not there' : error.message,
  );
  if (problem !== undefined) throw timelineMissing(file, problem);
}

/** @throws the system's error */
async function problemOf(file: string): Promise<string | undefined> {
  const found = await stat(file);
  if (!found.isFile()) return 'it is no file';
  await access(file, constants.R_OK);
  const isLarge = found.size > timelineBytesMax;
  return isLarge ? `it has more than ${timelineBytesMax} bytes` : undefined;
}
