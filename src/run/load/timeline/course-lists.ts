// Failures by class and latencies by band, step by step, as few as can be drawn.
import type { Course } from '../../../../reports/results.ts';
import { type Bins, leastOf } from './bins.ts';

const classesToldMax = 11;
/** What failures count as beyond those that are told apart. */
export const otherClasses = 'other';
const bandsMax = 60;
/** Each spans at least so many bins. */
const bandBinsMin = 4;

/** The most frequent first, the rest as one. */
export function classesOf(steps: readonly ReadonlyMap<string, number>[]): Course['failedBy'] {
  const totals = new Map<string, number>();
  for (const step of steps) {
    for (const [name, count] of step) totals.set(name, (totals.get(name) ?? 0) + count);
  }
  const names = [...totals.keys()]
    .filter((name) => name !== otherClasses)
    .sort((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0));
  const apart = names.slice(0, classesToldMax);
  const countsOf = (name: string) => steps.map((step) => step.get(name) ?? 0);
  const told = apart.map((name) => ({ class: name, counts: countsOf(name) }));
  if (totals.size === apart.length) return told;
  const rest = steps.map((step) => {
    let sum = 0;
    for (const [name, count] of step) if (!apart.includes(name)) sum += count;
    return sum;
  });
  return [...told, { class: otherClasses, counts: rest }];
}

/** Bins of all steps in few bands: as wide as they must be to be no more than can be drawn. */
export function bandsOf(steps: readonly (Bins | undefined)[]): Course['latency'] {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const step of steps) {
    if (step === undefined) continue;
    least = Math.min(least, step.bins[0] as number);
    most = Math.max(most, step.bins.at(-1) as number);
  }
  if (most < least) return { boundsMs: [], counts: steps.map(() => []) };
  let width = bandBinsMin;
  const bandOf = (bin: number) => Math.floor(bin / width) - Math.floor(least / width);
  while (bandOf(most) >= bandsMax) width *= 2;
  const start = Math.floor(least / width);
  const boundsMs = Array.from(
    { length: bandOf(most) + 1 },
    (_, band) => leastOf((start + band + 1) * width) / 1000,
  );
  return { boundsMs, counts: steps.map((step) => bandCountsOf(step, bandOf)) };
}

function bandCountsOf(step: Bins | undefined, bandOf: (bin: number) => number): number[] {
  const flat: number[] = [];
  for (const [at, bin] of (step?.bins ?? []).entries()) {
    const band = bandOf(bin);
    if (flat.at(-2) !== band) flat.push(band, 0);
    flat[flat.length - 1] = (flat.at(-1) ?? 0) + ((step?.counts[at] as number) ?? 0);
  }
  return flat;
}
