// What the figures of load and loop say: their ratios, and the targets as data. Pure.
import { medianOf } from '../../src/lib/median.ts';
import { format, line, type Verdict, verdict } from '../figures.ts';
import type { Contestant, Measured } from './contestants.ts';
import { type ImageName, images } from './fixture.ts';

export interface Comparison {
  readonly image: ImageName;
  readonly requestsPerPull: number;
  readonly vus: number;
  readonly seconds: number;
  /** Loop and load, measured one after the other. */
  readonly pairs: readonly (readonly [loop: Measured, load: Measured])[];
}

/** load against the loop: which figure, and how much of it at least. */
const ratioTargets = {
  small: { figure: 'requests/s', of: requestsPerSecond, min: 0.75 },
  large: { figure: 'MB/s', of: megabytesPerSecond, min: 1.0 },
} as const satisfies Readonly<Record<ImageName, object>>;

/** Peak memory of k6 up to so many virtual users, whatever the layers' size. */
const memoryTargets = [
  { vusMax: 20, megabytesMax: 150 },
  { vusMax: 500, megabytesMax: 400 },
] as const;

export function judge(comparisons: readonly Comparison[]): Verdict[] {
  return comparisons.flatMap(({ image, vus, pairs }) => {
    const { figure, min } = ratioTargets[image];
    const verdicts = [
      verdict(`${image}: ${figure}, load : loop`, medianOf(ratiosOf(image, pairs)), min, 'min'),
    ];
    const peak = Math.max(...pairs.map(([, load]) => load.peakBytes)) / 1e6;
    const memory = memoryTargets.find(({ vusMax }) => vus <= vusMax);
    if (memory !== undefined) {
      const what = `${image}: peak MB of k6 at ${vus} virtual users`;
      verdicts.push(verdict(what, peak, memory.megabytesMax, 'max'));
    }
    return verdicts;
  });
}

export function renderComparison(
  comparison: Comparison,
  [loop, load]: readonly [Contestant, Contestant],
): string {
  const { image, pairs, vus, seconds, requestsPerPull } = comparison;
  const megabytes = images[image].reduce((sum, size) => sum + size, 0) / 1e6;
  const row = (name: string, all: readonly Measured[]) =>
    line(name, ...columns.map(({ of, digits }) => format(medianOf(all.map(of)), digits)));
  const ratios = ratiosOf(image, pairs);
  const spread = ratios.map((ratio) => ratio.toFixed(2)).join(', ');
  return [
    `${image} image: ${format(megabytes, 2)} MB of layers, ${requestsPerPull} requests a pull; ` +
      `${vus} users, medians of ${pairs.length} × ${seconds} s`,
    line('', ...columns.map(({ title }) => title)),
    row(
      loop.name,
      pairs.map(([measured]) => measured),
    ),
    row(
      load.name,
      pairs.map(([, measured]) => measured),
    ),
    `ratio of ${ratioTargets[image].figure}: ${medianOf(ratios).toFixed(2)} (pairs: ${spread})`,
    '',
  ].join('\n');
}

const columns = [
  { title: 'requests/s', of: requestsPerSecond, digits: 0 },
  { title: 'pulls/s', of: (m: Measured) => m.pulls / m.seconds, digits: 1 },
  { title: 'MB/s', of: megabytesPerSecond, digits: 1 },
  { title: 'CPU ms/pull', of: (m: Measured) => (1000 * m.cpuSeconds) / m.pulls, digits: 2 },
  { title: 'peak MB', of: (m: Measured) => m.peakBytes / 1e6, digits: 1 },
] as const;

function requestsPerSecond({ requests, seconds }: Measured): number {
  return requests / seconds;
}

function megabytesPerSecond({ bytes, seconds }: Measured): number {
  return bytes / 1e6 / seconds;
}

/** One ratio a pair: neighbours in time saw the same machine. */
function ratiosOf(image: ImageName, pairs: Comparison['pairs']): number[] {
  const { of } = ratioTargets[image];
  return pairs.map(([loop, load]) => of(load) / of(loop));
}
