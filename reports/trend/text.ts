// The trend for a terminal: each series with its last value and where it changed.
import { moment, plural } from '../figures.ts';
import type { TextOptions } from '../options.ts';
import { toneSymbols } from '../summary.ts';
import { painter, type Row, table, wrap } from '../text-layout.ts';
import type { Trend, TrendGroup, TrendSeries } from '../trend.ts';
import { oneLine, withoutCommands } from '../untrusted.ts';
import {
  changeTone,
  lastOf,
  methodSentence,
  ratioWords,
  seriesMedian,
  seriesTitle,
  seriesValue,
  trendSentence,
  trendTone,
} from './words.ts';

/** Changes of one series; the last ones are of interest. */
const changesMax = 3;
const groupsMax = 12;

/** Lines end with a line feed, the last one too. */
export function renderTrendText(trend: Trend, { color, width, verbose }: TextOptions): string {
  const paint = painter(color);
  const columns = Math.max(40, width);
  const shown = verbose === true ? trend.groups : trend.groups.slice(0, groupsMax);
  const more = trend.groups.length - shown.length;
  const lines = [
    paint(trendTone(trend), oneLine(trendSentence(trend), columns)),
    ...shown.flatMap((group) => ['', ...groupLines(group, columns, paint)]),
    ...(more > 0 ? ['', paint('dim', `${plural(more, 'group')} more (--verbose shows them)`)] : []),
    '',
    ...wrap(methodSentence(trend), columns).map((line) => paint('dim', line)),
  ];
  return `${withoutCommands(lines.join('\n'))}\n`;
}

function groupLines(group: TrendGroup, width: number, paint: ReturnType<typeof painter>): string[] {
  const { runs, series } = group;
  const span = `${moment(runs[0]?.startedAt ?? '')} to ${moment(runs.at(-1)?.startedAt ?? '')}`;
  const facts = [group.of, ...group.facts].map((fact) => oneLine(fact, 60)).join(', ');
  const rows = series.flatMap((one) => seriesRows(one, group));
  return [
    paint('strong', `${oneLine(group.target, 120)} (${plural(runs.length, 'run')})`),
    ...wrap(`${facts}; ${span}`, width).map((line) => paint('dim', line)),
    ...table(
      [
        { title: '', align: 'left' },
        { title: 'median', align: 'right' },
        { title: 'last', align: 'right' },
        { title: 'changed', align: 'left' },
      ],
      rows,
      width,
      paint,
    ),
  ];
}

function seriesRows(series: TrendSeries, { runs }: TrendGroup): Row[] {
  const last = series.changes.slice(-changesMax).reverse();
  const cell = (at: number) => {
    const change = last[at];
    if (change === undefined) return { text: '~' };
    const { before, after, run } = change;
    const values = `${seriesValue(series, before)} → ${seriesValue(series, after)}`;
    const when = moment(runs[run]?.startedAt ?? '').slice(0, 16);
    const tone = changeTone(change);
    const text = `${toneSymbols[tone]} ${when}: ${values} ${ratioWords(change)}`.trimEnd();
    return { text, ink: tone };
  };
  const head = [
    { text: oneLine(seriesTitle(series), 60) },
    { text: seriesValue(series, seriesMedian(series)) },
    { text: seriesValue(series, lastOf(series)) },
    cell(0),
  ];
  return [
    head,
    ...last.slice(1).map((_, at) => [{ text: '' }, { text: '' }, { text: '' }, cell(at + 1)]),
  ];
}
