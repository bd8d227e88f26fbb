// `pullproof load` against a bare Go loop that makes the same requests, on one machine in one run, because
// only their ratio means something. docs/performance.md says how to read it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Say } from '../bench.ts';
import { buildGoLoop, type Contestant, type Measured, pullproofLoad } from './contestants.ts';
import { type ImageName, images, startFixture } from './fixture.ts';
import { measureFleet } from './fleet.ts';
import { measureLatency } from './latency.ts';
import { requireSameRequests } from './same-requests.ts';
import { type Comparison, judge, renderComparison } from './verdict.ts';

const warmUpSeconds = 2;

interface Settings {
  readonly vus: number;
  readonly seconds: number;
  readonly pairs: number;
}

export const loadBench: Bench = {
  name: 'load',
  async run({ vus, seconds, pairs, only }, say, signal) {
    if (only === 'latency') return await measureLatency(pairs, say, signal);
    if (only === 'fleet') return await measureFleet(say, signal);
    const settings = { vus, seconds, pairs };
    const folder = await mkdtemp(join(tmpdir(), 'pullproof-bench-'));
    try {
      const contestants = [await buildGoLoop(folder, signal), pullproofLoad] as const;
      const comparisons: Comparison[] = [];
      for (const image of Object.keys(images) as ImageName[]) {
        if (only !== undefined && only !== image) continue;
        say(`${image}: checking that both make the same requests (k6 is built if need be)`);
        const requestsPerPull = await requireSameRequests(image, contestants, signal);
        const measured = await measurePairs(image, contestants, settings, say, signal);
        const comparison = { image, requestsPerPull, vus, seconds, pairs: measured };
        requireWholePulls(comparison);
        comparisons.push(comparison);
        process.stdout.write(`${renderComparison(comparison, contestants)}\n`);
      }
      return { figures: comparisons, verdicts: judge(comparisons) };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Takes turns, so that what else the machine does falls on both alike. */
async function measurePairs(
  image: ImageName,
  contestants: readonly [Contestant, Contestant],
  { vus, seconds, pairs: count }: Settings,
  say: Say,
  signal: AbortSignal,
): Promise<[Measured, Measured][]> {
  const fixture = await startFixture([image], false);
  try {
    const task = { registryUrl: fixture.registryUrl, image, vus, seconds };
    for (const { run } of contestants) await run({ ...task, seconds: warmUpSeconds }, signal);
    const [loop, load] = contestants;
    const pairs: [Measured, Measured][] = [];
    for (let i = 1; i <= count; i++) {
      say(`${image}: pair ${i} of ${count}`);
      pairs.push([await loop.run(task, signal), await load.run(task, signal)]);
    }
    return pairs;
  } finally {
    await fixture.stop();
  }
}

/** Every request counted belongs to a whole pull, on both sides. */
function requireWholePulls({ image, pairs, requestsPerPull }: Comparison): void {
  for (const measured of pairs.flat()) {
    if (measured.requests !== measured.pulls * requestsPerPull) {
      const { requests, pulls } = measured;
      throw new Error(`${image}: ${requests} requests in ${pulls} pulls of ${requestsPerPull}`);
    }
    if (measured.peakBytes === 0) throw new Error('no memory figures: the bench needs Linux /proc');
  }
}
