// The page of a trend: a small chart for each figure, with its changes marked, and the runs behind them.
import { moment, plural } from '../figures.ts';
import { dataTable, facts, icon, pill } from '../html/bits.ts';
import { framed } from '../html/frame.ts';
import { type Content, type Html, html } from '../html/markup.ts';
import { runTones, toneSymbols } from '../summary.ts';
import type { Trend, TrendGroup, TrendRun, TrendSeries } from '../trend.ts';
import { oneLine } from '../untrusted.ts';
import { rangeOf, trendChart } from './chart.ts';
import { trendStyle } from './style.ts';
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

const changesShownMax = 6;
const leftOutMax = 200;

/** A whole HTML document; `linkOf`: the address of a run's report, from where the page will lie. */
export function renderTrendHtml(trend: Trend, linkOf: (path: string) => string): string {
  const title = oneLine(trendSentence(trend), 240);
  const tone = trendTone(trend);
  return framed({
    title,
    tone,
    charts: false,
    style: trendStyle,
    content: html`
<header class="masthead ${tone}">
<p class="brand"><b>pullproof</b> trend</p>
<div class="verdict">${icon(tone)}<div><p class="word">${oneLine(trend.folder, 160)}</p><h1>${title}</h1></div></div>
<p class="when">${methodSentence(trend)}</p>
</header>
<main id="main">${trend.groups.map((group) => chapter(group, linkOf))}${leftOut(trend)}</main>
<footer><h2>About</h2>${facts([
      ['Made', moment(trend.madeAt)],
      ['Folder', html`<code>${oneLine(trend.folder, 400)}</code>`],
      ['pullproof', trend.tool.version],
    ])}</footer>`,
  });
}

function chapter(group: TrendGroup, linkOf: (path: string) => string): Html {
  const { runs, series } = group;
  const span = `${moment(runs[0]?.startedAt ?? '')} to ${moment(runs.at(-1)?.startedAt ?? '')}`;
  const told = [group.of, ...group.facts].map((fact) => oneLine(fact, 120)).join(' · ');
  return html`
<section class="chapter">
<div class="chapter-head"><h2>${oneLine(group.target, 200)}</h2><p class="lede">${told}</p>
<p class="lede">${plural(runs.length, 'run')}, ${span}</p></div>
<div class="trends">${series.map((one) => card(one, runs))}</div>
<details class="runs"><summary>The runs</summary>${runTable(runs, linkOf, oneLine(group.target, 100))}</details>
</section>`;
}

function card(series: TrendSeries, runs: readonly TrendRun[]): Html {
  const { low, high } = rangeOf(series);
  const changes = series.changes.slice(-changesShownMax).reverse();
  const left = series.changes.length - changes.length;
  return html`
<figure class="trend-card">
<figcaption><h3>${oneLine(seriesTitle(series), 120)}</h3><p><b>${seriesValue(series, lastOf(series))}</b> last, median ${seriesValue(series, seriesMedian(series))}</p></figcaption>
<p class="axis"><span>${seriesValue(series, high)}</span></p>
${trendChart(series, runs)}
<p class="axis"><span>${seriesValue(series, low)}</span><span>${spanOf(runs)}</span></p>
${changes.length > 0 && html`<ul class="changes">${changes.map((change) => changeItem(change, series, runs))}</ul>`}
${left > 0 && html`<p class="muted">and ${left} before these</p>`}
</figure>`;
}

/** From the first run to the last: days, or times where they are of one day. */
function spanOf(runs: readonly TrendRun[]): string {
  const [first, last] = [runs[0], runs.at(-1)].map((run) => run?.startedAt ?? '');
  const day = (text = '') => text.slice(0, 10);
  const time = (text = '') => text.slice(11, 16);
  if (day(first) !== day(last)) return `${day(first)} – ${day(last)}`;
  return `${day(first)} ${time(first)} – ${time(last)}`;
}

function changeItem(
  change: TrendSeries['changes'][number],
  series: TrendSeries,
  runs: readonly TrendRun[],
): Html {
  const run = runs[change.run];
  const tone = changeTone(change);
  const word = change.counts ? change.direction : `${change.direction}, little`;
  const with_ = (run?.changed ?? []).map((what) => oneLine(what, 40)).join(', ');
  const values = `${seriesValue(series, change.before)} → ${seriesValue(series, change.after)}`;
  return html`<li>${pill(tone, word)} ${values} <span class="muted">${ratioWords(change)}, from ${moment(run?.startedAt ?? '')}${with_ !== '' && html` (with other ${with_})`}</span></li>`;
}

function runTable(
  runs: readonly TrendRun[],
  linkOf: (path: string) => string,
  target: string,
): Content {
  const rows = runs.toReversed().map((run) => {
    const name = oneLine(run.path, 200);
    const tone = runTones[run.verdict];
    return [
      run.report ? html`<a href="${linkOf(run.path)}">${name}</a>` : name,
      moment(run.startedAt),
      `${toneSymbols[tone]} ${run.verdict}`,
      oneLine(run.version, 40),
      run.changed.map((what) => oneLine(what, 40)).join(', '),
    ];
  });
  const columns = ['Run', 'Started', 'Verdict', 'pullproof', 'Other than before'];
  return dataTable(
    `Runs of ${target}`,
    columns.map((title) => ({ title })),
    rows,
  );
}

function leftOut({ leftOut: list }: Trend): Content {
  if (list.length === 0) return undefined;
  const items = list.slice(0, leftOutMax).map(({ path, message }) => {
    return html`<li><code>${oneLine(path, 200)}</code>: ${oneLine(message, 400)}</li>`;
  });
  const more = list.length - items.length;
  return html`
<section class="chapter"><div class="chapter-head"><h2>Left out</h2><p class="lede">These lie below the folder and are not in the charts.</p></div>
<ul class="left-out">${items}${more > 0 && html`<li>and ${more} more</li>`}</ul></section>`;
}
