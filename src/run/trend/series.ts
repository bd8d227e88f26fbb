// What of a run is drawn over time, by verb.
import type { LatencySummary, LoadResult, Results, Verdict } from '../../../reports/results.ts';
import type { TrendSeries } from '../../../reports/trend.ts';

export type Figure = Pick<TrendSeries, 'metric' | 'unit' | 'worse'> & {
  /** Null: the run has none. */
  readonly value: number | null;
};

/** Below so many requests a percentile says nothing. */
const samplesMin = 5;

/** Nothing for verbs whose runs are no series. */
export function figuresOf(results: Results): Figure[] {
  if (results.load !== undefined) return loadFigures(results.load);
  if (results.verb === 'conform') return checkFigures(results);
  if (results.verb === 'validate') return findingFigures(results);
  return [];
}

function loadFigures(load: LoadResult): Figure[] {
  const { pulls, cache } = load;
  const begun = pulls.ok + pulls.failed;
  const asked = cache.hit + cache.miss;
  return [
    latency('pull.p95', load.pullMs, 'p95'),
    latency('pull.p50', load.pullMs, 'p50'),
    { metric: 'pull.rate', unit: '/s', worse: 'less', value: pulls.perSecond },
    share('pull.failed', pulls.failed, begun),
    share('pull.retried', pulls.retried, begun),
    share('pull.dropped', pulls.dropped, begun + pulls.dropped),
    { ...share('edge.hits', cache.hit, asked), worse: 'less' },
    ...Object.entries(load.hops).flatMap(([hop, summary]) => [
      latency(`hop:${hop}.p95`, summary, 'p95'),
      latency(`hop:${hop}.ttfb.p95`, summary.ttfb, 'p95'),
    ]),
    ...Object.entries(load.phases).map(([phase, summary]) =>
      latency(`phase:${phase}.p95`, summary, 'p95'),
    ),
  ];
}

function latency(metric: string, summary: LatencySummary, which: 'p50' | 'p95'): Figure {
  const value = summary.count < samplesMin ? null : summary[which];
  return { metric, unit: 'ms', worse: 'more', value };
}

/** In percent. */
function share(metric: string, count: number | undefined, of: number): Figure {
  const value = count === undefined || of === 0 ? null : (100 * count) / of;
  return { metric, unit: '%', worse: 'more', value };
}

function checkFigures({ checks = [] }: Results): Figure[] {
  const tally = (...verdicts: readonly Verdict[]) =>
    checks.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const counted = (metric: string, worse: Figure['worse'], value: number): Figure => {
    return { metric, unit: '', worse, value: checks.length === 0 ? null : value };
  };
  return [
    counted('checks.failing', 'more', tally('fail')),
    counted('checks.warnings', 'more', tally('warn')),
    counted('checks.passing', 'less', tally('pass')),
    counted('checks.not-judged', 'more', tally('void', 'unsupported', 'harness-error')),
  ];
}

function findingFigures({ documents = [] }: Results): Figure[] {
  const findings = documents.flatMap((document) => document.findings);
  const tally = (level: string) => findings.filter((finding) => finding.level === level).length;
  const counted = (metric: string, value: number): Figure => {
    return { metric, unit: '', worse: 'more', value: documents.length === 0 ? null : value };
  };
  return [
    counted('findings.errors', tally('error')),
    counted('findings.warnings', tally('warning')),
    counted('findings.notes', tally('note')),
    counted('documents', documents.length),
  ];
}
