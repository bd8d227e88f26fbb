// The lines of the table that load runs are compared by: what each is of, and how a run's results tell it.
import type { MetricChange } from '../../../reports/comparison.ts';
import type { LatencySummary, LoadResult } from '../../../reports/results.ts';
import { edgeNameOf, type LoadRun, latencyOfAll } from './run-figures.ts';

/** What a line is of, in the words of the document. */
export type LineName = Pick<
  MetricChange,
  'metric' | 'place' | 'name' | 'statistic' | 'ttfb' | 'class' | 'unit'
>;

/** A place whose latencies are compared. */
export interface Place {
  readonly place: MetricChange['place'];
  readonly name: string;
  readonly ttfb?: true;
  /** By which a timeline tells its seconds. */
  readonly key: string;
  summary(run: LoadRun): LatencySummary | undefined;
}

/** A share of the pulls, or of what edges said of their caches. */
export interface Share {
  readonly line: LineName;
  readonly more: 'worse' | 'better';
  /** By which a timeline tells its seconds: what happened, of how many. */
  readonly key: string;
  readonly ofKey: string;
  read(load: LoadResult): { readonly events: number; readonly of: number };
}

/** Requests that a place needs in every run to be in the table. */
const requestsMin = 20;
/** Of each kind: the busiest are kept. */
const placesMax = { phase: 20, hop: 6, host: 20, edge: 30 } as const;
const classesMax = 10;
/** Pulls of each run at which ten lie beyond the p99. */
const p99PullsMin = 1000;

export const wholePull: Place = {
  place: 'pull',
  name: '',
  key: 'pull',
  summary: ({ load }) => load.pullMs,
};

/** Places besides the whole pull, the busiest of each kind first; how many are left out. */
export function placesOf(runs: readonly LoadRun[]): { places: Place[]; leftOut: number } {
  const kinds = [hopPlaces(runs), phasePlaces(runs), hostPlaces(runs), edgePlaces(runs)];
  const places: Place[] = [];
  let leftOut = 0;
  for (const all of kinds) {
    const counted = all.map((one) => ({ one, count: leastCount(one, runs) }));
    const kept = counted
      .filter(({ count }) => count >= requestsMin)
      .sort((a, b) => b.count - a.count)
      .slice(0, all[0] && placesMax[all[0].place as keyof typeof placesMax]);
    places.push(...kept.map(({ one }) => one));
    leftOut += all.length - kept.length;
  }
  return { places, leftOut };
}

function leastCount(place: Place, runs: readonly LoadRun[]): number {
  return Math.min(...runs.map((run) => place.summary(run)?.count ?? 0));
}

function namesOf(runs: readonly LoadRun[], names: (run: LoadRun) => Iterable<string>): string[] {
  return [...new Set(runs.flatMap((run) => [...names(run)]))];
}

function hopPlaces(runs: readonly LoadRun[]): Place[] {
  return namesOf(runs, ({ load }) => Object.keys(load.hops)).flatMap((name): Place[] => [
    { place: 'hop', name, key: `hop:${name}`, summary: ({ load }) => load.hops[name] },
    {
      ...{ place: 'hop', name, ttfb: true, key: `hop:${name}.ttfb` },
      summary: ({ load }) => load.hops[name]?.ttfb,
    },
  ]);
}

function phasePlaces(runs: readonly LoadRun[]): Place[] {
  return namesOf(runs, ({ load }) => Object.keys(load.phases)).map((name) => ({
    ...{ place: 'phase', name, key: `phase:${name}` },
    summary: ({ load }) => load.phases[name],
  }));
}

function hostPlaces(runs: readonly LoadRun[]): Place[] {
  return namesOf(runs, ({ hostNames }) => hostNames.values()).map((name) => ({
    ...{ place: 'host', name, key: `host:${name}` },
    summary: ({ load, hostNames }) =>
      latencyOfAll(
        Object.entries(load.hosts).flatMap(([host, one]) =>
          hostNames.get(host) === name ? [one] : [],
        ),
      ),
  }));
}

