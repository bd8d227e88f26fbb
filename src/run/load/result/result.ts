// Composes the load part of the results from what was measured: the timeline of our engine, the summary
// of a stock k6, or the one pull of a set-up that failed.
import type { LoadResult } from '../../../../reports/results.ts';
import { type K6Plan, type PlannedImage, shapeNameOf } from '../../../../scenarios/lib/plan.ts';
import type { Pulled, Speaker } from '../../../profiles/words.ts';
import type { PullFailure } from '../../../protocol/failure.ts';
import { hostOf } from '../../../protocol/grammar/uri.ts';
import type { K6 } from '../k6/find.ts';
import type { LoadOptions } from '../load.ts';
import { pushesOf } from '../push/push.ts';
import { sumOf } from '../timeline/line.ts';
import { PushTally } from '../timeline/pushes.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { bottleneckOf, isPaced } from './bottleneck.ts';
import { errorsOf, failuresOf } from './errors.ts';
import { readStockSummary } from './stock-summary.ts';

/** What else is known of a run. */
export interface RunFacts {
  /** The first message of each failure class. */
  readonly examples: ReadonlyMap<string, string>;
  /** As `examples`, of pushes. */
  readonly pushExamples?: ReadonlyMap<string, string>;
  /** Share of this machine's CPU in use while k6 ran, 0 to 1. */
  readonly busy: number;
  readonly own?: number | undefined;
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
  return {
    ...describePlan(plan, k6.engine),
    ...figuresOf(timeline, facts, speakerOf(plan)),
    bottleneck: bottleneckOf({
      paced: isPaced(plan, timeline.pullMs().p50),
      behind: timeline.dropped + timeline.late,
      broke: facts.broke,
      starved: timeline.errors.has('client-limit'),
      busy: facts.busy,
      own: facts.own,
      hopMs: timeline.hopMs(),
    }),
    ...pushesOf(timeline.pushes, plan, facts),
  };
}

/** Everything that a timeline alone tells; errors are told in the speaker's words. */
export function figuresOf(
  timeline: Timeline,
  facts: Pick<RunFacts, 'examples' | 'aborted'>,
  speaker?: Speaker,
) {
  const seconds = Math.max((timeline.lastMs - timeline.firstMs) / 1000, 0.001);
  const { pullsOk, pullsStarted, dropped } = timeline;
  const errors = failuresOf(timeline.errors, pullsStarted - pullsOk, facts);
  const pulls = { ok: pullsOk, failed: sumOf(errors), dropped };
  const { startedAt } = timeline;
  return {
    ...(startedAt !== '' && { startedAt }),
    seconds,
    pulls: { ...pulls, perSecond: pulls.ok / seconds },
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
    hops: timeline.hops(),
    hosts: timeline.hosts(),
    servers: timeline.servers(),
    statuses: timeline.statuses(),
    cache: timeline.cache,
    errors: errorsOf(errors, facts.examples, speaker),
    slo: [],
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
  const errors = failuresOf(figures.errors, pullsStarted - pullsOk, facts);
  return {
    ...empty,
    seconds,
    pulls: { ok: pullsOk, failed: sumOf(errors), dropped, perSecond: pullsOk / seconds },
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
    errors: errorsOf(errors, facts.examples, speakerOf(plan)),
    bottleneck: bottleneckOf({
      paced: isPaced(plan, pullMs.p50),
      behind: dropped,
      busy: facts.busy,
      own: facts.own,
      // Sums are not among what a stock k6 leaves; medians tell the slowest hop as well.
      hopMs: Object.fromEntries(
        Object.entries(hops).map(([hop, { count, p50 }]) => [hop, count * p50]),
      ),
    }),
  };
}

/** The one that is told of: of a mix the first. */
function speakerOf({ client, images, mix }: K6Plan): Speaker {
  const [one, another] = images;
  const image = one !== undefined && another === undefined ? pulledOf(one) : undefined;
  return { client: mix?.clients?.[0]?.value ?? client, image };
}

function pulledOf({ registryUrl, repository, reference }: PlannedImage): Pulled {
  return { registry: hostOf(registryUrl), repository, reference };
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
    bottleneck: 'none' as const,
    timeline: [],
  };
}

/** Of a run that is yet to be made, elsewhere, on our engine. */
export function bareLoad(plan: K6Plan): LoadResult {
  const facts = { examples: new Map(), busy: 0, aborted: true };
  const pushes = pushesOf(new PushTally(), plan, facts);
  return { ...describePlan(plan, 'built'), ...noFigures(), ...pushes };
}

/** Of a run whose set-up pull failed: that is the result. */
export function failedSetUp(
  options: Pick<LoadOptions, 'client' | 'engine' | 'images' | 'shape' | 'verify'>,
  failure: PullFailure,
): LoadResult {
  return {
    client: options.client,
    shape: shapeNameOf(options.shape),
    engine: options.engine === 'stock' ? 'stock' : 'built',
    images: options.images.map((image) => image.text),
    verify: options.verify,
    vus: options.shape.vus,
    ...noFigures(),
    pulls: { ok: 0, failed: 1, dropped: 0, perSecond: 0 },
    errors: errorsOf(new Map([[failure.class, 1]]), new Map([[failure.class, failure.message]]), {
      client: options.client,
      image: options.images.length === 1 ? options.images[0] : undefined,
    }),
  };
}
