// Tables of a load test on the page: by phase, hop, host, server, status, client and image.
import { bytes, count, duration, plural, rate } from '../../figures.ts';
import { byteRate, inPullOrder } from '../../load-words.ts';
import type { HopSummary, Knee, LatencySummary, LoadPart, LoadResult } from '../../results.ts';
import { bar, cell, dataTable, type TableCell, type TableColumn } from '../bits.ts';
import { glossaryLink } from '../glossary.ts';
import { type Content, type Html, html } from '../markup.ts';
import { itemKeys } from './errors.ts';

const hostsMax = 100;

function percentileBar(one: LatencySummary, scale: number): Html {
  return bar([
    { from: 0, length: one.p99 / scale, className: 'paler' },
    { from: 0, length: one.p95 / scale, className: 'pale' },
    { from: 0, length: one.p50 / scale, className: 'strong' },
  ]);
}

/** Cells that tables are put in order by. */
function time(ms: number): TableCell {
  return cell(ms, duration(ms));
}

function amount(value: number): TableCell {
  return cell(value, count(value));
}

function failures(failed: number): TableCell {
  return cell(failed, failed > 0 ? html`<b class="bad-text">${count(failed)}</b>` : '0');
}

const percentileColumns: readonly TableColumn[] = [
  { title: 'p50', numeric: true },
  { title: 'p95', numeric: true },
  { title: 'p99', numeric: true },
  { title: '' },
];

function percentiles(one: LatencySummary, scale: number): TableCell[] {
  return [...[one.p50, one.p95, one.p99].map(time), percentileBar(one, scale)];
}

function scaleOf(rows: readonly (readonly [string, LatencySummary])[]): number {
  return Math.max(1e-9, ...rows.map(([, one]) => one.p99));
}

export function latencyTable(
  label: string,
  rows: readonly (readonly [string, LatencySummary])[],
): Html {
  const scale = scaleOf(rows);
  return dataTable(
    label,
    [
      { title: 'Phase' },
      { title: 'Count', numeric: true },
      ...percentileColumns,
      { title: 'Max', numeric: true },
    ],
    rows.map(([name, one]) => [name, amount(one.count), ...percentiles(one, scale), time(one.max)]),
  );
}

/** Whole steps of a pull; below one that several hops answered, each of these. */
export function phaseRows({ pullMs, phases, phaseHops = {}, replay }: LoadResult) {
  const rows: [string, LatencySummary][] = [
    [replay === undefined ? 'whole pull' : 'request', pullMs],
  ];
  for (const [phase, one] of inPullOrder(phases)) {
    rows.push([phase, one]);
    const inside = inPullOrder(phaseHops[phase] ?? {});
    if (inside.length < 2) continue;
    for (const [hop, part] of inside) rows.push([`${phase}, ${hop} alone`, part]);
  }
  return rows;
}

const partsMax = 100;

/** A mix tells its clients and images apart; false where there is one of each. */
export function partTable(
  label: string,
  first: string,
  parts: Readonly<Record<string, LoadPart>> = {},
): Html | false {
  const entries = Object.entries(parts);
  if (entries.length < 2) return false;
  entries.sort(([, a], [, b]) => b.failed - a.failed);
  const scale = scaleOf(entries.map(([name, { pullMs }]) => [name, pullMs] as const));
  const rows = entries
    .slice(0, partsMax)
    .map(([name, { ok, failed, retried, pullMs }]) => [
      name,
      amount(ok + failed),
      failures(failed),
      amount(retried),
      ...percentiles(pullMs, scale),
      time(pullMs.max),
    ]);
  const more = entries.length - rows.length;
  const numeric = ['Pulls', 'Failed', 'Retried'].map((title) => ({ title, numeric: true }));
  const columns = [{ title: first, names: true }, ...numeric, ...percentileColumns];
  return html`
<h3>${label}</h3>
${dataTable(label, [...columns, { title: 'Max', numeric: true }], rows)}
${more > 0 && html`<p class="muted">and ${count(more)} more in results.json</p>`}`;
}

