// A small chart of one series: every run a dot, the median of each stretch a line, a mark where it changed.
// Plain SVG, so that it prints and needs no script; what a dot says stands in the title beneath the pointer.
import { medianOf, moment } from '../figures.ts';
import { type Html, html } from '../html/markup.ts';
import type { TrendRun, TrendSeries } from '../trend.ts';
import { changeTone, seriesTitle, seriesValue } from './words.ts';

const width = 600;
const height = 120;
const edge = 8;
/** Titles of one chart: of more runs, one tells of several. */
const titlesMax = 150;

/**
 * Least and greatest of what is drawn: from 0 on where the values fill much of it; else at least a tenth of
 * the values either way, so that what hardly varies does not look as if it did.
 */
export function rangeOf({ values, unit }: TrendSeries): { low: number; high: number } {
  const known = values.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  if (most <= 0) return { low: 0, high: 1 };
  const pad = Math.max(0.25 * (most - least), 0.1 * most);
  const high = unit === '%' ? Math.max(most, Math.min(100, most + pad)) : most + pad;
  return { low: least < 0.5 * most ? 0 : Math.max(0, least - pad), high };
}

export function trendChart(series: TrendSeries, runs: readonly TrendRun[]): Html {
  const { low, high } = rangeOf(series);
  const x = (at: number) => {
    const step = (width - 2 * edge) / Math.max(1, series.values.length - 1);
    return round(series.values.length === 1 ? width / 2 : edge + at * step);
  };
  const y = (value: number) =>
    round(height - edge - ((value - low) / (high - low)) * (height - 2 * edge));
  const dots = series.values
    .map((value, at) => (value === null ? '' : `M${x(at)} ${y(value)}h0`))
    .join('');
  const marks = series.changes.map((change) => {
    const at = round((x(change.run) + x(Math.max(0, change.run - 1))) / 2);
    return html`<path class="mark ${changeTone(change)}" d="M${at} 0V${height}"/>`;
  });
  return html`<svg class="trend" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${chartWords(series, runs)}">
<path class="ground" d="M0 ${height - edge}H${width}"/>
${marks}<path class="dots" d="${dots}"/><path class="level" d="${levels(series, x, y)}"/>
${titles(series, runs, x)}</svg>`;
}

const round = (value: number) => Math.round(10 * value) / 10;

/** The median of each stretch between changes. */
function levels(
  { values, changes }: TrendSeries,
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  const cuts = [0, ...changes.map(({ run }) => run), values.length];
  return cuts
    .slice(0, -1)
    .map((from, at) => {
      const to = (cuts[at + 1] ?? values.length) - 1;
      const stretch = values.slice(from, to + 1).filter((value) => value !== null);
      if (stretch.length === 0) return '';
      return `M${x(from)} ${y(medianOf(stretch))}H${x(Math.max(from, to))}`;
    })
    .join('');
}

/** Invisible columns, each as wide as what it tells of. */
function titles(series: TrendSeries, runs: readonly TrendRun[], x: (at: number) => number): Html[] {
  const each = Math.ceil(runs.length / titlesMax);
  const columns: Html[] = [];
  for (let from = 0; from < runs.length; from += each) {
    const to = Math.min(runs.length, from + each) - 1;
    const half = (width - 2 * edge) / Math.max(1, runs.length - 1) / 2;
    const left = round(Math.max(0, x(from) - half));
    const right = round(Math.min(width, x(to) + half));
    const told = series.values.slice(from, to + 1).filter((value) => value !== null);
    const values =
      told.length === 0
        ? 'not measured'
        : [...new Set([Math.min(...told), Math.max(...told)])]
            .map((value) => seriesValue(series, value))
            .join(' to ');
    const when = moment(runs[from]?.startedAt ?? '');
    const name = from === to ? `${runs[from]?.path}` : `runs ${from + 1} to ${to + 1}`;
    columns.push(
      html`<rect x="${left}" y="0" width="${round(Math.max(1, right - left))}" height="${height}"><title>${values} – ${name}, ${when}</title></rect>`,
    );
  }
  return columns;
}

function chartWords(series: TrendSeries, runs: readonly TrendRun[]): string {
  const known = series.values.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const between = `from ${seriesValue(series, least)} to ${seriesValue(series, most)}`;
  const changes = series.changes.map(({ run, before, after }) => {
    const when = moment(runs[run]?.startedAt ?? '');
    return `; changed at ${when} from ${seriesValue(series, before)} to ${seriesValue(series, after)}`;
  });
  return `${seriesTitle(series)} of ${known.length} runs, ${between}${changes.join('')}`;
}
