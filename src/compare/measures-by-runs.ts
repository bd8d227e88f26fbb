// Latencies and rates where each side has four runs or more: a U test over the runs, and p adjusted for
// the whole table.
import { medianOfKnown } from '../lib/median.ts';
import { decideRatio, type Told, tooFew } from './decide.ts';
import { runsMin, samplesMin } from './enough.ts';
import { holm } from './holm.ts';
import {
  alpha,
  type Decision,
  type MeasuredLine,
  measuresAlpha,
  type TableOptions,
} from './line.ts';
import { sequenceP } from './sequence.ts';
import { shiftOf } from './shift.ts';
import { leastP, uTest } from './u-test.ts';

/** A line with enough runs a side. */
interface Tested {
  readonly isTested: true;
  readonly line: MeasuredLine;
  /** Logarithms. */
  readonly base: readonly number[];
  readonly with: readonly number[];
  readonly told: Told;
  readonly p: number;
}

/** In the order of the lines. */
export function judgeByRuns(
  lines: readonly MeasuredLine[],
  options: TableOptions,
): { decisions: Decision[]; sentences: string[] } {
  const seen = lines.map((line) => testOf(line));
  const tested = seen.flatMap((one) => ('isTested' in one ? one : []));
  const least = Math.max(0, ...tested.map((one) => leastP(one.base.length, one.with.length)));
  const isHolm = least * tested.length <= measuresAlpha;
  const adjusted = isHolm ? holm(tested.map(({ p }) => p)) : inSequence(tested, options);
  const byLine = new Map(tested.map(({ line }, at) => [line, adjusted[at] ?? 1]));
  const decisions = seen.map((one) => {
    if (!('isTested' in one)) return one;
    // So that all of a table is held against one and the same 0.05.
    const p = Math.min(1, ((byLine.get(one.line) ?? 1) * alpha) / measuresAlpha);
    return decide(one, Math.max(one.p, p), options);
  });
  return { decisions, sentences: sentencesOf(tested.length, isHolm) };
}

function testOf(line: MeasuredLine): Tested | Decision {
  const [base, with_] = [valuesOf(line, 'base'), valuesOf(line, 'with')];
  const told = { base: medianOfKnown(base), with: medianOfKnown(with_) };
  const few = Math.min(base.length, with_.length);
  if (few < runsMin) {
    const why = `it was measured in ${base.length} and ${with_.length} runs; ${runsMin} a side are needed`;
    return tooFew(line, told, why);
  }
  const why = samplesMin(line, 'runs');
  if (why !== undefined) return tooFew(line, told, why);
  const [a, b] = [base.map(Math.log), with_.map(Math.log)];
  return { isTested: true, line, base: a, with: b, told, p: uTest(a, b).p };
}

/** Of the runs that have one; what is 0 is no latency and no rate. */
function valuesOf(line: MeasuredLine, side: 'base' | 'with'): number[] {
  return line[side].flatMap(({ value }) => (value !== null && value > 0 ? value : []));
}

/** Tested before all else, where they may have changed by as much as counts. */
const leads: readonly string[] = ['pull.p95', 'pull.p50', 'pull.rate'];

function inSequence(tested: readonly Tested[], { minEffect }: TableOptions): number[] {
  const lines = tested.map(({ line, base, with: with_, p }) => {
    const lead = leads.indexOf(line.id);
    return {
      pooled: [...base, ...with_],
      sizes: { a: base.length, b: with_.length },
      p,
      lead: lead < 0 ? undefined : lead,
    };
  });
  return sequenceP(lines, Math.log1p(minEffect));
}

function decide(tested: Tested, adjusted: number, options: TableOptions): Decision {
  const { line, told } = tested;
  const p = { raw: tested.p, adjusted };
  const shift = shiftOf(tested.base, tested.with, measuresAlpha);
  const isShown = adjusted <= alpha;
  return decideRatio(line, { ...told, p }, shift, isShown, options);
}

function sentencesOf(tests: number, isHolm: boolean): string[] {
  if (tests === 0) return [];
  const how = isHolm
    ? 'p is adjusted for all lines by the step-down of Holm.'
    : 'With so few runs Holm over so many lines could find nothing: the lines are tested one after the other, in an order that does not know the sides, until the first that shows nothing; for the lines after it nothing is shown either.';
  return [`The unit is the run: latencies and rates by the U test over runs. ${how}`];
}
