import { expect, test } from 'vitest';
import {
  bottleneckOf,
  isPaced,
  limitByMock,
  wasPaced,
  watchCpu,
  watchProcess,
} from './bottleneck.ts';

const facts = {
  paced: false,
  behind: 0,
  busy: 0.4,
  ok: 99,
  failed: 1,
  hopMs: { registry: 10, edge: 90, token: 5 },
  waitMs: 0,
} as const;
const busy = { ...facts, busy: 0.97 };
const paced = { ...facts, paced: true };
const waits = 'client-waits';

test.each([
  ['the hop that takes the time', facts, 'edge'],
  ['this machine when it is saturated', busy, 'client'],
  ['this machine when k6 takes most of it', { ...busy, own: 0.6 }, 'client'],
  ['this machine when it has no more files or ports', { ...facts, starved: true }, 'client'],
  [
    'this machine when k6 was at its own limit',
    { ...facts, busy: 0.1, limit: 'throttled' },
    'client',
  ],
  ['this machine at a rate that is kept, too', { ...paced, limit: 'cpu' }, 'client'],
  [
    'nobody by a few short pulls at a limit',
    { ...facts, ok: 9, failed: 0, limit: 'cpu' },
    'unknown',
  ],
  ['failing pulls before it', { ...facts, ok: 1, failed: 9, limit: 'cpu' }, 'pulls-fail'],
  ['the hop when a server beside k6 takes it', { ...busy, own: 0.2 }, 'edge'],
  ['nobody by one pull', { ...busy, ok: 1, failed: 0 }, 'unknown'],
  ['nobody by few short pulls', { ...facts, ok: 9, failed: 0 }, 'unknown'],
  ['the hop by few long pulls', { ...facts, ok: 3, failed: 0, hopMs: { edge: 9_000 } }, 'edge'],
  ['this machine by few long ones', { ...busy, ok: 3, failed: 0, hopMs: { edge: 9e3 } }, 'client'],
  ['nothing when the rate was reached', paced, 'none'],
  ['the hop when the rate was not', { ...paced, behind: 3 }, 'edge'],
  ['the hop when it broke an objective', { ...paced, broke: true }, 'edge'],
  ['nobody when nothing ran', { ...facts, ok: 0, failed: 0, hopMs: {} }, 'unknown'],
  ['nobody when no request took time', { ...facts, hopMs: {} }, 'unknown'],
  ['failing pulls when none succeeds', { ...busy, ok: 0, failed: 3 }, 'pulls-fail'],
  ['failing pulls when half of them fail', { ...paced, ok: 5, failed: 5 }, 'pulls-fail'],
  ['not nothing when some fail at a rate that is kept', { ...paced, ok: 9 }, 'unknown'],
  ['not nothing when pushes fail', { ...paced, pushes: { ok: 0, failed: 2 } }, 'unknown'],
  ['nothing when they do not', { ...paced, pushes: { ok: 2, failed: 0 } }, 'none'],
  ['the hop when some fail', { ...facts, ok: 60, failed: 40 }, 'edge'],
  ['the clients when they wait for longer than anyone answers', { ...facts, waitMs: 91 }, waits],
  ['the hop when they wait for less', { ...facts, waitMs: 89 }, 'edge'],
  ['waits that are most of the time, also at a rate', { ...paced, waitMs: 106 }, waits],
  ['nothing when a rate is kept with few of them', { ...paced, waitMs: 91 }, 'none'],
  ['nobody where no machine says how busy it was', { ...facts, busy: undefined }, 'unknown'],
  ['nothing when a rate was reached there', { ...paced, busy: undefined }, 'none'],
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

test.each([
  [{ shape: 'rate' }, true],
  [{ shape: 'replay' }, true],
  [{ shape: 'vus' }, false],
  [{ shape: 'ramp', asked: { platforms: [], perSecond: 5 } }, true],
  [{ shape: 'vus', asked: { platforms: [], pauseMs: 2000 } }, true],
  [{ shape: 'vus', asked: { platforms: [], pauseMs: 1000 } }, false],
  [{ shape: 'vus', bottleneck: 'none' }, true],
] as const)('results say whether pulls were paced: %j', (run, expected) => {
  const { asked, ...more } = { asked: undefined, ...run };
  const platforms: string[] = [];
  const known = asked && { ...asked, platforms };
  expect(wasPaced({ bottleneck: 'registry', ...more, asked: known }, 1500)).toBe(expected);
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
  ['client-waits', 'client-waits'],
  ['pulls-fail', 'pulls-fail'],
  ['unknown', 'unknown'],
] as const)('where the mock serves, %s is %s', (limit, expected) => {
  expect(limitByMock(limit)).toBe(expected);
});
