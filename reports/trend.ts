// The trend of many runs: what `report trend` writes as JSON, and what its text and page are pure functions of.
import type { Results, Verb } from './results.ts';

export interface Trend {
  schema: 'pullproof/trend/v1';
  tool: Results['tool'];
  /** The folder that was looked through, as named. */
  folder: string;
  /** RFC 3339, UTC. */
  madeAt: string;
  /** Chance that a series without a change is marked; least change that counts, as a part. */
  seriesAlpha: number;
  /** Runs that a series must have before a change can be marked. */
  runsMin: number;
  minEffect: number;
  /** Runs that can be held against each other, the largest group first. */
  groups: TrendGroup[];
  /** What looked like a run and is not shown, with the reason. */
  leftOut: { path: string; message: string }[];
}

export interface TrendGroup {
  of: Verb;
  target: string;
  /** What its runs have in common besides: client, shape, engine … */
  facts: string[];
  /** In the order of time. */
  runs: TrendRun[];
  series: TrendSeries[];
}

export interface TrendRun {
  /** Below the folder, with `/`; '.' is the folder itself. */
  path: string;
  /** Whether a report.html lies in it. */
  report: boolean;
  startedAt: string;
  version: string;
  verdict: Results['verdict'];
  /** What is another than in the run before: `version`, `machine`, `images`. */
  changed: string[];
}

export interface TrendSeries {
  /** As lines of a comparison: `pull.p95`, `hop:edge.p95`, `checks.failing`. */
  metric: string;
  unit: 'ms' | '/s' | '%' | '';
  /** What of it is worse. */
  worse: 'more' | 'less';
  /** Of each run; null where it has none. */
  values: (number | null)[];
  changes: TrendChange[];
}

export interface TrendChange {
  /** The first run after it, from 0. */
  run: number;
  /** Medians of the stretches before and after. */
  before: number;
  after: number;
  /** after / before and its interval; null where 0 is among the values. */
  ratio: { value: number; low: number; high: number } | null;
  p: number;
  direction: 'worse' | 'better';
  /** It is beyond the least change that counts. */
  counts: boolean;
}
