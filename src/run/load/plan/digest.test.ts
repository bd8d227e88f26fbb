import { expect, test } from 'vitest';
import type { K6Plan } from '../../../../scenarios/lib/plan.ts';
import { planDigest } from './digest.ts';

const image = { registryUrl: 'https://r.example', repository: 'a', reference: 'latest' };
const plan: K6Plan = {
  client: 'podman',
  profiles: {},
  images: [{ ...image, credentials: { username: 'u', password: 'p' } }],
  platform: { os: 'linux', architecture: 'amd64' },
  shape: { kind: 'vus', vus: 10, durationSeconds: 30 },
  verify: 'all',
  timeoutMs: 30_000,
  insecure: false,
  mix: { seed: 1, nodes: { count: 3, keep: 2 } },
};

test('seed, credentials, the start and names of files do not matter', () => {
  const digest = planDigest(plan);
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(planDigest({ ...plan, mix: { ...plan.mix, seed: 2 } })).toBe(digest);
  expect(planDigest({ ...plan, images: [image] })).toBe(digest);
  expect(planDigest({ ...plan, startAt: '2026-11-29T12:00:00Z' })).toBe(digest);
  const replay = {
    kind: 'replay',
    file: '/a',
    iterations: 1,
    vus: 1,
    durationSecondsMax: 9,
  } as const;
  expect(planDigest({ ...plan, shape: replay })).toBe(
    planDigest({ ...plan, shape: { ...replay, file: '/b' } }),
  );
});

test.each<[string, Partial<K6Plan>]>([
  ['the images', { images: [{ ...image, reference: '1.0' }] }],
  ['the shape', { shape: { kind: 'vus', vus: 11, durationSeconds: 30 } }],
  ['the mix', { mix: { seed: 1, nodes: { count: 4, keep: 2 } } }],
  ['what is verified', { verify: 'none' }],
  ['the platform', { platform: { os: 'linux', architecture: 'arm64' } }],
])('%s does', (_what, changes) => {
  expect(planDigest({ ...plan, ...changes })).not.toBe(planDigest(plan));
});
