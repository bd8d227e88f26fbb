// How often verdicts of a comparison are wrong, in worlds of known truth: rates of false alarms and of changes
// that are found, against what docs/compare-statistics.md claims. Seeded: the same figures in every run.
import { changePoints, seriesAlpha } from '../../src/compare/change-points.ts';
import { alpha, type Decision, type Line } from '../../src/compare/line.ts';
import { judgeTable } from '../../src/compare/table.ts';
import { randomFrom } from '../../src/lib/random.ts';
import {
  type NoiseShape,
  noises,
  type Random,
  type RunsWorld,
  runsTable,
  type SecondsWorld,
  secondsTable,
  sharesTable,
} from '../../test/lib/compare-worlds.ts';
import { format, line, verdict } from '../figures.ts';
import { benchOfParts, type Run } from '../parts.ts';
import { ofReal } from './real.ts';

const repeats = { runs: 2000, shares: 2000, seconds: 300, series: 1000 } as const;
const powerMin = 0.9;
const options = { minEffect: 0.1, floorMs: 0, seed: 1 };
const shapes: readonly NoiseShape[] = ['normal', 'heavy', 'humps'];

/** The whole pull varies by 3 %, other places by up to 15 %. */
const noiseOf = (at: number) => (at < 3 ? 0.03 : ([0.03, 0.05, 0.1, 0.15][at % 4] ?? 0));

export const compareBench = benchOfParts('compare', {
  runs: byRuns,
  shares: ofShares,
  seconds: bySeconds,
  series: ofSeries,
  real: ofReal,
});

interface Told {
  readonly what: string;
  readonly rate: number;
  /** What is claimed, and on which side of it the rate has to lie; none is claimed without. */
  readonly claim?: readonly [bound: 'min' | 'max', rate: number];
}

/** Rates with three standard errors of grace, so that a seed that is changed changes no verdict. */
function tell(run: Run, title: string, times: number, told: readonly Told[]): void {
  process.stdout.write(`${title}, ${times.toLocaleString('en-US')} repeats\n`);
  for (const { what, rate, claim } of told) {
    const claimed =
      claim === undefined ? '' : `${claim[0] === 'max' ? '≤' : '≥'} ${percent(claim[1])}`;
    process.stdout.write(`${line(what.padEnd(52), percent(rate), claimed)}\n`);
    if (claim === undefined) continue;
    const grace = 3 * Math.sqrt((claim[1] * (1 - claim[1])) / times);
    const bound = claim[0] === 'max' ? claim[1] + grace : claim[1] - grace;
    run.verdicts.push(verdict(`${title}, ${what}, %`, 100 * rate, round(100 * bound), claim[0]));
  }
  process.stdout.write('\n');
  run.figures[title] = told.map(({ what, rate }) => ({ what, rate }));
}

const percent = (rate: number) => `${format(100 * rate, 1)} %`;
const round = (value: number) => Math.round(100 * value) / 100;

/** In which part of so many tables something holds. */
function rateOf(
  times: number,
  seed: number,
  tableOf: (random: Random) => Line[],
  holds: (decisions: readonly Decision[]) => boolean,
): number {
  const random = randomFrom(seed);
  let count = 0;
  for (let at = 0; at < times; at++) {
    if (holds(judgeTable(tableOf(random), { ...options, seed: at }).decisions)) count++;
  }
  return count / times;
}

const anyShown = (decisions: readonly Decision[]) =>
  decisions.some(({ verdict: word }) => word === 'slower' || word === 'faster');

async function byRuns(run: Run): Promise<void> {
  for (const shape of shapes) {
    for (const runs of [4, 6, 10]) {
      const world: RunsWorld = {
        ...{ shape, base: runs, with: runs, noiseOf, shared: 0.5, lines: 60 },
        ratioOf: () => 1,
      };
      const rate = (
        ratioOf: (at: number) => number,
        holds: (decisions: readonly Decision[]) => boolean,
      ) => rateOf(repeats.runs, 41, (random) => runsTable({ ...world, ratioOf }, random), holds);
      const pull = (at: number) => (at === 0 ? 1.2 : 1);
      const edge = (at: number) => (at === 8 ? 1.2 : 1);
      tell(run, `${runs} runs a side, ${shape} noise, 60 lines`, repeats.runs, [
        {
          what: 'A/A: any line slower or faster',
          rate: rate(() => 1, anyShown),
          claim: ['max', alpha],
        },
        {
          what: 'p95 of the pull + 20 %: slower',
          rate: rate(pull, ([first]) => first?.verdict === 'slower'),
          claim: ['min', powerMin],
        },
        {
          what: 'p95 of the pull + 20 %: a regression',
          rate: rate(pull, ([first]) => first?.regression === true),
          // Runaways reach further than four runs can tell.
          ...(shape === 'heavy' && runs === 4 ? {} : { claim: ['min', powerMin] as const }),
        },
        {
          what: 'p95 of the pull + 20 %: any other line',
          rate: rate(pull, (all) => anyShown(all.slice(1))),
          claim: ['max', alpha],
        },
        {
          what: 'one edge + 20 %, nothing else: slower',
          rate: rate(edge, (all) => all[8]?.verdict === 'slower'),
        },
      ]);
    }
  }
}

