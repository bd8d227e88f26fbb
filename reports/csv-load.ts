// A load run as rows of CSV: figures of the whole run, of its phases, hops and hosts, failures, objectives, and
// what happened in every second.

import type { CsvRow } from './csv.ts';
import { inPullOrder } from './load-words.ts';
import type {
  HopSummary,
  LatencySummary,
  LoadError,
  LoadPart,
  LoadResult,
  Pushes,
  RunnerFigures,
} from './results.ts';

type Where = Pick<CsvRow, 'part' | 'name' | 'of' | 'place'>;

export function csvOfLoad(load: LoadResult): CsvRow[] {
  return [
    ...wholeRows(load),
    ...latencyRows({ part: 'pull' }, load.pullMs),
    ...inPullOrder(load.phases).flatMap(([name, one]) => latencyRows({ part: 'phase', name }, one)),
    ...inPullOrder(load.phaseHops ?? {}).flatMap(([name, hops]) =>
      inPullOrder(hops).flatMap(([of, one]) =>
        latencyRows({ part: 'phase by hop', name, of }, one),
      ),
    ),
    ...inPullOrder(load.hops).flatMap(([name, one]) => hopRows({ part: 'hop', name }, one)),
    ...Object.entries(load.hosts).flatMap(([name, one]) =>
      hopRows({ part: 'host', name, of: one.role }, one),
    ),
    ...serverRows(load),
    ...Object.entries(load.byClient ?? {}).flatMap(([name, one]) => partRows('client', name, one)),
    ...Object.entries(load.byImage ?? {}).flatMap(([name, one]) => partRows('image', name, one)),
    ...load.errors.map((error) => errorRow('error', error)),
    ...(load.retried ?? []).map((error) => errorRow('retried', error)),
    ...(load.waits ?? []).flatMap(({ why, count, seconds }) =>
      figures({ part: 'wait', name: why }, { count, seconds: [seconds, 's'] }),
    ),
    ...figures({ part: 'cache' }, load.cache),
    ...machineRows(load),
    ...objectiveRows(load),
    ...kneeRows(load),
    ...(load.pushes ? pushRows(load.pushes) : []),
    ...load.timeline.flatMap(({ second, pulls, failed, bytes, p95 }) =>
      figures(
        { part: 'second', name: String(second) },
        { pulls, failed, bytes: [bytes, 'B'], p95: [pulls === 0 ? null : p95, 'ms'] },
      ),
    ),
  ];
}

type Figure = number | null | readonly [value: number | null, unit: string];

/** A row a figure. */
function figures(where: Where, values: Readonly<Record<string, Figure>>): CsvRow[] {
  return Object.entries(values).map(([metric, figure]) => {
    const [value, unit] = Array.isArray(figure) ? figure : [figure as number | null];
    return { ...where, metric, value, ...(unit !== undefined && { unit }) };
  });
}

function wholeRows({ pulls, requests, bytes, seconds, vus, bottleneck }: LoadResult): CsvRow[] {
  return [
    ...figures({ part: 'load' }, { seconds: [seconds, 's'], users: vus }),
    { part: 'load', name: 'bottleneck', verdict: bottleneck },
    ...figures(
      { part: 'pulls' },
      {
        ...{ ok: pulls.ok, failed: pulls.failed, dropped: pulls.dropped },
        ...(pulls.retried !== undefined && { retried: pulls.retried }),
        rate: [pulls.perSecond, '/s'],
      },
    ),
    ...figures(
      { part: 'requests' },
      { total: requests.total, failed: requests.failed, rate: [requests.perSecond, '/s'] },
    ),
    ...figures(
      { part: 'bytes' },
      {
        total: [bytes.total, 'B'],
        verified: [bytes.verified, 'B'],
        rate: [bytes.perSecond, 'B/s'],
      },
    ),
  ];
}

/** Without a success there are no percentiles. */
function latencyRows(where: Where, one: LatencySummary, prefix = ''): CsvRow[] {
  const ms = (value: number): Figure => [one.count === 0 ? null : value, 'ms'];
  return figures(where, {
    [`${prefix}count`]: one.count,
    [`${prefix}p50`]: ms(one.p50),
    [`${prefix}p90`]: ms(one.p90),
    [`${prefix}p95`]: ms(one.p95),
    [`${prefix}p99`]: ms(one.p99),
    [`${prefix}max`]: ms(one.max),
  });
}

function hopRows(where: Where, one: HopSummary): CsvRow[] {
  const parts = (['ttfb', 'dns', 'connect', 'tls'] as const).flatMap((name) =>
    one[name] === undefined ? [] : latencyRows(where, one[name], `${name} `),
  );
  return [
    ...latencyRows(where, one),
    ...figures(where, { failed: one.failed, bytes: [one.bytes, 'B'] }),
    ...(one.connections === undefined ? [] : figures(where, { connections: one.connections })),
    ...(one.unfinished === undefined ? [] : figures(where, { unfinished: one.unfinished })),
    ...parts,
  ];
}

