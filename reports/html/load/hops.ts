// Registry against CDN, side by side: what each hop took, failed and gave, its latency over time, and which one takes
// the time.

import { bytes, count, duration, rate } from '../../figures.ts';
import { timeSentence } from '../../load-hops.ts';
import { byteRate, inPullOrder, share } from '../../load-words.ts';
import type { HopSummary, LatencySummary, LoadResult } from '../../results.ts';
import { type ChartColor, chartHtml } from '../chart.ts';
import { type Content, type Html, html } from '../markup.ts';
import { fitted, stepsOf } from './course.ts';

const hopsMax = 6;
const colors: readonly ChartColor[] = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];

const names: ReadonlyMap<string, string> = new Map([
  ['registry', 'Registry'],
  ['edge', 'Edge (CDN)'],
  ['token', 'Token server'],
]);

/** The two that matter stand beside each other. */
const order = ['registry', 'edge', 'token'];

export function hopsHtml(load: LoadResult, id: string): Html | false {
  const rank = (hop: string) => (order.includes(hop) ? order.indexOf(hop) : order.length);
  const hops = inPullOrder(load.hops)
    .sort(([a], [b]) => rank(a) - rank(b))
    .slice(0, hopsMax);
  if (hops.length === 0) return false;
  const title = hops.some(([hop]) => hop === 'edge') ? 'Registry against CDN' : 'Hops';
  return html`
<h3>${title}</h3>
<p class="lede">${timeSentence(load)}</p>
<div class="hops">${sides(title, hops, load)}${overTime(load, hops, id)}</div>`;
}

type Hops = readonly (readonly [string, HopSummary])[];

/** Measures down, hops across: what is compared stands on one line. */
function sides(title: string, hops: Hops, load: LoadResult): Html {
  const row = (label: string, cell: (hop: HopSummary, name: string) => Content) =>
    html`<tr><th scope="row">${label}</th>${hops.map(([name, hop]) => html`<td class="number">${cell(hop, name)}</td>`)}</tr>`;
  const dial = (label: string, part: (hop: HopSummary) => LatencySummary | undefined) =>
    hops.some(([, hop]) => (part(hop)?.count ?? 0) > 0) && row(label, (hop) => twoOf(part(hop)));
  const { seconds, cache } = load;
  const told = cache.hit + cache.miss;
  const isEdge = (name: string) => name === 'edge';
  const head = hops.map(
    ([name], index) =>
      html`<th scope="col" class="number"><span class="swatch line ${colors[index]}"></span>${names.get(name) ?? name}</th>`,
  );
  return html`
<div class="scroll" role="region" tabindex="0" aria-label="${title}">
<table class="sides-by"><thead><tr><th scope="col" class="wrap">p50 / p95 where there are two</th>${head}</tr></thead><tbody>
${row('Requests', (hop) => count(hop.count + hop.failed))}
${row('Failed', ({ failed, count: ok }) => (failed > 0 ? html`<b class="bad-text">${count(failed)}</b> <small>${share(failed, ok + failed)}</small>` : '0'))}
${row('Whole request', twoOf)}
${row('First byte', (hop) => twoOf(hop.ttfb))}
${hops.some(([, hop]) => hop.connections !== undefined) && row('Connections opened', (hop) => (hop.connections === undefined ? '–' : count(hop.connections)))}
${dial('DNS', (hop) => hop.dns)}${dial('Connect', (hop) => hop.connect)}${dial('TLS', (hop) => hop.tls)}
${row('Data', (hop) => html`${bytes(hop.bytes)}${seconds > 0 && html` <small>${byteRate(hop.bytes / seconds)}</small>`}`)}
${told > 0 && row('Cache hits', (_, name) => (isEdge(name) ? `${rate((cache.hit / told) * 100)} %` : '–'))}
</tbody></table></div>`;
}

function twoOf(one: LatencySummary | undefined): string {
  return one === undefined || one.count === 0 ? '–' : `${duration(one.p50)} / ${duration(one.p95)}`;
}

function overTime(load: LoadResult, hops: Hops, id: string): Html | false {
  const steps = stepsOf(load);
  const byHop = steps?.course?.hops;
  if (steps === undefined || byHop === undefined) return false;
  const series = hops.flatMap(([name, hop], index) => {
    const course = Object.hasOwn(byHop, name) ? byHop[name] : undefined;
    if (course === undefined) return [];
    return {
      label: names.get(name) ?? name,
      values: fitted(course.p95, steps.steps, null),
      color: colors[index] ?? ('c7' as const),
      style: 'line' as const,
      note: duration(hop.p95),
    };
  });
  if (series.length === 0) return false;
  return chartHtml({
    title: 'p95 of a request, by hop',
    told: 'each hop by itself, dialling included',
    sync: id,
    step: steps.stepSeconds,
    steps: steps.steps,
    unit: 'ms',
    series,
  });
}
