// The comparison of runs: what `report compare` writes as JSON, and what its text, Markdown and page are pure
// functions of.
import type { CheckLevel, Finding, Results, Verdict } from './results.ts';

export interface Comparison {
  schema: 'pullproof/comparison/v1';
  tool: Results['tool'];
  /** What the runs are of. */
  of: 'load' | 'conform' | 'validate';
  /** RFC 3339, UTC: when it was made. */
  madeAt: string;
  base: ComparedRun[];
  with: ComparedRun[];
  /** `fail`: a regression; `error`: nothing could be compared. */
  verdict: 'pass' | 'fail' | 'error';
  /** 0 no regression, 1 a regression, 2 the runs cannot be compared, 3 there is no baseline. */
  exitCode: 0 | 1 | 2 | 3;
  /** Why the runs cannot be compared at all; none where they can. */
  incomparable: ComparisonRemark[];
  /** What may explain a difference, besides the registry. */
  warnings: ComparisonRemark[];
  load?: LoadComparison;
  conform?: ConformComparison;
  validate?: ValidateComparison;
}

export interface ComparedRun {
  /** As the user named it. */
  path: string;
  target: string;
  startedAt: string;
  version: string;
}

export interface ComparisonRemark {
  /** Slug, such as `other-digests`, `other-client`, `other-machine`. */
  id: string;
  message: string;
}

export interface LoadComparison {
  method: ComparisonMethod;
  /** The whole pull first, then phases, hops, hosts, edges. */
  changes: MetricChange[];
  /** Phases, hops, hosts and edges that are not in the table: rarely asked for, or known to one side alone. */
  leftOut: number;
}

export interface ComparisonMethod {
  /** `runs`: the unit is the run (four or more a side); `seconds`: blocks of seconds within runs. */
  unit: 'runs' | 'seconds';
  /** How it was decided and what is not known, in sentences for people. */
  sentences: string[];
  /** Chance of any false alarm in the whole table, 0.05. */
  alpha: number;
  /** Least change that counts, as a part of the base: 0.1 is 10 %. */
  minEffect: number;
  /** Least change of a latency that counts, ms; 0: any. */
  floorMs: number;
  /** Of `load --calibrate`: how far runs of one and the same differ, as ratios by `metric`. */
  calibration?: { path: string; runs: number; width: Record<string, number> };
}

export type ChangeVerdict = 'slower' | 'faster' | 'no evidence' | 'too few' | 'incomparable';

/** One line of the table. */
export interface MetricChange {
  /** `pull.p95`, `phase:layer.p95`, `hop:edge.ttfb.p95`, `host:cdn.example:443.p95`, `edge:FRA1.p50`, `pull.rate`, `pull.failed:status`, `pull.dropped`, `pull.retried`, `edge.hits`. */
  metric: string;
  place: 'pull' | 'phase' | 'hop' | 'host' | 'edge';
  /** Of the phase, hop, host or edge; '' for the whole pull. */
  name: string;
  statistic: 'p50' | 'p95' | 'p99' | 'rate' | 'failed' | 'dropped' | 'retried' | 'hits';
  /** Latency to the first byte instead of the last. */
  ttfb?: true;
  /** Class of the failures. */
  class?: string;
  unit: 'ms' | '/s' | '%';
  base: ChangeSide;
  with: ChangeSide;
  /** with / base and its interval; null where the base is 0 or nothing can be said. */
  ratio: { value: number; low: number; high: number } | null;
  /** with − base in the unit, and its interval. */
  difference: { value: number; low: number; high: number } | null;
  /** Of the U test or the test of two shares; absent without one. `adjusted`: for the whole table. */
  p?: { raw: number; adjusted: number };
  /** `slower` and `faster` are also said of failures, drops and retries that are more or fewer, and of a rate that fell or rose. */
  verdict: ChangeVerdict;
  /** It is slower by more than counts: what makes exit code 1. */
  regression: boolean;
  /** Why it is `too few` or `incomparable`. */
  why?: string;
}

export interface ChangeSide {
  /** Median over the runs, or of the one run; null where nothing was measured. */
  value: number | null;
  /** Of each run. */
  runs: (number | null)[];
  /** Pulls or requests behind it. */
  count: number;
}

export interface ConformComparison {
  newlyFailing: CheckChange[];
  newlyPassing: CheckChange[];
  /** Verdicts that differ otherwise, such as from void to unsupported. */
  changedVerdicts: CheckChange[];
  /** Fails as before, and says another thing. */
  changedWords: CheckChange[];
  appeared: CheckChange[];
  gone: CheckChange[];
  same: number;
}

export interface CheckChange {
  id: string;
  level: CheckLevel;
  section: string;
  requirement: string;
  base?: { verdict: Verdict; actual: string };
  with?: { verdict: Verdict; actual: string };
  /** What makes exit code 1. */
  regression: boolean;
}

export interface ValidateComparison {
  /** Findings that the base does not have, by document, rule and place in it. */
  appeared: DocumentFinding[];
  gone: DocumentFinding[];
  same: number;
}

export interface DocumentFinding extends Finding {
  path: string;
  /** What makes exit code 1. */
  regression: boolean;
}
