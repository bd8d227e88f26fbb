// Whether runs that were joined were there at once, where the load depends on that.
import { duration, rate } from './figures.ts';
import { clocksToldMsMin } from './load-runners.ts';
import type { LoadResult, Merged } from './results.ts';

/** Less of the load in which all of them were under way is said at the top. */
const togetherMin = 0.9;
/** A common clock brings the starts of a herd as close as this; closer is not asked for. */
const herdStartSeconds = 0.2;

/** How they missed each other, without a full stop, and what to do; undefined where all is well, or it does not matter. */
export interface Apart {
  readonly words: string;
  readonly advice: string;
}

export function apartOf(load: LoadResult): Apart | undefined {
  const { merged, seconds } = load;
  if (merged === undefined || merged.runs < 2 || seconds <= 0) return undefined;
  if (load.shape === 'herd') return herdApart(merged, seconds);
  const share = togetherShare(load, merged);
  if (share === undefined || share >= togetherMin) return undefined;
  const percent = Math.floor(100 * share);
  return {
    words: `all ${merged.runs} at once for ${percent} % of the time only`,
    advice: `The runs overlap for ${percent} % only, and for the rest the load was less than asked for: ${commonStart}, and make it longer.`,
  };
}

const commonStart = 'let all begin at one time (--start-at)';

/** Seconds that runs may seem apart by their clocks alone; those are told of by themselves. */
function clocksApart({ clocks }: Merged): number {
  return clocks === undefined || clocks.differMs < clocksToldMsMin ? 0 : clocks.differMs / 1000;
}

/** Of a herd the starts count, not the ends. */
function herdApart(merged: Merged, seconds: number) {
  const within = (merged.startsWithinSeconds ?? 0) - clocksApart(merged);
  if (within <= Math.max(herdStartSeconds, (1 - togetherMin) * seconds)) return undefined;
  const apart = duration(1000 * within);
  return {
    words: `begun over ${apart}, which is no herd`,
    advice: `The first requests of the runs are ${apart} apart, and a herd is one moment: ${commonStart}.`,
  };
}

/** Of what lasts for a time, or is a trace; undefined for a number of pulls, which anyone may make at any time. */
function togetherShare(load: LoadResult, merged: Merged): number | undefined {
  const { asked, seconds, shape } = load;
  if (shape === 'smoke' || shape === 'iterations' || shape === 'breakpoint') return undefined;
  // What was begun in time, and ends later, is at the end of all of them.
  const whole = Math.min(seconds, asked?.durationSeconds ?? seconds);
  if (whole <= 0) return undefined;
  const apart = apartByDesign(load, merged.runs, whole) + clocksApart(merged);
  return (merged.togetherSeconds + apart) / whole;
}

/** Seconds at start and end in which runs are not all there although they keep to the plan: each makes every so many-th. */
function apartByDesign(load: LoadResult, runs: number, seconds: number): number {
  const { asked, replay, shape, vus } = load;
  const perSecond = replay === undefined ? asked?.perSecond : replay.requests / seconds;
  const ofRate = perSecond ? runs / perSecond : 0;
  switch (shape) {
    case 'ramp':
      // From nothing: of a rate that grows evenly, so many are due by then.
      return perSecond ? Math.sqrt(2 * seconds * ofRate) + ofRate : (seconds * runs) / vus;
    case 'spike':
      return spikeApart(perSecond ?? vus, runs, seconds);
    default:
      return 2 * ofRate;
  }
}

/** At its base a spike has a tenth of its users, fewer than runs perhaps, for seven tenths of the time. */
function spikeApart(peak: number, runs: number, seconds: number): number {
  return peak / 10 < runs ? 0.7 * seconds : 0;
}

/** How much at once they were, for those who look closer. */
export function togetherSentence(load: LoadResult, merged: Merged): string {
  const { togetherSeconds, startsWithinSeconds: within } = merged;
  const begun = within === undefined ? '' : `, begun within ${duration(1000 * within)}`;
  return `all at once for ${rate(togetherSeconds)} of ${rate(load.seconds)} s${begun}`;
}
