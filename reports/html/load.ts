// A load test on the page: key figures, objectives, errors, time by phase, hops and hosts.

import { bytes, count, duration, plural, rate } from '../figures.ts';
import { loadOutcome, pushSentences } from '../load-outcome.ts';
import type { HopSummary, LatencySummary, LoadError, LoadResult, Pushes } from '../results.ts';
import { byteRate, engineWords, inPullOrder, limitSentence, verifyWords } from '../summary.ts';
import { bar, dataTable, facts, figures, pill, type TableColumn } from './bits.ts';
import { type Content, type Html, html } from './markup.ts';
import { timelineHtml } from './timeline.ts';

const errorsMax = 50;
const hostsMax = 100;

export function loadHtml(load: LoadResult, id: string): Html {
  return html`
${figureCards(load)}
<p class="lede">${limitSentence(load)}</p>
${load.slo.length > 0 && objectives(load)}
${load.errors.length > 0 && errorList('What went wrong', load.errors, load.client)}
${load.timeline.length > 1 && timelineHtml(load.timeline, id)}
${waterfall(load)}
<h3>Latency by phase</h3>
${latencyTable('Latency by phase', [['whole pull', load.pullMs], ...inPullOrder(load.phases)])}
<h3>By hop</h3>
${hopTable('By hop', 'Hop', inPullOrder(load.hops), load.seconds, (hop) => hop)}
<h3>By host</h3>
${hostTable(load)}
${dialTable(load)}
${serverTable(load)}
${statusTable(load)}
${load.pushes !== undefined && pushesHtml(load.pushes)}
<h3>How it was measured</h3>
${method(load)}`;
}

function figureCards({ pulls, requests, bytes: data, pullMs }: LoadResult): Html {
  const { ok, failed, dropped } = pulls;
  const share = ok + failed === 0 ? 0 : (failed / (ok + failed)) * 100;
  return figures([
    { value: rate(pulls.perSecond), label: 'pulls per second', note: `${count(ok)} in all` },
    { value: duration(pullMs.p95), label: 'p95 of a pull', note: `median ${duration(pullMs.p50)}` },
    { value: byteRate(data.perSecond), label: 'data', note: `${bytes(data.verified)} verified` },
    {
      value: count(failed),
      label: 'failed pulls',
      note: [
        failed > 0 ? `${rate(share)} % of all` : 'none at all',
        ...(dropped > 0 ? [`${count(dropped)} due never began`] : []),
      ].join(', '),
      tone: failed > 0 || dropped > 0 ? 'bad' : 'good',
    },
    {
      value: rate(requests.perSecond),
      label: 'requests per second',
      note: `${count(requests.failed)} failed`,
    },
  ]);
}

function objectives({ slo }: LoadResult): Html {
  const rows = slo.map(
    ({ expression, observed, held }) => html`
<li>${pill(held ? 'good' : 'bad', held ? 'held' : 'missed')}<code>${expression}</code><span>observed <b>${observed}</b></span></li>`,
  );
  return html`<h3>Objectives</h3><ul class="objectives">${rows}</ul>`;
}

/** Pushes have a part of their own, as they are measured apart. */
function pushesHtml(pushes: Pushes): Html {
  const { ok, failed, perSecond, bytes: data, pushMs, phases } = pushes;
  return html`
<h3>Pushes beside the pulls</h3>
${figures([
  { value: rate(perSecond), label: 'pushes per second', note: `${count(ok)} in all` },
  { value: duration(pushMs.p95), label: 'p95 of a push', note: `median ${duration(pushMs.p50)}` },
  { value: byteRate(data.perSecond), label: 'data sent', note: bytes(data.sent) },
  { value: count(failed), label: 'failed pushes', tone: failed > 0 ? 'bad' : 'good' },
])}
<p class="muted">${pushSentences(pushes).join(' ')}</p>
${pushes.errors.length > 0 && errorList('What went wrong with pushes', pushes.errors, 'the client')}
${latencyTable('Latency of pushes', [['whole push', pushMs], ...inPullOrder(phases)])}`;
}

