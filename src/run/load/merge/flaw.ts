// What is wrong with the timeline of a run that is not all of it.
import type { Tallied } from './limit.ts';

/** In sentences, what to do about it once at the end. */
export function flawsOf(tallied: readonly Tallied[]): string[] {
  const flawed = tallied.filter(({ tally, part }) => !tally.whole || isSeveral({ tally, part }));
  const told = flawed.map((one) => `${one.part.name} ${wordsOf(one)}.`);
  if (flawed.some(({ part }) => part.isBare)) told.push(advice);
  return told;
}

/** A runner makes one run. */
function isSeveral({ part, tally }: Tallied): boolean {
  return part.isBare && tally.runs > 1;
}

function wordsOf(one: Tallied): string {
  const { runs, ends, damaged, lastMs } = one.tally;
  if (isSeveral(one)) return `holds ${runs} runs, of which only one is this one`;
  if (runs === 0 && ends === 0 && lastMs === 0) return 'holds nothing of a load';
  if (damaged) return 'is damaged';
  return runs === 0 ? 'lacks its beginning' : 'breaks off before its end';
}

const advice =
  'Copy what is not whole again; if it stays so, its runner was ended early, and the log of that says why.';
