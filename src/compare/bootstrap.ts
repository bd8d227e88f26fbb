// Few runs a side: how sure a ratio is by what varied within the runs. Blocks of their seconds are drawn anew
// (block bootstrap), the same ones for all lines, so that the bounds hold for the whole table at once.
import { medianOf } from '../lib/median.ts';
import { randomFrom } from '../lib/random.ts';
import { type Blocks, correlationLength, percentileBlocks, rateBlocks } from './blocks.ts';
import { normalBelow, normalQuantile, studentQuantile } from './distributions.ts';
import type { MeasuredLine } from './line.ts';

const resamples = 1000;
/** Blocks of a run, where it has as many cells. More than the most tell hardly more, and the longer are the surer. */
const blocksMin = 10;
const blocksMax = 30;
/** What no run tells apart, as a part of the value: the classes of a histogram are 1 % wide. */
const resolution = 0.004;

export interface RatioBounds {
  /** Logarithms of with / base. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

interface Drawn {
  readonly value: number;
  /** Standard error of the logarithm of the ratio, by what varied within runs, and between them. */
  readonly within: number;
  readonly between: number;
  /** How far each resample lay off. */
  readonly off: Float64Array;
  /** Correlation of neighbouring blocks. */
  readonly alike: number;
  /** Degrees of freedom that the blocks give. */
  readonly freedom: number;
}

/**
 * Bounds of with / base for each line, as logarithms: with a chance of `tail` any bound of the table is wrong.
 * Every run of the lines has seconds and a value above 0.
 */
export function ratioBounds(
  lines: readonly MeasuredLine[],
  tail: number,
  seed: number,
): RatioBounds[] {
  if (lines.length === 0) return [];
  const cells = blockCells(lines);
  const drawing = new Drawing(seed);
  const drawn = lines.map((line) => draw(line, cells, drawing));
  const factor = swellOf(drawn) * betweenRuns(drawn);
  const errors = drawn.map(({ within, between }) => Math.max(resolution, within * factor, between));
  const most = new Float64Array(resamples);
  for (const { off, within } of drawn) {
    for (let at = 0; at < resamples; at++) {
      const lies = within > 0 ? Math.abs(off[at] as number) / within : 0;
      if (lies > (most[at] as number)) most[at] = lies;
    }
  }
  const critical = Math.min(
    Math.max(1.96, most.sort()[Math.ceil((1 - tail) * resamples) - 1] ?? 0),
    // A line that leaps makes no bound of the others wider than Bonferroni would.
    normalQuantile(1 - tail / (2 * lines.length)),
  );
  const chance = normalBelow(critical);
  return drawn.map(({ value, freedom, off }, at) => {
    const leap = farthest(off) * factor;
    const reach = Math.max((errors[at] ?? 0) * studentQuantile(chance, freedom), leap);
    return { value, low: value - reach, high: value + reach };
  });
}

/** How far all but the rarest resamples lie off: of a percentile between two heaps that is no matter of its error. */
function farthest(off: Float64Array): number {
  return off.map(Math.abs).sort()[Math.floor(0.995 * off.length)] ?? 0;
}

function blocksOf(line: MeasuredLine, side: 'base' | 'with', cells: number): Blocks[] {
  if (line.kind === 'rate') {
    return line[side].flatMap(({ seconds }) => (seconds ? rateBlocks(seconds, cells) : []));
  }
  const { percentile } = line;
  return line[side].flatMap(({ seconds }) =>
    seconds ? percentileBlocks(seconds, cells, percentile) : [],
  );
}

/** Cells of a block: twice as long as seconds resemble each other, in the first lines; one length for all. */
function blockCells(lines: readonly MeasuredLine[]): number {
  const runs = lines
    .slice(0, leadingLines)
    .flatMap((line) => [...blocksOf(line, 'base', 1), ...blocksOf(line, 'with', 1)]);
  const cells = Math.min(...runs.map(({ count }) => count));
  const length = meanOf(runs.map((run) => correlationLength(run.pulls())));
  const most = Math.max(1, Math.floor(cells / blocksMin));
  const least = Math.max(1, Math.floor(cells / blocksMax));
  const wanted = length < alikeMin ? 1 : Math.ceil(2 * length);
  return Math.min(most, Math.max(least, wanted));
}
const leadingLines = 4;
/** Seconds that come out as long as this are taken to be independent. */
const alikeMin = 1.5;

