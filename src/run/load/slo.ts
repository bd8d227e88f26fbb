// Service level objectives of a load run: `pull.p95<2s`, `errors<0.1%`, `edge.ttfb.p99<300ms`,
// `retried<1%`, `verified=100%`, `pulls>=50/s`, `push.p95<5s`; parsed before the run, judged after it.
import type { LatencySummary, LoadResult, SloResult } from '../../../reports/results.ts';
import { meantName } from '../../lib/nearest.ts';
import { parseDurationMs } from '../../lib/units.ts';
import { UserError } from '../../lib/user-error.ts';
import { isPushPhase, pushPhases } from '../../protocol/push-phase.ts';
import type { Timeline } from './timeline/timeline.ts';

export interface Slo {
  readonly expression: string;
  readonly metric: string;
  readonly operator: '<' | '<=' | '>' | '>=' | '=';
  /** Milliseconds for latencies, percent for shares, per second for rates. */
  readonly bound: number;
}

const grammar = /^\s*([a-z0-9.-]+)\s*(<=|>=|<|>|=)\s*(\d[\da-z.]{0,60})\s*([a-z]{1,2}|%|\/s|)\s*$/;
/** What histograms tell apart; what took longer is told as this. */
const latencyMsMax = 3_600_000;
const statistics = ['p50', 'p90', 'p95', 'p99', 'max'] as const;
const phases = ['ping', 'token', 'index', 'manifest', 'config', 'layer'];
const hops = ['registry', 'token', 'edge'];
/** What has percentiles of its own. */
const timed: readonly string[] = ['pull', 'push', ...phases, ...hops, ...pushPhases];

type Statistic = (typeof statistics)[number];

/** @throws UserError `slo-invalid` (exit 2) */
export function parseSlo(expression: string): Slo {
  const [, metric = '', operator, number = '', unit = ''] = grammar.exec(expression) ?? [];
  const measure = measureOf(metric);
  const bound = measure?.bound(number, unit);
  if (bound === undefined) throw invalid(expression, metric, measure);
  return { expression, metric, operator: operator as Slo['operator'], bound };
}

/** In what a metric is measured. */
interface Measure {
  readonly words: string;
  /** Undefined for what does not fit. */
  readonly bound: (number: string, unit: string) => number | undefined;
}

const share: Measure = {
  words: 'in percent, such as 0.1%',
  bound: (number, unit) => (unit === '%' ? plain(number) : undefined),
};
const rate: Measure = {
  words: 'per second, such as 50/s',
  bound: (number, unit) => (unit === '/s' || unit === '' ? plain(number) : undefined),
};
const latency: Measure = {
  words: 'as a duration, such as 300ms, 1.5s or 1m30s, up to 1h',
  bound: (number, unit) => {
    const ms = parseDurationMs(number + unit);
    return ms !== undefined && ms <= latencyMsMax ? ms : undefined;
  },
};

function plain(number: string): number | undefined {
  return /^\d+(?:\.\d+)?$/.test(number) ? Number(number) : undefined;
}

/** `metric` is '' when not even the form is right. */
function invalid(expression: string, metric: string, measure: Measure | undefined): UserError {
  const said = `the SLO ${JSON.stringify(expression)} cannot be read`;
  const form =
    "Write METRIC OPERATOR BOUND, such as 'pull.p95<2s', 'edge.ttfb.p99<300ms', 'errors<0.1%', 'retried<1%', 'verified=100%' or 'pulls>=50/s'.";
  if (metric === '') return new UserError('slo-invalid', said, form);
  if (measure !== undefined) {
    return new UserError('slo-invalid', `${said}: ${metric} is measured ${measure.words}`, form);
  }
  const meant = meantName(metric, metrics);
  const why = `${said}: there is no metric ${metric}`;
  return new UserError('slo-invalid', why, meant === undefined ? form : `Did you mean ${meant}?`);
}

/** Every metric that `measureOf` knows, for suggestions. */
const metrics: readonly string[] = [
  ...['errors', 'retried', 'verified', 'pulls', 'push.errors', 'pushes'],
  ...[...timed, ...hops.map((hop) => `${hop}.ttfb`)].flatMap((name) =>
    statistics.map((statistic) => `${name}.${statistic}`),
  ),
];

/** The first objective that is missed already, for a run that should not go on then. */
export function missedAlready(slos: readonly Slo[], load: LoadResult): string | undefined {
  return missedSoFar(slos, load)[0];
}

/**
 * The objectives that are missed already, each with what was observed. Only upper bounds are judged before the
 * end: a run begins with no pulls, and blobs count as verified when their pull ends.
 */
