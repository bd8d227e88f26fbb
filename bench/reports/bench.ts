// What reports cost: the page of a run that lasted an hour and had 200 series, from its results and from its
// timeline alone; the comparison of such runs, eight a side and one; the trend of five hundred runs; and how long
// pages take to open.
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild } from '../child.ts';
import { format, line, verdict } from '../figures.ts';
import { builtLauncher } from '../launcher.ts';
import { benchOfParts, type Run } from '../parts.ts';
import { resultsOf, writeHourRun } from './hour-run.ts';
import { openPages } from './pages.ts';

const secondsMax = 300;
const runsASide = 8;
const trendRuns = 500;
const dayMs = 86_400_000;
const megabytesMax = 500;

export const reportsBench = benchOfParts('reports', {
  page: pageOfHour,
  cut: pageOfCutHour,
  runs: compareRuns,
  timelines: compareTimelines,
  trend: trendOfRuns,
  open: openPages,
});

async function pageOfHour(run: Run): Promise<void> {
  const folder = await hour(run, 'page', { withTimeline: true });
  await measurePage(run, 'page of an hour', ['report', folder], { target: 5, code: 0 });
}

/** As a run leaves it that was killed. */
async function pageOfCutHour(run: Run): Promise<void> {
  const folder = await hour(run, 'cut', { withTimeline: true });
  await rm(join(folder, 'results.json'));
  await measurePage(run, 'page of its timeline alone', ['report', folder], {
    target: 120,
    code: 0,
  });
}

async function trendOfRuns(run: Run): Promise<void> {
  const folder = join(run.folder, 'trend');
  run.say(`writing ${trendRuns} runs`);
  for (let at = 0; at < trendRuns; at++) {
    const results = resultsOf(at < trendRuns / 2 ? 1 : 1.3);
    const startedAt = new Date(Date.parse(results.startedAt) + at * dayMs).toISOString();
    await mkdir(join(folder, String(at)), { recursive: true });
    await writeFile(
      join(folder, String(at), 'results.json'),
      JSON.stringify({ ...results, startedAt }),
    );
  }
  const words = ['report', 'trend', folder];
  await measurePage(run, `trend of ${trendRuns} runs`, words, { target: 20, code: 0 });
}

async function compareRuns(run: Run): Promise<void> {
  const sides = await made(run, runsASide, false);
  const words = ['report', 'compare', '--base', ...sides.base, '--with', ...sides.with];
  const what = `compare ${runsASide} v ${runsASide} runs`;
  // A run that is slower by 30 % is a regression.
  await measure(run, what, words, { target: 20, code: 1 });
}

async function compareTimelines(run: Run): Promise<void> {
  const { base, with: others } = await made(run, 1, true);
  const words = ['report', 'compare', ...base, ...others];
  await measure(run, 'compare 1 v 1 run', words, { target: 60, code: 1 });
}

async function made(run: Run, count: number, withTimeline: boolean) {
  const side = async (name: string, slowness: number) => {
    const folders: string[] = [];
    for (let at = 0; at < count; at++) {
      folders.push(await hour(run, `${name}${at}-${withTimeline}`, { slowness, withTimeline }));
    }
    return folders;
  };
  return { base: await side('a', 1), with: await side('b', 1.3) };
}

async function hour(
  run: Run,
  name: string,
  { slowness = 1, withTimeline }: { slowness?: number; withTimeline: boolean },
): Promise<string> {
  const folder = join(run.folder, name);
  run.say(`writing a run of an hour: ${name}`);
  await writeHourRun(folder, { slowness, withTimeline });
  return folder;
}

interface Due {
  /** Seconds. */
  readonly target: number;
  readonly code: number;
}

const pageMegabytesMax = 5;

async function measurePage(
  run: Run,
  what: string,
  words: readonly string[],
  due: Due,
): Promise<void> {
  const page = join(run.folder, 'page.html');
  await measure(run, what, [...words, '--html', page], due);
  const megabytes = (await stat(page)).size / 1e6;
  run.figures[`${what}, size`] = { megabytes };
  run.verdicts.push(verdict(`${what}, MB of the page`, megabytes, pageMegabytesMax, 'max'));
}

async function measure(
  run: Run,
  what: string,
  words: readonly string[],
  { target, code }: Due,
): Promise<void> {
  const startedMs = performance.now();
  const ended = await runChild(process.execPath, [builtLauncher(), ...words], {
    ...{ secondsMax, watch: 'itself' as const, signal: run.signal },
  });
  const seconds = (performance.now() - startedMs) / 1000;
  if (ended.code !== code) {
    const said = `${ended.stdout}${ended.stderr}`.slice(0, 2000);
    throw new Error(`${what}: exit code ${ended.code} in place of ${code}: ${said}`);
  }
  const megabytes = ended.peakBytes / 1e6;
  process.stdout.write(`${line(what, `${format(seconds, 1)} s`, `${format(megabytes, 0)} MB`)}\n`);
  run.figures[what] = { seconds, megabytes, cpuSeconds: ended.cpuSeconds };
  run.verdicts.push(verdict(`${what}, seconds`, seconds, target, 'max'));
  run.verdicts.push(verdict(`${what}, MB`, megabytes, megabytesMax, 'max'));
}
