// The engine of `report compare`: reads the runs of both sides, refuses what cannot be compared, and hands the
// rest to whoever knows runs of that kind.
import { realpath } from 'node:fs/promises';
import type {
  ComparedRun,
  Comparison,
  ComparisonRemark,
  LoadComparison,
} from '../../../reports/comparison.ts';
import type { CheckResult, DocumentResult } from '../../../reports/results.ts';
import { UserError } from '../../lib/user-error.ts';
import { version } from '../version.ts';
import { hasCalibration, readCalibration } from './calibration.ts';
import {
  disagreement,
  interruptedOf,
  isAllFailed,
  type ReadLoad,
  refusalsOf,
  unequalDrops,
  warningsOf,
} from './comparable.ts';
import { compareChecks, type LevelWanted } from './conform.ts';
import { compareLoads, type TableWish } from './load-table.ts';
import { hostNamesOf, type LoadRun } from './run-figures.ts';
import { type NamedRun, readSides } from './sides.ts';
import { compareDocuments } from './validate.ts';

export interface CompareOptions {
  /** Run folders, results.json files, or patterns of these. */
  readonly base: readonly string[];
  readonly with: readonly string[];
  /** Least change that counts, as a part of the base. */
  readonly minEffect: number;
  /** Least change of a latency that counts, ms. */
  readonly floorMs: number;
  readonly level: LevelWanted;
  readonly seed: number;
  /** Folder or file of a calibration; without one that of the base, if there is one. */
  readonly calibration?: string | undefined;
  readonly progress: (line: string) => void;
}

type Of = Comparison['of'];
const comparableVerbs: readonly string[] = ['load', 'conform', 'validate'] satisfies Of[];

/** @throws UserError: no baseline (exit 3); what cannot be read, and runs of a verb that has nothing to compare (exit 2) */
export async function compareRuns(options: CompareOptions): Promise<Comparison> {
  const sides = await readSides(options.base, options.with);
  const runs = [...sides.base, ...sides.with];
  const of = verbOf(runs);
  const comparison: Comparison = {
    schema: 'pullproof/comparison/v1',
    tool: { name: 'pullproof', version },
    of,
    madeAt: new Date().toISOString(),
    base: sides.base.map(comparedRun),
    with: sides.with.map(comparedRun),
    verdict: 'pass',
    exitCode: 0,
    incomparable: otherVerbs(runs),
    warnings: [],
  };
  if (comparison.incomparable.length === 0) await fillIn(comparison, sides, options);
  comparison.warnings.unshift(...(await onBothSides(sides)), ...runs.flatMap(partlyRead));
  return concluded(comparison);
}

type Sides = Readonly<Record<'base' | 'with', readonly NamedRun[]>>;

async function fillIn(
  comparison: Comparison,
  sides: Sides,
  options: CompareOptions,
): Promise<void> {
  if (comparison.of === 'load') return await fillInLoad(comparison, sides, options);
  const runs = [...sides.base, ...sides.with];
  comparison.incomparable.push(...runs.flatMap(unfinished));
  if (comparison.incomparable.length > 0) return;
  comparison.warnings.push(...plainWarnings(runs));
  if (comparison.of === 'conform') {
    const checks = (some: readonly NamedRun[]): (readonly CheckResult[])[] =>
      some.map(({ results }) => results.checks ?? []);
    comparison.conform = compareChecks(checks(sides.base), checks(sides.with), options.level);
    comparison.warnings.push(...modeWarnings(runs));
    return;
  }
  const documents = (some: readonly NamedRun[]): (readonly DocumentResult[])[] =>
    some.map(({ results }) => results.documents ?? []);
  const [before, now] = [documents(sides.base), documents(sides.with)];
  comparison.validate = compareDocuments(before, now, options.level);
  comparison.warnings.push(...unjudged(before.flat(), now.flat()));
}

async function fillInLoad(
  comparison: Comparison,
  sides: Sides,
  options: CompareOptions,
): Promise<void> {
  const [base, others] = [sides.base.map(loadOf), sides.with.map(loadOf)];
  comparison.incomparable.push(...refusalsOf(base, others));
  comparison.warnings.push(...warningsOf(base, others));
  if (comparison.incomparable.length > 0) return;
  const drops = unequalDrops(base, others);
  if (drops !== undefined) comparison.incomparable.push(drops);
  const names = hostNamesOf([...base, ...others].map(({ load }) => load));
  const named = (run: ReadLoad & NamedRun, at: number): LoadRun => ({
    ...{ path: run.path, folder: run.folder, load: run.load },
    hostNames: names[at] ?? new Map(),
  });
  comparison.warnings.push(...newHosts(base, others));
  const { minEffect, floorMs, seed, progress } = options;
  comparison.load = await compareLoads(
    base.map(named),
    others.map((run, at) => named(run, base.length + at)),
    {
      ...{ minEffect, floorMs, seed, progress },
      calibration: await calibrationFor(options, sides.base),
      latenciesIncomparable: drops?.message ?? noLatencies(others),
    },
  );
  comparison.warnings.push(...fewRuns(comparison.load));
}

/** Told where everyone looks, too: with single runs it decides how a difference is to be read. */
function fewRuns({ method }: LoadComparison): ComparisonRemark[] {
  if (method.unit === 'runs' || method.calibration !== undefined) return [];
  const message =
    'fewer than four runs a side: the noise between runs is unknown, and what stands out may be no more than that; make four runs a side, in turns, or load --calibrate';
  return [{ id: 'few-runs', message }];
}

function noLatencies(others: readonly ReadLoad[]): string | undefined {
  if (!isAllFailed(others)) return undefined;
  return `no pull of ${others.map(({ path }) => path).join(', ')} succeeded`;
}

