// The options of k6 that a plan becomes.
import { expect, test } from 'vitest';
import { optionsOf } from '../scenarios/lib/options.ts';
import type { K6Plan, PlannedShape } from '../scenarios/lib/plan.ts';
import { profileNamed } from '../src/run/load/load.ts';

const push = {
  ...{ registryUrl: 'http://h', repository: 'p', seed: 1, run: 'r', vus: 2, layers: 1 },
  ...{ bytes: [{ value: 2048, weight: 1 }], chunkBytes: 1e6 },
  upload: [{ value: 'monolithic' as const, weight: 1 }],
};

function scenariosOf(shape: PlannedShape, more: Partial<K6Plan> = {}) {
  const plan: K6Plan = {
    ...{ client: 'podman', profiles: {}, images: [], platform: { os: 'linux', architecture: 'a' } },
    ...{ shape, verify: 'all', timeoutMs: 1000, insecure: false, ...more },
  };
  return optionsOf(plan, profileNamed('podman'), 'built').scenarios as Record<string, unknown>;
}

test('a constant shape has an executor of that name, from a second on', () => {
  expect(scenariosOf({ kind: 'vus', vus: 3, durationSeconds: 1.5 }).pull).toMatchObject({
    executor: 'constant-vus',
    vus: 3,
    duration: '1500ms',
  });
  const rate = { kind: 'rate', perSecond: 2, durationSeconds: 30, vus: 4 } as const;
  expect(scenariosOf(rate).pull).toMatchObject({
    executor: 'constant-arrival-rate',
    rate: 120,
    duration: '30s',
  });
});

test('below a second, where k6 has none, it is a ramp from its level to its level', () => {
  expect(scenariosOf({ kind: 'vus', vus: 3, durationSeconds: 0.5 }).pull).toMatchObject({
    executor: 'ramping-vus',
    startVUs: 3,
    stages: [{ duration: '500ms', target: 3 }],
  });
  const rate = { kind: 'rate', perSecond: 2, durationSeconds: 0.1, vus: 4 } as const;
  expect(scenariosOf(rate).pull).toMatchObject({
    executor: 'ramping-arrival-rate',
    startRate: 120,
    stages: [{ duration: '100ms', target: 120 }],
    maxVUs: 4,
  });
});

test('pushes last as long as the pulls, to the millisecond', () => {
  const stages = [
    { seconds: 0.3, target: 2 },
    { seconds: 1.1, target: 2 },
  ];
  const shape = { kind: 'stages', of: 'vus', start: 0, stages, vus: 2 } as const;
  expect(scenariosOf(shape, { push }).push).toMatchObject({ duration: '1400ms', exec: 'push' });
});
