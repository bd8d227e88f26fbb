import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/lib/user-error.ts';
import { randomOf } from '../random.ts';
import { parseBandwidth, parseLatency, shaper } from './shaping.ts';

describe('parseLatency', () => {
  test.each([
    [
      'registry=5ms±2ms,edge=30ms',
      { registry: { ms: 5, jitterMs: 2 }, edge: { ms: 30, jitterMs: 0 } },
    ],
    ['edge=1m30s', { edge: { ms: 90_000, jitterMs: 0 } }],
    ['edge=0.5ms', { edge: { ms: 0.5, jitterMs: 0 } }],
    ['token=1.5s+-500ms', { token: { ms: 1500, jitterMs: 500 } }],
    ['edge=30ms±10ms+30%', { edge: { ms: 39, jitterMs: 13 } }],
    [
      'edge=+30%,registry=10ms+50%',
      { edge: { ms: 39, jitterMs: 0 }, registry: { ms: 15, jitterMs: 0 } },
    ],
  ])('%s', (text, hops) => expect(parseLatency(text)).toEqual(hops));

  test.each([
    '',
    'edge',
    'edge=',
    'edge=5',
    'edge=5ms±9ms',
    'edge=1ms±1ms±1ms',
    'moon=5ms',
    'edge=-5ms',
    'edge=11m',
    'edge=%',
    'edge=30%',
    'edge=-30%',
    'edge=9m+30%',
  ])('"%s" is refused', (text) => expect(() => parseLatency(text)).toThrow(UserError));
});

describe('parseBandwidth', () => {
  test.each([
    ['edge=50MB/s', { edge: 50e6 }],
    ['edge=500kB/s,token=700B/s', { edge: 500e3, token: 700 }],
    ['edge=1.5 GiB/s', { edge: 1.5 * 2 ** 30 }],
    ['edge=1TB/s', { edge: 1e12 }],
    ['edge=1.5KiB/s,registry=1GB/s', { edge: 1536, registry: 1e9 }],
  ])('%s', (text, hops) => expect(parseBandwidth(text)).toEqual(hops));

  test.each(['edge=50', 'edge=50MB', 'edge=0MB/s', 'edge=50mb/s', '=1MB/s', 'edge=1iB/s'])(
    '"%s" is refused',
    (text) => expect(() => parseBandwidth(text)).toThrow(UserError),
  );
});

describe('shaper', () => {
  test('leaves the other hops alone', () => {
    const paces = shaper({ latency: { edge: { ms: 1, jitterMs: 0 } } }, Math.random);
    expect(Object.keys(paces)).toEqual(['edge']);
    expect(paces.edge?.reserveMs(1e9)).toBe(0);
  });

  test('waits within the jitter, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(), (ms, jitter, seed) => {
        const jitterMs = Math.min(ms, jitter);
        const waits = () => {
          const pace = shaper({ latency: { edge: { ms, jitterMs } } }, randomOf(seed, 'test')).edge;
          return Array.from({ length: 20 }, () => pace?.delayMs() ?? -1);
        };
        const seen = waits();
        expect(waits()).toEqual(seen);
        for (const wait of seen) {
          expect(wait).toBeGreaterThanOrEqual(ms - jitterMs);
          expect(wait).toBeLessThanOrEqual(ms + jitterMs);
        }
      }),
    );
  });

  test('never lets more through than the hop has, however many share it', () => {
    const pieces = fc.array(
      fc.record({ bytes: fc.integer({ min: 1, max: 65_536 }), idleMs: fc.nat(50) }),
    );
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1_000, max: 1e8 }), (asked, rate) => {
        let now = 0;
        let lastAt = 0;
        let bytes = 0;
        const pace = shaper({ bandwidth: { edge: rate } }, Math.random, () => now).edge;
        for (const piece of asked) {
          now += piece.idleMs;
          lastAt = now + (pace?.reserveMs(piece.bytes) ?? 0);
          bytes += piece.bytes;
          expect((bytes / rate) * 1000).toBeLessThanOrEqual(lastAt * (1 + 1e-9) + 1e-6);
        }
      }),
    );
  });
});