function serverRows({ servers = [] }: LoadResult): CsvRow[] {
  return servers.flatMap((server) => {
    const { host, address, edge, requests, failed, hits, misses, bytes } = server;
    const where = { part: 'server', name: address, of: host, place: edge };
    return [
      ...figures(where, { requests, failed, hits, misses, bytes: [bytes, 'B'] }),
      ...(server.latency ? latencyRows(where, server.latency) : []),
      ...(server.ttfb ? latencyRows(where, server.ttfb, 'ttfb ') : []),
    ];
  });
}

function partRows(part: string, name: string, one: LoadPart): CsvRow[] {
  const { ok, failed, retried, pullMs } = one;
  return [
    ...figures({ part, name }, { ok, failed, retried }),
    ...latencyRows({ part, name }, pullMs),
  ];
}

function errorRow(part: string, error: LoadError): CsvRow {
  const { reason = '', host = '', hop = '', phase = '', status, example, count } = error;
  const place = [host, hop, phase, status === undefined ? '' : String(status)];
  return {
    ...{ part, name: error.class, of: reason, place: place.filter(Boolean).join(' ') },
    ...{ metric: 'count', value: count, message: example },
  };
}

/** Of the machines that made the load: of all that were joined, those that were nearest to a limit. */
function machineRows({ merged, runner }: LoadResult): CsvRow[] {
  const { runs, known, togetherSeconds, startsWithinSeconds, runners, clocks } = merged ?? {};
  const rows = merged && {
    ...{ runs, known, together: [togetherSeconds, 's'] as const },
    'starts within': [startsWithinSeconds, 's'] as const,
    'clocks differ': [clocks?.differMs, 'ms'] as const,
  };
  return [
    ...toldFigures({ part: 'merged' }, rows ?? {}),
    ...(runners?.limits ?? []).flatMap(({ limit, runners: count }) =>
      figures({ part: 'runners at a limit', name: limit }, { count }),
    ),
    ...[runner ?? [], runners?.worst ?? []].flat().flatMap(runnerRows),
  ];
}

function runnerRows(one: RunnerFigures): CsvRow[] {
  const { id, cpus, own, machineBusy, throttled, lagMs, skewMs, limit } = one;
  return [
    ...(limit === undefined ? [] : [{ part: 'runner', name: id, of: 'limit', verdict: limit }]),
    ...toldFigures(
      { part: 'runner', name: id },
      {
        ...{ cpus, own, 'machine busy': machineBusy, throttled },
        ...{ 'lag p95': [lagMs.p95, 'ms'], 'lag max': [lagMs.max, 'ms'], skew: [skewMs, 'ms'] },
      },
    ),
  ];
}

type Told = number | undefined | readonly [value: number | undefined, unit: string];

/** What is not told has no row. */
function toldFigures(where: Where, values: Readonly<Record<string, Told>>): CsvRow[] {
  return Object.entries(values).flatMap(([metric, figure]) => {
    const [value, unit] = typeof figure === 'object' ? figure : [figure, undefined];
    if (value === undefined) return [];
    return [{ ...where, metric, value, ...(unit !== undefined && { unit }) }];
  });
}

function objectiveRows({ slo }: LoadResult): CsvRow[] {
  return slo.map(({ expression, observed, held, metric, bound, unit }) => ({
    ...{ part: 'slo', name: expression, verdict: held ? 'held' : 'missed', message: observed },
    ...(metric !== undefined && { metric }),
    ...(bound !== undefined && { value: bound }),
    ...(unit !== undefined && { unit }),
  }));
}

function kneeRows({ knee }: LoadResult): CsvRow[] {
  if (knee === undefined) return [];
  const { perSecond, brokeAt, confidence, steps } = knee;
  return [
    ...figures(
      { part: 'knee' },
      { holds: [perSecond, '/s'], 'breaks at': [brokeAt, '/s'], confidence },
    ),
    ...steps.map((step, at) => ({
      ...{ part: 'rate step', name: String(at + 1), of: String(step.perSecond), metric: 'done' },
      ...{ value: step.done, unit: '/s', verdict: step.held ? 'held' : 'broke' },
      message: step.broke.join(' '),
    })),
  ];
}

function pushRows(pushes: Pushes): CsvRow[] {
  const { ok, failed, dropped, known, perSecond, bytes, pushMs, phases, errors } = pushes;
  return [
    ...figures(
      { part: 'pushes' },
      { ok, failed, dropped, known, rate: [perSecond, '/s'], sent: [bytes.sent, 'B'] },
    ),
    ...latencyRows({ part: 'push' }, pushMs),
    ...inPullOrder(phases).flatMap(([name, one]) => latencyRows({ part: 'push phase', name }, one)),
    ...errors.map((error) => errorRow('push error', error)),
  ];
}
