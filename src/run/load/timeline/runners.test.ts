import { describe, expect, test } from 'vitest';
import { AllRunners } from './runners.ts';

const quiet = { cpus: 2, wallUs: 1e6, cpuUs: 2e5, machineBusy: 0.2, machineCpus: 8, lagUs: 900 };

interface Line {
  readonly id?: string;
  readonly [field: string]: string | number | undefined;
}

/** `seconds` alike lines of a runner. */
function tell(
  all: AllRunners,
  seconds: number,
  { id = 'a:1:x', ...more }: Line = {},
  from = 1,
): void {
  for (let t = from; t < from + seconds; t++) {
    all.add({ series: 'runner', t, id, requests: 9, ...quiet, ...more } as never);
  }
}

function limitOf(seconds: number, line: Line): unknown {
  const all = new AllRunners();
  tell(all, seconds, line);
  return all.latest()?.limit;
}

describe('a runner', () => {
  test('tells its figures over all seconds', () => {
    const all = new AllRunners();
    tell(all, 10, { periods: 10, throttledPeriods: 1, throttledUs: 5, skewMs: 40 });
    tell(
      all,
      10,
      { cpuUs: 6e5, machineBusy: 0.6, periods: 10, throttledPeriods: 3, skewMs: 12 },
      11,
    );
    expect(all.latest()).toEqual({
      ...{ id: 'a:1:x', cpus: 2, own: 0.2, machineBusy: 0.4, throttled: 0.2, skewMs: 12 },
      lagMs: { p95: 0.9, max: 0.9 },
    });
  });

  test.each<[string, Line, unknown]>([
    ['has room', {}, undefined],
    ['takes all that it may', { cpuUs: 1.85e6 }, 'cpu'],
    [
      'uses its quota up again and again',
      { periods: 10, throttledPeriods: 4, cpuUs: 5e5 },
      'throttled',
    ],
    ['does so now and then', { periods: 10, throttledPeriods: 1 }, undefined],
    [
      'takes much of a machine that has no more',
      { machineBusy: 0.95, machineCpus: 2, cpuUs: 9e5 },
      'machine',
    ],
    ['takes little of it', { machineBusy: 0.95, machineCpus: 2, cpuUs: 3e5 }, undefined],
    ['is woken late', { lagUs: 180_000 }, 'lag'],
    ['says nothing but its cores', { cpuUs: undefined, machineBusy: undefined }, undefined],
  ])('that %s', (_what, line, expected) => {
    expect(limitOf(20, line)).toBe(expected);
  });

  test('that is woken late in few seconds is not at its limit', () => {
    const all = new AllRunners();
    tell(all, 17);
    tell(all, 3, { lagUs: 400_000 }, 18);
    expect(all.latest()?.limit).toBeUndefined();
    expect(all.latest()?.lagMs.max).toBe(400);
    expect(all.latest()?.lagMs.p95).toBeGreaterThan(300);
  });

  test('is told by the time of its load: pauses belong to it, what comes after it does not', () => {
    const all = new AllRunners();
    tell(all, 5, { cpuUs: 2e6 });
    tell(all, 5, { cpuUs: 0, requests: 0 }, 6);
    expect(all.latest()?.own).toBe(1);
    tell(all, 5, { cpuUs: 2e6 }, 11);
    tell(all, 600, { cpuUs: 0, requests: 0, lagUs: 900_000 }, 16);
    expect(all.latest()?.own).toBeCloseTo(2 / 3, 2);
    expect(all.latest()?.lagMs.max).toBe(0.9);
  });
});

describe('several runners', () => {
  const of = (machine: string, id: string): Line => ({
    ...{ id, machine, machineBusy: 0.97, machineCpus: 8, cpuUs: 1.2e6, cpus: 8 },
  });

  test('of one machine share it: together they are what it is busy with', () => {
    const all = new AllRunners();
    for (const id of ['a', 'b', 'c', 'd']) tell(all, 10, of('one', id));
    for (const id of ['e', 'f', 'g', 'h']) tell(all, 10, of(id, id));
    expect(all.told()?.limits).toEqual([{ limit: 'machine', runners: 4 }]);
    expect(
      all
        .told()
        ?.worst.slice(0, 4)
        .map(({ id }) => id),
    ).toEqual(['a', 'b', 'c', 'd']);
  });

  test('of one machine, one after the other, are each alone on it', () => {
    const all = new AllRunners();
    for (let at = 0; at < 4; at++) tell(all, 10, of('one', `${at}`), 1 + at * 20);
    expect(all.told()?.limits).toEqual([]);
  });

  test('those at a limit are told first, and no more than a few', () => {
    const all = new AllRunners();
    for (let at = 0; at < 30; at++)
      tell(all, 3, { id: `r${at}`, cpuUs: at === 17 ? 2e6 : 1e5 * (at % 9) });
    const told = all.told();
    expect(told).toMatchObject({ told: 30, limits: [{ limit: 'cpu', runners: 1 }] });
    expect(told?.worst[0]?.id).toBe('r17');
    expect(told?.worst.length).toBeLessThan(10);
  });

  test('clocks are compared where two are known', () => {
    const all = new AllRunners();
    tell(all, 2, { id: 'a', skewMs: 10 });
    expect(all.clocks()).toBeUndefined();
    tell(all, 2, { id: 'b' });
    expect(all.clocks()).toBeUndefined();
    tell(all, 2, { id: 'c', skewMs: 25 });
    expect(all.clocks()).toEqual({ differMs: 15, off: [] });
    tell(all, 2, { id: 'd', skewMs: -180_000 });
    tell(all, 2, { id: 'e', skewMs: 3010 });
    expect(all.clocks()).toEqual({
      differMs: 183_010,
      off: [
        { id: 'd', aheadMs: -180_010 },
        { id: 'e', aheadMs: 3000 },
      ],
    });
  });

  test('nothing is told of none, and of those without a load', () => {
    const all = new AllRunners();
    expect([all.told(), all.latest(), all.clocks()]).toEqual([undefined, undefined, undefined]);
    tell(all, 3, { requests: 0, skewMs: 1 });
    expect([all.told(), all.latest(), all.clocks()]).toEqual([undefined, undefined, undefined]);
  });

  test('a thousand of them for an hour are small', () => {
    const before = process.memoryUsage();
    const all = new AllRunners();
    for (let at = 0; at < 1000; at++) tell(all, 360, { id: `r${at}`, requests: at % 2 });
    tell(all, 3600, { id: 'r1', requests: 0 });
    const after = process.memoryUsage();
    const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    // Lines are garbage by then, which may not have been collected; sums are some KB each.
    expect(all.told()?.told).toBe(500);
    expect(grown).toBeLessThan(150e6);
  });
});