async function ofShares(run: Run): Promise<void> {
  const still = [0.01, 0.002, 0.05, 0, 0.0005, 0.01].map((share) => [share, share] as const);
  for (const [runs, noise] of [
    [4, 0],
    [4, 0.3],
    [4, 1],
    [8, 0.3],
    [1, 0],
  ] as const) {
    const world = { base: runs, with: runs, pulls: 2000, noise };
    const rate = (
      shares: readonly (readonly [number, number])[],
      holds: (decisions: readonly Decision[]) => boolean,
    ) => rateOf(repeats.shares, 42, (random) => sharesTable({ ...world, shares }, random), holds);
    const found = rate([[0, 0.01], ...still.slice(1)], ([first]) => first?.regression === true);
    tell(run, `shares of failures, ${runs} a side, varying by ${100 * noise} %`, repeats.shares, [
      { what: 'A/A: any line', rate: rate(still, anyShown), claim: ['max', alpha] },
      {
        what: 'none before, 1 % after: a regression',
        rate: found,
        ...(noise === 0 ? { claim: ['min', powerMin] as const } : {}),
      },
    ]);
  }
}

async function bySeconds(run: Run): Promise<void> {
  const world: SecondsWorld = {
    ...{ seconds: 60, pulls: 20, alike: 0, drift: 0.1, spread: 0.3, places: 6, between: 0 },
    ...{ runs: 1, ratio: 1, failed: [0.002, 0.002] },
  };
  for (const [title, changes] of [
    ['60 s, seconds independent', {}],
    ['60 s, each second like the last by 0.5', { alike: 0.5 }],
    ['120 s, by 0.8', { alike: 0.8, seconds: 120, pulls: 10 }],
    ['12 s, by 0.3', { alike: 0.3, seconds: 12 }],
  ] as const) {
    const rate = (
      more: Partial<SecondsWorld>,
      holds: (decisions: readonly Decision[]) => boolean,
    ) =>
      rateOf(
        repeats.seconds,
        43,
        (random) => secondsTable({ ...world, ...changes, ...more }, random),
        holds,
      );
    const slower = ([first]: readonly Decision[]) => first?.verdict === 'slower';
    tell(run, `one run a side, ${title}`, repeats.seconds, [
      { what: 'A/A in one regime: any line', rate: rate({}, anyShown), claim: ['max', alpha] },
      { what: 'all latencies + 20 %: p95 of the pull slower', rate: rate({ ratio: 1.2 }, slower) },
      { what: 'all latencies + 50 %: p95 of the pull slower', rate: rate({ ratio: 1.5 }, slower) },
    ]);
    run.signal.throwIfAborted();
  }
}

async function ofSeries(run: Run): Promise<void> {
  for (const shape of shapes) {
    const random = randomFrom(44);
    const rate = (length: number, step: number, holds: (found: readonly number[]) => boolean) => {
      let count = 0;
      for (let at = 0; at < repeats.series; at++) {
        const values = Array.from({ length }, (_, one) => {
          const factor = step > 0 && one >= step ? 1.2 : 1;
          return 100 * factor * Math.exp(0.03 * noises[shape](random));
        });
        if (holds(changePoints(values, at).map((found) => found.at))) count++;
      }
      return count / repeats.series;
    };
    const near = (step: number) => (found: readonly number[]) =>
      found.some((at) => Math.abs(at - step) <= 1);
    const any = (found: readonly number[]) => found.length > 0;
    tell(run, `series of runs, ${shape} noise of 3 %`, repeats.series, [
      { what: '30 steady runs: any change', rate: rate(30, 0, any), claim: ['max', seriesAlpha] },
      {
        what: '5 runs, then 5 by 20 % slower: found',
        rate: rate(10, 5, near(5)),
        claim: ['min', powerMin],
      },
      {
        what: '20 runs, then 6 by 20 % slower: found',
        rate: rate(26, 20, near(20)),
        claim: ['min', powerMin],
      },
    ]);
  }
}
