// The lines of a comparison of load on its page: a table with each change drawn as an interval on one scale.

import type { LoadComparison, MetricChange } from '../comparison.ts';
import { count, plural, rate } from '../figures.ts';
import { cell, dataTable, figures, pill, type TableColumn } from '../html/bits.ts';
import { type Content, type Html, html } from '../html/markup.ts';
import { oneLine } from '../untrusted.ts';
import {
  changeTone,
  changeWords,
  intervalWords,
  lineName,
  placeTitles,
  pWords,
  regressionsOf,
  valueWords,
  verdictWord,
} from './words.ts';

export function loadHtml(load: LoadComparison): Html {
  const { changes, method, leftOut } = load;
  const worse = changes.filter(({ verdict, regression }) => regression || verdict === 'slower');
  const better = changes.filter(({ verdict }) => verdict === 'faster');
  const scale = scaleOf(changes, method.minEffect);
  const places = Object.entries(placeTitles) as [MetricChange['place'], string][];
  return html`
${cards(load)}
${worse.length > 0 && [html`<h2>What is worse</h2>`, changeTable('What is worse', worse, scale, method.minEffect)]}
${better.length > 0 && [html`<h2>What is better</h2>`, changeTable('What is better', better, scale, method.minEffect)]}
<h2>Every line</h2>
<p class="lede">Each bar is the interval in which the change lies, on one scale for all: base in the middle, worse to the right. Shaded: less than ${Number((method.minEffect * 100).toPrecision(3))} %, which does not count.</p>
${places.map(([place, title]) => {
  const of = changes.filter((change) => change.place === place);
  if (of.length === 0) return undefined;
  return html`<h3>${title}</h3>${changeTable(title, of, scale, method.minEffect)}`;
})}
${leftOut > 0 && html`<p class="muted">${plural(leftOut, 'phase, hop, host or edge', 'phases, hops, hosts and edges')} left out: asked too seldom, or by one side alone.</p>`}
<h2>How it was decided</h2>
<ul class="method">${method.sentences.map((sentence) => html`<li>${oneLine(sentence, 800)}</li>`)}</ul>`;
}

/** The lines that people ask for first. */
function cards({ changes }: LoadComparison): Html {
  const wanted = [
    'pull.p95',
    'pull.p50',
    'pull.failed',
    'pull.dropped',
    'pull.retried',
    'pull.rate',
    'edge.hits',
  ];
  const shown = wanted.flatMap((metric) => changes.filter((change) => change.metric === metric));
  const worse = regressionsOf(changes).length;
  return figures([
    {
      value: count(worse),
      label: worse === 1 ? 'regression' : 'regressions',
      note: `of ${plural(changes.length, 'line')}`,
      tone: worse > 0 ? 'bad' : 'good',
    },
    ...shown.slice(0, 5).map((change) => {
      const tone = changeTone(change);
      return {
        value: valueWords(change, change.with.value),
        label: lineName(change),
        note: `was ${valueWords(change, change.base.value)}, ${verdictWord(change)}`,
        ...(tone !== 'idle' && { tone }),
      };
    }),
  ]);
}

const columns: readonly TableColumn[] = [
  { title: 'Line', names: true },
  { title: 'Change', numeric: true },
  { title: 'Verdict' },
  { title: 'Base', numeric: true },
  { title: 'With', numeric: true },
  { title: '95 % interval' },
];

function changeTable(
  label: string,
  changes: readonly MetricChange[],
  scale: number,
  minEffect: number,
): Html {
  const rows = changes.map((change) => {
    const tone = changeTone(change);
    const way = tone === 'bad' ? 'worse' : tone === 'good' ? 'better' : '';
    return [
      html`${lineName(change)}<small>${countWords(change)}</small>`,
      cell(
        change.ratio?.value ?? change.difference?.value ?? 0,
        html`<span class="${way}">${changeWords(change)}</span>`,
      ),
      html`${pill(tone, verdictWord(change))}${whyHtml(change)}`,
      cell(change.base.value ?? 0, valueWords(change, change.base.value)),
      cell(change.with.value ?? 0, valueWords(change, change.with.value)),
      html`${forest(change, scale, minEffect)}<small>${intervalWords(change)}</small>`,
    ];
  });
  return html`<div class="changes">${dataTable(label, columns, rows)}</div>`;
}

/** What is behind the figures of each side. */
function countWords({ base, with: now, unit, place, statistic }: MetricChange): string {
  const isPulls = place === 'pull' || (unit === '%' && statistic !== 'hits');
  return `${count(base.count)} and ${count(now.count)} ${isPulls ? 'pulls' : 'requests'}`;
}

function whyHtml({ why, p }: MetricChange): Content {
  if (why !== undefined) return html`<small>${oneLine(why, 300)}</small>`;
  if (p === undefined) return undefined;
  return html`<small>p ${pWords(p.adjusted)}</small>`;
}

const units = 1000;
const logMax = Math.log(8);

/** The logarithm that the ends of the scale stand for: what takes in most of the intervals. */
function scaleOf(changes: readonly MetricChange[], minEffect: number): number {
  const ends = changes.flatMap(({ ratio }) =>
    ratio === null ? [] : [Math.abs(logOf(ratio.low)), Math.abs(logOf(ratio.high))],
  );
  const sorted = ends.filter(Number.isFinite).sort((a, b) => a - b);
  const most = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
  return Math.min(logMax, Math.max(1.25 * most, 2.5 * Math.log(1 + minEffect), 0.05));
}

function logOf(ratio: number): number {
  return Math.log(Math.max(ratio, 1e-6));
}

/** Worse is to the right: a rate or hits that fell are turned round. The figures stand beside it. */
function forest(change: MetricChange, scale: number, minEffect: number): Content {
  const { ratio, statistic } = change;
  if (ratio === null) return undefined;
  const way = statistic === 'rate' || statistic === 'hits' ? -1 : 1;
  const at = (log: number) =>
    Math.round(units / 2 + (units / 2) * Math.min(1, Math.max(-1, (way * log) / scale)));
  const ends = [at(logOf(ratio.low)), at(logOf(ratio.high))].sort((a, b) => a - b);
  const [from = 0, to = 0] = ends;
  const band = Math.min(units / 2, (Math.log(1 + minEffect) / scale) * (units / 2));
  const tone = changeTone(change);
  const told = `${rate(ratio.low)} to ${rate(ratio.high)} times the base`;
  return html`<svg class="forest" viewBox="0 0 ${units} 24" preserveAspectRatio="none" role="img" aria-label="${told}"><rect class="band" x="${units / 2 - band}" y="0" width="${2 * band}" height="24"/><rect class="none" x="${units / 2 - 2}" y="0" width="4" height="24"/><rect class="range ${tone}" x="${from}" y="9" width="${Math.max(8, to - from)}" height="6" rx="3"/><rect class="point" x="${at(logOf(ratio.value)) - 6}" y="5" width="12" height="14"/></svg>`;
}
