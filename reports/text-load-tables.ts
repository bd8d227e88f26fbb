// The tables of the load part of the terminal report: throughput, clients and images, latencies, steps.
import { bytes, count, duration, rate } from './figures.ts';
import { byteRate, inPullOrder } from './load-words.ts';
import type { HopSummary, Knee, LatencySummary, LoadPart, LoadResult, Pushes } from './results.ts';
import { type Cell, type Column, type Row, type Terminal, table } from './text-layout.ts';
import { oneLine } from './untrusted.ts';

const partsMax = 10;
const stepsMax = 40;
const nameCharsMax = 40;
const emptyCell: Cell = { text: '' };

const throughputColumns: readonly Column[] = [
  { title: '', align: 'left' },
  { title: 'per second', align: 'right' },
  { title: 'total', align: 'right' },
  { title: 'failed', align: 'right' },
  { title: 'retried', align: 'right' },
  { title: 'verified', align: 'right', optional: true },
];

function failedCell(value: number): Cell {
  return { text: count(value), ink: value > 0 ? 'bad' : 'good' };
}

export function throughputTable(load: LoadResult, { paint, width }: Terminal): string[] {
  const { pulls, requests, bytes: data, replay } = load;
  const retried: Cell =
    pulls.retried === undefined
      ? emptyCell
      : { text: count(pulls.retried), ...(pulls.retried > 0 && { ink: 'warn' as const }) };
  const rows: Row[] = [
    [
      { text: replay === undefined ? 'pulls' : 'replayed' },
      { text: `${rate(pulls.perSecond)}/s`, ink: 'strong' },
      { text: count(pulls.ok + pulls.failed) },
      failedCell(pulls.failed),
      retried,
      emptyCell,
    ],
    [
      { text: 'requests' },
      { text: `${rate(requests.perSecond)}/s` },
      { text: count(requests.total) },
      failedCell(requests.failed),
      emptyCell,
      emptyCell,
    ],
    [
      { text: 'data' },
      { text: byteRate(data.perSecond) },
      { text: bytes(data.total) },
      emptyCell,
      emptyCell,
      { text: bytes(data.verified) },
    ],
    ...(load.pushes === undefined ? [] : pushRows(load.pushes)),
  ];
  return table(throughputColumns, rows, width, paint);
}

function pushRows({ ok, failed, perSecond, bytes: data }: Pushes): Row[] {
  return [
    [
      { text: 'pushes' },
      { text: `${rate(perSecond)}/s`, ink: 'strong' },
      { text: count(ok + failed) },
      failedCell(failed),
      emptyCell,
      emptyCell,
    ],
    [
      { text: 'data sent' },
      { text: byteRate(data.perSecond) },
      { text: bytes(data.sent) },
      emptyCell,
      emptyCell,
      emptyCell,
    ],
  ];
}

const partColumns: readonly Column[] = [
  { title: '', align: 'left' },
  { title: 'pulls', align: 'right' },
  { title: 'failed', align: 'right' },
  { title: 'retried', align: 'right', optional: true },
  { title: 'p50', align: 'right', optional: true },
  { title: 'p95', align: 'right' },
  { title: 'max', align: 'right', optional: true },
];

/** A mix tells its clients and images apart; nothing where there is one of each. */
export function partTables({ byClient, byImage }: LoadResult, terminal: Terminal): string[] {
  return [
    ...partTable('by client', byClient ?? {}, terminal),
    ...partTable('by image', byImage ?? {}, terminal),
  ];
}

function partTable(
  title: string,
  parts: Readonly<Record<string, LoadPart>>,
  { paint, width }: Terminal,
): string[] {
  const entries = Object.entries(parts);
  if (entries.length < 2) return [];
  // Those that fail must not be the ones that are left out.
  entries.sort(([, a], [, b]) => b.failed - a.failed);
  const [first, ...columns] = partColumns;
  const charsMax = Math.max(16, width - 50);
  const rows = entries
    .slice(0, partsMax)
    .map(
      ([name, { ok, failed, retried, pullMs }]): Row => [
        { text: endOf(oneLine(name, 300), charsMax) },
        { text: count(ok + failed) },
        failedCell(failed),
        { text: count(retried) },
        { text: duration(pullMs.p50) },
        { text: duration(pullMs.p95), ink: 'strong' },
        { text: duration(pullMs.max) },
      ],
    );
  const more = entries.length - rows.length;
  return [
    '',
    ...table([{ ...(first as Column), title }, ...columns], rows, width, paint),
    ...(more > 0 ? [paint('dim', `and ${count(more)} more in results.json`)] : []),
  ];
}

