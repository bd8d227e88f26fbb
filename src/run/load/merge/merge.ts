// Joins load runs into one: their timelines exactly, their failures by class, their objectives judged again.
import { join } from 'node:path';
import type { Clocks, LoadResult, Merged, Pushes, Results } from '../../../../reports/results.ts';
import { parseDateTime } from '../../../lib/rfc3339.ts';
import { newResults, type RunContext } from '../../context.ts';
import { pushFigures } from '../push/push.ts';
import { addedUp, countOf, errorsOf, together } from '../result/errors.ts';
import { interruptedOf } from '../result/interrupted.ts';
import { figuresOf } from '../result/result.ts';
import { nothingTold, type ToldFailures } from '../result/told.ts';
import { countedShapes } from '../result/window.ts';
import { judgeSlos, parseSlo, type Slo, withCourses } from '../slo.ts';
import { kindKey } from '../timeline/failures.ts';
import { timelineName } from '../timeline/file.ts';
import { joinTimelines, type Tally } from '../timeline/join.ts';
import { clocksDifferMsMax } from '../timeline/runners.ts';
import { Timeline } from '../timeline/timeline.ts';
import { verdictOf } from '../verdict.ts';
import { flawsOf } from './flaw.ts';
import { isFromMock, knownOf, limitOfAll, runsOf, type Tallied } from './limit.ts';
import { impossible, missingOf, type Part, readParts, refuseDifferent } from './parts.ts';
import { strangersOf, togetherOf } from './together.ts';

export interface MergeOptions {
  /** Folders of runs, their results.json, or a folder that `load --k8s` wrote. */
  readonly paths: readonly string[];
  /** Objectives instead of those of the runs. */
  readonly slos: readonly Slo[];
  /** Existing folder for the joined timeline. */
  readonly outDir: string;
}

const partsMax = 10_000;

/** @throws UserError (exit 2) for runs that cannot be joined */
export async function mergeRuns(
  { paths, slos, outDir }: MergeOptions,
  context: RunContext,
): Promise<Results> {
  const parts = (await Promise.all(paths.map(readParts))).flat();
  const [first] = parts;
  if (first === undefined || parts.length > partsMax) {
    throw impossible(
      `there are ${parts.length} runs to join`,
      `Name from 1 to ${partsMax} of them.`,
    );
  }
  for (const remark of new Set(parts.flatMap(({ remarks }) => remarks))) context.say?.(remark);
  for (const other of parts.slice(1)) refuseDifferent(first, other);
  const missing = missingOf(parts);
  const judged = slos.length > 0 ? slos : slosOf(parts);
  const timeline = new Timeline(judged.map(({ metric }) => metric));
  const target = join(outDir, timelineName);
  const files = parts.map((part) => part.timeline);
  const tallies = await joinTimelines(files, timeline, target);
  const tallied = parts.map((part, at) => ({ part, tally: tallies[at] as Tally }));
  for (const one of tallied) refuseForeign(one);
  const load = joined(tallied, timeline, missing);
  load.slo = withCourses(judgeSlos(judged, load), load, timeline);
  const results = newResults('load', first.results.target, context);
  const window = loadWindow(tallied);
  results.startedAt = new Date(window.startMs).toISOString();
  results.durationMs = window.endMs - window.startMs;
  // Where the load was made, not where it was joined.
  const { cpu: _, machine: __, ...here } = results.environment;
  const environments = parts.map((part) => part.results.environment);
  const there = agreed(environments, ['cpus', 'cpu', 'machine']);
  results.environment = { ...here, ...there, seed: first.results.environment.seed };
  results.load = load;
  return concluded(results, tallied);
}

/** What all of them say alike. */
function agreed<T extends object, K extends keyof T>(all: readonly T[], names: readonly K[]) {
  const same: Partial<Pick<T, K>> = {};
  for (const name of names) {
    const [first, ...others] = all.map((one) => JSON.stringify(one[name]));
    if (first === undefined || others.some((other) => other !== first)) continue;
    same[name] = all[0]?.[name] as T[K];
  }
  return same;
}

/** A timeline that does not say what its results say is of another run. */
function refuseForeign(one: Tallied): void {
  const { part, tally } = one;
  if (part.isBare) return;
  const { merged, pulls, startedAt } = part.results.load;
  // Of what was joined before, and held nothing of a load.
  if (merged !== undefined && startedAt === undefined && tally.lastMs === 0) return;
  if (Number.isNaN(tally.startedMs)) {
    throw impossible(
      `${part.timeline} is empty, damaged in its first line, or no timeline of a load run`,
      'Keep the files of a run together, as they were written.',
    );
  }
  const { ok } = pulls;
  const { startMs, endMs } = windowOf(one);
  const otherTime =
    startedAt === undefined
      ? tally.startedMs < startMs - clockMs || tally.startedMs > endMs + clockMs
      : tally.startedMs !== parseDateTime(startedAt);
  if (ok === tally.pullsOk && !otherTime) return;
  const problem = otherTime
    ? 'was begun at another time than'
    : `has ${tally.pullsOk} pulls that succeeded, not the ${ok} that`;
  throw impossible(
    `${part.timeline} ${problem} the results beside it say: it is of another run`,
    'Keep the files of a run together.',
  );
}

