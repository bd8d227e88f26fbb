// What reports cost of runs that last an hour and have 200 series: their comparison, from results of eight runs a
// side and from the timelines of one.
import { join } from 'node:path';
import { packageRoot } from '../../src/run/package-root.ts';
import { runChild } from '../child.ts';
import { format, line, verdict } from '../figures.ts';
import { benchOfParts, type Run } from '../parts.ts';
import { writeHourRun } from './hour-run.ts';

const launcher = join(packageRoot, 'dist', 'src', 'cli', 'launcher.js');
const secondsMax = 300;
const runsASide = 8;

export const reportsBench = benchOfParts('reports', {
  runs: compareRuns,
  timelines: compareTimelines,
});

async function compareRuns(run: Run): Promise<void> {
  const sides = await made(run, runsASide, false);
  const words = ['--base', ...sides.base, '--with', ...sides.with];
  await measure(run, `compare ${runsASide} v ${runsASide} runs`, words, 20);
}

async function compareTimelines(run: Run): Promise<void> {
  const { base, with: others } = await made(run, 1, true);
  await measure(run, 'compare 1 v 1 run', [...base, ...others], 60);
}

async function made(run: Run, count: number, withTimeline: boolean) {
  run.say(`writing ${2 * count} runs of an hour`);
  const side = async (name: string, slowness: number) => {
    const folders = Array.from({ length: count }, (_, at) =>
      join(run.folder, `${name}${at}-${withTimeline}`),
    );
    for (const folder of folders) await writeHourRun(folder, { slowness, withTimeline });
    return folders;
  };
  return { base: await side('a', 1), with: await side('b', 1.3) };
}

async function measure(
  run: Run,
  what: string,
  runs: readonly string[],
  target: number,
): Promise<void> {
  const startedMs = performance.now();
  const words = [launcher, 'report', 'compare', ...runs, '--format', 'json'];
  const ended = await runChild(process.execPath, words, {
    ...{ secondsMax, watch: 'itself' as const, signal: run.signal },
  });
  const seconds = (performance.now() - startedMs) / 1000;
  if (ended.code !== 1)
    throw new Error(
      `a run that is slower by 30 % was not told: ${ended.stdout}${ended.stderr}`.slice(0, 2000),
    );
  const megabytes = ended.peakBytes / 1e6;
  process.stdout.write(`${line(what, `${format(seconds, 1)} s`, `${format(megabytes, 0)} MB`)}\n`);
  run.figures[what] = { seconds, megabytes, cpuSeconds: ended.cpuSeconds };
  run.verdicts.push(verdict(`${what}, seconds`, seconds, target, 'max'));
  run.verdicts.push(verdict(`${what}, MB`, megabytes, 500, 'max'));
}
