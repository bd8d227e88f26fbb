import { describe, expect, test } from 'vitest';
import type { PlannedShape } from '../../../../scenarios/lib/plan.ts';
import { type Asking, askedOf } from './asked.ts';

const platform = { os: 'linux', architecture: 'amd64' };
const vus: PlannedShape = { kind: 'vus', vus: 5, durationSeconds: 30 };
const of = (asking: Partial<Asking>) => askedOf({ platform, shape: vus, ...asking });

describe('askedOf', () => {
  test.each<[PlannedShape, object]>([
    [vus, { durationSeconds: 30 }],
    [
      { kind: 'rate', vus: 5, perSecond: 7, durationSeconds: 3 },
      { perSecond: 7, durationSeconds: 3 },
    ],
    [{ kind: 'herd', vus: 40, durationSecondsMax: 600 }, { iterations: 40 }],
    [{ kind: 'iterations', vus: 4, iterations: 9, durationSecondsMax: 600 }, { iterations: 9 }],
    [{ kind: 'vus', name: 'replay', vus: 1, durationSeconds: 1 }, {}],
    [
      {
        ...{ kind: 'stages', name: 'ramp', of: 'rate', start: 1, vus: 10 },
        stages: [{ seconds: 20, target: 8 }],
      },
      { perSecond: 8, durationSeconds: 20 },
    ],
  ])('tells how long and how much: %j', (shape, extent) => {
    expect(of({ shape })).toEqual({ platforms: ['linux/amd64'], ...extent });
  });

  test('platforms of a mix are told in the order of the plan', () => {
    const platforms = [
      { value: { os: 'linux', architecture: 'arm', variant: 'v7' }, weight: 1 },
      { value: platform, weight: 2 },
    ];
    expect(of({ mix: { platforms } }).platforms).toEqual(['linux/arm/v7', 'linux/amd64']);
  });

  test('pauses are told by their mean', () => {
    expect(of({ mix: { thinkMs: { min: 1000, max: 3000 } } }).pauseMs).toBe(2000);
    expect(of({})).not.toHaveProperty('pauseMs');
  });

  test('what varies does not depend on seed, hosts, credentials or the order of members', () => {
    const nodes = { count: 3, keep: 10 };
    const one = of({
      mix: { seed: 1, nodes, thinkMs: { min: 1, max: 2 } },
      mirrors: ['https://a.example'],
      push: { registryUrl: 'https://a', run: 'x', credentials: { username: 'u' }, vus: 2 },
    });
    const other = of({
      mix: { seed: 2, thinkMs: { max: 2, min: 1 }, nodes },
      mirrors: ['https://b.example'],
      push: { vus: 2, registryUrl: 'https://b', run: 'y' },
    });
    expect(one.varies).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(other.varies).toBe(one.varies);
  });

  test.each<Partial<Asking>>([
    { mix: { nodes: { count: 4, keep: 10 } } },
    { mix: { images: [1, 2] } },
    { mirrors: ['https://a.example'] },
    { mirrors: ['https://a.example', 'https://b.example'] },
    { push: { vus: 1 } },
    { push: { vus: 2 } },
  ])('tells apart what varies: %j', (asking) => {
    expect(of(asking).varies).toBeDefined();
    expect(of(asking).varies).not.toBe(of({ mix: { nodes: { count: 3, keep: 10 } } }).varies);
  });

  test('says nothing where nothing varies', () => {
    expect(of({ mix: { seed: 4 } })).not.toHaveProperty('varies');
  });
});