/** By how much a clock may be set while a run begins, for results that do not say when their k6 was started. */
const clockMs = 2000;

/** From the start of a run of this machine to its end, its set-up included, milliseconds since 1970. */
function windowOf({ part }: Tallied): { startMs: number; endMs: number } {
  const startMs = parseDateTime(part.results.startedAt) ?? Number.NaN;
  return { startMs, endMs: startMs + part.results.durationMs };
}

/** From the first request of all to the end of the load: before that, some wait for others. */
function loadWindow(tallied: readonly Tallied[]): { startMs: number; endMs: number } {
  const begun = tallied.filter(({ tally }) => tally.firstMs > 0);
  if (begun.length === 0) {
    const startMs = Math.min(...tallied.map((one) => windowOf(one).startMs));
    return { startMs, endMs: startMs };
  }
  const startMs = Math.min(...begun.map(({ tally }) => tally.firstMs));
  return { startMs, endMs: Math.round(Math.max(...begun.map(endOfPart))) };
}

function joined(tallied: readonly Tallied[], timeline: Timeline, missing: string[]): LoadResult {
  const { load } = (tallied[0] as Tallied).part.results;
  const loads = tallied.map(({ part }) => part.results.load);
  const of = tallied[0]?.part.shares?.of;
  const isShared = of !== undefined;
  const told = nothingTold();
  const endMs = Math.max(...tallied.map(endOfPart));
  const isCounted = countedShapes.includes(load.shape);
  // Whether pulls that did not end have failed is for each run to say.
  const figures = figuresOf(timeline, { endMs, isCounted }, { told, aborted: true });
  const errors = addedUp(tallied.map((one) => failuresOf(one, told)));
  const pushes = pushesOfAll(tallied, timeline, endMs, isShared);
  const pulls = { ...figures.pulls, failed: countOf(errors) };
  const { client, shape, engine, images, verify, plan } = load;
  const late = loads.reduce((sum, { replay }) => sum + (replay?.late ?? 0), 0);
  const { asRecorded } = timeline;
  return {
    ...{ client, shape, engine, images, verify },
    vus: isShared ? load.vus : loads.reduce((sum, { vus }) => sum + vus, 0),
    ...figures,
    pulls,
    errors,
    retried: toldAgain(figures.retried, loads),
    ...partsOf(tallied, timeline),
    bottleneck: limitOfAll(tallied, timeline, { ...figures, pulls, pushes }),
    ...(isFromMock(tallied) && { fromMock: true }),
    ...(load.replay !== undefined && { replay: { ...load.replay, late, asRecorded } }),
    ...(plan !== undefined && { plan }),
    ...agreed(loads, ['k6', 'asked', 'digests', 'planFile']),
    ...(pushes !== undefined && { pushes }),
    merged: mergedOf(tallied, timeline, missing),
  };
}

function mergedOf(tallied: readonly Tallied[], { runners }: Timeline, missing: string[]): Merged {
  const of = tallied[0]?.part.shares?.of;
  const told = runners.told();
  const clocks = runners.clocks();
  return {
    runs: runsOf(tallied),
    missing,
    ...(of !== undefined && { of }),
    ...togetherOf(tallied),
    known: knownOf(tallied),
    ...(told !== undefined && { runners: told }),
    ...(clocks !== undefined && { clocks }),
  };
}

/**
 * When the load of a part ended, milliseconds since 1970. Of runners nothing says how long they were to last: a
 * load that is not a number of pulls lasts as long as its k6.
 */
function endOfPart({ part, tally }: Tallied): number {
  const { shape, seconds } = part.results.load;
  const { firstMs, lastMs, endMs } = tally;
  if (firstMs === 0) return 0;
  if (!part.isBare) return Math.max(lastMs, firstMs + seconds * 1000);
  return countedShapes.includes(shape) ? lastMs : Math.max(lastMs, endMs);
}

/** As the run counted them, pulls that never ended included. */
function failuresOf({ part, tally }: Tallied, told: ToldFailures): LoadResult['errors'] {
  if (!part.isBare) return part.results.load.errors;
  const { failures, pending, pullsStarted, pullsOk, whole } = tally;
  // Of a runner that ended: k6 gave these up after its grace period.
  const cut = whole ? pullsStarted - pullsOk - failures.total : 0;
  const found = interruptedOf(cut, pending, undefined, told.pullFailure);
  return errorsOf(together(failures, found), told.pullFailure);
}

