import { expect, test } from 'vitest';
import { bottleneckOf, isPaced, limitByMock, watchCpu, watchProcess } from './bottleneck.ts';

const facts = {
  paced: false,
  behind: 0,
  busy: 0.4,
  hopMs: { registry: 10, edge: 90, token: 5 },
} as const;

test.each([
  ['the hop that takes the time', facts, 'edge'],
  ['this machine when it is saturated', { ...facts, busy: 0.97 }, 'client'],
  ['this machine when k6 takes most of it', { ...facts, busy: 0.97, own: 0.6 }, 'client'],
  ['this machine when it has no more files or ports', { ...facts, starved: true }, 'client'],
  ['the hop when a server beside k6 takes it', { ...facts, busy: 0.97, own: 0.2 }, 'edge'],
  ['nothing when the rate was reached', { ...facts, paced: true }, 'none'],
  ['the hop when the rate was not', { ...facts, paced: true, behind: 3 }, 'edge'],
  ['the hop when it broke an objective', { ...facts, paced: true, broke: true }, 'edge'],
  ['nothing when nothing ran', { ...facts, hopMs: {} }, 'none'],
] as const)('names %s', (_what, given, expected) => {
  expect(bottleneckOf(given)).toBe(expected);
});

test('a rate, a trace and long pauses pace pulls; users who do not pause are paced by the servers', () => {
  const vus = { kind: 'vus', vus: 3, durationSeconds: 1 } as const;
  const staged = { kind: 'stages', start: 0, stages: [], vus: 3 } as const;
  const mix = { seed: 1, thinkMs: { min: 1000, max: 3000 } };
  expect(isPaced({ shape: { ...vus, kind: 'rate', perSecond: 1 } }, 5)).toBe(true);
  expect(isPaced({ shape: { ...staged, of: 'rate' } }, 5)).toBe(true);
  expect(isPaced({ shape: { ...staged, of: 'vus' } }, 5)).toBe(false);
  expect(isPaced({ shape: vus }, 5)).toBe(false);
  expect(isPaced({ shape: vus, mix }, 1999)).toBe(true);
  expect(isPaced({ shape: vus, mix }, 2001)).toBe(false);
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

test.each([
  ['registry', 'mock'],
  ['edge', 'mock'],
  ['token', 'mock'],
  ['client', 'client'],
  ['none', 'none'],
] as const)('where the mock serves, %s is %s', (limit, expected) => {
  expect(limitByMock(limit)).toBe(expected);
});
