// What is chosen for each pull: shares, repetition, and what nodes still have.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooserOf, fraction, thinkMsOf } from '../scenarios/lib/choice.ts';
import type { K6Plan, Mix } from '../scenarios/lib/plan.ts';

const layersOf = (name: string) => ({ 'linux/amd64': [`${name}-1`, `${name}-2`] });
const image = (repository: string) => ({
  registryUrl: 'http://h',
  repository,
  reference: 'latest',
  layers: layersOf(repository),
});

function planOf(mix?: Mix): K6Plan {
  return {
    client: 'podman',
    profiles: {},
    images: [image('a'), image('b'), image('c')],
    platform: { os: 'linux', architecture: 'amd64' },
    shape: { kind: 'vus', vus: 1, durationSeconds: 1 },
    verify: 'all',
    timeoutMs: 1000,
    insecure: false,
    mix,
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

test('without a mix the images take turns and every machine is new', () => {
  const choose = chooserOf(planOf());
  expect(numbers(4).map((number) => choose(number).image.repository)).toEqual(['a', 'b', 'c', 'a']);
  expect(choose(5)).toMatchObject({ client: 'podman', has: undefined });
});

test('shares are kept, and the same seed chooses the same', () => {
  const clients = [
    { value: 'containerd', weight: 3 },
    { value: 'podman', weight: 1 },
  ];
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const mix = { seed, images: [8, 1, 1], clients };
      const [one, two] = [chooserOf(planOf(mix)), chooserOf(planOf(mix))];
      const chosen = numbers(4000).map((number) => one(number));
      const share = (holds: (choice: (typeof chosen)[number]) => boolean) =>
        chosen.filter(holds).length / chosen.length;
      expect(share(({ image }) => image.repository === 'a')).toBeCloseTo(0.8, 1);
      expect(share(({ client }) => client === 'containerd')).toBeCloseTo(0.75, 1);
      // The draws are independent of each other.
      const both = share(({ image, client }) => image.repository === 'a' && client === 'podman');
      expect(Math.abs(both - 0.2)).toBeLessThan(0.05);
      expect(two(17)).toEqual(one(17));
    }),
    { numRuns: 20 },
  );
});

test('a node has the layers of its last pulls, and of no others', () => {
  const choose = chooserOf(planOf({ seed: 1, nodes: { count: 2, keep: 2 } }));
  // The images take turns: node 0 makes pulls 0, 2, 4, 6 and so on, of a, c, b, a.
  expect([...(choose(0).has ?? [])]).toEqual([]);
  expect([...(choose(1).has ?? [])]).toEqual([]);
  expect([...(choose(2).has ?? [])]).toEqual(['a-1', 'a-2']);
  expect([...(choose(6).has ?? [])].sort()).toEqual(['b-1', 'b-2', 'c-1', 'c-2']);
});

test('pauses lie within their bounds', () => {
  const plan = planOf({ seed: 5, thinkMs: { min: 100, max: 300 } });
  for (const number of numbers(200)) {
    expect(thinkMsOf(plan, number)).toBeGreaterThanOrEqual(100);
    expect(thinkMsOf(plan, number)).toBeLessThan(300);
  }
  expect(thinkMsOf(planOf(), 1)).toBe(0);
});

test('draws are even', () => {
  const tenths = new Array(10).fill(0);
  for (const number of numbers(20_000)) tenths[Math.floor(fraction(9, number, 1) * 10)]++;
  for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(250);
});
