// What joining costs: the timelines of 256 runners of ten minutes, beside a bare reader that parses the same lines.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Results } from '../../reports/results.ts';
import { runChild } from '../child.ts';
import { format, line, verdict } from '../figures.ts';
import { builtLauncher } from '../launcher.ts';
import { benchOfParts, type Run } from '../parts.ts';
import { writeFleet } from './runners.ts';

const fleet = { runners: 256, seconds: 600 };
const secondsTarget = 60;
const megabytesTarget = 1000;
/** A machine that others use, too. */
const secondsMax = 600;

export const mergeBench = benchOfParts('merge', { runners: mergeRunners });

async function mergeRunners(run: Run): Promise<void> {
  const folder = join(run.folder, 'fleet');
  run.say(`writing the timelines of ${fleet.runners} runners, ${fleet.seconds} s each`);
  const pulls = await writeFleet(folder, fleet);
  const out = join(run.folder, 'joined');
  const words = [builtLauncher(), 'report', 'merge', folder, '--out', out];
  const merge = await measure(run, 'report merge', words);
  await refuseOther(out, pulls);
  const reader = [join(import.meta.dirname, 'bare-reader.ts'), join(folder, 'timelines')];
  const bare = await measure(run, 'bare reader', reader);
  await rm(folder, { recursive: true });
  const what = `merge of ${fleet.runners} timelines of ${fleet.seconds} s`;
  run.figures[what] = { merge, bare, ratio: merge.seconds / bare.seconds };
  const ratio = format(merge.seconds / bare.seconds, 2);
  process.stdout.write(`${line('merge : bare reader', ratio)}\n`);
  run.verdicts.push(verdict(`${what}, seconds`, merge.seconds, secondsTarget, 'max'));
  run.verdicts.push(verdict(`${what}, MB`, merge.megabytes, megabytesTarget, 'max'));
}

async function measure(run: Run, what: string, words: readonly string[]) {
  const startedMs = performance.now();
  const ended = await runChild(process.execPath, words, {
    ...{ secondsMax, watch: 'itself' as const, signal: run.signal },
  });
  const seconds = (performance.now() - startedMs) / 1000;
  // Made-up runs are no pass or fail: what counts is that they were joined.
  if (ended.code > 1) throw new Error(`${what}: ${ended.stdout}${ended.stderr}`.slice(0, 2000));
  const megabytes = ended.peakBytes / 1e6;
  const { cpuSeconds } = ended;
  const cells = [`${format(seconds, 1)} s`, `${format(cpuSeconds, 1)} s CPU`];
  process.stdout.write(`${line(what, ...cells, `${format(megabytes, 0)} MB`)}\n`);
  return { seconds, cpuSeconds, megabytes };
}

/** @throws Error when what was joined is not all of it */
async function refuseOther(out: string, pulls: number): Promise<void> {
  const { load }: Results = JSON.parse(await readFile(join(out, 'results.json'), 'utf8'));
  const ok = load?.pulls.ok;
  if (ok === pulls && load?.merged?.runs === fleet.runners) return;
  throw new Error(`${ok} pulls of ${load?.merged?.runs} runs were joined, of ${pulls}`);
}