function errorList(title: string, errors: readonly LoadError[], client: string): Html {
  const rows = errors.slice(0, errorsMax).map(
    (error) => html`
<li><p class="error-head"><b>${count(error.count)} ×</b> <code>${error.class}</code></p>
<p>${error.hint}</p><p class="muted"><code>${error.example}</code></p>
${error.clientSays !== undefined && html`<p class="muted">${client} says: <code>${error.clientSays}</code></p>`}</li>`,
  );
  const more = errors.length - errorsMax;
  return html`
<h3>${title}</h3>
<ul class="errors">${rows}</ul>
${more > 0 && html`<p class="muted">and ${count(more)} more classes in results.json</p>`}`;
}

/** Phases of a pull in their order; those after `config` run side by side with it. */
const phasesInOrder = ['ping', 'token', 'index', 'manifest', 'config', 'layer'] as const;

/** Medians laid end to end, as one pull goes through them; the pale part reaches to the p95. */
function waterfall({ phases }: LoadResult): Html | false {
  const present = phasesInOrder.flatMap((name) => {
    const one = phases[name];
    return one ? [{ name, one }] : [];
  });
  if (present.length === 0) return false;
  let clock = 0;
  const laid = present.map(({ name, one }) => {
    const from = clock;
    if (name !== 'config' && name !== 'layer') clock += one.p50;
    return { name, one, from };
  });
  const end = Math.max(...laid.map(({ from, one }) => from + one.p95));
  const rows = laid.map(({ name, one, from }) => {
    const segments = [
      { from: from / end, length: one.p95 / end, className: 'pale' },
      { from: from / end, length: one.p50 / end, className: 'strong' },
    ];
    const label = name === 'layer' ? 'each layer' : name;
    return html`<li><span>${label}</span>${bar(segments)}<span class="tally">${duration(one.p50)}</span></li>`;
  });
  return html`
<h3>Where a pull spends its time</h3>
<p class="muted">The median of each phase, one after the other; the pale part reaches to the p95. Config and layers are drawn from one start; some clients read the config first.</p>
<ul class="totals waterfall">${rows}</ul>`;
}

function percentileBar(one: LatencySummary, scale: number): Html {
  return bar([
    { from: 0, length: one.p99 / scale, className: 'paler' },
    { from: 0, length: one.p95 / scale, className: 'pale' },
    { from: 0, length: one.p50 / scale, className: 'strong' },
  ]);
}

const percentileColumns: readonly TableColumn[] = [
  { title: 'p50', numeric: true },
  { title: 'p95', numeric: true },
  { title: 'p99', numeric: true },
  { title: '' },
];

function percentiles(one: LatencySummary, scale: number): Content[] {
  return [...[one.p50, one.p95, one.p99].map(duration), percentileBar(one, scale)];
}

function scaleOf(rows: readonly (readonly [string, LatencySummary])[]): number {
  return Math.max(1e-9, ...rows.map(([, one]) => one.p99));
}

function latencyTable(label: string, rows: readonly (readonly [string, LatencySummary])[]): Html {
  const scale = scaleOf(rows);
  return dataTable(
    label,
    [
      { title: 'Phase' },
      { title: 'Count', numeric: true },
      ...percentileColumns,
      { title: 'Max', numeric: true },
    ],
    rows.map(([name, one]) => [
      name,
      count(one.count),
      ...percentiles(one, scale),
      duration(one.max),
    ]),
  );
}

const hopColumns: readonly TableColumn[] = [
  { title: 'Requests', numeric: true },
  { title: 'Failed', numeric: true },
  ...percentileColumns,
  { title: 'First byte p95', numeric: true },
  { title: 'Data', numeric: true },
];

/** Hops or hosts; `name` is what the first cell shows. */
function hopTable<T extends HopSummary>(
  label: string,
  first: string,
  entries: readonly (readonly [string, T])[],
  seconds: number,
  name: (key: string, one: T) => Content,
): Html {
  const scale = scaleOf(entries);
  const rows = entries.map(([key, one]) => [
    name(key, one),
    count(one.count),
    one.failed > 0 ? html`<b class="bad-text">${count(one.failed)}</b>` : '0',
    ...percentiles(one, scale),
    duration(one.ttfb.p95),
    html`${bytes(one.bytes)}${seconds > 0 && html`<small>${byteRate(one.bytes / seconds)}</small>`}`,
  ]);
  return dataTable(label, [{ title: first }, ...hopColumns], rows);
}

