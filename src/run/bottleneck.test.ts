import { expect, test } from 'vitest';
import { bottleneckOf, watchCpu, watchProcess } from './bottleneck.ts';

const facts = {
  shape: 'vus',
  dropped: 0,
  busy: 0.4,
  hopMs: { registry: 10, edge: 90, token: 5 },
} as const;

test.each([
  ['the hop that takes the time', facts, 'edge'],
  ['this machine when it is saturated', { ...facts, busy: 0.97 }, 'client'],
  ['this machine when k6 takes most of it', { ...facts, busy: 0.97, own: 0.6 }, 'client'],
  ['the hop when a server beside k6 takes it', { ...facts, busy: 0.97, own: 0.2 }, 'edge'],
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

test('a process is told by its share; one that is not there by none', () => {
  const own = watchProcess(process.pid);
  const end = Date.now() + 50;
  while (Date.now() < end) Math.random();
  const share = own();
  if (process.platform === 'linux') expect(share).toBeGreaterThan(0);
  else expect(share).toBeUndefined();
  expect(watchProcess(undefined)()).toBeUndefined();
});