async function calibrationFor(
  { calibration }: Pick<CompareOptions, 'calibration'>,
  base: readonly NamedRun[],
): Promise<TableWish['calibration']> {
  let path = calibration;
  for (const { folder } of base) {
    if (path === undefined && (await hasCalibration(folder))) path = folder;
  }
  if (path === undefined) return undefined;
  const { runs, width } = await readCalibration(path);
  return { path, runs, width };
}

function loadOf(run: NamedRun): ReadLoad & NamedRun {
  const { load } = run.results;
  if (load === undefined) throw new Error(`${run.path} is a run of load without its figures`);
  return { ...run, load };
}

function comparedRun({ path, results }: NamedRun): ComparedRun {
  const { target, startedAt, tool } = results;
  return { path, target, startedAt, version: tool.version };
}

/** @throws UserError (exit 2) where no run is of a verb whose runs are compared */
function verbOf(runs: readonly NamedRun[]): Of {
  const verb = runs.map(({ results }) => results.verb).find((one) => comparableVerbs.includes(one));
  if (verb !== undefined) return verb as Of;
  const [first] = runs;
  throw new UserError(
    'compare-impossible',
    `${first?.path} is a run of ${first?.results.verb}, of which nothing is compared`,
    `Name runs of ${comparableVerbs.join(', ')}.`,
  );
}

function otherVerbs(runs: readonly NamedRun[]): ComparisonRemark[] {
  const [first] = runs;
  const other = runs.find(({ results }) => results.verb !== first?.results.verb);
  if (first === undefined || other === undefined) return [];
  const told = ({ path, results }: NamedRun) => `${results.verb} in ${path}`;
  return [
    {
      id: 'other-verb',
      message: `the runs are of different verbs: ${told(first)}, ${told(other)}`,
    },
  ];
}

/** A run that is held against itself has changed in nothing. */
async function onBothSides({ base, with: others }: Sides): Promise<ComparisonRemark[]> {
  const places = (runs: readonly NamedRun[]) =>
    Promise.all(runs.map(({ folder }) => realpath(folder)));
  const before = new Set(await places(base));
  const now = await places(others);
  const twice = others.filter((_, at) => before.has(now[at] as string)).map(({ path }) => path);
  if (twice.length === 0) return [];
  const shown = twice.slice(0, 3).join(', ');
  return [{ id: 'same-run', message: `on both sides is one and the same run: ${shown}` }];
}

/** What a later version wrote of a run, and this one does not know. */
function partlyRead({ results, remarks = [] }: NamedRun): ComparisonRemark[] {
  // A run that was cut has its remark as the reason why it is not compared.
  if (results.interrupted !== undefined) return [];
  return remarks.map((message) => ({ id: 'later-version', message }));
}

/** What was not judged to its end says nothing of the rest. */
function unfinished({ path, results }: NamedRun): ComparisonRemark[] {
  const cut = interruptedOf({ path, results });
  if (cut !== undefined) return [cut];
  const { checks, documents, verb } = results;
  if ((checks ?? documents ?? []).length > 0) return [];
  const what = verb === 'conform' ? 'check' : 'document';
  return [{ id: 'nothing-judged', message: `${path} judged no ${what}` }];
}

function plainWarnings(runs: readonly NamedRun[]): ComparisonRemark[] {
  const facts = [
    { id: 'other-target', what: 'targets', of: ({ results }: NamedRun) => results.target },
    {
      id: 'other-version',
      what: 'versions of pullproof',
      of: ({ results }: NamedRun) => results.tool.version,
    },
  ];
  return facts.flatMap((fact) => disagreement(fact, runs));
}

function modeWarnings(runs: readonly NamedRun[]): ComparisonRemark[] {
  const mode = ({ results }: NamedRun) => results.conform?.mode ?? 'full';
  return disagreement({ id: 'other-mode', what: 'modes', of: mode }, runs);
}

/** Their findings are gone because nobody looked. */
function unjudged(
  before: readonly DocumentResult[],
  now: readonly DocumentResult[],
): ComparisonRemark[] {
  const judged = new Set(now.map(({ path }) => path));
  const missing = [...new Set(before.map(({ path }) => path))].filter((path) => !judged.has(path));
  if (missing.length === 0) return [];
  const shown = missing.slice(0, 3).join(', ');
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  return [{ id: 'other-documents', message: `not judged any more: ${shown}${more}` }];
}

/** Where blobs go is the registry's choice: a new host is worth a line. */
function newHosts(base: readonly ReadLoad[], others: readonly ReadLoad[]): ComparisonRemark[] {
  const hosts = (runs: readonly ReadLoad[]) =>
    new Set(runs.flatMap(({ load }) => Object.keys(load.hosts)));
  const [before, now] = [hosts(base), hosts(others)];
  const told = (list: Iterable<string>) => [...list].slice(0, 10).join(', ') || 'none';
  const isSame = before.size === now.size && [...before].every((host) => now.has(host));
  if (isSame) return [];
  return [
    { id: 'other-hosts', message: `the hosts differ: ${told(before)} before, ${told(now)} now` },
  ];
}

function concluded(comparison: Comparison): Comparison {
  const { load, conform, validate, incomparable } = comparison;
  const all = [
    ...(load?.changes ?? []),
    ...(conform?.newlyFailing ?? []),
    ...(validate?.appeared ?? []),
  ];
  const isWorse = all.some(({ regression }) => regression);
  const [verdict, exitCode] =
    incomparable.length > 0
      ? (['error', 2] as const)
      : isWorse
        ? (['fail', 1] as const)
        : (['pass', 0] as const);
  return { ...comparison, verdict, exitCode };
}