export function missedSoFar(slos: readonly Slo[], load: LoadResult): string[] {
  const { ok = 0, failed = 0 } = load.pushes ?? {};
  const enough = ok + failed >= pushesJudgedMin;
  const upper = slos.filter(
    ({ metric, operator }) =>
      (operator === '<' || operator === '<=') && (enough || !isOfPushes(metric)),
  );
  return judgeSlos(upper, load)
    .filter(({ held, observed }) => !held && observed !== nothingMeasured)
    .map(({ expression, observed }) => `${expression}, observed ${observed}`);
}

/** So that a first slow push ends no run. */
const pushesJudgedMin = 20;

function isOfPushes(metric: string): boolean {
  const [first = ''] = metric.split('.');
  return first === 'push' || isPushPhase(first);
}

const nothingMeasured = 'nothing was measured';

const shares: readonly string[] = ['errors', 'retried', 'verified', 'push.errors'];

function isShare(metric: string): boolean {
  return shares.includes(metric);
}

/** Undefined for a metric that does not exist. */
function measureOf(metric: string): Measure | undefined {
  if (isShare(metric)) return share;
  if (metric === 'pulls' || metric === 'pushes') return rate;
  const [first = '', ...rest] = metric.split('.');
  const statistic = rest.at(-1) as Statistic;
  if (!statistics.includes(statistic)) return undefined;
  if (rest.length === 1 && timed.includes(first)) return latency;
  return rest.length === 2 && rest[0] === 'ttfb' && hops.includes(first) ? latency : undefined;
}

export function judgeSlos(slos: readonly Slo[], load: LoadResult): LoadResult['slo'] {
  return slos.map((slo) => {
    const observed = observe(slo.metric, load);
    // Something that never happened has no latency: an objective about it is not held.
    const held = observed !== undefined && compare(observed, slo);
    const { expression, metric, operator, bound } = slo;
    const unit = unitOf(metric);
    return { expression, observed: say(metric, observed), held, metric, operator, bound, unit };
  });
}

/** The same with what was observed in each step of the course, where steps tell that. */
export function withCourses(
  judged: readonly SloResult[],
  { course }: LoadResult,
  timeline: Timeline,
): SloResult[] {
  if (course === undefined) return [...judged];
  return judged.map((slo) => {
    const observed = slo.metric && timeline.observed(slo.metric, course);
    return observed ? { ...slo, course: observed } : slo;
  });
}

function observe(metric: string, load: LoadResult): number | undefined {
  const { pulls, pushes, bytes } = load;
  if (metric === 'errors') return failedShare(pulls);
  if (metric === 'push.errors') return pushes && failedShare(pushes);
  if (metric === 'retried') return retriedShare(pulls);
  if (metric === 'verified') {
    return bytes.total === 0 ? undefined : (100 * bytes.verified) / bytes.total;
  }
  if (metric === 'pulls') return pulls.perSecond;
  if (metric === 'pushes') return pushes?.perSecond;
  const parts = metric.split('.');
  const statistic = parts.at(-1) as Statistic;
  const latency = latencyOf(parts, load);
  return latency === undefined || latency.count === 0 ? undefined : latency[statistic];
}

/** In percent; undefined when there were none. */
function failedShare({ ok, failed }: { ok: number; failed: number }): number | undefined {
  return ok + failed === 0 ? undefined : (100 * failed) / (ok + failed);
}

/** Share of the pulls in which something was tried again, whatever came of it; no stock k6 tells. */
function retriedShare({ ok, failed, retried }: LoadResult['pulls']): number | undefined {
  if (retried === undefined || ok + failed === 0) return undefined;
  // Pulls that did not end are in neither count, but may have tried again.
  return Math.min(100, (100 * retried) / (ok + failed));
}

function latencyOf([first = '', second]: string[], load: LoadResult): LatencySummary | undefined {
  if (first === 'pull') return load.pullMs;
  if (first === 'push') return load.pushes?.pushMs;
  if (isPushPhase(first)) return load.pushes?.phases[first];
  if (second === 'ttfb') return load.hops[first]?.ttfb;
  return load.phases[first] ?? load.hops[first];
}

function compare(observed: number, { operator, bound }: Slo): boolean {
  switch (operator) {
    case '<':
      return observed < bound;
    case '<=':
      return observed <= bound;
    case '>':
      return observed > bound;
    case '>=':
      return observed >= bound;
    case '=':
      return observed === bound;
  }
}

function say(metric: string, observed: number | undefined): string {
  if (observed === undefined) return nothingMeasured;
  const rounded = Math.round(observed * 1000) / 1000;
  const unit = unitOf(metric);
  return unit === 'ms' ? `${rounded} ms` : `${rounded}${unit}`;
}

function unitOf(metric: string): NonNullable<SloResult['unit']> {
  if (isShare(metric)) return '%';
  return metric === 'pulls' || metric === 'pushes' ? '/s' : 'ms';
}