function hostTable({ hosts, seconds }: LoadResult): Html {
  const entries = Object.entries(hosts);
  const shown = entries.slice(0, hostsMax);
  const more = entries.length - shown.length;
  return html`
${hopTable('By host', 'Host', shown, seconds, (host, { role }) => html`${host}<small>${role}</small>`)}
${more > 0 && html`<p class="muted">and ${plural(more, 'more host')} in results.json</p>`}`;
}

/** What it took to reach each host. */
function dialTable({ hosts }: LoadResult): Html | false {
  const dialled = Object.entries(hosts).filter(([, { connections }]) => (connections ?? 0) > 0);
  if (dialled.length === 0) return false;
  const medians = (one: LatencySummary | undefined): string =>
    one === undefined ? '–' : `${duration(one.p50)} / ${duration(one.p95)}`;
  const rows = dialled
    .slice(0, hostsMax)
    .map(([host, { connections = 0, dns, connect, tls }]) => [
      host,
      count(connections),
      medians(dns),
      medians(connect),
      medians(tls),
    ]);
  const columns = ['Connections', 'DNS p50 / p95', 'Connect', 'TLS'];
  const titles = [{ title: 'Host' }, ...columns.map((title) => ({ title, numeric: true }))];
  return html`<h3>Connections opened</h3>${dataTable('Connections opened', titles, rows)}`;
}

/** Peers and edges: whether one of them is slow to cache, or fails where others do not. */
function serverTable({ servers = [] }: LoadResult): Html | false {
  if (servers.length === 0) return false;
  const rows = servers
    .slice(0, hostsMax)
    .map(({ host, address, edge, requests, failed, hits, misses, bytes: data }) => [
      html`${edge === '' ? address || host : edge}<small>${edge === '' ? host : `${address} ${host}`}</small>`,
      count(requests),
      failed > 0 ? html`<b class="bad-text">${count(failed)}</b>` : '0',
      hits + misses === 0 ? '–' : `${rate((hits / (hits + misses)) * 100)} %`,
      bytes(data),
    ]);
  const columns = ['Requests', 'Failed', 'Cache hits', 'Data'];
  const titles = [
    { title: 'Edge or address' },
    ...columns.map((title) => ({ title, numeric: true })),
  ];
  const more = servers.length - rows.length;
  return html`
<h3>By server</h3>
${dataTable('By server', titles, rows)}
${more > 0 && html`<p class="muted">and ${plural(more, 'more server')} in results.json</p>`}`;
}

const statusesMax = 40;

function statusTable({ statuses = [] }: LoadResult): Html | false {
  if (statuses.length === 0) return false;
  const rows = statuses
    .slice(0, statusesMax)
    .map(({ phase, hop, status, failure, count: times }) => [
      phase,
      hop,
      status === 0 ? 'none' : String(status),
      failure,
      count(times),
    ]);
  const titles = [
    ...['Phase', 'Hop', 'Status', 'Failure'].map((title) => ({ title })),
    { title: 'Count', numeric: true },
  ];
  return html`<h3>Replies by status</h3>${dataTable('Replies by status', titles, rows)}`;
}

const shapeWords: Record<LoadResult['shape'], string> = {
  vus: 'a constant number of users',
  rate: 'a constant rate of pulls',
  iterations: 'a fixed number of pulls',
  smoke: 'each image once',
  herd: 'every user at the same moment',
  ramp: 'load that rises',
  spike: 'load that jumps and falls back',
  soak: 'constant load for long',
  breakpoint: 'rates that rise until an objective breaks',
  replay: 'the requests of a recorded trace',
};

function method(load: LoadResult): Html {
  const { hit, miss, unknown } = load.cache;
  const cached = hit + miss > 0 ? `${rate((hit / (hit + miss)) * 100)} % hits` : 'never told';
  const silent = unknown > 0 ? `, ${count(unknown)} replies did not say` : '';
  return facts([
    ['Client', load.client],
    ['Shape', `${shapeWords[load.shape]}, ${plural(load.vus, 'virtual user')}`],
    ...loadOutcome(load).map((line): [string, string] => ['Outcome', line]),
    ['Measured for', duration(load.seconds * 1000)],
    ['Verification', verifyWords[load.verify]],
    ['Engine', engineWords[load.engine]],
    ['Edge cache', `${cached}${silent}`],
    [
      'Images',
      html`<ul class="plain-list">${load.images.map((image) => html`<li><code>${image}</code></li>`)}</ul>`,
    ],
  ]);
}
