// Composes the load part of the results from what was measured: the timeline of our engine, the summary
// of a stock k6, or the one pull of a set-up that failed.
import type { LoadResult, RunnerFigures } from '../../../../reports/results.ts';
import { type K6Plan, type PlannedImage, shapeNameOf } from '../../../../scenarios/lib/plan.ts';
import type { Pulled } from '../../../profiles/words/index.ts';
import type { PullFailure } from '../../../protocol/failure.ts';
import { hostOf } from '../../../protocol/grammar/uri.ts';
import type { K6 } from '../k6/find.ts';
import type { LoadOptions } from '../load.ts';
import { pushesOf } from '../push/push.ts';
import { PushTally } from '../timeline/pushes.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { bottleneckOf, isPaced } from './bottleneck.ts';
import { countOf, errorOf, errorsOf, retriedOf, type Speaker, together } from './errors.ts';
import { interruptedOf } from './interrupted.ts';
import { readStockSummary } from './stock-summary.ts';
import { nothingTold, Told, type ToldFailures, toldOf } from './told.ts';
import { endOfLoad, lastsSoLong, secondsBetween } from './window.ts';

/** What else is known of a run. */
export interface RunFacts {
  /** The first failure of each kind. */
  readonly told: ToldFailures;
  /** Share of this machine's CPU in use while k6 ran, 0 to 1. */
  readonly busy: number;
  readonly own?: number | undefined;
  /** What k6 told of itself, where that is not what the timeline has of the last one. */
  readonly runner?: RunnerFigures | undefined;
  /** Stopped by the user before its end. */
  readonly aborted: boolean;
  /** An objective broke at a rate that was raised until one would. */
  readonly broke?: boolean | undefined;
}

/** Of a run on our engine. */
export function fromTimeline(
  timeline: Timeline,
  plan: K6Plan,
  k6: K6,
  facts: RunFacts,
): LoadResult {
  const endMs = endOfLoad(timeline, plan.shape);
  const isCounted = !lastsSoLong(plan.shape);
  const figures = figuresOf(timeline, { endMs, isCounted }, facts, speakerOf(plan));
  const pushed = pushesOf(timeline.pushes, plan, endMs, facts);
  const runner = facts.runner ?? timeline.runners.latest();
  return {
    ...describePlan(plan, k6.engine),
    ...figures,
    bottleneck: bottleneckOf({
      paced: isPaced(plan, timeline.pullMs().p50),
      behind: timeline.dropped + timeline.late,
      broke: facts.broke,
      starved: timeline.errors.has('client-limit'),
      ok: figures.pulls.ok,
      failed: figures.pulls.failed,
      pushes: pushed.pushes,
      busy: facts.busy,
      own: facts.own,
      limit: runner?.limit,
      hopMs: timeline.hopMs(),
      waitMs: timeline.waits.totalMs(),
    }),
    processors: processorsOf(facts),
    ...(runner !== undefined && { runner }),
    ...pushed,
  };
}

/** What was left of a core when a tick was read may make a sum of slightly more than all. */
function processorsOf({ busy, own }: RunFacts): NonNullable<LoadResult['processors']> {
  const share = (value: number) => Math.round(1000 * Math.min(1, Math.max(0, value))) / 1000;
  return { busy: share(busy), ...(own !== undefined && { own: share(own) }) };
}

export interface EndOfLoad {
  /** Milliseconds since 1970. */
  readonly endMs: number;
  /** It was so many pulls, not so long a time. */
  readonly isCounted: boolean;
}

/** Everything that a timeline alone tells; errors are told in the speaker's words. */
export function figuresOf(
  timeline: Timeline,
  { endMs, isCounted }: EndOfLoad,
  { told, aborted }: Pick<RunFacts, 'told' | 'aborted'>,
  speaker?: Speaker,
) {
  const seconds = secondsBetween(timeline.firstMs, endMs);
  const { pullsOk, pullsStarted, pullsRetried, dropped, startedAt, tellings } = timeline;
  const { failures, pending, waits } = timeline;
  const cut = aborted ? 0 : pullsStarted - pullsOk - failures.total;
  const groups = together(failures, interruptedOf(cut, pending, waits, told.pullFailure));
  const pulls = { ok: pullsOk, failed: countOf(groups), dropped };
  const byClient = timeline.clients.told(!aborted);
  const byImage = timeline.images.told(!aborted);
  const pullSamples = timeline.pullSamples();
  const course = timeline.course({ firstMs: timeline.firstMs, lastMs: endMs, isCounted });
  return {
    ...(startedAt !== '' && { startedAt }),
    seconds,
    pulls: { ...pulls, perSecond: pulls.ok / seconds, retried: pullsRetried },
    requests: {
      total: timeline.requests,
      failed: timeline.requestsFailed,
      perSecond: timeline.requests / seconds,
    },
    bytes: {
      total: timeline.blobBytes,
      verified: timeline.verifiedBytes,
      perSecond: timeline.blobBytes / seconds,
    },
    pullMs: timeline.pullMs(),
    phases: timeline.phases(),
    phaseHops: timeline.phaseHops(),
    hops: timeline.hops(),
    hosts: timeline.hosts(),
    servers: timeline.servers(),
    statuses: timeline.statuses(),
    cache: timeline.cache,
    errors: errorsOf(groups, told.pullFailure, speaker),
    retried: retriedOf(timeline.retried.groups(), told.pullRetried),
    waits: waits.told(),
    unfinished: pending.unfinished(),
    misses: tellings.misses(),
    rateLimits: tellings.limits(),
    ...(byClient !== undefined && { byClient }),
    ...(byImage !== undefined && { byImage }),
    slo: [],
    ...(course !== undefined && { course }),
    ...(pullSamples.length > 0 && { pullSamples }),
    timeline: timeline.seconds(),
  };
}

