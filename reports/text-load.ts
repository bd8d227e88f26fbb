// The load part of the terminal report: throughput, objectives, errors, one table of latencies.

import { bytes, count, duration, rate } from './figures.ts';
import { loadOutcome } from './load-outcome.ts';
import type { HopSummary, LatencySummary, LoadError, LoadResult, Pushes } from './results.ts';
import { byteRate, engineWords, inPullOrder, limitSentence, verifyWords } from './summary.ts';
import {
  type Cell,
  type Column,
  labelled,
  type Row,
  type Terminal,
  table,
  wrap,
} from './text-layout.ts';
import { oneLine } from './untrusted.ts';

const errorsMax = 20;

/** Lines without a line feed. */
export function loadLines(load: LoadResult, terminal: Terminal): string[] {
  return [
    ...throughputLines(load, terminal),
    ...outcomeLines(load, terminal),
    ...sloLines(load, terminal),
    ...errorLines(load, terminal),
    ...(load.pushes === undefined
      ? []
      : errorLines({ ...load.pushes, client: load.client }, terminal, ' of pushes')),
    '',
    ...latencyLines(load, terminal),
    '',
    ...methodLines(load, terminal),
  ];
}

const throughputColumns: readonly Column[] = [
  { title: '', align: 'left' },
  { title: 'per second', align: 'right' },
  { title: 'total', align: 'right' },
  { title: 'failed', align: 'right' },
  { title: 'verified', align: 'right', optional: true },
];

function throughputLines(load: LoadResult, { paint, width }: Terminal): string[] {
  const failed = (value: number): Cell => ({
    text: count(value),
    ink: value > 0 ? 'bad' : 'good',
  });
  const { pulls, requests } = load;
  return table(
    throughputColumns,
    [
      [
        { text: 'pulls' },
        { text: rate(pulls.perSecond), ink: 'strong' },
        { text: count(pulls.ok + pulls.failed) },
        failed(pulls.failed),
        { text: '' },
      ],
      [
        { text: 'requests' },
        { text: rate(requests.perSecond) },
        { text: count(requests.total) },
        failed(requests.failed),
        { text: '' },
      ],
      [
        { text: 'data' },
        { text: byteRate(load.bytes.perSecond) },
        { text: bytes(load.bytes.total) },
        { text: '' },
        { text: bytes(load.bytes.verified) },
      ],
      ...(load.pushes === undefined ? [] : pushRows(load.pushes, failed)),
    ],
    width,
    paint,
  );
}

function pushRows(pushes: Pushes, failed: (value: number) => Cell): Row[] {
  const { ok, perSecond, bytes: data } = pushes;
  return [
    [
      { text: 'pushes' },
      { text: rate(perSecond), ink: 'strong' },
      { text: count(ok + pushes.failed) },
      failed(pushes.failed),
      { text: '' },
    ],
    [
      { text: 'data sent' },
      { text: byteRate(data.perSecond) },
      { text: bytes(data.sent) },
      { text: '' },
      { text: '' },
    ],
  ];
}

function outcomeLines(load: LoadResult, { width }: Terminal): string[] {
  const lines = loadOutcome(load).flatMap((line) => wrap(oneLine(line, 400), width));
  return lines.length === 0 ? [] : ['', ...lines];
}

function sloLines({ slo }: LoadResult, { paint, width }: Terminal): string[] {
  if (slo.length === 0) return [];
  const lines = slo.flatMap(({ expression, observed, held }) => {
    const mark = held ? paint('good', '✓ held    ') : paint('bad', '✗ missed  ');
    const told = `${oneLine(expression, 120)}, observed ${oneLine(observed, 60)}`;
    return wrap(told, width - 10).map(
      (line, index) => (index === 0 ? mark : ' '.repeat(10)) + line,
    );
  });
  return ['', ...lines];
}

