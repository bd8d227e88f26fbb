// One k6 run of a plan and what it measured: the child is followed while it runs, its log kept without
// secrets, and whatever cut the run short is told apart from what the registry did.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { LoadResult } from '../../../reports/results.ts';
import { type K6Plan, startMsOf } from '../../../scenarios/lib/plan.ts';
import { asObject, asString, parseJson } from '../../lib/json.ts';
import { UserError } from '../../lib/user-error.ts';
import type { ClientProfile } from '../../protocol/client.ts';
import type { Access, RunContext } from '../context.ts';
import { isBuilt, packageRoot } from '../package-root.ts';
import { ticking } from '../ticking.ts';
import { cleanLog } from './clean-log.ts';
import { type K6Outcome, runK6 } from './k6/child.ts';
import type { K6 } from './k6/find.ts';
import { waitWords } from './live-line.ts';
import { loadView } from './load-view.ts';
import { withoutCredentials } from './plan/logins.ts';
import type { Segment } from './plan/segment.ts';
import { watchCpu } from './result/bottleneck.ts';
import { fromStock, fromTimeline, type RunFacts } from './result/result.ts';
import { nothingTold, readTold } from './result/told.ts';
import { missedAlready, type Slo } from './slo.ts';
import { SoFar } from './so-far.ts';
import { timelineName } from './timeline/file.ts';
import type { Timeline } from './timeline/timeline.ts';

export interface Measure {
  readonly k6: K6;
  readonly plan: K6Plan;
  readonly client: ClientProfile;
  readonly access: Access;
  readonly outDir: string;
  readonly signal: AbortSignal;
  readonly tick?: RunContext['tick'];
  readonly k6Outs?: readonly string[] | undefined;
  readonly segment?: Segment | undefined;
  /** What it is held to, as asked for: those that are missed are told meanwhile. */
  readonly slos?: readonly Slo[] | undefined;
  /** Told how to learn the figures so far, by who shows them (`LoadOptions.live`). */
  readonly live?: ((soFar: () => LoadResult) => void) | undefined;
  /** Of several runs of k6: takes in what `timeline` does. */
  readonly all?: Timeline | undefined;
  /** The run ends when one of these is missed. */
  readonly abortOn?: readonly Slo[] | undefined;
}

export interface Measured {
  readonly load: LoadResult;
  readonly facts: RunFacts;
  /** What the outputs of k6 beside ours lost, in words for the user. */
  readonly lost?: string | undefined;
  /** Why the run did not reach its end, of itself or by our decision. */
  readonly cut?: { readonly why: string; readonly defect: boolean } | undefined;
}

/** Objectives are not judged on less than this, so that a first slow pull ends no run. */
const abortPullsMin = 20;
const abortSecondsMin = 3;
/** The environment of a process holds 128 KiB a variable at most; a larger plan leaves its images in a file. */
export const planCharsMax = 100_000;

/** Files of a run in its folder. */
export const planImagesName = 'plan-images.json';
const logName = 'k6.log';

/** Runs k6 to its end. `timeline` is added to; `fresh` files of an earlier run are removed. */
export async function measure(
  run: Measure,
  timeline: Timeline,
  figures: string,
): Promise<Measured> {
  const { k6, plan, client, outDir, access } = run;
  const built = k6.engine === 'built';
  const figuresFile = join(outDir, figures);
  const logFile = join(outDir, logName);
  await rm(figuresFile, { force: true });
  const stop = new AbortController();
  const watch = new Watch(run, timeline, stop);
  const startedMs = Math.max(Date.now(), startMsOf(plan) ?? 0);
  const busy = watchCpu(startedMs);
  const { slos = [], segment } = run;
  const soFar = new SoFar(timeline, plan, k6, { slos, segment, busy });
  run.live?.(() => soFar.load());
  const told = () =>
    built
      ? loadView(timeline, plan, soFar.missed(), startedMs, Date.now())
      : stockLine(startedMs, Date.now());
  const k6Run = {
    k6,
    plan: await inEnvironment(plan, outDir),
    scenario: scenarioFile(k6, plan),
    figuresFile,
    logFile,
    ca: access.ca,
    http1: !built && client.httpVersion === '1.1',
    signal: AbortSignal.any([run.signal, stop.signal]),
    outs: run.k6Outs,
    segment: run.segment,
    ...(built && { onText: watch.onText }),
  };
  const outcome = await ticking(run, told, () => runK6(k6Run));
  const log = await cleanLog(logFile, plan);
  const crashed = outcome.code !== 0 && !run.signal.aborted && watch.missed === undefined;
  const aborted = run.signal.aborted || crashed || watch.missed !== undefined;
  const facts = {
    told: readTold(log),
    busy: busy(),
    own: outcome.cpuShare,
    runner: timeline.runners.latest(),
    aborted,
  };
  const load = built
    ? fromTimeline(timeline, plan, k6, facts)
    : fromStock(await readFile(figuresFile, 'utf8').catch(() => ''), plan, k6, facts);
  if (crashed && load.requests.total === 0) throw failedStart(outcome, log, logFile);
  const measured = { load, facts, lost: lostOutputs(log, logFile) };
  if (watch.missed !== undefined) {
    return { ...measured, cut: { why: `Stopped: ${watch.missed}.`, defect: false } };
  }
  if (run.signal.aborted) return measured;
  if (crashed) return { ...measured, cut: { why: crashOf(outcome, log), defect: true } };
  if (built && !timeline.whole) return { ...measured, cut: { why: endOf(log), defect: true } };
  return measured;
}

