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

describe('what is tried again', () => {
  const pauseAfter = (found: RetryRule | undefined, failure: string, more: object = {}) => {
    const reply = { header: () => undefined, text: '', failureMessage: '', ...more };
    const failed = { ...none, failure, tries: 1, reply, told: { reason: undefined, ...reply } };
    return found && retryPause(found, { ...failed, ...more } as never, 0)?.waitMs;
  };
  const words = (failureMessage: string) => ({
    failureMessage,
    told: { reason: undefined, words: failureMessage, text: '' },
  });
  const eof = words('EOF');
  const rst = words('read tcp A: read: connection reset by peer');

  test.each([
    ['containerd', 'reset', eof, 50],
    ['containerd', 'tls', eof, 50],
    ['containerd', 'reset', rst, undefined],
    ['containerd', 'tls', rst, undefined],
    ['containerd', 'stalled', {}, undefined],
    ['containerd', 'dial-timeout', {}, undefined],
    ['crane', 'reset', eof, 1000],
    ['crane', 'reset', rst, 1000],
    ['crane', 'reset', words('stream error: stream ID 3; INTERNAL_ERROR'), undefined],
    ['crane', 'refused', {}, undefined],
    ['oras', 'reset', rst, 225],
    ['skopeo', 'reset', rst, undefined],
    ['regclient', 'tls', words('x509: certificate has expired'), 200],
  ] as const)('%s: %s %j', (name, failure, more, waitMs) => {
    expect(pauseAfter(rule(name), failure, more)).toBe(waitMs);
  });

  test('a reason decides before words do', () => {
    const told = (reason: string) => ({ told: { reason, words: '', text: '' } });
    expect(pauseAfter(rule('containerd'), 'reset', told('eof'))).toBe(50);
    expect(pauseAfter(rule('containerd'), 'reset', told('rst'))).toBeUndefined();
  });

  test.each([
    ['own message', 400, { code: 'UNSUPPORTED', message: 'not today' }, true],
    [
      'usual message',
      400,
      { code: 'UNSUPPORTED', message: 'The operation is unsupported.' },
      false,
    ],
    ['usual message and a detail', 404, { code: 'BLOB_UNKNOWN', detail: { digest: 'd' } }, true],
    ['a code to stop at', 404, { code: 'MANIFEST_UNKNOWN', detail: 1 }, false],
    ['a server error', 500, { code: 'UNKNOWN', message: 'x' }, false],
  ])('podman begins anew for what explains itself: %s', (_what, status, error, again) => {
    const text = JSON.stringify({ errors: [error] });
    const told = { reason: undefined, words: '', text };
    const podman = profiles.podman?.retry?.pull;
    expect(pauseAfter(podman, '', { status, told }) !== undefined).toBe(again);
  });
});
