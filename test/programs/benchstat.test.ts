// Our U test against that of the Go project's benchstat, on the same samples.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { uTest } from '../../src/compare/u-test.ts';
import { randomFrom } from '../../src/lib/random.ts';
import { scratch } from '../lib/cli.ts';
import { normal } from '../lib/compare-worlds.ts';
import { runTool, testWith } from '../lib/tools.ts';

const test = testWith('benchstat');

/** How far figures with three digits behind the point may be off. */
const printed = 0.000_501;
const samples = 60;

interface Sample {
  readonly base: readonly number[];
  readonly with: readonly number[];
}

/** p of each sample, in their order, as the table for spreadsheets prints it. */
async function benchstatOf(all: readonly Sample[]): Promise<number[]> {
  const folder = scratch();
  for (const side of ['base', 'with'] as const) {
    const lines = all.flatMap((sample, at) =>
      sample[side].map((value) => `BenchmarkSample${1000 + at} 1 ${value} ns/op`),
    );
    writeFileSync(join(folder, side), `${lines.join('\n')}\n`);
  }
  const words = ['-format', 'csv', join(folder, 'base'), join(folder, 'with')];
  const { code, output } = await runTool('benchstat', words);
  expect(code, output).toBe(0);
  return all.map((_, at) => {
    const line = output.split('\n').find((one) => one.startsWith(`Sample${1000 + at},`)) ?? '';
    const p = /p=([\d.]+)/.exec(line)?.[1];
    if (p === undefined) throw new Error(`no p of sample ${at} in ${output.slice(0, 2000)}`);
    return Number(p);
  });
}

/** Sides of such sizes; values in so many steps, few of which make many ties. */
function drawn(seed: number, steps: number, isEven: boolean): Sample[] {
  const random = randomFrom(seed);
  return Array.from({ length: samples }, () => {
    const size = () => 4 + Math.floor(17 * random());
    const first = size();
    const shift = 0.6 * normal(random);
    const side = (length: number, by: number) =>
      Array.from({ length }, () => 1000 + Math.round(steps * (by + normal(random))));
    return { base: side(first, 0), with: side(isEven ? first : size(), shift) };
  });
}

/** `off`: how far p of each sample may be from theirs. */
function expectAlike(all: readonly Sample[], theirs: readonly number[], off: number): void {
  expect(theirs).toHaveLength(all.length);
  all.forEach((sample, at) => {
    const { p } = uTest(sample.base, sample.with);
    expect(Math.abs(p - (theirs[at] ?? 2)), JSON.stringify(sample)).toBeLessThan(off);
  });
}

describe('p of the U test', () => {
  test('is that of benchstat without ties', async () => {
    const all = drawn(51, 1e9, false);
    expectAlike(all, await benchstatOf(all), printed);
  });

  test('is that of benchstat with ties, where the sides have as many values', async () => {
    const all = drawn(52, 3, true);
    expectAlike(all, await benchstatOf(all), printed);
  });

  // With ties and sides of unequal size the distribution of U is not symmetric. benchstat doubles the lower
  // tail whichever side is the lower one, so that its p depends on the order of its files; the mean of its
  // two answers counts both tails, as we do.
  test('is the mean of what benchstat says of the sides both ways round, with ties', async () => {
    const all = drawn(53, 3, false);
    const there = await benchstatOf(all);
    const back = await benchstatOf(all.map((one) => ({ base: one.with, with: one.base })));
    const theirs = there.map((p, at) => Math.min(1, (p + (back[at] ?? 2)) / 2));
    expectAlike(all, theirs, 2 * printed);
  });
});
