// A chart over time as a figure: its title, legend and data, for the script to draw (script/charts.ts). Texts stand in the
// page and numbers alone in the data, so nothing that a registry sends can end the script element.

import { type Content, type Html, html, trusted } from './markup.ts';

/** Colours by which series are told apart, safe for the colour-blind in this order; `ok` and `bad` are for what succeeded and failed. */
export type ChartColor = 'c1' | 'c2' | 'c3' | 'c4' | 'c5' | 'c6' | 'c7' | 'accent' | 'ok' | 'bad';

export type ChartUnit = 'plain' | 'rate' | 'percent' | 'ms' | 'bytes';

export interface ChartSeries {
  label: string;
  /** One a step; null where nothing was measured. */
  values: readonly (number | null)[];
  color: ChartColor;
  /** Bars are stacked on each other. */
  style: 'line' | 'area' | 'bar';
  /** Where that of the chart is another's. */
  unit?: ChartUnit;
  /** Its sum or the like, beside the label. */
  note?: string;
  /** What to read about it, on this page. */
  href?: string | undefined;
}

/** Counts by time and class of latency. */
export interface HeatCells {
  /** Logarithms to base 10 of ms: where the first class begins, and where each ends. */
  low: number;
  bounds: readonly number[];
  /** Of each step as [class, count, …]. */
  counts: readonly (readonly number[])[];
  /** The least count of each colour, rising. */
  levels: readonly number[];
  /** Which of the style's colours each has. */
  tones: readonly number[];
}

export interface Chart {
  title: string;
  /** What to know without looking at it, also where no pointer is over it. */
  told: string;
  /** Charts of one name share their cursor. */
  sync: string;
  /** Seconds of a step, and how many. */
  step: number;
  steps: number;
  unit: ChartUnit;
  series: readonly ChartSeries[];
  size?: 'tall' | 'low';
  /** A line that the series should stay on one side of. */
  bound?: number;
  /** Steps that are shaded, from and to. */
  shade?: readonly (readonly [number, number])[];
  heat?: HeatCells;
  /** Stands below the legend. */
  key?: Html | false;
}

export function chartHtml(chart: Chart): Html {
  const { title, told, sync, size = 'plain', heat, key } = chart;
  const kind = heat === undefined ? 'lines' : 'heat';
  return html`
<figure class="chart ${size}" data-chart="${kind}" data-sync="${sync}">
<figcaption><b>${title}</b> <span data-readout>${told}</span></figcaption>
${legend(chart)}${key}
<div class="plot" role="img" aria-label="${title} over time: ${told}"></div>
<script type="application/json">${trusted(dataOf(chart))}</script>
</figure>`;
}

/** One line needs none: the title names it. */
function legend({ series, heat }: Chart): Html | false {
  const isPlain = series.every(({ style }) => style !== 'bar');
  if (series.length < 2 && isPlain && heat === undefined) return false;
  const items = series.map(({ label, color, style, note, href }) => {
    const name: Content =
      href === undefined
        ? html`<span data-label>${label}</span>`
        : html`<a href="#${href}" data-label>${label}</a>`;
    return html`<li><span class="swatch ${style} ${color}"></span>${name}${note !== undefined && html` <small>${note}</small>`}</li>`;
  });
  return html`<ul class="legend">${items}</ul>`;
}

function dataOf({ step, steps, unit, series, bound, shade, heat }: Chart): string {
  return JSON.stringify({
    ...{ step, steps, unit, bound, heat },
    shade: shade !== undefined && shade.length > 0 ? shade : undefined,
    series: series.map(({ values, color, style, unit: own }) => ({
      ...{ color: `--${color}`, style, unit: own },
      values: values.map((value) => (value === null ? null : rounded(value))),
    })),
  });
}

/** Four significant digits: more than a chart can show. */
function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : 0;
}

/** Where `is` holds, from and to, neighbours put together. */
export function rangesWhere(steps: number, is: (step: number) => boolean): [number, number][] {
  const ranges: [number, number][] = [];
  for (let at = 0; at < steps; at++) {
    if (!is(at)) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === at) last[1] = at + 1;
    else ranges.push([at, at + 1]);
  }
  return ranges;
}