/** Of a run on a stock k6; `summary` is what it left, '' when nothing. */
export function fromStock(summary: string, plan: K6Plan, k6: K6, facts: RunFacts): LoadResult {
  const empty = { ...describePlan(plan, k6.engine), ...noFigures() };
  const figures = readStockSummary(summary);
  if (figures === undefined) return empty;
  const seconds = Math.max(figures.seconds, 0.001);
  const { requests, pullMs, phases, hops, hosts, dropped, pullsOk, pullsStarted } = figures;
  const { failures, waitMs } = figures;
  const cut = facts.aborted ? 0 : pullsStarted - pullsOk - failures.total;
  if (cut > 0) failures.count({ class: 'interrupted' }, cut);
  const failed = failures.total;
  const perSecond = pullsOk / seconds;
  return {
    ...empty,
    seconds,
    pulls: { ok: pullsOk, failed, dropped, perSecond, retried: figures.pullsRetried },
    requests: { ...requests, perSecond: requests.total / seconds },
    bytes: {
      total: figures.bytes,
      verified: figures.verifiedBytes,
      perSecond: figures.bytes / seconds,
    },
    pullMs,
    phases,
    hops,
    hosts,
    errors: errorsOf(failures.groups(), facts.told.pullFailure, speakerOf(plan)),
    retried: retriedOf(figures.retried.groups(), facts.told.pullRetried),
    bottleneck: bottleneckOf({
      paced: isPaced(plan, pullMs.p50),
      behind: dropped,
      ok: pullsOk,
      failed,
      waitMs,
      busy: facts.busy,
      own: facts.own,
      // Sums are not among what a stock k6 leaves; medians tell the slowest hop as well.
      hopMs: Object.fromEntries(
        Object.entries(hops).map(([hop, { count, p50 }]) => [hop, count * p50]),
      ),
    }),
    processors: processorsOf(facts),
  };
}

function speakerOf({ client, images, mix }: K6Plan): Speaker {
  return { client: mix?.clients?.[0]?.value ?? client, images: images.map(pulledOf) };
}

function pulledOf({ registryUrl, repository, reference, resolvesTo }: PlannedImage): Pulled {
  return { registry: hostOf(registryUrl), registryUrl, repository, reference, resolvesTo };
}

function describePlan({ client, images, mix, shape, verify }: K6Plan, engine: K6['engine']) {
  return {
    client: mix?.clients?.map(({ value }) => value).join(', ') ?? client,
    shape: shapeNameOf(shape),
    engine,
    images: images.map((image) => `${image.registryUrl}/${image.repository}`),
    verify,
    vus: shape.vus,
  };
}

const noLatency = { count: 0, p50: 0, p90: 0, p95: 0, p99: 0, max: 0 };

function noFigures() {
  return {
    seconds: 0,
    pulls: { ok: 0, failed: 0, dropped: 0, perSecond: 0 },
    requests: { total: 0, failed: 0, perSecond: 0 },
    bytes: { total: 0, verified: 0, perSecond: 0 },
    pullMs: noLatency,
    phases: {},
    hops: {},
    hosts: {},
    cache: { hit: 0, miss: 0, unknown: 0 },
    errors: [],
    slo: [],
    bottleneck: 'unknown' as const,
    timeline: [],
  };
}

/** Of a run that is yet to be made, elsewhere, on our engine. */
export function bareLoad(plan: K6Plan): LoadResult {
  const pushes = pushesOf(new PushTally(), plan, 0, { told: nothingTold(), aborted: true });
  return { ...describePlan(plan, 'built'), ...noFigures(), ...pushes };
}

type Wished = Pick<LoadOptions, 'client' | 'engine' | 'images' | 'shape' | 'verify'>;

/** Of a run that has measured nothing yet. */
export function emptyLoad(options: Wished): LoadResult {
  return {
    client: options.client,
    shape: shapeNameOf(options.shape),
    engine: options.engine === 'stock' ? 'stock' : 'built',
    images: options.images.map((image) => image.text),
    verify: options.verify,
    vus: options.shape.vus,
    ...noFigures(),
  };
}

/** Of a run whose set-up pull failed: that is the result. */
export function failedSetUp(options: Wished, failure: PullFailure): LoadResult {
  return {
    ...emptyLoad(options),
    pulls: { ok: 0, failed: 1, dropped: 0, perSecond: 0 },
    errors: errorOf(
      toldOf(failure),
      { client: options.client, images: options.images },
      new Told(),
    ),
    bottleneck: 'pulls-fail',
  };
}
