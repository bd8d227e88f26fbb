// What the views of a trend say alike.
import { count, duration, medianOf, plural, rate } from '../figures.ts';
import type { Tone } from '../summary.ts';
import type { Trend, TrendChange, TrendGroup, TrendSeries } from '../trend.ts';

const titles: Readonly<Record<string, string>> = {
  'pull.p50': 'whole pull, p50',
  'pull.p95': 'whole pull, p95',
  'pull.rate': 'pulls per second',
  'pull.failed': 'failed pulls',
  'pull.retried': 'pulls with a retry',
  'pull.dropped': 'dropped pulls',
  'edge.hits': 'cache hits of the edge',
  'checks.failing': 'checks that fail',
  'checks.warnings': 'checks that warn',
  'checks.passing': 'checks that pass',
  'checks.not-judged': 'checks that judge nothing',
  'findings.errors': 'errors',
  'findings.warnings': 'warnings',
  'findings.notes': 'notes',
  documents: 'documents',
};

/** `hop:edge.ttfb.p95` as `edge: first byte, p95`. */
export function seriesTitle({ metric }: TrendSeries): string {
  const known = Object.hasOwn(titles, metric) ? titles[metric] : undefined;
  if (known !== undefined) return known;
  const [, place = '', name = '', first, percentile = ''] =
    /^(hop|phase):(.*?)(\.ttfb)?\.(p\d+)$/s.exec(metric) ?? [];
  if (place === '') return metric;
  return `${name} (${place})${first === undefined ? '' : ', first byte'}, ${percentile}`;
}

export function seriesValue({ unit }: Pick<TrendSeries, 'unit'>, value: number | null): string {
  if (value === null) return '–';
  if (unit === 'ms') return duration(value);
  if (unit === '/s') return `${rate(value)}/s`;
  if (unit === '%') return `${rate(value)} %`;
  return count(value);
}

export function lastOf({ values }: TrendSeries): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

/** `× 1.24 (1.1 to 1.4)`; '' where there is no ratio. */
export function ratioWords({ ratio }: TrendChange): string {
  if (ratio === null) return '';
  const [value, low, high] = [ratio.value, ratio.low, ratio.high].map((one) => rate(one));
  return Number.isFinite(ratio.high) ? `× ${value} (${low} to ${high})` : `× ${value}`;
}

export function changeTone({ direction, counts }: TrendChange): Tone {
  if (!counts) return 'idle';
  return direction === 'worse' ? 'bad' : 'good';
}

/** Changes beyond the least that counts. */
function counted(groups: readonly TrendGroup[], direction: TrendChange['direction']): number {
  const changes = groups.flatMap(({ series }) => series.flatMap((one) => one.changes));
  return changes.filter((change) => change.counts && change.direction === direction).length;
}

/** Of the runs that have the figure; null where none has. */
export function seriesMedian({ values }: TrendSeries): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : medianOf(known);
}

export function trendSentence({ groups, runsMin }: Trend): string {
  const runs = groups.reduce((sum, group) => sum + group.runs.length, 0);
  const [worse, better] = [counted(groups, 'worse'), counted(groups, 'better')];
  const of = `${plural(runs, 'run')}${groups.length > 1 ? ` in ${groups.length} groups` : ''}`;
  if (groups.every((group) => group.runs.length < runsMin)) {
    const alike = groups.length > 1 ? 'of one group' : 'of them';
    return `${of}: too few to mark a change, for which there must be ${runsMin} ${alike}`;
  }
  if (worse + better === 0) return `${of}: no change that counts`;
  return `${of}: ${plural(worse, 'change')} for the worse, ${count(better)} for the better`;
}

export function trendTone({ groups }: Trend): Tone {
  if (counted(groups, 'worse') > 0) return 'warn';
  return counted(groups, 'better') > 0 ? 'good' : 'idle';
}

export function methodSentence({ seriesAlpha, minEffect }: Trend): string {
  return (
    'A change is marked where the runs before and after it differ by the U test more than all but ' +
    `${rate(100 * seriesAlpha)} % of random orders of the same runs would show anywhere; with five runs on each ` +
    `side one of 20 % stands out. It counts where the bounds of its ratio lie beyond ${rate(100 * minEffect)} %.`
  );
}
