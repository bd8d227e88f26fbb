// The engine of `load`: sets up, hands a plan to k6, and judges what it measured against the objectives.
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadResult, Results } from '../../../reports/results.ts';
import {
  type K6Plan,
  type Mix,
  type PlannedShape,
  startMsOf,
} from '../../../scenarios/lib/plan.ts';
import { parseDateTime } from '../../lib/rfc3339.ts';
import { UserError } from '../../lib/user-error.ts';
import { profiles } from '../../profiles/index.ts';
import type { Platform } from '../../protocol/grammar/platform.ts';
import { type Access, conclude, newResults, type RunContext } from '../context.ts';
import type { Image } from '../target.ts';
import { ticking } from '../ticking.ts';
import { measureKnee } from './breakpoint/breakpoint.ts';
import { type EngineChoice, findK6, type K6 } from './k6/find.ts';
import { waitWords } from './live-line.ts';
import { type Measure, type Measured, measure, removeOldFiles } from './measure.ts';
import { type Asking, askedOf } from './plan/asked.ts';
import { planDigest } from './plan/digest.ts';
import { refuseEmptyShares, type Segment } from './plan/segment.ts';
import { cleanUpPushes } from './push/clean-up.ts';
import { type PushWish, plannedPush } from './push/push.ts';
import { refuseWithoutRights } from './push/rights.ts';
import { limitByMock } from './result/bottleneck.ts';
import { bareLoad, emptyLoad, failedSetUp } from './result/result.ts';
import { type NoSetUp, type SetUp, setUpImages } from './set-up.ts';
import { judgeSlos, type Slo, withCourses } from './slo.ts';
import { timelineName } from './timeline/file.ts';
import { Timeline } from './timeline/timeline.ts';
import { type Prepared, prepareReplay, readTrace, type TraceOptions } from './trace/trace.ts';
import { judgeShare, slosOfShare, verdictOf } from './verdict.ts';

export interface LoadOptions {
  readonly images: readonly Image[];
  /** Name of the client profile; of a mix, the first. */
  readonly client: string;
  /** Of a mix, the first. */
  readonly platform: Platform;
  readonly shape: PlannedShape;
  /** As asked for; a breakpoint run chooses its own for each step otherwise. */
  readonly vus?: number | undefined;
  readonly mix?: Omit<Mix, 'seed'> | undefined;
  /** Origins of mirrors that are asked before an image's registry. */
  readonly mirrors?: readonly string[] | undefined;
  /** When the load begins, milliseconds since 1970; absent: as soon as it can. */
  readonly startAtMs?: number | undefined;
  /** What is replayed instead of pulls by a shape. */
  readonly trace?: TraceOptions | undefined;
  readonly push?: PushWish | undefined;
  readonly verify: 'all' | 'sample' | 'size' | 'none';
  readonly engine: EngineChoice;
  readonly slos: readonly Slo[];
  /** Kept in the results, without credentials. */
  readonly planFile?: LoadResult['planFile'];
  readonly abortOnSlo?: boolean | undefined;
  /** The share of it all that this process makes; others make the rest at the same time. */
  readonly segment?: Segment | undefined;
  /** Outputs of k6 beside ours. */
  readonly k6Outs?: readonly string[] | undefined;
  readonly access: Access;
  /** Existing folder for timeline.ndjson and k6.log. */
  readonly outDir: string;
  /** Told, each time that there is another one, how to make the results so far, for who shows them meanwhile. */
  readonly live?: ((soFar: () => Results) => void) | undefined;
}

/** Kept free while k6 runs: a disk that its files fill still takes the results. */
const reserveBytes = 512 * 1024;

/** @throws UserError when the target cannot be reached or no k6 can be had */
export async function runLoad(options: LoadOptions, context: RunContext): Promise<Results> {
  const results = newResults('load', targetOf(options), context);
  const { images, access, mix, segment, mirrors } = options;
  const client = profileNamed(options.client);
  options.live?.(() => underWay(results, emptyLoad(options), 'The load has not begun yet.'));
  refuseToShare(options);
  for (const share of mix?.clients ?? []) profileNamed(share.value);
  const platforms = mix?.platforms?.map(({ value }) => value) ?? [options.platform];
  const trace = options.trace && (await readTrace(options.trace));
  const ready = await setUpImages(images, platforms, client, access, context, mirrors);
  if ('failure' in ready) return stoppedSetUp(results, options, ready, context);
  if (options.push !== undefined) {
    await refuseWithoutRights(options.push.target, client, access, context);
  }
  const k6 = await findK6(options.engine, {
    variables: process.env,
    progress: context.work,
    signal: context.signal,
  });
  refuseWithoutOurs(k6, options);
  await removeOldFiles(options.outDir);
  const replay = trace && (await prepareReplay(trace, ready, options.outDir));
  const shape = replay?.shape ?? options.shape;
  const plan = {
    ...planOf(options, ready, k6, shape, context.seed),
    ...(mayShare(k6, options) && { usersAloneMax: usersAloneMaxFree }),
  };
  if (segment !== undefined) refuseEmptyShares(segment, plan);
  const whole = (load: LoadResult): LoadResult => ({
    ...load,
    ...askedBy(options, plan),
    k6: k6.version,
    digests: digestsOf(images, ready),
    ...(ready.fromMock && { bottleneck: limitByMock(load.bottleneck), fromMock: true }),
    images: images.map((image) => image.text),
    plan: planDigest(plan),
    ...(segment !== undefined && { segment: { part: segment.part, of: segment.of } }),
  });
  const run: Measure = {
    k6,
    plan,
    client,
    access,
    outDir: options.outDir,
    signal: context.signal,
    tick: context.tick,
    k6Outs: options.k6Outs,
    segment,
    slos: options.slos,
    live: (soFar) => options.live?.(() => underWay(results, whole(soFar()), waiting(plan))),
    abortOn: options.abortOnSlo === true ? slosOfShare(options.slos, segment) : undefined,
  };
  const bare = whole({ ...bareLoad(plan), engine: k6.engine });
  context.begin?.({ ...results, load: { ...bare, slo: judgeSlos(options.slos, bare) } });
  const release = await reserveSpace(options.outDir);
  tellWait(plan, context);
  try {
    const measured = await measureShape(run, options, replay, context);
    if (measured.lost !== undefined) context.say?.(measured.lost);
    await cleanUp(run, options, measured, context);
    results.load = whole(measured.load);
    return concluded(results, results.load, measured, context);
  } finally {
    await release();
  }
}