function edgePlaces(runs: readonly LoadRun[]): Place[] {
  const timed = ({ load }: LoadRun) =>
    (load.servers ?? []).flatMap(({ latency, ...server }) =>
      latency === undefined ? [] : [{ name: edgeNameOf(server), latency }],
    );
  return namesOf(runs, (run) => timed(run).map(({ name }) => name)).map((name) => ({
    ...{ place: 'edge', name, key: `edge:${name}` },
    summary: (run) =>
      latencyOfAll(timed(run).flatMap((one) => (one.name === name ? [one.latency] : []))),
  }));
}

/** `p99` only of the whole pull, with enough of them; never the maximum. */
export function statisticsOf(
  place: Place,
  runs: readonly LoadRun[],
): readonly ('p50' | 'p95' | 'p99')[] {
  const isEnough = place.place === 'pull' && leastCount(place, runs) >= p99PullsMin;
  return isEnough ? ['p95', 'p50', 'p99'] : ['p95', 'p50'];
}

export function latencyName(
  { place, name, ttfb }: Place,
  statistic: 'p50' | 'p95' | 'p99',
): LineName {
  const at = place === 'pull' ? 'pull' : `${place}:${name}`;
  const metric = `${at}${ttfb === true ? '.ttfb' : ''}.${statistic}`;
  return { metric, place, name, statistic, ...(ttfb && { ttfb }), unit: 'ms' };
}

export const rateName: LineName = {
  ...{ metric: 'pull.rate', place: 'pull', name: '', statistic: 'rate', unit: '/s' },
};

/** Load that comes at a rate, however long pulls take: what finds no user is dropped. */
export function isOpen({ asked, shape, pulls }: LoadResult): boolean {
  return asked?.perSecond !== undefined || shape === 'rate' || pulls.dropped > 0;
}

/** Shares of pulls; `dropped` first where load came at a rate. */
export function sharesOf(runs: readonly LoadRun[]): Share[] {
  const loads = runs.map(({ load }) => load);
  const pulls = (statistic: 'failed' | 'dropped' | 'retried', kind?: string): LineName => ({
    ...{ metric: `pull.${statistic}${kind === undefined ? '' : `:${kind}`}`, place: 'pull' },
    ...{ name: '', statistic, ...(kind !== undefined && { class: kind }), unit: '%' },
  });
  const worse = { more: 'worse', ofKey: 'ended' } as const;
  const shares: Share[] = [
    {
      ...{ ...worse, line: pulls('failed'), key: 'failed' },
      read: ({ pulls: { ok, failed } }) => ({ events: failed, of: ok + failed }),
    },
  ];
  if (loads.some(isOpen)) {
    shares.push({
      ...{ ...worse, line: pulls('dropped'), key: 'dropped', ofKey: 'due' },
      read: ({ pulls: { ok, failed, dropped } }) => ({
        events: dropped,
        of: ok + failed + dropped,
      }),
    });
  }
  if (loads.every((load) => load.pulls.retried !== undefined)) {
    shares.push({
      ...{ ...worse, line: pulls('retried'), key: 'retried' },
      read: ({ pulls: { ok, failed, retried = 0 } }) => ({ events: retried, of: ok + failed }),
    });
  }
  shares.push(
    ...classesOf(loads).map(
      (kind): Share => ({
        ...{ ...worse, line: pulls('failed', kind), key: `failed:${kind}` },
        read: (load) => ({
          events: failuresOf(load, kind),
          of: load.pulls.ok + load.pulls.failed,
        }),
      }),
    ),
  );
  if (loads.every(({ cache }) => cache.hit + cache.miss > 0)) shares.push(hits);
  return shares;
}

const hits: Share = {
  line: { metric: 'edge.hits', place: 'hop', name: 'edge', statistic: 'hits', unit: '%' },
  ...{ more: 'better', key: 'hit', ofKey: 'told' },
  read: ({ cache: { hit, miss } }) => ({ events: hit, of: hit + miss }),
};

function failuresOf({ errors }: LoadResult, kind: string): number {
  return errors.reduce((sum, one) => sum + (one.class === kind ? one.count : 0), 0);
}

/** The most frequent first. One class alone is what all failures are, and said already. */
function classesOf(loads: readonly LoadResult[]): string[] {
  const names = [...new Set(loads.flatMap(({ errors }) => errors.map((one) => one.class)))];
  if (names.length < 2) return names;
  const total = (kind: string) => loads.reduce((sum, load) => sum + failuresOf(load, kind), 0);
  return names.sort((a, b) => total(b) - total(a)).slice(0, classesMax);
}
