// What is counted of a run, and rare: failures, drops, retries, each as a share of all. Tests of two shares,
// adjusted by Holm for all of them that could show anything.
import { gather } from './blocks.ts';
import { leastFactor, tooFew, verdictOf } from './decide.ts';
import { holm } from './holm.ts';
import { alpha, countsAlpha, type Decision, type ShareLine, type TableOptions } from './line.ts';
import { compareShares, type Part, type SharesCompared } from './proportions.ts';
import { leastP, uTest } from './u-test.ts';

/** Least change of a share that counts, in parts of 1: a tenth of a percent. */
const shareFloor = 0.001;
/** Parts of one run, of equal length: long enough to hold a burst. */
const partsOfRun = 20;
/** Chance that a bound of a share lies on the wrong side. */
const tail = 0.025;

interface Counted {
  readonly line: ShareLine;
  readonly shares: SharesCompared;
  /** Greatest p at which the runs themselves speak for a difference; 0 where there are too few to ask. */
  readonly byRuns: number;
}

/** In the order of the lines. */
export function judgeCounts(
  lines: readonly ShareLine[],
  unit: 'runs' | 'seconds',
  options: TableOptions,
): { decisions: Decision[]; sentences: string[] } {
  const counted = lines.map((line) => countedOf(line, unit));
  const adjusted = adjustedOf(counted);
  const decisions = counted.map((one, at) => {
    const ofTable = Math.min(1, ((adjusted[at] ?? 1) * alpha) / countsAlpha);
    return decide(one, Math.max(one.shares.p, one.byRuns, ofTable), lines.length, options);
  });
  return { decisions, sentences: lines.length === 0 ? [] : [sentences[unit]] };
}

/**
 * Holm over the tests: lines of the same counts, as the failures and their only class, are one test, and what
 * never happened, or always, is none (Tarone 1990).
 */
function adjustedOf(counted: readonly Counted[]): number[] {
  const tests = new Map<string, number>();
  const keys = counted.map(({ line, shares }) => {
    const runs = [...line.base, ...line.with];
    const events = runs.reduce((sum, run) => sum + run.events, 0);
    if (events === 0 || events === runs.reduce((sum, run) => sum + run.of, 0)) return undefined;
    const key = JSON.stringify(runs.map((run) => [run.events, run.of]));
    tests.set(key, Math.max(shares.p, tests.get(key) ?? 0));
    return key;
  });
  const adjusted = holm([...tests.values()]);
  const byKey = new Map([...tests.keys()].map((key, at) => [key, adjusted[at] ?? 1]));
  return keys.map((key) => (key === undefined ? 1 : (byKey.get(key) ?? 1)));
}

const sentences = {
  runs: 'Shares of failures, drops, retries and hits by a test of two shares, with how much they vary between the runs, and only where the U test over the runs agrees; adjusted by Holm.',
  seconds:
    'Shares of failures, drops, retries and hits by a test of two shares, with how much they vary between stretches of the runs; adjusted by Holm.',
} as const;

function countedOf(line: ShareLine, unit: 'runs' | 'seconds'): Counted {
  const partsOf = (side: 'base' | 'with') =>
    unit === 'runs' ? line[side] : line[side].flatMap(partsOfSeconds);
  const shares = compareShares(partsOf('base'), partsOf('with'), tail);
  return { line, shares, byRuns: unit === 'runs' ? runsP(line) : 0 };
}

function partsOfSeconds({ events, of, seconds }: ShareLine['base'][number]): Part[] {
  if (seconds === undefined) return [{ events, of }];
  const cells = Math.ceil(seconds.of.counts.length / partsOfRun);
  const [happened, all] = [gather(seconds.events.counts, cells), gather(seconds.of.counts, cells)];
  return Array.from(happened, (count, at) => ({ events: count, of: all[at] ?? 0 }));
}

function runsP(line: ShareLine): number {
  const shares = (side: 'base' | 'with') =>
    line[side].flatMap(({ events, of }) => (of > 0 ? events / of : []));
  return uTest(shares('base'), shares('with')).p;
}

function decide(
  { line, shares }: Counted,
  adjusted: number,
  lines: number,
  { minEffect }: TableOptions,
): Decision {
  const percent = (share: number | null) => (share === null ? null : 100 * share);
  const told = { base: percent(shares.base), with: percent(shares.with) };
  const of = (side: 'base' | 'with') => line[side].reduce((sum, run) => sum + run.of, 0);
  const [ofBase, ofWith] = [of('base'), of('with')];
  const { difference, ratio } = shares;
  if (difference === null) return tooFew(line, told, 'a side has none of which it could be a part');
  if (Math.min(ofBase, ofWith) < countsMin && leastP(ofBase, ofWith) * lines > countsAlpha) {
    return tooFew(line, told, `it is a part of ${ofBase} and ${ofWith}; ${countsMin} would do`);
  }
  const sign = line.more === 'worse' ? 1 : -1;
  const verdict = verdictOf(adjusted <= alpha, sign * difference.value);
  const least = leastFactor(line, minEffect);
  const isBeyond =
    sign === 1 ? (ratio?.low ?? Number.POSITIVE_INFINITY) > least : (ratio?.high ?? 0) < 1 / least;
  const isFar = sign === 1 ? difference.low > shareFloor : difference.high < -shareFloor;
  return {
    id: line.id,
    ...told,
    ratio,
    difference: {
      value: 100 * difference.value,
      low: 100 * difference.low,
      high: 100 * difference.high,
    },
    p: { raw: shares.p, adjusted },
    verdict,
    regression: verdict === 'slower' && isBeyond && isFar,
  };
}
/** So many of each side tell all from none, however many lines there are. */
const countsMin = 12;