/** Counts are those of the timelines; what there is to show for them, of the runs. */
function toldAgain(
  retried: LoadResult['errors'],
  loads: readonly LoadResult[],
): LoadResult['errors'] {
  const examples = addedUp(loads.map((load) => load.retried ?? []));
  const byKind = new Map(examples.map((one) => [kindKey(one), one]));
  return retried.map((one) => ({ ...one, ...byKind.get(kindKey(one)), count: one.count }));
}

/** Pulls that did not end have failed, if those of all runs have. */
function partsOf(tallied: readonly Tallied[], timeline: Timeline) {
  const isCut = tallied.every(({ part: { results }, tally }) =>
    results.interrupted === undefined ? tally.whole : false,
  );
  const byClient = timeline.clients.told(isCut);
  const byImage = timeline.images.told(isCut);
  return { ...(byClient && { byClient }), ...(byImage && { byImage }) };
}

/** What was pushed beside the pulls; of runners, which do not say, failures are those of the timelines. */
function pushesOfAll(
  tallied: readonly Tallied[],
  timeline: Timeline,
  endMs: number,
  isShared: boolean,
): Pushes | undefined {
  const all = tallied.flatMap(({ part: { results } }) => results.load.pushes ?? []);
  const [first] = all;
  if (first === undefined) return undefined;
  const figures = pushFigures(timeline.pushes, endMs, { told: nothingTold(), aborted: true });
  const isBare = tallied.some(({ part }) => part.isBare);
  const errors = isBare ? figures.errors : addedUp(all.map((one) => one.errors));
  return {
    ...figures,
    repository: first.repository,
    vus: isShared ? first.vus : all.reduce((sum, { vus }) => sum + vus, 0),
    errors,
    failed: countOf(errors),
    left: isBare
      ? first.left.map((one) => ({ ...one, tags: figures.ok }))
      : all.flatMap(({ left }) => left),
  };
}

/** Those that any of the runs was held to. */
function slosOf(parts: readonly Part[]): Slo[] {
  const all = parts.flatMap(({ results }) => results.load.slo.map(({ expression }) => expression));
  return [...new Set(all)].map(parseSlo);
}

/** What is not the whole of it is never a pass: some machine's part is unknown. */
function concluded(results: Results, tallied: readonly Tallied[]): Results {
  const { load } = results;
  results.verdict = load === undefined ? 'fail' : verdictOf(load);
  results.exitCode = results.verdict === 'pass' ? 0 : 1;
  const own = tallied.map(({ part: { name, isBare, results: run } }) => {
    const told = isBare ? undefined : ownCut(run);
    return told && { why: `${name}: ${told.why}`, exitCode: told.exitCode };
  });
  const cut = own.filter((one) => one !== undefined);
  const flaws = flawsOf(tallied.filter((_, at) => own[at] === undefined));
  cut.push(...flaws.map((why) => ({ why, exitCode: 4 })));
  const strangers = strangersOf(tallied);
  if (strangers !== undefined) cut.push({ why: strangers, exitCode: 2 });
  cut.push(...troubles(load?.merged).map((why) => ({ why, exitCode: 2 })));
  if (cut.length === 0) return results;
  results.interrupted = cut.map(({ why }) => why).join(' ');
  // An objective that was missed ends a run early, and is a verdict.
  const worst = cut.find(({ exitCode }) => exitCode > 1);
  results.verdict = worst === undefined ? 'fail' : 'error';
  results.exitCode = worst?.exitCode ?? 1;
  return results;
}

/** What was cut of a run; of one that was joined before, what another part may mend is told anew. */
function ownCut({ exitCode, interrupted: why, load }: Results) {
  const again = troubles(load?.merged).join(' ');
  if (why === undefined) return undefined;
  if (again === '' || !why.endsWith(again)) return { why, exitCode };
  const rest = why.slice(0, why.length - again.length).trim();
  // Exit 2 was for what is told anew.
  return rest === '' ? undefined : { why: rest, exitCode: exitCode === 2 ? 1 : exitCode };
}

/** What of the whole of them makes their figures no verdict. */
function troubles(merged: Merged | undefined): string[] {
  const { missing = [], clocks } = merged ?? {};
  const told: string[] = [];
  if (missing.length > 0) {
    const those = missing.join(', ');
    told.push(`Nobody gave the segments ${those}; the figures are those of the others.`);
  }
  if (clocks !== undefined && clocks.differMs > clocksDifferMsMax) told.push(clockWords(clocks));
  return told;
}

function clockWords({ differMs, off }: Clocks): string {
  const seconds = (ms: number) => `${Math.round(Math.abs(ms) / 100) / 10} s`;
  const who = off.map(
    ({ id, aheadMs }) => `${id} by ${seconds(aheadMs)} ${aheadMs > 0 ? 'ahead' : 'behind'}`,
  );
  const named = who.length === 0 ? '' : ` (${who.join(', ')})`;
  return `The clocks of the runners differ by ${seconds(differMs)}${named}, so that what they did in one second is joined as of others: set their clocks (NTP), and run it again.`;
}
