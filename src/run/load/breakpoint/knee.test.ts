// The search for the knee against registries that are functions of the rate.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findKnee } from './knee.ts';

const quiet = new AbortController().signal;
const stepOf = (held: boolean) => ({ done: 1, broke: held ? [] : ['pull.p95<2s'] });

test('a registry with a sharp limit: the knee lies just below it, with all confidence', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 5000 }),
      fc.integer({ min: 1, max: 200 }),
      async (limit, start) => {
        const knee = await findKnee(start, async (rate) => stepOf(rate <= limit), quiet);
        expect(knee.steps.length).toBeLessThanOrEqual(30);
        const lowest = Math.min(...knee.steps.map(({ perSecond }) => perSecond));
        if (lowest > limit) {
          expect(knee).toMatchObject({ perSecond: 0, brokeAt: lowest });
          return;
        }
        expect(knee.perSecond).toBeLessThanOrEqual(limit);
        expect(knee.brokeAt).toBeGreaterThan(limit);
        // Rates are rounded: near 1/s the two cannot come as close as elsewhere.
        expect((knee.brokeAt ?? 0) / knee.perSecond).toBeLessThanOrEqual(1.35);
        expect(knee.confidence).toBe(1);
      },
    ),
  );
});

test('a registry that wavers near its limit lowers the confidence', async () => {
  let calls = 0;
  const run = async (rate: number) => stepOf(rate < 90 || (rate < 120 && ++calls % 3 !== 0));
  const knee = await findKnee(10, run, quiet);
  expect(knee.perSecond).toBeGreaterThanOrEqual(70);
  expect(knee.confidence).toBeGreaterThan(0);
  expect(knee.confidence).toBeLessThanOrEqual(1);
});

test('no limit within reach: nothing broke', async () => {
  const knee = await findKnee(50_000, async () => stepOf(true), quiet);
  expect(knee).toMatchObject({ perSecond: 100_000, brokeAt: null, broke: [] });
});

test('an interrupt ends the search with what is known', async () => {
  const stop = new AbortController();
  const run = async (rate: number) => {
    if (rate >= 4) stop.abort();
    return stepOf(true);
  };
  const knee = await findKnee(1, run, stop.signal);
  expect(knee.steps.map(({ perSecond }) => perSecond)).toEqual([1, 2]);
  expect(knee.perSecond).toBe(2);
});
