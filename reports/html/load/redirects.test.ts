// Each request stands once, and below the redirect that led to it.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SampledRequest } from '../../results.ts';
import { chainsOf } from './redirects.ts';

function request(change: Partial<SampledRequest>): SampledRequest {
  return {
    ...{ phase: 'layer', hop: 'registry', host: 'r', status: 200, startMs: 0, totalMs: 5 },
    ...{ dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 1, bytes: 1 },
    ...change,
  };
}

const edge = { hop: 'edge', host: 'cdn' };

test('layers side by side each keep their own target', () => {
  const requests = [
    request({ status: 307, bytes: 11 }),
    request({ status: 307, totalMs: 6, bytes: 21 }),
    request({ status: 307, startMs: 5.2, bytes: 31 }),
    request({ ...edge, startMs: 5.3, bytes: 12 }),
    request({ ...edge, startMs: 6.4, bytes: 22 }),
    request({ ...edge, startMs: 10.5, bytes: 32 }),
  ];
  const rows = chainsOf(requests).map(({ request: one, follows }) => [one.bytes, follows]);
  expect(rows).toEqual([
    [11, false],
    [12, true],
    [21, false],
    [22, true],
    [31, false],
    [32, true],
  ]);
});

test('a redirect that nobody followed, and a chain of three', () => {
  const requests = [
    request({ status: 302, phase: 'config' }),
    request({ status: 307 }),
    request({ ...edge, status: 302, startMs: 5 }),
    request({ hop: 'edge', host: 'cdn2', startMs: 10 }),
  ];
  expect(chainsOf(requests).map(({ follows }) => follows)).toEqual([false, false, true, true]);
});

test('whatever the times are, nothing is lost or doubled', () => {
  const requests = fc.array(
    fc.record({
      phase: fc.constantFrom('config', 'layer'),
      host: fc.constantFrom('r', 'cdn'),
      status: fc.constantFrom(0, 200, 302, 307),
      startMs: fc.nat(3),
      totalMs: fc.nat(2),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(requests, (parts) => {
      const all = parts.map(request);
      const told = chainsOf(all).map((row) => row.request);
      expect(new Set(told)).toEqual(new Set(all));
      expect(told).toHaveLength(all.length);
    }),
  );
});
