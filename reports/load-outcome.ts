// What a breakpoint run or a replay came to, in sentences that every view of a load test shares.
import { count, plural, rate } from './figures.ts';
import type { Knee, LoadResult, Replay } from './results.ts';

const reasonsMax = 10;

/** None for shapes whose figures speak for themselves. */
export function loadOutcome({ knee, replay }: LoadResult): string[] {
  return [
    ...(knee === undefined ? [] : [kneeSentence(knee)]),
    ...(replay === undefined ? [] : replaySentences(replay)),
  ];
}

function kneeSentence({ perSecond, brokeAt, broke, confidence, steps }: Knee): string {
  const tried = plural(steps.length, 'step');
  if (brokeAt === null) return `No rate up to ${rate(perSecond)} pulls/s broke (${tried}).`;
  const why = broke.join(', ');
  const sure = `${rate(confidence * 100)} % of the steps at these rates agree, ${tried} in all`;
  if (perSecond === 0) return `Even ${rate(brokeAt)} pulls/s broke ${why} (${sure}).`;
  return `${rate(perSecond)} pulls/s held, ${rate(brokeAt)} pulls/s broke ${why} (${sure}).`;
}

function replaySentences({ format, requests, speed, skipped, late }: Replay): string[] {
  const fast = speed === 1 ? 'as recorded' : `${rate(speed)} times as fast`;
  const lines = [`Pulls stand for the ${count(requests)} requests of the ${format}, ${fast}.`];
  const reasons = skipped.slice(0, reasonsMax).map((one) => `${count(one.count)} ${one.reason}`);
  if (reasons.length > 0) lines.push(`Not replayed: ${reasons.join('; ')}.`);
  if (late > 0) {
    lines.push(`${plural(late, 'request')} began over a second late: give more --vus.`);
  }
  return lines;
}
