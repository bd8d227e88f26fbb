// The objectives of a load test: bound and observed value, and how it was observed over time, shaded where it broke.

import { count, rate } from '../../figures.ts';
import { amountWords, observedWords } from '../../load-words.ts';
import type { LoadResult, SloResult } from '../../results.ts';
import { pill } from '../bits.ts';
import { type ChartUnit, chartHtml, rangesWhere } from '../chart.ts';
import { type Html, html } from '../markup.ts';
import { fitted, type Steps, stepsOf } from './course.ts';

/** Beyond these an objective has its figures, and no chart. */
const chartsMax = 12;

export function objectivesHtml(load: LoadResult, id: string): Html | false {
  if (load.slo.length === 0) return false;
  const steps = stepsOf(load);
  const cards = load.slo.map((slo, index) =>
    objective(slo, index < chartsMax ? steps : undefined, id),
  );
  return html`<h3>Objectives</h3><ul class="slos">${cards}</ul>`;
}

const units: Record<NonNullable<SloResult['unit']>, ChartUnit> = {
  ms: 'ms',
  '%': 'percent',
  '/s': 'rate',
};

function objective(slo: SloResult, steps: Steps | undefined, id: string): Html {
  const { expression, held, bound, unit } = slo;
  const course = steps && slo.course && fitted(slo.course, steps.steps, null);
  const measured = course?.filter((value) => value !== null) ?? [];
  const drawn = steps && course && bound !== undefined && unit && measured.length > 0;
  const kept = measured.filter((value) => holds(slo, value)).length;
  const part = measured.length === 0 ? '' : `${rate((kept / measured.length) * 100)} %`;
  return html`
<li class="slo ${held ? 'good' : 'bad'}">
<p class="slo-head">${pill(held ? 'good' : 'bad', held ? 'held' : 'missed')} <code>${expression}</code></p>
<dl><div><dt>Observed</dt><dd>${observedWords(slo)}</dd></div>
${bound !== undefined && unit !== undefined && html`<div><dt>Bound</dt><dd>${slo.operator} ${amountWords(bound, unit)}</dd></div>`}
${part !== '' && html`<div><dt>Held, of the time</dt><dd>${part}</dd></div>`}</dl>
${
  drawn &&
  chartHtml({
    title: 'Observed over time',
    told: `held in ${count(kept)} of ${count(measured.length)} steps of ${count(steps.stepSeconds)} s`,
    sync: id,
    step: steps.stepSeconds,
    steps: steps.steps,
    unit: units[unit],
    size: 'low',
    series: [{ label: expression, values: course, color: 'accent', style: 'line' }],
    bound,
    shade: rangesWhere(steps.steps, (at) => !holds(slo, course[at] ?? null)),
  })
}
</li>`;
}

/** What was not measured breaks nothing. */
function holds({ operator, bound }: SloResult, value: number | null): boolean {
  if (value === null || bound === undefined) return true;
  if (operator === '<') return value < bound;
  if (operator === '<=') return value <= bound;
  if (operator === '>') return value > bound;
  return operator === '>=' ? value >= bound : value === bound;
}
