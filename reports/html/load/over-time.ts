// A load test over time: pulls, failures and what was tried again by class, latency, data, as charts and as tables.

import { count, duration, plural, rate } from '../../figures.ts';
import { byteRate } from '../../load-words.ts';
import type { LoadResult } from '../../results.ts';
import { cell, dataTable } from '../bits.ts';
import { type ChartColor, type ChartSeries, chartHtml, rangesWhere } from '../chart.ts';
import { later } from '../later.ts';
import { type Html, html } from '../markup.ts';
import { type ChartFrame, fitted, type Steps, spread, stepsOf } from './course.ts';
import { errorAnchor } from './errors.ts';
import { heatMapHtml } from './heat-map.ts';

const tableRowsMax = 60;
/** Classes that have a colour of their own; what remains is put together. */
const classesMax = 5;
const classColors: readonly ChartColor[] = ['c2', 'c4', 'c3', 'c5', 'c6'];

export function overTimeHtml(load: LoadResult, id: string): Html | false {
  const steps = stepsOf(load);
  if (steps === undefined) return false;
  const broken = rangesWhere(steps.steps, (at) => (steps.failed[at] ?? 0) > 0);
  // Where pulls fail most of the time, a shade says nothing.
  const failing = broken.reduce((sum, [from, to]) => sum + to - from, 0);
  const shade = failing > steps.steps / 2 ? [] : broken;
  const charts = {
    sync: id,
    step: steps.stepSeconds,
    steps: steps.steps,
    shade,
  };
  return html`
<h3>Over time</h3>
<p class="muted">${shade.length > 0 && html`<span class="swatch shade"></span>Shaded: pulls failed. `}Each step is ${plural(steps.stepSeconds, 'second')}; all charts share their cursor.${isCalm(steps) && ' No pull failed, and nothing was tried again.'}</p>
<div class="charts">
${pullsChart(load, steps, charts)}
${heatMapHtml(load, steps, charts)}
${classCharts(load, steps, charts, id)}
${dataChart(steps, charts)}
</div>
<details class="fold"><summary>The same as a table</summary>${later(table(steps))}</details>`;
}

function isCalm({ course }: Steps): boolean {
  return course !== undefined && course.failedBy.length + course.retriedBy.length === 0;
}

function pullsChart({ replay }: LoadResult, steps: Steps, frame: ChartFrame): Html {
  const noun = replay === undefined ? 'Pulls' : 'Requests';
  const each = (values: readonly number[]) =>
    fitted(values, steps.steps, 0).map((value) => value / steps.stepSeconds);
  const ok = each(steps.pulls);
  const dropped = each(steps.course?.dropped ?? []);
  const failed = each(steps.failed);
  const total = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0);
  const series: ChartSeries[] = [
    {
      label: 'succeeded',
      values: ok,
      color: 'ok',
      style: 'bar',
      note: count(total(steps.pulls)),
    },
    {
      label: 'failed',
      values: failed,
      color: 'bad',
      style: 'bar',
      note: count(total(steps.failed)),
    },
  ];
  if (total(dropped) > 0) {
    const note = count(total(steps.course?.dropped ?? []));
    series.push({ label: 'due, never began', values: dropped, color: 'c6', style: 'bar', note });
  }
  return chartHtml({
    ...frame,
    title: `${noun} per second`,
    told: spread(ok, rate),
    unit: 'plain',
    size: 'tall',
    series,
  });
}

function dataChart(steps: Steps, frame: ChartFrame): Html {
  const values = fitted(steps.bytes, steps.steps, 0).map((value) => value / steps.stepSeconds);
  return chartHtml({
    ...frame,
    title: 'Data per second',
    told: spread(values, byteRate),
    unit: 'bytes',
    series: [{ label: 'data', values, color: 'accent', style: 'area' }],
  });
}

/** Failed pulls and what was tried again, stacked by class; a class has one colour in both. */
function classCharts(load: LoadResult, steps: Steps, frame: ChartFrame, id: string): Html | false {
  const { course } = steps;
  if (course === undefined) return false;
  const { failedBy, retriedBy } = course;
  const named = new Map<string, ChartColor>();
  for (const { class: name } of [...failedBy, ...retriedBy]) {
    const color = classColors[named.size];
    if (color !== undefined && !named.has(name) && name !== 'other') named.set(name, color);
  }
  const chart = (title: string, by: typeof failedBy, part: 'error' | 'retried') =>
    chartHtml({
      ...frame,
      title,
      told: by.length === 0 ? 'none' : `${count(sumOf(by.flatMap(({ counts }) => counts)))} in all`,
      unit: 'plain',
      series: classSeries(by, named, steps.steps, (name) => errorAnchor(load, id, part, name)),
    });
  return html`
${failedBy.length > 0 && chart('Failed pulls by class', failedBy, 'error')}
${retriedBy.length > 0 && chart('Tried again, by class', retriedBy, 'retried')}`;
}

function classSeries(
  by: readonly { class: string; counts: readonly number[] }[],
  colors: ReadonlyMap<string, ChartColor>,
  steps: number,
  href: (name: string) => string | undefined,
): ChartSeries[] {
  const shown = by.filter(({ class: name }) => colors.has(name)).slice(0, classesMax);
  const rest = by.filter((one) => !shown.includes(one));
  const series = shown.map(({ class: name, counts }): ChartSeries => {
    const values = fitted(counts, steps, 0);
    const color = colors.get(name) ?? 'c7';
    return {
      label: name,
      values,
      color,
      style: 'bar',
      note: count(sumOf(values)),
      href: href(name),
    };
  });
  if (rest.length === 0) return series;
  const values = Array.from({ length: steps }, (_, at) =>
    sumOf(rest.map(({ counts }) => counts[at] ?? 0)),
  );
  const label = rest.length === 1 ? (rest[0]?.class ?? '') : `${count(rest.length)} other classes`;
  return [...series, { label, values, color: 'c7', style: 'bar', note: count(sumOf(values)) }];
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Neighbouring steps put together: rates are averaged, the p95 is the worst of them. */
function table({ stepSeconds, steps, pulls, failed, bytes, p95, course }: Steps): Html {
  const size = Math.ceil(steps / tableRowsMax);
  const retried = course?.retriedBy.map(({ counts }) => counts) ?? [];
  const rows = Array.from({ length: Math.ceil(steps / size) }, (_, row) => {
    const from = row * size;
    const to = Math.min(steps, from + size);
    const sum = (values: readonly number[]) => sumOf(values.slice(from, to));
    const seconds = (to - from) * stepSeconds;
    const worst = Math.max(0, ...p95.slice(from, to).map((value) => value ?? 0));
    const amount = (value: number) => cell(value, count(value));
    return [
      cell(from, `${count(from * stepSeconds)} s`),
      cell(sum(pulls) / seconds, rate(sum(pulls) / seconds)),
      amount(sum(failed)),
      ...(course === undefined
        ? []
        : [amount(sumOf(retried.map(sum))), amount(sum(course.dropped))]),
      cell(worst, worst > 0 ? duration(worst) : '–'),
      cell(sum(bytes) / seconds, byteRate(sum(bytes) / seconds)),
    ];
  });
  const titles = [
    ...['Pulls per second', 'Failed'],
    ...(course === undefined ? [] : ['Tried again', 'Never began']),
    ...['p95', 'Data'],
  ];
  const columns = titles.map((title) => ({ title, numeric: true }));
  return dataTable('Over time', [{ title: 'From' }, ...columns], rows);
}
