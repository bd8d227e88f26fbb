// How far runs of one and the same load differ: what `load --calibrate` writes, and a comparison takes as the
// least change that counts.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadResult } from '../../../reports/results.ts';
import { readBounded } from '../../access/read-file.ts';
import { asInteger, asObject, asString, parseJson } from '../../lib/json.ts';
import { UserError } from '../../lib/user-error.ts';
import { version } from '../version.ts';
import { latencyName, placesOf, rateName, sharesOf, statisticsOf, wholePull } from './lines.ts';
import { hostNamesOf } from './run-figures.ts';

export const calibrationName = 'calibration.json';
const format = 'pullproof/calibration/v1';
const bytesMax = 4 * 1024 * 1024;
const metricsMax = 10_000;

export interface Calibration {
  readonly schema: typeof format;
  readonly tool: { readonly name: 'pullproof'; readonly version: string };
  /** RFC 3339, UTC. */
  readonly madeAt: string;
  /** How many runs. */
  readonly runs: number;
  /** By metric: the largest ratio between two of the runs, at least 1. */
  readonly width: Readonly<Record<string, number>>;
}

/** Of two runs or more of one load. */
export function calibrationOf(loads: readonly LoadResult[], madeAt: string): Calibration {
  const names = hostNamesOf(loads);
  const runs = loads.map((load, at) => ({
    ...{ path: '', folder: '', load },
    hostNames: names[at] ?? new Map<string, string>(),
  }));
  const width: Record<string, number> = {};
  const add = (metric: string, values: readonly (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined && value > 0) as number[];
    if (known.length < values.length) return;
    width[metric] = Math.round((Math.max(...known) / Math.min(...known)) * 1e4) / 1e4;
  };
  for (const place of [wholePull, ...placesOf(runs).places]) {
    for (const statistic of statisticsOf(place, runs)) {
      const values = runs.map((run) => place.summary(run)?.[statistic]);
      add(latencyName(place, statistic).metric, values);
    }
  }
  add(
    rateName.metric,
    loads.map(({ pulls }) => pulls.perSecond),
  );
  for (const { line, more, read } of sharesOf(runs)) {
    // Of what seldom happens two counts differ by any ratio.
    if (more === 'worse') continue;
    add(
      line.metric,
      loads.map(read).map(({ events, of }) => events / of),
    );
  }
  const tool = { name: 'pullproof', version } as const;
  return { schema: format, tool, madeAt, runs: loads.length, width };
}

/** Of a file, or in a folder. @throws UserError `calibration-unreadable` (exit 2) */
export async function readCalibration(path: string): Promise<Calibration> {
  const file = await fileOf(path);
  const read = await readBounded(file, bytesMax);
  if (!('text' in read)) throw unreadable(file, read.why);
  const document = asObject(parseJson(read.text));
  if (document?.schema !== format) throw unreadable(file, `its schema is not ${format}`);
  const widths = Object.entries(asObject(document.width) ?? {});
  const runs = asInteger(document.runs) ?? 0;
  const isSound = ([, ratio]: [string, unknown]) => typeof ratio === 'number' && ratio >= 1;
  if (runs < 2 || widths.length > metricsMax || !widths.every(isSound)) {
    throw unreadable(file, 'it does not say how many runs differed by which ratios');
  }
  return {
    ...{
      schema: format,
      tool: { name: 'pullproof', version: asString(asObject(document.tool)?.version) ?? '' },
    },
    ...{ madeAt: asString(document.madeAt) ?? '', runs },
    width: Object.fromEntries(widths) as Record<string, number>,
  };
}

/** Where a base folder has one, `load --calibrate` made it. */
export async function hasCalibration(folder: string): Promise<boolean> {
  return await stat(join(folder, calibrationName)).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function fileOf(path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? join(path, calibrationName) : path;
}

function unreadable(file: string, problem: string): UserError {
  return new UserError(
    'calibration-unreadable',
    `${file} is no calibration: ${problem}`,
    'Name the folder of a run of `pullproof load --calibrate`, or its calibration.json.',
  );
}
