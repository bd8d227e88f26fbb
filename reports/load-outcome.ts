// What a breakpoint run or a replay came to, in sentences that every view of a load test shares.
import { count, plural, rate } from './figures.ts';
import { togetherSentence } from './load-together.ts';
import type { Knee, LoadResult, Merged, Pushes, Replay } from './results.ts';

const reasonsMax = 10;

/** None for shapes whose figures speak for themselves. */
export function loadOutcome(load: LoadResult): string[] {
  const { knee, replay, segment, merged, pushes, pulls } = load;
  return [
    // The steps of a breakpoint run tell it each for itself.
    ...(pulls.dropped > 0 && knee === undefined ? [droppedSentence(pulls)] : []),
    ...(knee === undefined ? [] : [kneeSentence(knee)]),
    ...(replay === undefined ? [] : replaySentences(replay)),
    ...(segment === undefined ? [] : [segmentSentence(segment)]),
    ...(merged === undefined ? [] : mergedSentences(load, merged)),
    ...(pushes === undefined ? [] : pushSentences(pushes)),
  ];
}

/** What never began is in no figure of latency, and must not look as if it had been asked for. */
function droppedSentence({ ok, failed, dropped }: LoadResult['pulls']): string {
  const part = `${rate((dropped / (ok + failed + dropped)) * 100)} %`;
  const due = `${plural(dropped, 'pull')} due by the rate (${part}) found no user free`;
  return `${due}: the rate was not kept. Raise --vus if the registry is not what is slow.`;
}

function kneeSentence({ perSecond, brokeAt, broke, confidence, steps }: Knee): string {
  const tried = plural(steps.length, 'step');
  if (brokeAt === null) {
    const once = steps.filter(({ held }) => !held).length;
    const but = once === 0 ? '' : `; ${count(once)} broke, and held when repeated`;
    return `Every rate up to ${rate(perSecond)} pulls/s held (${tried}${but}).`;
  }
  const why = broke.join(', ');
  const sure = `${rate(confidence * 100)} % of the steps at these rates agree, ${tried} in all`;
  if (perSecond === 0) return `Even ${rate(brokeAt)} pulls/s broke ${why} (${sure}).`;
  return `${rate(perSecond)} pulls/s held, ${rate(brokeAt)} pulls/s broke ${why} (${sure}).`;
}

function replaySentences(replay: Replay): string[] {
  const { format, requests, speed, skipped, late, asRecorded = 0 } = replay;
  const fast = speed === 1 ? 'as recorded' : `${rate(speed)} times as fast`;
  const lines = [`Pulls stand for the ${count(requests)} requests of the ${format}, ${fast}.`];
  if (asRecorded > 0) {
    const again = `${plural(asRecorded, 'request')} failed with the status of the recording`;
    lines.push(`${again}: as recorded, and no failures of this run.`);
  }
  const reasons = skipped.slice(0, reasonsMax).map((one) => `${count(one.count)} ${one.reason}`);
  if (reasons.length > 0) lines.push(`Not replayed: ${reasons.join('; ')}.`);
  if (late > 0) {
    lines.push(`${plural(late, 'request')} began over a second late: give more --vus.`);
  }
  return lines;
}

/** What a person has to know of pushes besides their figures: what stays, above all. */
export function pushSentences({ repository, left, known, dropped }: Pushes): string[] {
  const shown = left.slice(0, reasonsMax);
  const tags = shown.map((one) => `${plural(one.tags, 'tag')} ${one.prefix}…`).join(', ');
  const lines =
    left.length === 0
      ? [`Of the pushes no tag is left in ${repository}.`]
      : [`The pushes leave ${tags} in ${repository}.`];
  if (known > 0) lines.push(`${plural(known, 'blob')} of the pushes were there already.`);
  if (dropped > 0)
    lines.push(`${plural(dropped, 'push', 'pushes')} due by the rate found no user.`);
  return lines;
}

function segmentSentence({ part, of }: NonNullable<LoadResult['segment']>): string {
  const segments = plural(of.split(',').length - 1, 'segment');
  return `This is the share ${shareName(part, of)} of a load of ${segments}; report merge joins them.`;
}

/** `3/4` for the third of four equal shares; else from and to, as they were given. */
function shareName(part: string, of: string): string {
  const points = of.split(',').map(fractionOf);
  const parts = points.length - 1;
  const isEqual = points.every((point, at) => Math.abs(point - at / parts) < 1e-9);
  const from = points.indexOf(fractionOf(part.split(':')[0] ?? ''));
  return isEqual && from >= 0 ? `${from + 1}/${parts}` : part;
}

function fractionOf(point: string): number {
  const [above = '', below = '1'] = point.split('/');
  return Number(above) / Number(below);
}

function mergedSentences(load: LoadResult, merged: Merged): string[] {
  const { runs, missing } = merged;
  const lines = [`Joined from ${plural(runs, 'run')}, ${togetherSentence(load, merged)}.`];
  const shown = missing.slice(0, reasonsMax).join(', ');
  if (missing.length > 0) lines.push(`${plural(missing.length, 'segment')} missing: ${shown}.`);
  return lines;
}
