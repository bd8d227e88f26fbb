// Load runs compared: the table is made of their results, of the seconds of their timelines where there are few
// runs, and judged by src/compare.
import type { LoadComparison, MetricChange } from '../../../reports/comparison.ts';
import { runsMin } from '../../compare/enough.ts';
import type { Decision, Line, ShareRun } from '../../compare/line.ts';
import { judgeTable } from '../../compare/table.ts';
import { medianOfKnown } from '../../lib/median.ts';
import {
  isOpen,
  type LineName,
  latencyName,
  type Place,
  placesOf,
  rateName,
  type Share,
  sharesOf,
  statisticsOf,
  wholePull,
} from './lines.ts';
import type { LoadRun } from './run-figures.ts';
import { type RunSeconds, readSeconds, strideOf } from './seconds.ts';

export interface TableWish {
  /** Least change that counts, as a part of the base. */
  readonly minEffect: number;
  /** Least change of a latency that counts, ms. */
  readonly floorMs: number;
  readonly seed: number;
  readonly calibration?:
    | {
        readonly path: string;
        readonly runs: number;
        readonly width: Readonly<Record<string, number>>;
      }
    | undefined;
  /** Latencies of other pulls are no evidence: why. */
  readonly latenciesIncomparable?: string | undefined;
  readonly progress: (line: string) => void;
}

interface Entry {
  readonly name: LineName;
  readonly line: Line;
}

interface Sides {
  readonly base: readonly LoadRun[];
  readonly with: readonly LoadRun[];
  /** Of each run, where they are needed and told. */
  readonly seconds: ReadonlyMap<LoadRun, RunSeconds>;
}

export async function compareLoads(
  base: readonly LoadRun[],
  others: readonly LoadRun[],
  wish: TableWish,
): Promise<LoadComparison> {
  const runs = [...base, ...others];
  const { places, leftOut } = placesOf(runs);
  const all = [wholePull, ...places];
  const few = base.length < runsMin || others.length < runsMin;
  const seconds = few ? await readAll(runs, all, wish.progress) : new Map<LoadRun, RunSeconds>();
  const sides: Sides = { base, with: others, seconds };
  const noiseOf = (metric: string) => wish.calibration?.width[metric];
  const entries = entriesOf(sides, all, noiseOf);
  const blocked = wish.latenciesIncomparable;
  const isBlocked = ({ line }: Entry) => blocked !== undefined && line.kind === 'latency';
  const judged = judgeTable(
    entries.filter((one) => !isBlocked(one)).map(({ line }) => line),
    wish,
  );
  const decisions = new Map(judged.decisions.map((decision) => [decision.id, decision]));
  return {
    method: {
      unit: judged.unit,
      sentences: [...judged.sentences, ...moreSentences(sides, few, wish)],
      alpha: judged.alpha,
      minEffect: wish.minEffect,
      floorMs: wish.floorMs,
      ...(wish.calibration !== undefined && { calibration: { ...wish.calibration } }),
    },
    changes: entries.map((entry) => changeOf(entry, decisions.get(entry.line.id), blocked)),
    leftOut,
  };
}

/** One after the other: each is read as fast as one core can. */
async function readAll(
  runs: readonly LoadRun[],
  places: readonly Place[],
  progress: (line: string) => void,
): Promise<Map<LoadRun, RunSeconds>> {
  const keys = new Set(places.map(({ key }) => key));
  const all = new Map<LoadRun, RunSeconds>();
  for (const [at, run] of runs.entries()) {
    progress(`reading the timeline of ${run.path} (${at + 1} of ${runs.length})`);
    const seconds = await readSeconds(run, keys);
    if (seconds !== undefined) all.set(run, seconds);
  }
  return all;
}

/** The whole pull first. */
function entriesOf(
  sides: Sides,
  places: readonly Place[],
  noiseOf: (metric: string) => number | undefined,
): Entry[] {
  const [pull, ...others] = places.map((place) => latencyEntries(sides, place, noiseOf));
  const shares = sharesOf([...sides.base, ...sides.with]);
  return [
    ...(pull ?? []),
    ...shares.map((share) => shareEntry(sides, share, noiseOf)),
    ...(isRateTold(sides) ? [] : [rateEntry(sides, noiseOf)]),
    ...others.flat(),
  ];
}