function errorLines(
  { errors, client }: Pick<LoadResult, 'errors' | 'client'>,
  { paint, width }: Terminal,
  of = '',
): string[] {
  const lines: string[] = [];
  for (const error of errors.slice(0, errorsMax)) {
    lines.push(
      '',
      paint('bad', `${count(error.count)} × ${oneLine(error.class, 80)}${of}`),
      ...wrap(oneLine(error.example, 300), width - 4).map((line) => paint('dim', `    ${line}`)),
      ...wrap(`→ ${oneLine(error.hint)}`, width - 4).map((line) => `    ${line}`),
      ...clientWords(error, client, width - 4).map((line) => paint('dim', `    ${line}`)),
    );
  }
  const more = errors.length - errorsMax;
  if (more > 0) lines.push('', paint('dim', `and ${count(more)} more classes of errors`));
  return lines;
}

/** What people of that client look for in their logs. */
function clientWords({ clientSays }: LoadError, client: string, width: number): string[] {
  if (clientSays === undefined) return [];
  return wrap(oneLine(`${client} says: ${clientSays}`, 300), width);
}

const latencyColumns: readonly Column[] = [
  { title: '', align: 'left' },
  { title: 'count', align: 'right', optional: true },
  { title: 'p50', align: 'right' },
  { title: 'p95', align: 'right' },
  { title: 'p99', align: 'right' },
  { title: 'max', align: 'right', optional: true },
  { title: 'failed', align: 'right', optional: true },
  { title: 'first byte p95', align: 'right', optional: true },
  { title: 'data', align: 'right', optional: true },
];

function latencyLines(load: LoadResult, { paint, width }: Terminal): string[] {
  const row = (name: string, one: LatencySummary | HopSummary): Cell[] => [
    { text: name },
    { text: count(one.count) },
    { text: duration(one.p50) },
    { text: duration(one.p95), ink: 'strong' },
    { text: duration(one.p99) },
    { text: duration(one.max) },
    ...('ttfb' in one ? hopCells(one) : [{ text: '' }, { text: '' }, { text: '' }]),
  ];
  const group = (title: string): Row =>
    latencyColumns.map((_, index) => ({ text: index === 0 ? title : '', ink: 'dim' }));
  const rows: Row[] = [row('pull', load.pullMs)];
  const phases = inPullOrder(load.phases);
  const hops = inPullOrder(load.hops);
  if (phases.length > 0) rows.push(group('by phase'));
  for (const [name, one] of phases) rows.push(row(`  ${oneLine(name, 40)}`, one));
  if (hops.length > 0) rows.push(group('by hop'));
  for (const [name, one] of hops) rows.push(row(`  ${oneLine(name, 40)}`, one));
  if (load.pushes !== undefined) {
    rows.push(group('of pushes'), row('push', load.pushes.pushMs));
    for (const [name, one] of inPullOrder(load.pushes.phases)) {
      // Under their title the short names say enough, and fit a narrow terminal.
      rows.push(row(`  ${oneLine(name.replace(/^(?:upload|push)-|-put$/g, ''), 40)}`, one));
    }
  }
  return table(latencyColumns, rows, width, paint);
}

function hopCells(hop: HopSummary): Cell[] {
  return [
    { text: count(hop.failed), ...(hop.failed > 0 ? { ink: 'bad' as const } : {}) },
    { text: duration(hop.ttfb.p95) },
    { text: bytes(hop.bytes) },
  ];
}

function methodLines(load: LoadResult, { paint, width }: Terminal): string[] {
  const at = { indent: 0, labelWidth: 10, width, paint };
  const users = `${count(load.vus)} virtual ${load.vus === 1 ? 'user' : 'users'}`;
  return [
    ...labelled('limit', limitSentence(load), at),
    ...labelled(
      'client',
      `${oneLine(load.client, 60)}, ${users}, ${duration(load.seconds * 1000)}`,
      at,
    ),
    ...labelled('verified', verifyWords[load.verify], at),
    ...labelled('engine', engineWords[load.engine], at),
  ];
}
