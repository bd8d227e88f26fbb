// Worlds of known truth for the statistics of differences (src/compare): tables of lines whose runs differ
// by noise alone, or by what was put in.
import type { LatencyLine, Line, RateLine, ShareLine } from '../../src/compare/line.ts';
import { SecondCounts, SecondHistogram } from '../../src/compare/seconds.ts';

export type Random = () => number;

export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Noise of mean 0 and deviation 1: as everybody's, with runaways (Student's t with 3 degrees), in two heaps. */
export const noises = {
  normal,
  heavy(random: Random): number {
    const chi = normal(random) ** 2 + normal(random) ** 2 + normal(random) ** 2;
    return normal(random) / Math.sqrt(chi);
  },
  humps(random: Random): number {
    return (random() < 0.5 ? -0.95 : 0.95) + 0.31 * normal(random);
  },
} as const;

export type NoiseShape = keyof typeof noises;

export interface RunsWorld {
  readonly shape: NoiseShape;
  /** Runs of each side. */
  readonly base: number;
  readonly with: number;
  /** Deviation of the noise between runs, by line: 0.03 is 3 %. The whole pull comes first. */
  noiseOf(line: number): number;
  /** How much of it all lines of a run share. */
  readonly shared: number;
  /** with / base, by line. */
  ratioOf(line: number): number;
  readonly lines: number;
}

/** Latencies and a rate: the first is the p95 of the whole pull, the second its p50, the third the rate. */
export function runsTable(world: RunsWorld, random: Random): Line[] {
  const noise = noises[world.shape];
  const runs = world.base + world.with;
  const common = Array.from({ length: runs }, () => noise(random));
  return Array.from({ length: world.lines }, (_, line) => {
    const level = 20 + 400 * ((line * 7919) % 97) * 0.01;
    const values = common.map((shared, run) => {
      const own = noise(random);
      const off = Math.sqrt(world.shared) * shared + Math.sqrt(1 - world.shared) * own;
      const factor = run < world.base ? 1 : world.ratioOf(line);
      return level * factor * Math.exp(world.noiseOf(line) * off);
    });
    return lineOf(line, values, world.base);
  });
}

const leads = ['pull.p95', 'pull.p50', 'pull.rate'];

function lineOf(line: number, values: readonly number[], base: number): LatencyLine | RateLine {
  const id = leads[line] ?? `hop:${line}.p95`;
  const isRate = id === 'pull.rate';
  const all = values.map((value) => ({ value: isRate ? 1000 / value : value, count: 2000 }));
  const sides = { id, base: all.slice(0, base), with: all.slice(base) };
  if (isRate) return { kind: 'rate', ...sides };
  return { kind: 'latency', percentile: id.endsWith('50') ? 50 : 95, ...sides };
}

export interface SharesWorld {
  readonly base: number;
  readonly with: number;
  /** Pulls of a run. */
  readonly pulls: number;
  /** Shares by line: of the base, and of the other side. */
  readonly shares: readonly (readonly [base: number, with_: number])[];
  /** Deviation of the share from run to run, as a factor's logarithm. */
  readonly noise: number;
}

export function sharesTable(world: SharesWorld, random: Random): ShareLine[] {
  return world.shares.map(([base, with_], line) => {
    const run = (share: number) => {
      const own = Math.min(1, share * Math.exp(world.noise * normal(random)));
      return { events: binomial(world.pulls, own, random), of: world.pulls };
    };
    return {
      kind: 'share',
      id: `pull.failed:${line}`,
      more: 'worse',
      base: Array.from({ length: world.base }, () => run(base)),
      with: Array.from({ length: world.with }, () => run(with_)),
    };
  });
}

/** Counted one by one where that is few; else as a normal number. */
export function binomial(of: number, share: number, random: Random): number {
  const mean = of * share;
  if (mean > 200 && of - mean > 200) {
    return Math.round(mean + Math.sqrt(mean * (1 - share)) * normal(random));
  }
  // Gaps between events are geometric.
  let count = 0;
  if (share <= 0) return 0;
  if (share >= 1) return of;
  for (let at = gap(share, random); at < of; at += 1 + gap(share, random)) count++;
  return count;
}

function gap(share: number, random: Random): number {
  return Math.floor(Math.log(1 - random()) / Math.log1p(-share));
}

