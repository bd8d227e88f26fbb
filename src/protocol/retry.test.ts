import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { profiles } from '../profiles/index.ts';
import type { ClientProfile, RetryRule } from './client.ts';
import { paceMs, retryPause } from './retry.ts';

const rule = (name: string): RetryRule => {
  const found = (profiles[name] as ClientProfile).retry?.request;
  if (found === undefined) throw new Error(name);
  return found;
};
const none = { status: 0, failure: '', statusBefore: 0 } as const;

/** The waits of a client that meets nothing but this status. */
function waitsAt(name: string, status: number, headers: Record<string, string> = {}): number[] {
  const waits: number[] = [];
  const reply = { header: (line: string) => headers[line] } as never;
  for (let tries = 1; tries < 20; tries++) {
    const failed = { ...none, status, tries, reply, statusBefore: tries > 1 ? status : 0 };
    const pause = retryPause(rule(name), failed, 0);
    if (pause === undefined) break;
    waits.push(pause.waitMs);
  }
  return waits;
}

describe('waits between tries', () => {
  test.each([
    ['podman', 429, [2000, 4000, 8000, 16_000]],
    ['podman', 503, []],
    ['containerd', 429, [0, 0, 0, 0]],
    ['containerd', 503, [0]],
    ['containerd', 502, []],
    ['crane', 503, [1000, 3000]],
    ['oras', 500, [225, 450, 900, 1800, 2700]],
    ['regclient', 502, [200, 400, 800, 1600]],
  ] as const)('%s at HTTP %i', (name, status, waits) => {
    expect(waitsAt(name, status)).toEqual(waits);
  });

  test.each([
    ['podman', { 'Retry-After': '7' }, [7000, 7000, 7000, 7000]],
    ['podman', { 'Retry-After': '7000' }, [60_000, 60_000, 60_000, 60_000]],
    [
      'podman',
      { 'Retry-After': 'Sat, 21 Nov 2026 10:00:05 GMT', Date: 'Sat, 21 Nov 2026 10:00:00 GMT' },
      [5000, 5000, 5000, 5000],
    ],
    ['podman', { 'Retry-After': 'soon' }, [2000, 4000, 8000, 16_000]],
    ['containerd', { 'Retry-After': '7' }, [0, 0, 0, 0]],
    ['oras', { 'Retry-After': '7' }, [3000, 3000, 3000, 3000, 3000]],
  ])('%s told %j', (name, headers, waits) => {
    expect(waitsAt(name, 429, headers as Record<string, string>)).toEqual(waits);
  });

  test('never leave the spread, and never go past the cap by more than it', () => {
    const rules = Object.values(profiles).flatMap(({ retry = {}, resume }) =>
      [...Object.values(retry), resume].flatMap((one) => one ?? []),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...rules),
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (pace, tries, random) => {
          const ms = paceMs(pace, tries, random);
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(Math.ceil(pace.capMs * pace.spread[1]));
        },
      ),
    );
  });
});
