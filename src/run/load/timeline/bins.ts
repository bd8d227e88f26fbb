// Counts of microseconds by class, of which thousands are held at a time: a sixty-fourth of an octave each, so that
// what is told of one lies within 1 % of what was measured. The histograms of a whole run are histogram.ts.
import type { Counts } from './histogram-counts.ts';

/** Classes of an octave, as a power of two. */
const bits = 6;
const perOctave = 1 << bits;
/** The last one holds an hour. */
export const binsMax = (32 - bits + 1) * perOctave;

/** Counts of one step, those that are not 0: classes rising. */
export interface Bins {
  readonly bins: Uint16Array;
  readonly counts: Float64Array;
}

export function binOf(us: number): number {
  if (us < perOctave) return Math.max(0, us);
  const shift = 31 - bits - Math.clz32(us);
  return ((shift + 1) << bits) + ((us >>> shift) & (perOctave - 1));
}

/** The least value of a class. */
export function leastOf(bin: number): number {
  const octave = bin >> bits;
  return octave === 0 ? bin : (perOctave + (bin & (perOctave - 1))) * 2 ** (octave - 1);
}

/** Where a class is added to, one after the other. */
export class OpenBins {
  readonly #counts = new Float64Array(binsMax);
  #least = binsMax;
  #most = -1;

  add({ values, counts }: Counts): void {
    for (let at = 0; at < values.length; at++) {
      const bin = binOf(values[at] as number);
      this.#counts[bin] = (this.#counts[bin] as number) + (counts[at] as number);
      if (bin < this.#least) this.#least = bin;
      if (bin > this.#most) this.#most = bin;
    }
  }

  /** What was counted, which then begins again. */
  take(): Bins | undefined {
    if (this.#most < 0) return undefined;
    const taken = sparse(this.#counts, this.#least, this.#most);
    this.#counts.fill(0, this.#least, this.#most + 1);
    this.#least = binsMax;
    this.#most = -1;
    return taken;
  }
}

function sparse(all: Float64Array, least: number, most: number): Bins {
  let size = 0;
  for (let bin = least; bin <= most; bin++) if (all[bin] !== 0) size++;
  const bins = new Uint16Array(size);
  const counts = new Float64Array(size);
  for (let bin = least, at = 0; bin <= most; bin++) {
    const count = all[bin] as number;
    if (count === 0) continue;
    bins[at] = bin;
    counts[at++] = count;
  }
  return { bins, counts };
}

const scratch = new Float64Array(binsMax);

/** Both together. */
export function addBins(a: Bins | undefined, b: Bins | undefined): Bins | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  for (const { bins, counts } of [a, b]) {
    for (let at = 0; at < bins.length; at++) {
      const bin = bins[at] as number;
      scratch[bin] = (scratch[bin] as number) + (counts[at] as number);
    }
  }
  const least = Math.min(a.bins[0] as number, b.bins[0] as number);
  const most = Math.max(a.bins.at(-1) as number, b.bins.at(-1) as number);
  const sum = sparse(scratch, least, most);
  scratch.fill(0, least, most + 1);
  return sum;
}

/** Milliseconds in the middle of the class that holds it; null of nothing. */
export function percentileOf(all: Bins | undefined, percentile: number): number | null {
  if (all === undefined) return null;
  const { bins, counts } = all;
  let total = 0;
  for (const count of counts) total += count;
  const wanted = Math.max(1, Math.floor((percentile / 100) * total + 0.5));
  let seen = 0;
  for (let at = 0; at < bins.length; at++) {
    seen += counts[at] as number;
    if (seen >= wanted) return middleMsOf(bins[at] as number);
  }
  return null;
}

function middleMsOf(bin: number): number {
  return Math.round((leastOf(bin) + leastOf(bin + 1) - 1) / 2) / 1000;
}
