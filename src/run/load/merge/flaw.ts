// What is wrong with the timeline of a run that is not all of it.
import type { LoadResult } from '../../../../reports/results.ts';
import type { Tallied } from './limit.ts';

/** In sentences, what to do about it once at the end. */
export function flawsOf(tallied: readonly Tallied[]): string[] {
  const flawed = tallied.filter((one) => !one.tally.whole || isSeveral(one) || isIdle(one));
  const told = flawed.map((one) => `${one.part.name} ${wordsOf(one)}.`);
  if (flawed.some(({ part }) => part.isBare)) told.push(advice);
  return told;
}

/** A runner makes one run. */
function isSeveral({ part, tally }: Tallied): boolean {
  return part.isBare && tally.runs > 1;
}

/** A runner has users, who begin by themselves; of a rate, a trace or a number of pulls its share may be none. */
function isIdle({ part, tally }: Tallied): boolean {
  const { asked, shape } = part.results.load;
  const mayBeNone = asked?.perSecond !== undefined || sharedOut.includes(shape);
  return part.isBare && tally.firstMs === 0 && !mayBeNone;
}

const sharedOut: readonly LoadResult['shape'][] = ['smoke', 'iterations', 'rate', 'replay'];

function wordsOf(one: Tallied): string {
  const { runs, ends, damaged, lastMs } = one.tally;
  if (isSeveral(one)) return `holds ${runs} runs, of which only one is this one`;
  if (runs === 0 && ends === 0 && lastMs === 0) return 'holds nothing of a load';
  if (damaged) return 'is damaged';
  if (isIdle(one) && one.tally.whole) return 'holds no request';
  return runs === 0 ? 'lacks its beginning' : 'breaks off before its end';
}

const advice =
  'Copy what is not whole again; if it stays so, its runner was ended early, and the log of that says why.';
