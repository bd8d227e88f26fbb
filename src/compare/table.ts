// The whole table of a comparison: every line judged so that false alarms are bounded over all of them.
// With four runs a side the run is the unit; with fewer it is blocks of seconds within the runs.
import { judgeCounts } from './counts.ts';
import { runsMin } from './enough.ts';
import {
  alpha,
  type Decision,
  type Line,
  type MeasuredLine,
  type ShareLine,
  type TableOptions,
} from './line.ts';
import { judgeByRuns } from './measures-by-runs.ts';
import { judgeBySeconds } from './measures-by-seconds.ts';

export interface Judged {
  readonly unit: 'runs' | 'seconds';
  /** Chance of any false alarm in the whole table. */
  readonly alpha: number;
  /** How it was decided and what is not known, for people. */
  readonly sentences: readonly string[];
  /** In the order of the lines. */
  readonly decisions: readonly Decision[];
}

/** Every line has as many runs a side as the others; what a run does not have is null there, or 0 of 0. */
export function judgeTable(lines: readonly Line[], options: TableOptions): Judged {
  const least = Math.min(...lines.flatMap((line) => [line.base.length, line.with.length]));
  const unit = least >= runsMin ? 'runs' : 'seconds';
  const judge = unit === 'runs' ? judgeByRuns : judgeBySeconds;
  const counts = lines.filter((line): line is ShareLine => line.kind === 'share');
  const measures = lines.filter((line): line is MeasuredLine => line.kind !== 'share');
  const judgedCounts = judgeCounts(counts, unit, options);
  const judged = judge(measures, options);
  const decided = new Map<Line, Decision>();
  for (const [at, line] of measures.entries()) decided.set(line, judged.decisions[at] as Decision);
  for (const [at, line] of counts.entries()) {
    decided.set(line, judgedCounts.decisions[at] as Decision);
  }
  return {
    unit,
    alpha,
    sentences: [...judged.sentences, ...judgedCounts.sentences],
    decisions: lines.map((line) => decided.get(line) as Decision),
  };
}
