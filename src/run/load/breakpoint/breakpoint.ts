// A breakpoint run: steps of constant rate, each a k6 run of its own, until an objective breaks. Where the
// next step goes is knee.ts.
import { appendFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadResult } from '../../../../reports/results.ts';
import { type K6Plan, type PlannedShape, startMsOf } from '../../../../scenarios/lib/plan.ts';
import type { RunContext } from '../../context.ts';
import { prefixed, type View } from '../../view.ts';
import { type Measure, type Measured, measure } from '../measure.ts';
import { withOwnPushes } from '../push/push.ts';
import { watchCpu } from '../result/bottleneck.ts';
import { fromTimeline } from '../result/result.ts';
import { judgeSlos, parseSlo, type Slo, withCourses } from '../slo.ts';
import { SoFar } from '../so-far.ts';
import { timelineName } from '../timeline/file.ts';
import { Timeline } from '../timeline/timeline.ts';
import { findKnee, type RateStep } from './knee.ts';

export interface KneeOptions {
  readonly slos: readonly Slo[];
  /** Users of every step; absent: what its rate needs. */
  readonly vus?: number | undefined;
}

/** What a breakpoint run holds the registry to when nothing else is said. */
const breakpointSlos = ['pull.p95<2s', 'errors<1%'];
/** Share of the pulls due in a step that may go unstarted. */
const droppedShareMax = 0.01;

/** Steps of constant rate, each a k6 run of its own; their timelines are joined into one. */
export async function measureKnee(
  run: Measure,
  shape: PlannedShape & { kind: 'rate' },
  options: KneeOptions,
  context: RunContext,
): Promise<Measured> {
  const slos = options.slos.length > 0 ? options.slos : breakpointSlos.map(parseSlo);
  const all = new Timeline(slos.map(({ metric }) => metric));
  // A step that broke for reasons of our own ends the search.
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  let last: Measured | undefined;
  let atLimit: Measured | undefined;
  let atKnee: LoadResult | undefined;
  const shaped = { ...run.plan, shape };
  const soFar = new SoFar(all, shaped, run.k6, { slos: [], busy: watchCpu(startMsOf(run.plan)) });
  run.live?.(() => soFar.load());
  let seconds = 0;
  let steps = 0;
  const step = async (perSecond: number): Promise<RateStep> => {
    context.work(`${perSecond} pulls/s for ${shape.durationSeconds} s`);
    const vus = options.vus ?? vusOfStep(perSecond, slos);
    const ofStep: K6Plan = { ...run.plan, shape: { ...shape, perSecond, vus } };
    const plan = withOwnPushes(ofStep, steps++);
    const words = `step ${steps}, ${perSecond} pulls/s: `;
    const tick = (told: () => string | View) => context.tick?.(() => prefixed(told(), words));
    const asked = { ...run, plan, tick, slos, abortOn: undefined };
    // Who shows the figures is told those of all steps.
    last = await measure({ ...asked, all, live: undefined }, new Timeline(), stepName);
    await keepStep(run.outDir);
    if (last.cut !== undefined) stop.abort();
    const { load } = last;
    seconds += load.seconds;
    load.slo = judgeSlos(slos, load);
    const broke = brokenOf(load);
    if (broke.length > 0) atLimit = last;
    if (broke.length === 0 || atKnee === undefined) atKnee = load;
    return { done: load.pulls.perSecond, broke };
  };
  const knee = await findKnee(shape.perSecond, step, signal);
  if (last === undefined) throw new Error('the search made no step');
  // What limited is told by the step that broke, if one did.
  const { aborted } = last.facts;
  const facts = { ...(atLimit ?? last).facts, aborted, broke: atLimit !== undefined };
  const load = fromTimeline(all, shaped, run.k6, facts);
  const per = Math.max(seconds, 0.001);
  load.seconds = seconds;
  load.pulls.perSecond = load.pulls.ok / per;
  load.requests.perSecond = load.requests.total / per;
  load.bytes.perSecond = load.bytes.total / per;
  const slo = withCourses(atKnee?.slo ?? [], load, all);
  return { ...last, load: { ...load, slo, knee } };
}

/**
 * By Little's law what the rate needs while pulls take as long as an objective allows; more would only
 * take time to set up, and when they do not suffice the rate is not kept, which breaks the step.
 */
function vusOfStep(perSecond: number, slos: readonly Slo[]): number {
  const pullMs = slos.filter(({ metric }) => metric.startsWith('pull.')).map(({ bound }) => bound);
  const seconds = Math.max(pullSecondsMin, ...pullMs.map((ms) => ms / 1000));
  return Math.min(Math.ceil(perSecond * seconds) + vusSpare, vusOfStepMax);
}

const pullSecondsMin = 2;
const vusSpare = 10;
const vusOfStepMax = 2000;

const stepName = 'timeline-step.ndjson';

/** Adds the timeline of a step to that of the run. */
async function keepStep(outDir: string): Promise<void> {
  const text = await readFile(join(outDir, stepName), 'utf8').catch(() => '');
  await appendFile(join(outDir, timelineName), text).catch(() => undefined);
  await rm(join(outDir, stepName), { force: true });
}

/** The objectives that a step broke, keeping to the rate among them. */
function brokenOf({ slo, pulls }: LoadResult): string[] {
  const broke = slo.filter(({ held }) => !held).map(({ expression }) => expression);
  const due = pulls.ok + pulls.failed + pulls.dropped;
  if (pulls.ok === 0) broke.push('a pull succeeds');
  if (pulls.dropped > due * droppedShareMax) broke.push('the rate is kept');
  return broke;
}