/** Images are told apart by the end of their names. */
function endOf(text: string, charsMax: number): string {
  return text.length > charsMax ? `…${text.slice(1 - charsMax)}` : text;
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

/** Whole steps of a pull, each with the hops that it took where there are several; then the hops alone. */
export function latencyTable(load: LoadResult, { paint, width }: Terminal): string[] {
  const pulls = load.replay === undefined ? 'pull' : 'request';
  const name = load.knee === undefined ? pulls : `${pulls} (all steps)`;
  const rows: Row[] = [latencyRow(name, load.pullMs)];
  const phases = inPullOrder(load.phases);
  const hops = inPullOrder(load.hops);
  if (phases.length > 0) rows.push(titleRow('by phase'));
  for (const [phase, one] of phases) {
    rows.push(latencyRow(`  ${oneLine(phase, nameCharsMax)}`, one));
    const inside = inPullOrder(load.phaseHops?.[phase] ?? {});
    if (inside.length < 2) continue;
    for (const [hop, part] of inside) {
      rows.push(latencyRow(`    ${oneLine(hop, nameCharsMax)}`, part));
    }
  }
  if (hops.length > 0) rows.push(titleRow('by hop'));
  for (const [hop, one] of hops) rows.push(latencyRow(`  ${oneLine(hop, nameCharsMax)}`, one));
  if (load.pushes !== undefined) {
    rows.push(titleRow('of pushes'), latencyRow('push', load.pushes.pushMs));
    for (const [phase, one] of inPullOrder(load.pushes.phases)) {
      // Under their title the short names say enough, and fit a narrow terminal.
      const short = phase.replace(/^(?:upload|push)-|-put$/g, '');
      rows.push(latencyRow(`  ${oneLine(short, nameCharsMax)}`, one));
    }
  }
  return table(latencyColumns, rows, width, paint);
}

function titleRow(title: string): Row {
  return latencyColumns.map((_, index) => ({ text: index === 0 ? title : '', ink: 'dim' }));
}

function latencyRow(name: string, one: LatencySummary | HopSummary): Cell[] {
  const isNone = one.count === 0;
  const time = (ms: number) => (isNone ? '–' : duration(ms));
  return [
    { text: name },
    { text: count(one.count) },
    { text: time(one.p50) },
    { text: time(one.p95), ink: 'strong' },
    { text: time(one.p99) },
    { text: time(one.max) },
    ...('ttfb' in one ? hopCells(one) : [emptyCell, emptyCell, emptyCell]),
  ];
}

function hopCells(hop: HopSummary): Cell[] {
  return [
    { text: count(hop.failed), ...(hop.failed > 0 ? { ink: 'bad' as const } : {}) },
    { text: hop.ttfb.count === 0 ? '–' : duration(hop.ttfb.p95) },
    { text: bytes(hop.bytes) },
  ];
}

const stepColumns: readonly Column[] = [
  { title: 'step', align: 'right' },
  { title: 'rate asked', align: 'right' },
  { title: 'pulls done', align: 'right' },
  { title: '', align: 'left' },
];

/** Every step of a breakpoint run, in the order in which they were run. */
export function stepTable({ steps }: Knee, { paint, width }: Terminal): string[] {
  const rows = steps
    .slice(0, stepsMax)
    .map(
      ({ perSecond, done, held, broke }, index): Row => [
        { text: count(index + 1) },
        { text: `${rate(perSecond)}/s` },
        { text: `${rate(done)}/s` },
        held
          ? { text: 'held', ink: 'good' }
          : { text: `broke ${oneLine(broke.join(', '), Math.max(20, width - 44))}`, ink: 'bad' },
      ],
    );
  return table(stepColumns, rows, width, paint);
}