function stockLine(startedMs: number, nowMs: number): string {
  if (nowMs < startedMs) return waitWords(startedMs, nowMs);
  return `${Math.floor((nowMs - startedMs) / 1000)} s: a stock k6 tells its figures at the end`;
}

/** In one file where that was built: each module costs each virtual user memory and time. */
function scenarioFile({ engine }: K6, { shape }: K6Plan): string {
  const ofPulls = engine === 'built' ? 'pull' : 'pull-stock';
  const name = shape.kind === 'replay' ? 'replay' : ofPulls;
  if (!isBuilt) return join(packageRoot, 'scenarios', `${name}.ts`);
  return join(packageRoot, 'dist', 'bundles', `${name}.js`);
}

/** Takes in the timeline while it grows, and stops it for a missed objective. */
class Watch {
  missed: string | undefined;
  readonly #run: Measure;
  readonly #timeline: Timeline;
  readonly #stop: AbortController;
  #partial = '';

  constructor(run: Measure, timeline: Timeline, stop: AbortController) {
    this.#run = run;
    this.#timeline = timeline;
    this.#stop = stop;
  }

  readonly onText = (text: string): void => {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const text of lines) {
      const line = asObject(parseJson(text));
      // Cut off by a kill, or none of ours.
      if (line === undefined) continue;
      this.#timeline.take(line);
      this.#run.all?.take(line);
    }
    this.#judge();
  };

  #judge(): void {
    const { abortOn, plan, k6 } = this.#run;
    const timeline = this.#timeline;
    if (abortOn === undefined || this.missed !== undefined || timeline.whole) return;
    const ended = timeline.pullsOk + timeline.pullsFailed;
    const seconds = (timeline.lastMs - timeline.firstMs) / 1000;
    if (ended < abortPullsMin || seconds < abortSecondsMin) return;
    // Pulls under way are no failures yet.
    const facts = { told: nothingTold(), busy: 0, aborted: true };
    this.missed = missedAlready(abortOn, fromTimeline(timeline, plan, k6, facts));
    if (this.missed !== undefined) this.#stop.abort();
  }
}

/** The plan as the child gets it: credentials never leave the environment. */
async function inEnvironment(plan: K6Plan, outDir: string): Promise<K6Plan> {
  if (JSON.stringify(plan).length <= planCharsMax) return plan;
  const { images, logins } = withoutCredentials(plan.images);
  // Absolute: a script's `open` goes by the place of the script.
  const imagesFile = resolve(outDir, planImagesName);
  await writeFile(imagesFile, JSON.stringify(images));
  return { ...plan, images: [], imagesFile, logins };
}

/** Removes what an earlier run left in the folder: k6 appends to its log. */
export async function removeOldFiles(outDir: string): Promise<void> {
  const names = [timelineName, 'k6-summary.json', planImagesName, logName];
  await Promise.all(names.map((name) => rm(join(outDir, name), { force: true })));
}

function failedStart(outcome: K6Outcome, log: string, logFile: string): UserError {
  const words = lastWords(log, outcome.output);
  if (words.includes('invalid output type')) {
    return new UserError(
      'k6-out-unknown',
      words,
      'Give --k6-out one of these types, as TYPE=WHERE.',
    );
  }
  return new UserError(
    'k6-failed',
    `k6 ended with code ${outcome.code} before the first pull: ${words}`,
    `Look at ${logFile}; if PULLPROOF_K6 is set, try without it.`,
    3,
  );
}

function crashOf(outcome: K6Outcome, log: string): string {
  const how = outcome.code === 137 ? 'was killed' : `ended with code ${outcome.code}`;
  const words = lastWords(log, outcome.output);
  const said = words === '' ? '' : ` (${words})`;
  return `k6 ${how} in mid-run${said}; the figures are those until then.`;
}

function endOf(log: string): string {
  const words = errorsOf(log).find((message) => message.includes('stops here'));
  const said = words === undefined ? '' : ` (${words})`;
  return `The timeline is not complete${said}; the figures are those of what was written.`;
}

/** An output that loses what it is given is an error in the log, and k6 goes on. */
function lostOutputs(log: string, logFile: string): string | undefined {
  const errors = errorsOf(log, 'output');
  if (errors.length === 0) return undefined;
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  return `warning: an output of k6 lost figures: ${errors[0]}${more}; look at ${logFile}`;
}

/** The last error that k6 logged, else the end of its output. */
function lastWords(log: string, output: string): string {
  return (errorsOf(log).at(-1) ?? output.trim()).slice(-500);
}

/** Of all errors in the log, or of those that have the field. */
function errorsOf(log: string, field = 'level'): string[] {
  return log.split('\n').flatMap((line) => {
    const entry = asObject(parseJson(line));
    if (entry?.level !== 'error' || entry[field] === undefined) return [];
    const cause = asString(entry.error);
    const message = asString(entry.msg);
    return message === undefined ? [] : [cause === undefined ? message : `${message}: ${cause}`];
  });
}