/** What is drawn of each run: the same blocks for every line. */
class Drawing {
  readonly #seed: number;
  readonly #known = new Map<string, Float64Array[]>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** How often each block comes, by resample. */
  weights(side: 'base' | 'with', run: number, blocks: number): Float64Array[] {
    const key = `${side} ${run} ${blocks}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const salt = (side === 'base' ? 0 : 1) + 2 * run;
    const random = randomFrom(this.#seed * 7919 + salt * 104_729 + blocks);
    const made = Array.from({ length: resamples }, () => {
      const weights = new Float64Array(blocks);
      for (let at = 0; at < blocks; at++) {
        const block = Math.floor(random() * blocks);
        weights[block] = (weights[block] as number) + 1;
      }
      return weights;
    });
    this.#known.set(key, made);
    return made;
  }
}

function draw(line: MeasuredLine, cells: number, drawing: Drawing): Drawn {
  const off = new Float64Array(resamples);
  const alike: number[] = [];
  let freedom = 0;
  for (const [side, sign] of [
    ['with', 1],
    ['base', -1],
  ] as const) {
    const runs = blocksOf(line, side, cells);
    runs.forEach((blocks, run) => {
      const moved = offsetsOf(blocks, drawing.weights(side, run, blocks.count));
      // Drawing varies by one block less than there is.
      const factor = sign * Math.sqrt(blocks.count / Math.max(1, blocks.count - 1));
      for (let at = 0; at < resamples; at++) {
        off[at] = (off[at] as number) + (factor * (moved[at] as number)) / runs.length;
      }
      alike.push(neighboursAlike(blocks.pulls()));
      freedom += blocks.count - 1;
    });
  }
  const values = valuesOf(line);
  return {
    value: Math.log(medianOf(values.with) / medianOf(values.base)),
    within: Math.sqrt(varianceOf(off)),
    between: errorBetween(values.base.map(Math.log), values.with.map(Math.log)),
    off,
    alike: meanOf(alike),
    freedom: Math.max(1, freedom),
  };
}

function valuesOf(line: MeasuredLine): { base: number[]; with: number[] } {
  const of = (runs: readonly { readonly value: number | null }[]) =>
    runs.flatMap(({ value }) => value ?? []);
  return { base: of(line.base), with: of(line.with) };
}

function offsetsOf(blocks: Blocks, weights: readonly Float64Array[]): Float64Array {
  const as = blocks.logOf();
  return Float64Array.from(weights, (one) => {
    const off = blocks.logOf(one) - as;
    return Number.isFinite(off) ? off : 0;
  });
}

/** Correlation of a block with the next one; of few blocks it comes out too low by about one part in so many. */
function neighboursAlike(pulls: readonly number[]): number {
  let same = 0;
  let next = 0;
  for (let at = 0; at < pulls.length; at++) {
    const pull = pulls[at] as number;
    same += pull * pull;
    if (at > 0) next += pull * (pulls[at - 1] as number);
  }
  return same === 0 ? 0 : next / same + 1 / pulls.length;
}

/** How much wider bounds are for blocks that still resemble their neighbours, over all lines. */
function swellOf(drawn: readonly Drawn[]): number {
  const alike = Math.min(alikeMax, meanOf(drawn.map((one) => one.alike)));
  return alike > 0 ? Math.sqrt((1 + alike) / (1 - alike)) : 1;
}
const alikeMax = 0.6;

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/** Standard error of the ratio by how far runs of one side differ; 0 where each side has one. */
function errorBetween(base: readonly number[], with_: readonly number[]): number {
  const freedom = base.length + with_.length - 2;
  if (freedom < 1) return 0;
  const squares = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  const variance = (squares(base) + squares(with_)) / freedom;
  return Math.sqrt(variance * (1 / base.length + 1 / with_.length));
}

/** By how much runs of one side differ beyond what varies within them, at least 1: the middle of all lines. */
function betweenRuns(drawn: readonly Drawn[]): number {
  const factors = drawn.flatMap(({ within, between }) =>
    between > 0 && within > 0 ? between / within : [],
  );
  return factors.length === 0 ? 1 : Math.max(1, medianOf(factors));
}
