// The engine of `report trend`: reads all runs below a folder, puts those together that can be held against
// each other, and marks where their figures changed.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Results } from '../../../reports/results.ts';
import type {
  Trend,
  TrendChange,
  TrendGroup,
  TrendRun,
  TrendSeries,
} from '../../../reports/trend.ts';
import {
  type ChangePoint,
  changePoints,
  seriesAlpha,
  seriesRunsMin,
} from '../../compare/change-points.ts';
import { parseDateTime } from '../../lib/rfc3339.ts';
import { UserError } from '../../lib/user-error.ts';
import { readRun } from '../load/read-run.ts';
import { version } from '../version.ts';
import { type FoundRun, findRuns } from './find.ts';
import { type Figure, figuresOf } from './series.ts';

export interface TrendOptions {
  readonly folder: string;
  /** Least change that counts, as a part. */
  readonly minEffect: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
}

/** A results document is held in memory to be read. */
const resultsBytesMax = 64 * 1024 ** 2;
/** Places are named by servers. */
const seriesMax = 80;
const groupsMax = 100;
const leftOutMax = 500;

/** One run, down to what is drawn of it. */
interface Point {
  readonly key: string;
  readonly of: Results['verb'];
  readonly target: string;
  readonly facts: readonly string[];
  readonly run: Omit<TrendRun, 'changed'>;
  /** What of it could not be read. */
  readonly remarks: readonly string[];
  readonly figures: readonly Figure[];
  /** What may have changed since the run before. */
  readonly traits: Readonly<Record<string, string | undefined>>;
}

/** @throws UserError (exit 2): no folder, or none with a run that can be shown */
export async function trendOf(options: TrendOptions): Promise<Trend> {
  const { folder, progress } = options;
  const found = await findRuns(folder);
  const leftOut = [...found.leftOut];
  const points: Point[] = [];
  for (const [at, run] of found.runs.entries()) {
    if (at % 20 === 0) progress(`reading run ${at + 1} of ${found.runs.length}`);
    const read = await readPoint(folder, run);
    if (typeof read === 'string') leftOut.push({ path: run.path, message: read });
    else points.push(read);
    // Of a later version, which wrote more than is known here: drawn as far as it is.
    const remarks = typeof read === 'string' ? [] : read.remarks;
    leftOut.push(...remarks.map((message) => ({ path: run.path, message })));
  }
  if (points.length === 0) throw nothingFound(folder, leftOut);
  const groups = groupsOf(points, options).sort((a, b) => b.runs.length - a.runs.length);
  return {
    schema: 'pullproof/trend/v1',
    tool: { name: 'pullproof', version },
    folder,
    madeAt: new Date().toISOString(),
    seriesAlpha,
    runsMin: seriesRunsMin,
    minEffect: options.minEffect,
    groups: groups.slice(0, groupsMax),
    leftOut: [...leftOut.slice(0, leftOutMax), ...beyond(groups)],
  };
}

/** A message for a run that is not shown. */
async function readPoint(folder: string, { path, report }: FoundRun): Promise<Point | string> {
  const at = join(folder, path);
  try {
    const { size } = await stat(join(at, 'results.json'));
    if (size > resultsBytesMax) return `its results.json has more than ${resultsBytesMax} bytes`;
    const { results, remarks = [] } = await readRun(at);
    if (results.begun === true) return 'it was begun, and nothing came after that';
    if (results.interrupted !== undefined) return `it was cut short: ${results.interrupted}`;
    const figures = figuresOf(results);
    if (figures.every(({ value }) => value === null)) {
      return `a run of ${results.verb} that has nothing to draw`;
    }
    return { ...pointOf(results, figures, { path, report }), remarks };
  } catch (error) {
    if (error instanceof UserError || (error as NodeJS.ErrnoException).code !== undefined) {
      return (error as Error).message;
    }
    throw error;
  }
}

function pointOf(
  results: Results,
  figures: readonly Figure[],
  found: FoundRun,
): Omit<Point, 'remarks'> {
  const { verb, target, startedAt, tool, verdict, environment } = results;
  const facts = factsOf(results);
  return {
    key: JSON.stringify([verb, target, facts]),
    ...{ of: verb, target, facts, figures },
    run: { ...found, startedAt, version: tool.version, verdict },
    traits: {
      version: tool.version,
      machine: environment.machine,
      images: results.load?.digests && JSON.stringify(results.load.digests),
    },
  };
}

