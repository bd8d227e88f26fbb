// Latencies of pulls over time as a heat map, with their p50 and p95 over it; a table tells the same. Runs that have no
// course (stock k6) have their p95 as a line instead.

import { count, duration } from '../../figures.ts';
import type { Course, LoadResult } from '../../results.ts';
import { cell, dataTable } from '../bits.ts';
import { chartHtml, type HeatCells } from '../chart.ts';
import { later } from '../later.ts';
import { type Html, html } from '../markup.ts';
import { type ChartFrame, fitted, type Steps, spread } from './course.ts';

/** Colours, as many as the style has. */
const levelsMax = 7;
const tableRowsMax = 30;
const bandsMax = 8;

export function heatMapHtml({ replay }: LoadResult, steps: Steps, frame: ChartFrame): Html {
  const noun = replay === undefined ? 'pull' : 'request';
  const p95 = fitted(steps.p95, steps.steps, null);
  const told = `p95: ${spread(
    p95.filter((value) => value !== null),
    duration,
  )}`;
  const { course } = steps;
  const cells = course && cellsOf(course);
  if (course === undefined || cells === undefined) {
    return chartHtml({
      ...frame,
      title: `p95 of a ${noun}`,
      told,
      unit: 'ms',
      series: [{ label: 'p95', values: p95, color: 'accent', style: 'area' }],
    });
  }
  const chart = chartHtml({
    ...frame,
    title: `Latency of ${noun}s`,
    told,
    unit: 'ms',
    size: 'tall',
    // A shade below the cells would be taken for one of them.
    shade: [],
    heat: cells,
    key: ramp(cells, `${noun}s a cell`),
    series: [
      { label: 'p50', values: fitted(course.p50, steps.steps, null), color: 'c2', style: 'line' },
      { label: 'p95', values: p95, color: 'c4', style: 'line' },
    ],
  });
  return html`<div class="wide">${chart}<details class="fold"><summary>Latencies as a table</summary>${later(table(course))}</details></div>`;
}

/** Classes that no pull fell into are left out at both ends; undefined where none did. */
function cellsOf({ latency, steps }: Course): HeatCells | undefined {
  const { boundsMs } = latency;
  const counts = fitted(latency.counts, steps, []);
  const used = counts.flatMap((cells) => cells.filter((_, at) => at % 2 === 0));
  if (used.length === 0) return undefined;
  const first = used.reduce((least, one) => Math.min(least, one));
  const last = used.reduce((most, one) => Math.max(most, one));
  const logs = boundsMs.slice(first, last + 1).map(log);
  if (logs.length <= last - first || !logs.every(Number.isFinite)) return undefined;
  return {
    low: lowerEdge(boundsMs, first),
    bounds: logs.map(fourDigits),
    counts: counts.map((cells) => cells.map((value, at) => (at % 2 === 0 ? value - first : value))),
    ...levelsOf(counts),
  };
}

/** Where a class begins: the first as far below its end as the next one is wide. */
function lowerEdge(boundsMs: readonly number[], index: number): number {
  const below = boundsMs[index - 1];
  const [one = 1, two = 2] = boundsMs;
  return fourDigits(below === undefined ? 2 * log(one) - log(two) : log(below));
}

function log(ms: number): number {
  return Math.log10(ms);
}

function fourDigits(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** Least counts of the colours, rising by a ratio, as counts of a load spread over powers. */
function levelsOf(counts: Course['latency']['counts']): Pick<HeatCells, 'levels' | 'tones'> {
  let most = 1;
  for (const cells of counts) {
    for (let at = 1; at < cells.length; at += 2) most = Math.max(most, cells[at] ?? 0);
  }
  const ratio = Math.max(1.0001, most ** (1 / levelsMax));
  const all = Array.from({ length: levelsMax }, (_, level) => Math.round(ratio ** level));
  const levels = [...new Set(all)];
  // Few levels are as far apart as many.
  const apart = (levelsMax - 1) / Math.max(1, levels.length - 1);
  return { levels, tones: levels.map((_, level) => 1 + Math.round(level * apart)) };
}

function ramp({ levels, tones }: HeatCells, words: string): Html {
  const items = levels.map((least, level) => {
    const next = levels[level + 1];
    const to = next === undefined ? ' or more' : next - 1 > least ? `–${count(next - 1)}` : '';
    return html`<li><span class="swatch heat-${tones[level]}"></span>${count(least)}${to}</li>`;
  });
  return html`<ul class="legend ramp"><li>${words}</li>${items}</ul>`;
}

/** Times down, bands of latency across. */
function table({ latency, steps, stepSeconds, p50, p95 }: Course): Html {
  const { boundsMs } = latency;
  const width = Math.ceil(boundsMs.length / bandsMax);
  const bands = Array.from(
    { length: Math.ceil(boundsMs.length / width) },
    (_, band) => Math.min(boundsMs.length, (band + 1) * width) - 1,
  );
  const size = Math.ceil(steps / tableRowsMax);
  const rows = Array.from({ length: Math.ceil(steps / size) }, (_, row) => {
    const from = row * size;
    const sums = bands.map(() => 0);
    for (const cells of latency.counts.slice(from, from + size)) {
      for (let at = 0; at < cells.length; at += 2) {
        const band = Math.floor((cells[at] ?? 0) / width);
        sums[band] = (sums[band] ?? 0) + (cells[at + 1] ?? 0);
      }
    }
    const highest = (values: readonly (number | null)[]) => {
      const worst = Math.max(0, ...values.slice(from, from + size).map((value) => value ?? 0));
      return cell(worst, worst > 0 ? duration(worst) : '–');
    };
    return [
      cell(from, `${count(from * stepSeconds)} s`),
      highest(p50),
      highest(p95),
      ...sums.slice(0, bands.length).map((sum) => cell(sum, sum === 0 ? '–' : count(sum))),
    ];
  });
  const titles = ['p50', 'p95', ...bands.map((last) => `to ${duration(boundsMs[last] ?? 0)}`)];
  const columns = titles.map((title) => ({ title, numeric: true }));
  return dataTable('Latencies over time', [{ title: 'From' }, ...columns], rows);
}