export interface SecondsWorld {
  readonly seconds: number;
  /** Pulls in a second. */
  readonly pulls: number;
  /** How much a second is like the one before it, 0 to below 1. */
  readonly alike: number;
  /** Deviation of the level of a second, as a logarithm, and of single pulls around it. */
  readonly drift: number;
  readonly spread: number;
  /** Places besides the whole pull; of each a p50 and a p95. */
  readonly places: number;
  /** Noise between runs, as RunsWorld; 0 where runs are of one regime. */
  readonly between: number;
  readonly runs: number;
  /** with / base of all latencies. */
  readonly ratio: number;
  /** Shares of failures, of both sides. */
  readonly failed: readonly [base: number, with_: number];
}

interface SecondsRun {
  readonly places: readonly { readonly histogram: SecondHistogram; readonly values: number[] }[];
  readonly pulls: SecondCounts;
  readonly failed: SecondCounts;
  readonly all: SecondCounts;
  count: number;
  failures: number;
}

/** Lines by seconds: whole pull and places, p50 and p95 of each, the rate, and the share of failures. */
export function secondsTable(world: SecondsWorld, random: Random): Line[] {
  const side = (ratio: number, failed: number) =>
    Array.from({ length: world.runs }, () => secondsRun(world, ratio, failed, random));
  const [base, with_] = [side(1, world.failed[0]), side(world.ratio, world.failed[1])];
  const latencies = Array.from({ length: world.places + 1 }, (_, place) =>
    ([95, 50] as const).map((percentile): LatencyLine => {
      const of = (run: SecondsRun) => {
        const { histogram, values } = run.places[place] as SecondsRun['places'][number];
        return { value: at(values, percentile), count: values.length, seconds: histogram };
      };
      const name = place === 0 ? 'pull' : `hop:${place}`;
      return {
        ...{ kind: 'latency', id: `${name}.p${percentile}`, percentile },
        ...{ base: base.map(of), with: with_.map(of) },
      };
    }),
  ).flat();
  const rateOf = (run: SecondsRun) => ({
    ...{ value: run.count / world.seconds, count: run.count, seconds: run.pulls },
  });
  const shareOf = (run: SecondsRun) => ({
    ...{ events: run.failures, of: run.count + run.failures },
    seconds: { events: run.failed, of: run.all },
  });
  return [
    ...latencies,
    { kind: 'rate', id: 'pull.rate', base: base.map(rateOf), with: with_.map(rateOf) },
    {
      ...{ kind: 'share', id: 'pull.failed:status', more: 'worse' },
      ...{ base: base.map(shareOf), with: with_.map(shareOf) },
    },
  ];
}

function secondsRun(
  world: SecondsWorld,
  ratio: number,
  failedShare: number,
  random: Random,
): SecondsRun {
  const run: SecondsRun = {
    places: Array.from({ length: world.places + 1 }, () => ({
      histogram: new SecondHistogram(world.seconds),
      values: [],
    })),
    pulls: new SecondCounts(world.seconds),
    failed: new SecondCounts(world.seconds),
    all: new SecondCounts(world.seconds),
    count: 0,
    failures: 0,
  };
  const runs = world.between * normal(random);
  let level = normal(random);
  const fresh = Math.sqrt(1 - world.alike ** 2);
  for (let second = 0; second < world.seconds; second++) {
    level = world.alike * level + fresh * normal(random);
    const off = runs + world.drift * level;
    // A closed model: where pulls take longer, there are fewer.
    const pulls = Math.max(0, Math.round((world.pulls / ratio) * Math.exp(-off) + random() - 0.5));
    for (const [place, { histogram, values }] of run.places.entries()) {
      const own = Array.from({ length: pulls }, () => {
        const us = 50_000 * (1 + place) * ratio;
        return Math.max(1, Math.round(us * Math.exp(off + world.spread * normal(random))));
      });
      histogram.add(second, own, new Array<number>(pulls).fill(1));
      values.push(...own.map((us) => us / 1000));
    }
    const failures = binomial(pulls, failedShare, random);
    run.pulls.add(second, pulls);
    run.failed.add(second, failures);
    run.all.add(second, pulls + failures);
    run.count += pulls;
    run.failures += failures;
  }
  return run;
}

function at(values: readonly number[], percentile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)] ?? 0;
}