/** In what runs have to agree to be held against each other. */
function factsOf({ load, conform }: Results): string[] {
  if (conform !== undefined) return [conform.mode];
  if (load === undefined) return [];
  const { asked, segment } = load;
  return [
    ...[load.client, load.shape, `${load.vus} users`],
    ...(asked?.perSecond === undefined ? [] : [`${asked.perSecond} pulls/s due`]),
    ...(asked?.platforms ?? []),
    `verified: ${load.verify}`,
    ...(load.engine === 'stock' ? ['stock k6'] : []),
    ...(load.images.length > 1 ? [`${load.images.length} images`] : load.images),
    ...(segment === undefined ? [] : [`segment ${segment.part}`]),
    ...(asked?.varies === undefined ? [] : [`plan ${asked.varies.slice(7, 15)}`]),
  ];
}

function groupsOf(points: readonly Point[], options: TrendOptions): TrendGroup[] {
  return [...Map.groupBy(points, ({ key }) => key).values()].map((all) => {
    const ordered = all.toSorted((a, b) => timeOf(a) - timeOf(b));
    const [first] = ordered as [Point, ...Point[]];
    return {
      of: first.of,
      target: first.target,
      facts: [...first.facts],
      runs: ordered.map((point, at) => ({
        ...point.run,
        changed: changedIn(ordered[at - 1], point),
      })),
      series: seriesOf(ordered, options),
    };
  });
}

function timeOf({ run }: Point): number {
  return parseDateTime(run.startedAt) ?? 0;
}

function changedIn(before: Point | undefined, { traits }: Point): string[] {
  if (before === undefined) return [];
  return Object.keys(traits).filter((name) => {
    const [was, is] = [before.traits[name], traits[name]];
    return was !== undefined && is !== undefined && was !== is;
  });
}

/** Series that say nothing (no value, or nothing ever but 0) are left out. */
function seriesOf(points: readonly Point[], options: TrendOptions): TrendSeries[] {
  const byMetric = new Map<string, { figure: Figure; values: (number | null)[] }>();
  for (const [at, { figures }] of points.entries()) {
    for (const figure of figures) {
      let known = byMetric.get(figure.metric);
      if (known === undefined) {
        if (byMetric.size >= seriesMax) continue;
        known = { figure, values: new Array<number | null>(points.length).fill(null) };
        byMetric.set(figure.metric, known);
      }
      known.values[at] = figure.value;
    }
  }
  return [...byMetric.values()]
    .filter(({ values }) => values.some((value) => value !== null && value !== 0))
    .map(({ figure: { metric, unit, worse }, values }) => {
      const changes = changePoints(values, options.seed).map((change) =>
        changeOf(change, worse, options.minEffect),
      );
      return { metric, unit, worse, values, changes };
    });
}

function changeOf(point: ChangePoint, worse: Figure['worse'], minEffect: number): TrendChange {
  const { at, before, after, ratio, p } = point;
  const isMore = after > before;
  const least = 1 + minEffect;
  const isFar = ratio === null || (isMore ? ratio.low > least : ratio.high < 1 / least);
  return {
    ...{ run: at, before, after, ratio, p },
    direction: isMore === (worse === 'more') ? 'worse' : 'better',
    counts: isFar,
  };
}

function beyond(groups: readonly TrendGroup[]): Trend['leftOut'] {
  const more = groups.slice(groupsMax).flatMap(({ runs }) => runs);
  if (more.length === 0) return [];
  const message = `${more.length} runs of groups beyond the ${groupsMax} largest are not shown`;
  return [{ path: '.', message }];
}

function nothingFound(folder: string, leftOut: Trend['leftOut']): UserError {
  const [first] = leftOut;
  const why = first === undefined ? '' : `; ${first.path}: ${first.message}`;
  return new UserError(
    'trend-empty',
    `below ${folder} lies no run that could be shown${why}`,
    'Name a folder with run folders in it, as --out of load, conform and validate makes them.',
  );
}
