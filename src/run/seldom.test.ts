// A value that is made seldom: it stays as long as it must, and what is dear stays longer.
import { afterEach, expect, test, vi } from 'vitest';
import { Seldom } from './seldom.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Gives how often it was made, when making it takes so much CPU time. */
function counted(cpuMs: number) {
  vi.useFakeTimers();
  let spentUs = 0;
  vi.spyOn(process, 'cpuUsage').mockImplementation((before) => ({
    user: spentUs - (before?.user ?? 0),
    system: 0,
  }));
  let times = 0;
  const seldom = new Seldom(
    () => {
      spentUs += cpuMs * 1000;
      return ++times;
    },
    { restFactor: 10, ageMsMin: 900, ageMsMax: 5_000 },
  );
  return (afterMs: number) => {
    vi.advanceTimersByTime(afterMs);
    return seldom.value();
  };
}

test.each([
  ['cheap: as long as it must stay', 1, 900],
  ['dear: in proportion to its cost', 200, 2_000],
  ['very dear: no longer than it may', 60_000, 5_000],
])('%s', (_, cpuMs, staysMs) => {
  const after = counted(cpuMs);
  expect(after(0)).toBe(1);
  expect(after(staysMs - 1)).toBe(1);
  expect(after(1)).toBe(2);
  expect(after(staysMs - 1)).toBe(2);
});

test('what could not be made is made when it is asked for again', () => {
  let times = 0;
  const make = () => {
    if (++times === 1) throw new Error('not yet');
    return times;
  };
  const seldom = new Seldom(make, { restFactor: 1, ageMsMin: 900, ageMsMax: 900 });
  expect(() => seldom.value()).toThrow('not yet');
  expect(seldom.value()).toBe(2);
});
