// What large numbers of users cost: memory of 500 with large images, the start of a herd, and whether the open
// model keeps its schedule at 70 % of what this machine can do.
import { readFile } from 'node:fs/promises';
import type { LoadResult } from '../../reports/results.ts';
import type { Say } from '../bench.ts';
import { type Verdict, verdict } from '../figures.ts';
import { runLoadCommand } from './command.ts';
import { type ImageName, repository, startFixture } from './fixture.ts';

const usersOfLarge = 500;
/** Long enough that all of them download at once. */
const largeSeconds = 15;
const herdMax = 5000;
/** Connections of one node of a herd, at worst; beyond the limit of open files there would be failures. */
const filesPerNode = 6.6;
const ceilingUsers = 20;
const ceilingSeconds = 8;
const scheduleShare = 0.7;
const scheduleSeconds = 15;
const scheduleUsers = 60;
const secondsMax = 300;

interface Fleet {
  readonly load: LoadResult;
  readonly megabytes: number;
  /** The whole command, from its start to its end. */
  readonly seconds: number;
}

/** Prints the figures of each part. */
export async function measureFleet(
  say: Say,
  signal: AbortSignal,
): Promise<{ figures: Readonly<Record<string, number>>; verdicts: readonly Verdict[] }> {
  say(`fleet: ${usersOfLarge} users, large image`);
  const large = await pulls(
    'large',
    ['--vus', `${usersOfLarge}`, '--duration', `${largeSeconds}s`],
    signal,
  );
  const nodes = Math.min(herdMax, Math.floor((await openFilesMax()) / filesPerNode));
  say(`fleet: a herd of ${nodes} nodes, small image`);
  const herd = await pulls('small', ['--shape', 'herd', '--vus', `${nodes}`], signal);
  say('fleet: the ceiling, and 70 % of it at a constant rate');
  const most = await pulls(
    'small',
    ['--vus', `${ceilingUsers}`, '--duration', `${ceilingSeconds}s`],
    signal,
  );
  const rate = Math.round(most.load.pulls.perSecond * scheduleShare);
  const words = ['--rate', `${rate}/s`, '--vus', `${scheduleUsers}`];
  const open = await pulls('small', [...words, '--duration', `${scheduleSeconds}s`], signal);
  const late = Math.abs(1 - open.load.pulls.ok / (rate * scheduleSeconds)) * 100;
  const figures = {
    herdNodes: nodes,
    herdSeconds: herd.seconds,
    herdMegabytes: herd.megabytes,
    herdFailed: herd.load.pulls.failed,
    largeMegabytes: large.megabytes,
    ceilingPerSecond: most.load.pulls.perSecond,
    openPerSecond: rate,
    openLatePercent: late,
  };
  const verdicts = [
    verdict(`fleet: peak MB of ${usersOfLarge} users, large image`, large.megabytes, 400, 'max'),
    verdict(`fleet: seconds of a herd of ${nodes}, start to report`, herd.seconds, 10, 'max'),
    verdict(`fleet: peak MB of a herd of ${nodes}`, herd.megabytes, 3000, 'max'),
    verdict(`fleet: pulls of the herd that failed`, herd.load.pulls.failed, 0, 'max'),
    verdict(`fleet: % off the schedule at ${rate} pulls/s`, late, 1, 'max'),
  ];
  return { figures, verdicts };
}

async function pulls(
  image: ImageName,
  words: readonly string[],
  signal: AbortSignal,
): Promise<Fleet> {
  const fixture = await startFixture([image], false);
  try {
    const target = `${fixture.registryUrl}/${repository}:${image}`;
    const started = performance.now();
    const all = [target, '--client', 'containerd', ...words];
    const { load, peakBytes } = await runLoadCommand(all, secondsMax, signal);
    const seconds = (performance.now() - started) / 1000;
    return { load, megabytes: peakBytes / 1e6, seconds };
  } finally {
    await fixture.stop();
  }
}

/** The hard limit, up to which our k6 goes. */
async function openFilesMax(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
}
