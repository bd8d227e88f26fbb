// Latencies, rates and hits where each side has four runs or more: a U test over the runs, and p adjusted for
// the whole table.
import { decideRatio, leastFactor, type Told, tooFew, verdictOf } from './decide.ts';
import { samplesMin } from './enough.ts';
import { holm } from './holm.ts';
import {
  alpha,
  type Decision,
  type Line,
  measuresAlpha,
  medianOf,
  type ShareLine,
  type TableOptions,
} from './line.ts';
import { sequenceP } from './sequence.ts';
import { shiftOf } from './shift.ts';
import { leastP, uTest } from './u-test.ts';

/** A line with enough runs a side. */
interface Tested {
  readonly isTested: true;
  readonly line: Line;
  /** Latencies and rates as logarithms, shares as they are. */
  readonly base: readonly number[];
  readonly with: readonly number[];
  readonly told: Told;
  readonly p: number;
}

/** With three runs on a side the least p is 0.1 (and 0.057 with four on the other). */
const runsMin = 4;

/** In the order of the lines; a share among them is one of which more is better. */
export function judgeByRuns(
  lines: readonly Line[],
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

function testOf(line: Line): Tested | Decision {
  const [base, with_] = [valuesOf(line, 'base'), valuesOf(line, 'with')];
  const told = { base: middleOf(base), with: middleOf(with_) };
  const few = Math.min(base.length, with_.length);
  if (few < runsMin) {
    const why = `it was measured in ${base.length} and ${with_.length} runs; ${runsMin} a side are needed`;
    return tooFew(line, told, why);
  }
  const why = samplesMin(line, 'runs');
  if (why !== undefined) return tooFew(line, told, why);
  const scale = line.kind === 'share' ? (value: number) => value / 100 : Math.log;
  const [a, b] = [base.map(scale), with_.map(scale)];
  return { isTested: true, line, base: a, with: b, told, p: uTest(a, b).p };
}

/** Of the runs that have one; what is 0 is no latency and no rate. Shares in percent. */
function valuesOf(line: Line, side: 'base' | 'with'): number[] {
  if (line.kind === 'share') {
    return line[side].flatMap(({ events, of }) => (of > 0 ? (100 * events) / of : []));
  }
  return line[side].flatMap(({ value }) => (value !== null && value > 0 ? value : []));
}

function middleOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : medianOf(values);
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
  if (line.kind !== 'share') return decideRatio(line, { ...told, p }, shift, isShown, options);
  return decideShare(line, { ...told, p }, shift, isShown, options.minEffect);
}

/** Of which more is better; the shift in parts of 1. */
function decideShare(
  line: ShareLine,
  told: Told,
  shift: { readonly value: number; readonly low: number; readonly high: number },
  isShown: boolean,
  minEffect: number,
): Decision {
  const base = (told.base ?? 0) / 100;
  const ratioAt = (by: number) => Math.max(0, (base + by) / base);
  const ratio =
    base === 0
      ? null
      : { value: ratioAt(shift.value), low: ratioAt(shift.low), high: ratioAt(shift.high) };
  const verdict = verdictOf(isShown, -shift.value);
  return {
    id: line.id,
    ...told,
    ratio,
    difference: { value: 100 * shift.value, low: 100 * shift.low, high: 100 * shift.high },
    verdict,
    regression:
      verdict === 'slower' && ratio !== null && ratio.high < 1 / leastFactor(line, minEffect),
  };
}

function sentencesOf(tests: number, isHolm: boolean): string[] {
  if (tests === 0) return [];
  const how = isHolm
    ? 'p is adjusted for all lines by the step-down of Holm.'
    : 'With so few runs Holm over so many lines could find nothing: the lines are tested one after the other, in an order that does not know the sides, until the first that shows nothing; for the lines after it nothing is shown either.';
  return [`The unit is the run: latencies, rates and hits by the U test over runs. ${how}`];
}