function waiting(plan: K6Plan): string | undefined {
  const startMs = startMsOf(plan) ?? 0;
  return Date.now() < startMs ? `The load ${waitWords(startMs, Date.now())}.` : undefined;
}

function tellWait(plan: K6Plan, context: RunContext): void {
  const startMs = startMsOf(plan);
  if (startMs === undefined || startMs > Date.now()) return;
  context.say?.(
    `warning: the start at ${plan.startAt} passed while the images were located: this load begins at once, later than others`,
  );
}

/** Users whose requests begin later were not ready. */
const lateMs = 1000;

/** Of pulls by a rate the first may be due later than the start. */
function tellLate({ shape, startAt }: K6Plan, firstMs: number, context: RunContext): void {
  const isPaced = shape.kind === 'rate' || shape.kind === 'stages' || shape.kind === 'replay';
  const behindMs = firstMs - (startMsOf({ startAt }) ?? Number.POSITIVE_INFINITY);
  if (isPaced || behindMs < lateMs) return;
  context.say?.(
    `warning: the first request went out ${(behindMs / 1000).toFixed(1)} s after the start at ${startAt}: name a time further ahead`,
  );
}

/** A run that goes on, as if it ended now. */
function underWay(results: Results, load: LoadResult, interrupted?: string): Results {
  const durationMs = Date.now() - (parseDateTime(results.startedAt) ?? Number.NaN);
  const verdict = load.pulls.ok + load.pulls.failed === 0 ? 'pass' : verdictOf(load);
  const exitCode = verdict === 'pass' ? 0 : 1;
  return { ...results, durationMs, verdict, exitCode, load, ...(interrupted && { interrupted }) };
}

function stoppedSetUp(
  results: Results,
  options: LoadOptions,
  { failure, stopped }: NoSetUp,
  context: RunContext,
): Results {
  results.load = { ...failedSetUp(options, failure), ...askedBy(options, options) };
  conclude(results, 'fail', context.signal);
  if (stopped !== undefined)
    results.interrupted = `Stopped by Ctrl-C or another signal while ${stopped}.`;
  return results;
}

/** What the references named, by image. */
export function digestsOf(images: LoadOptions['images'], { digests }: SetUp) {
  return Object.fromEntries(images.map(({ text }, at) => [text, digests[at] ?? '']));
}

function askedBy(
  { planFile }: LoadOptions,
  asking: Asking,
): Pick<LoadResult, 'asked' | 'planFile'> {
  return { asked: askedOf(asking), ...(planFile !== undefined && { planFile }) };
}

/** Takes away what was pushed, where that is wished for and nobody waits for the end. */
async function cleanUp(
  { plan, client, access }: Measure,
  { push }: LoadOptions,
  { load: { pushes } }: Measured,
  context: RunContext,
): Promise<void> {
  const { signal, work } = context;
  if (push?.cleanUp !== true || plan.push === undefined || pushes === undefined) return;
  if (signal.aborted) return;
  const { push: planned } = plan;
  const { left } = pushes;
  const line = 'deleting what was pushed';
  work(line);
  pushes.left = await ticking(
    context,
    () => line,
    () => cleanUpPushes(planned, left, client, access, signal),
  );
}

