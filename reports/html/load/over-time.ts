// The seconds of a load test: as data for the charts that the script draws, and as a table.

import { count, duration, rate } from '../../figures.ts';
import { byteRate } from '../../load-words.ts';
import type { LoadResult } from '../../results.ts';
import { dataTable } from '../bits.ts';
import { type Html, html, trusted } from '../markup.ts';

type Timeline = LoadResult['timeline'];

const chartPointsMax = 2000;
const tableRowsMax = 60;

/** Neighbouring seconds put together: rates are averaged, the p95 is the worst of them. */
function condensed(timeline: Timeline, entriesMax: number): Timeline {
  const size = Math.ceil(timeline.length / entriesMax);
  if (size <= 1) return timeline;
  const entries: Timeline = [];
  for (let start = 0; start < timeline.length; start += size) {
    const slice = timeline.slice(start, start + size);
    const mean = (pick: (entry: Timeline[number]) => number) =>
      slice.reduce((sum, entry) => sum + pick(entry), 0) / slice.length;
    entries.push({
      second: slice[0]!.second,
      pulls: mean((entry) => entry.pulls),
      failed: mean((entry) => entry.failed),
      bytes: mean((entry) => entry.bytes),
      p95: Math.max(...slice.map((entry) => entry.p95)),
    });
  }
  return entries;
}

export function timelineHtml(timeline: Timeline, id: string): Html {
  const points = condensed(timeline, chartPointsMax);
  // Numbers only, so nothing in it can end the script element.
  const data = JSON.stringify([
    points.map(({ second }) => second),
    points.map(({ pulls }) => round(pulls)),
    points.map(({ failed }) => round(failed)),
    points.map(({ p95 }) => (p95 > 0 ? round(p95) : null)),
    points.map(({ bytes }) => Math.round(bytes)),
  ]);
  const failed = timeline.reduce((sum, entry) => sum + entry.failed, 0);
  const pulls = spread(
    timeline.map((entry) => entry.pulls),
    rate,
  );
  const p95 = spread(
    timeline.map((entry) => entry.p95).filter((value) => value > 0),
    duration,
  );
  const speed = spread(
    timeline.map((entry) => entry.bytes),
    byteRate,
  );
  return html`
<h3>Over time</h3>
<div class="charts" data-charts="${id}">
<script type="application/json">${trusted(data)}</script>
${chart('pulls', 'Pulls per second', `${pulls}; ${count(failed)} failed`)}
${chart('p95', 'p95 of a pull', p95)}
${chart('bytes', 'Data per second', speed)}
</div>
<details class="fold"><summary>The same as a table</summary>${timelineTable(timeline)}</details>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function spread(values: readonly number[], unit: (value: number) => string): string {
  if (values.length === 0) return 'nothing measured';
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  return `median ${unit(median)}, from ${unit(sorted[0]!)} to ${unit(sorted.at(-1)!)}`;
}

function chart(kind: string, title: string, told: string): Html {
  return html`
<figure class="chart" data-chart="${kind}">
<figcaption><b>${title}</b> <span data-readout>${told}</span></figcaption>
<div class="plot" role="img" aria-label="${title} over time: ${told}"></div>
</figure>`;
}

function timelineTable(timeline: Timeline): Html {
  const rows = condensed(timeline, tableRowsMax).map((entry) => [
    `${count(entry.second)} s`,
    rate(entry.pulls),
    rate(entry.failed),
    entry.p95 > 0 ? duration(entry.p95) : '–',
    byteRate(entry.bytes),
  ]);
  const numeric = true;
  return dataTable(
    'Over time',
    [
      { title: 'From' },
      { title: 'Pulls per second', numeric },
      { title: 'Failed', numeric },
      { title: 'p95', numeric },
      { title: 'Data', numeric },
    ],
    rows,
  );
}
