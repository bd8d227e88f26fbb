// `npm run bench`: `pullproof load` against a bare Go loop that makes the same requests, on one machine
// in one run, because only their ratio means something. docs/performance.md says how to read it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, platform, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../src/protocol/user-error.ts';
import { buildGoLoop, type Contestant, type Measured, pullproofLoad } from './contestants.ts';
import { type ImageName, images, startFixture } from './fixture.ts';
import { requireSameRequests } from './same-requests.ts';
import { type Comparison, judge, renderComparison, renderVerdicts } from './verdict.ts';

const usage = `usage: npm run bench -- [--vus 20] [--seconds 8] [--pairs 3] [--only small|large] [--json FILE]`;
const warmUpSeconds = 2;

interface Settings {
  readonly vus: number;
  readonly seconds: number;
  readonly pairs: number;
  readonly names: readonly ImageName[];
  readonly json: string | undefined;
}

async function bench(settings: Settings, signal: AbortSignal): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'pullproof-bench-'));
  try {
    const contestants = [await buildGoLoop(folder, signal), pullproofLoad] as const;
    const comparisons: Comparison[] = [];
    for (const image of settings.names) {
      say(`${image}: checking that both make the same requests (k6 is built if need be)`);
      const requestsPerPull = await requireSameRequests(image, contestants, signal);
      const pairs = await measurePairs(image, contestants, settings, signal);
      const { vus, seconds } = settings;
      const comparison = { image, requestsPerPull, vus, seconds, pairs };
      requireWholePulls(comparison);
      comparisons.push(comparison);
      process.stdout.write(`${renderComparison(comparison, contestants)}\n`);
    }
    const verdicts = judge(comparisons);
    process.stdout.write(renderVerdicts(verdicts));
    if (settings.json !== undefined) {
      const document = {
        date: new Date().toISOString(),
        machine: machine(),
        comparisons,
        verdicts,
      };
      await writeFile(settings.json, `${JSON.stringify(document, null, 2)}\n`);
    }
    return verdicts.every((verdict) => verdict.held) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Takes turns, so that what else the machine does falls on both alike. */
async function measurePairs(
  image: ImageName,
  contestants: readonly [Contestant, Contestant],
  { vus, seconds, pairs: count }: Settings,
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

function machine() {
  const { node } = process.versions;
  return { cpus: cpus().length, model: cpus()[0]?.model, os: `${platform()} ${release()}`, node };
}

function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** @throws UserError (exit 2) */
function settingsOf(words: readonly string[]): Settings {
  const number = (name: string, text: string | undefined, fallback: number, max: number) => {
    const value = Number(text ?? fallback);
    if (Number.isInteger(value) && value >= 1 && value <= max) return value;
    throw new UserError('bench-usage', `--${name} takes a whole number from 1 to ${max}`, usage);
  };
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        vus: { type: 'string' },
        seconds: { type: 'string' },
        pairs: { type: 'string' },
        only: { type: 'string' },
        json: { type: 'string' },
      },
    });
    const all = Object.keys(images) as ImageName[];
    const names = all.filter((name) => values.only === undefined || values.only === name);
    if (names.length === 0) {
      throw new UserError('bench-usage', `--only takes ${all.join(' or ')}`, usage);
    }
    return {
      vus: number('vus', values.vus, 20, 10_000),
      seconds: number('seconds', values.seconds, 8, 3600),
      pairs: number('pairs', values.pairs, 3, 100),
      names,
      json: values.json,
    };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('bench-usage', (error as Error).message, usage);
  }
}

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  try {
    return await bench(settingsOf(process.argv.slice(2)), stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return 130;
    if (error instanceof UserError) {
      say(`error: ${error.message}\n  hint: ${error.hint}`);
      return error.exitCode;
    }
    say(`error: ${(error as Error).message}`);
    return 4;
  }
}

process.exitCode = await main();