/** What is named in the results, however many there are. */
export function targetOf({ images }: LoadOptions): string {
  const shown = images.slice(0, 5).map((image) => image.text);
  const more = images.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

export function profileNamed(name: string) {
  const client = profiles[name];
  if (client === undefined) throw new Error(`unknown profile ${name}`);
  return client;
}

async function measureShape(
  run: Measure,
  options: LoadOptions,
  replay: Prepared | undefined,
  context: RunContext,
): Promise<Measured> {
  if (options.shape.name === 'breakpoint' && options.shape.kind === 'rate') {
    return await measureKnee(run, options.shape, options, context);
  }
  const timeline = new Timeline(options.slos.map(({ metric }) => metric));
  const figures = run.k6.engine === 'built' ? timelineName : 'k6-summary.json';
  const measured = await measure(run, timeline, figures);
  const { load } = measured;
  tellLate(run.plan, timeline.firstMs, context);
  load.slo = withCourses(judgeShare(options.slos, load, options.segment), load, timeline);
  if (replay !== undefined) {
    const { late, asRecorded } = timeline;
    load.replay = { ...replay.told, late, asRecorded };
  }
  return measured;
}

export function planOf(
  options: LoadOptions,
  { images }: SetUp,
  { engine }: Pick<K6, 'engine'>,
  shape: PlannedShape,
  seed: number,
): K6Plan {
  const { client, platform, verify, access, mix, mirrors, startAtMs } = options;
  const names = new Set([client, ...(mix?.clients ?? []).map(({ value }) => value)]);
  return {
    client,
    profiles: Object.fromEntries([...names].map((name) => [name, profileNamed(name)])),
    // Only nodes with a memory need to know what images consist of.
    images: mix?.nodes === undefined ? images.map(({ layers, ...image }) => image) : images,
    platform,
    shape,
    verify: engine === 'stock' && verify === 'all' ? 'sample' : verify,
    timeoutMs: access.timeoutMs,
    insecure: access.insecure,
    ...(access.shown !== undefined && { shown: Object.entries(access.shown).map(shownTo) }),
    ...(mirrors !== undefined && { mirrors }),
    ...(startAtMs !== undefined && { startAt: new Date(startAtMs).toISOString() }),
    ...(mix !== undefined && { mix: { ...mix, seed } }),
    ...(options.push !== undefined && { push: plannedPush(options.push, seed) }),
  };
}

function shownTo([host, { cert, key }]: [string, { readonly cert: string; readonly key: string }]) {
  return { host, cert, key };
}

/**
 * Where users may share virtual users of k6, more than so many do: each has a JavaScript engine of its own,
 * whose memory and cold caches cost up to a third of the processor time (docs/performance.md).
 */
const usersAloneMaxFree = 4;

/** k6's own outputs count users and pulls by its virtual users and their iterations; segments divide them. */
function mayShare({ engine }: K6, { segment, k6Outs = [] }: LoadOptions): boolean {
  return engine === 'built' && segment === undefined && k6Outs.length === 0;
}

/** @throws UserError (exit 2) for what cannot be shared by several machines */
function refuseToShare({ segment, shape, push, trace }: LoadOptions): void {
  if (segment === undefined) return;
  if (shape.name === 'breakpoint') {
    throw new UserError(
      'shape-conflict',
      'a breakpoint run decides by what it measured itself, and cannot be one segment of several',
      'Find the knee from one machine, or run --shape rate --segment K/N at the rates in question.',
    );
  }
  // How many users a replay has is known when its trace has been read.
  if (trace === undefined) refuseEmptyShares(segment, { shape, push });
}

/** @throws UserError (exit 2) for what a stock k6 cannot do */
function refuseWithoutOurs({ engine }: K6, options: LoadOptions): void {
  if (engine === 'built') return;
  const { abortOnSlo, live, push, shape, trace, client, mix } = options;
  const names = [client, ...(mix?.clients ?? []).map(({ value }) => value)];
  // It leaves most of a reply unread, which k6/http cannot.
  const partial = names.find((name) => profileNamed(name).ranges?.form === 'open');
  const wanted: string | false =
    (abortOnSlo === true && '--abort-on-slo') ||
    (live !== undefined && '--dashboard') ||
    (trace !== undefined && '--trace') ||
    (push !== undefined && 'push in a plan') ||
    (partial !== undefined && `--client ${partial}`) ||
    (shape.name === 'breakpoint' && '--shape breakpoint');
  if (wanted === false) return;
  throw new UserError(
    'engine-needed',
    `${wanted} needs our build of k6, and this is a stock one`,
    'Leave out --engine stock, and PULLPROOF_K6 if it is set.',
  );
}

/** @throws UserError `disk-full` (exit 3) when there is no room even before the run */
async function reserveSpace(outDir: string): Promise<() => Promise<void>> {
  const file = join(outDir, '.reserved');
  const release = () => rm(file, { force: true });
  try {
    await writeFile(file, Buffer.alloc(reserveBytes, 1));
    const handle = await open(file);
    await handle.sync().finally(() => handle.close());
    return release;
  } catch (error) {
    await release();
    throw new UserError(
      'disk-full',
      `there is no room for results in ${outDir}: ${(error as Error).message}`,
      'Free some space, or name another folder with --out.',
      3,
    );
  }
}

function concluded(
  results: Results,
  load: LoadResult,
  { cut }: Measured,
  context: RunContext,
): Results {
  conclude(results, verdictOf(load), context.signal);
  if (cut === undefined || context.signal.aborted) return results;
  results.interrupted = cut.why;
  if (!cut.defect) return results;
  results.verdict = 'error';
  results.exitCode = 4;
  return results;
}
