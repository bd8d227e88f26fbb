import { expect, test } from 'vitest';
import { bottleneckOf, watchCpu } from './bottleneck.ts';

const facts = {
  shape: 'vus',
  dropped: 0,
  busy: 0.4,
  hopMs: { registry: 10, edge: 90, token: 5 },
} as const;

test.each([
  ['the hop that takes the time', facts, 'edge'],
  ['this machine when it is saturated', { ...facts, busy: 0.97 }, 'client'],
  ['nothing when the rate was reached', { ...facts, shape: 'rate' }, 'none'],
  ['the hop when the rate was not', { ...facts, shape: 'rate', dropped: 3 }, 'edge'],
  ['nothing when nothing ran', { ...facts, hopMs: {} }, 'none'],
] as const)('names %s', (_what, given, expected) => {
  expect(bottleneckOf(given)).toBe(expected);
});

test('the share of the CPU lies between 0 and 1', async () => {
  const busy = watchCpu();
  const end = Date.now() + 50;
  while (Date.now() < end) Math.random();
  expect(busy()).toBeGreaterThanOrEqual(0);
  expect(busy()).toBeLessThanOrEqual(1);
});