/** Every step of a breakpoint run. */
export function stepTable({ steps }: Knee): Html {
  const rows = steps
    .slice(0, hostsMax)
    .map(({ perSecond, done, held, broke }, index) => [
      cell(index + 1, count(index + 1)),
      cell(perSecond, `${rate(perSecond)}/s`),
      cell(done, `${rate(done)}/s`),
      held ? 'held' : html`<b class="bad-text">broke</b> ${broke.join(', ')}`,
    ]);
  const columns = [
    { title: 'Step' },
    { title: 'Rate asked', numeric: true },
    { title: 'Pulls done', numeric: true },
    { title: 'Objectives' },
  ];
  return html`<h3>Steps</h3>${dataTable('Steps', columns, rows)}`;
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
    // Latencies are of those that succeeded.
    amount(one.count + one.failed),
    failures(one.failed),
    ...percentiles(one, scale),
    time(one.ttfb.p95),
    cell(
      one.bytes,
      html`${bytes(one.bytes)}${seconds > 0 && html`<small>${byteRate(one.bytes / seconds)}</small>`}`,
    ),
  ]);
  return dataTable(label, [{ title: first, names: true }, ...hopColumns], rows);
}

export function hostTable({ hosts, seconds }: LoadResult): Html {
  const entries = Object.entries(hosts);
  const shown = entries.slice(0, hostsMax);
  const more = entries.length - shown.length;
  return html`
${hopTable('By host', 'Host', shown, seconds, (host, { role }) => html`${host}<small>${role}</small>`)}
${more > 0 && html`<p class="muted">and ${plural(more, 'more host')} in results.json</p>`}`;
}

/** What it took to reach each host. */
export function dialTable({ hosts }: LoadResult): Html | false {
  const dialled = Object.entries(hosts).filter(([, { connections }]) => (connections ?? 0) > 0);
  if (dialled.length === 0) return false;
  const rows = dialled
    .slice(0, hostsMax)
    .map(([host, { connections = 0, dns, connect, tls }]) => [
      host,
      amount(connections),
      twoOf(dns),
      twoOf(connect),
      twoOf(tls),
    ]);
  const columns = ['Connections', 'DNS p50 / p95', 'Connect', 'TLS'];
  const titles = [
    { title: 'Host', names: true },
    ...columns.map((title) => ({ title, numeric: true })),
  ];
  return html`<h3>Connections opened</h3>${dataTable('Connections opened', titles, rows)}`;
}

/** Peers and edges: whether one of them is slow, slow to cache, or fails where others do not. */
export function serverTable({ servers = [] }: LoadResult): Html | false {
  if (servers.length === 0) return false;
  const rows = servers.slice(0, hostsMax).map((server) => {
    const { host, address, edge, requests, failed, hits, misses, bytes: data } = server;
    return [
      html`${edge === '' ? address || host : edge}<small>${edge === '' || address === host ? host : `${address} ${host}`}</small>`,
      amount(requests),
      failures(failed),
      hits + misses === 0
        ? cell(Number.NaN, '–')
        : cell(hits / (hits + misses), `${rate((hits / (hits + misses)) * 100)} %`),
      twoOf(server.ttfb),
      twoOf(server.latency),
      cell(
        server.bytesPerSecond ?? Number.NaN,
        server.bytesPerSecond === undefined ? '–' : byteRate(server.bytesPerSecond),
      ),
      cell(data, bytes(data)),
    ];
  });
  const columns = [
    ...['Requests', 'Failed', 'Cache hits', 'First byte p50 / p95', 'Whole p50 / p95'],
    ...['Speed of bodies', 'Data'],
  ];
  const titles = [
    { title: 'Edge or address', names: true },
    ...columns.map((title) => ({ title, numeric: true })),
  ];
  const more = servers.length - rows.length;
  return html`
<h3>By server</h3>
${dataTable('By server', titles, rows)}
${more > 0 && html`<p class="muted">and ${plural(more, 'more server')} in results.json</p>`}`;
}

/** In order of the median. */
function twoOf(one: LatencySummary | undefined): TableCell {
  if (one === undefined || one.count === 0) return cell(Number.NaN, '–');
  return cell(one.p50, `${duration(one.p50)} / ${duration(one.p95)}`);
}

const statusesMax = 40;

export function statusTable({ statuses = [] }: LoadResult): Html | false {
  if (statuses.length === 0) return false;
  const rows = statuses
    .slice(0, statusesMax)
    .map(({ phase, hop, host = '', status, failure, count: times }) => [
      phase,
      host === '' ? hop : html`${hop}<small>${host}</small>`,
      status === 0 ? 'none' : String(status),
      failure && glossaryLink('failure', failure),
      amount(times),
    ]);
  const titles = [
    ...['Phase', 'Hop', 'Status', 'Failure'].map((title) => ({ title })),
    { title: 'Count', numeric: true },
  ];
  const keys = (row: number) => {
    const { failure, ...of } = statuses[row] ?? { failure: '' };
    return itemKeys({ ...of, class: failure });
  };
  return html`<div class="group"><h3>Replies by status</h3>${dataTable('Replies by status', titles, rows, keys)}</div>`;
}