function latencyEntries(
  sides: Sides,
  place: Place,
  noiseOf: (metric: string) => number | undefined,
): Entry[] {
  const runs = [...sides.base, ...sides.with];
  return statisticsOf(place, runs).map((statistic) => {
    const name = latencyName(place, statistic);
    const read = (run: LoadRun) => {
      const summary = place.summary(run);
      const count = summary?.count ?? 0;
      const value = summary !== undefined && count > 0 ? summary[statistic] : null;
      return { value, count, seconds: sides.seconds.get(run)?.histogram(place.key) };
    };
    const percentile = percentiles[statistic];
    const line: Line = {
      ...{ kind: 'latency', id: name.metric, percentile, noise: noiseOf(name.metric) },
      ...{ base: sides.base.map(read), with: sides.with.map(read) },
    };
    return { name, line };
  });
}

const percentiles = { p50: 50, p95: 95, p99: 99 } as const;

function shareEntry(
  sides: Sides,
  { line: name, more, key, ofKey, read }: Share,
  noiseOf: (metric: string) => number | undefined,
): Entry {
  const readRun = (run: LoadRun): ShareRun => {
    const seconds = sides.seconds.get(run);
    const told = seconds && { events: seconds.counts(key), of: seconds.counts(ofKey) };
    return { ...read(run.load), seconds: told };
  };
  const line: Line = {
    ...{ kind: 'share', id: name.metric, more, noise: noiseOf(name.metric) },
    ...{ base: sides.base.map(readRun), with: sides.with.map(readRun) },
  };
  return { name, line };
}

function rateEntry(sides: Sides, noiseOf: (metric: string) => number | undefined): Entry {
  const name = rateName;
  const read = (run: LoadRun) => {
    const { perSecond: value, ok: count } = run.load.pulls;
    return { value, count, seconds: sides.seconds.get(run)?.counts('ok') };
  };
  const line: Line = {
    ...{ kind: 'rate', id: name.metric, noise: noiseOf(name.metric) },
    ...{ base: sides.base.map(read), with: sides.with.map(read) },
  };
  return { name, line };
}

/** Dropped pulls, of those that were due, below which a rate was reached. */
const reachedDropsMax = 0.01;

/** Where a rate was asked for and reached, the throughput is what was asked for. */
function isRateTold({ base, with: others }: Pick<Sides, 'base' | 'with'>): boolean {
  return [...base, ...others].every(({ load }) => {
    const { ok, failed, dropped } = load.pulls;
    return isOpen(load) && dropped <= (ok + failed + dropped) * reachedDropsMax;
  });
}

function changeOf(
  { name, line }: Entry,
  decision: Decision | undefined,
  blocked: string | undefined,
): MetricChange {
  const base = sideOf(line.base);
  const others = sideOf(line.with);
  if (decision === undefined) {
    const undecided = { ratio: null, difference: null, regression: false } as const;
    const sides = {
      base: { ...base, value: medianOfKnown(base.runs) },
      with: { ...others, value: medianOfKnown(others.runs) },
    };
    const why = blocked === undefined ? {} : { why: blocked };
    return { ...name, ...sides, ...undecided, verdict: 'incomparable', ...why };
  }
  const { ratio, difference, p, verdict, regression, why } = decision;
  return {
    ...name,
    base: { ...base, value: decision.base },
    with: { ...others, value: decision.with },
    ...{ ratio: ratio && { ...ratio }, difference: difference && { ...difference } },
    ...(p !== undefined && { p: { ...p } }),
    ...{ verdict, regression },
    ...(why !== undefined && { why }),
  };
}

function sideOf(runs: Line['base']): { runs: (number | null)[]; count: number } {
  const told = runs.map((run) =>
    'of' in run
      ? { value: run.of === 0 ? null : (run.events / run.of) * 100, count: run.of }
      : { value: run.value, count: run.count },
  );
  return {
    runs: told.map(({ value }) => value),
    count: told.reduce((sum, { count }) => sum + count, 0),
  };
}

function moreSentences(
  sides: Sides,
  few: boolean,
  { calibration }: Pick<TableWish, 'calibration'>,
): string[] {
  const sentences: string[] = [];
  const runs = [...sides.base, ...sides.with];
  const untold = few ? runs.filter((run) => !sides.seconds.has(run)) : [];
  if (untold.length > 0) {
    const paths = untold.map(({ path }) => path).join(', ');
    sentences.push(
      `There is no whole timeline of ${paths}, so that of latencies nothing can be said; name four runs or more a side.`,
    );
  }
  const stride = Math.max(
    1,
    ...[...sides.seconds.keys()].map(({ load }) => strideOf(load.seconds)),
  );
  if (stride > 1) {
    sentences.push(`Of hops, phases, hosts and edges one second in ${stride} was looked at.`);
  }
  if (isRateTold(sides)) {
    sentences.push('The rate that was asked for was reached, so that the throughput says nothing.');
  }
  if (calibration !== undefined) {
    sentences.push(
      `A change counts where it is larger than ${calibration.runs} runs of one and the same differed (${calibration.path}).`,
    );
  }
  return sentences;
}
