import { expect, test } from 'vitest';
import { durationSecondsOf, shapeNameOf } from '../../../../scenarios/lib/plan.ts';
import { shapeNames, shapeOf } from './shape.ts';

test.each([
  [{}, 'vus'],
  [{ vus: 3, durationMs: 2000 }, 'vus'],
  [{ perSecond: 5 }, 'rate'],
  [{ iterations: 5 }, 'iterations'],
  [{ stages: { of: 'vus' as const, stages: [{ seconds: 1, target: 2 }] } }, 'ramp'],
])('without a name, %j is the shape %s', (wish, name) => {
  expect(shapeNameOf(shapeOf(wish, 1))).toBe(name);
});

test.each(shapeNames.filter((name) => name !== 'replay'))('%s has defaults of its own', (name) => {
  const needed = {
    ...(name === 'rate' && { perSecond: 2 }),
    ...(name === 'iterations' && { iterations: 2 }),
  };
  const shape = shapeOf({ shape: name, ...needed }, 1);
  expect(shapeNameOf(shape)).toBe(name);
  expect(shape.vus).toBeGreaterThan(0);
  expect(durationSecondsOf(shape)).toBeGreaterThan(0);
});

test.each([
  [{ shape: 'vus' as const, perSecond: 5 }, 1],
  [{ perSecond: 5, iterations: 5 }, 1],
  [{ shape: 'iterations' as const }, 1],
  [{ shape: 'rate' as const }, 1],
  [{ shape: 'herd' as const }, 2],
  [{ shape: 'herd' as const, perSecond: 4 }, 1],
  [{ shape: 'replay' as const }, 1],
  [{ stages: { of: 'vus' as const, stages: [{ seconds: 1, target: 0 }] } }, 1],
])('%j of %i images is a conflict', (wish, images) => {
  expect(() => shapeOf(wish, images)).toThrow(expect.objectContaining({ code: 'shape-conflict' }));
});

test('a duration is kept to the millisecond, also below a second', () => {
  const short = { durationMs: 500 };
  expect(shapeOf(short, 1)).toMatchObject({ kind: 'vus', durationSeconds: 0.5 });
  expect(shapeOf({ ...short, perSecond: 9 }, 1)).toMatchObject({ durationSeconds: 0.5 });
  expect(shapeOf({ durationMs: 1234 }, 1)).toMatchObject({ durationSeconds: 1.234 });
  expect(durationSecondsOf(shapeOf({ ...short, shape: 'spike' }, 1))).toBeCloseTo(0.5, 6);
  expect(shapeOf({ durationMs: 1500, iterations: 3 }, 1)).toMatchObject({
    durationSecondsMax: 1.5,
  });
});

test.each(['herd', 'iterations', 'smoke'] as const)('k6 limits no %s to less than 1s', (shape) => {
  const wish = { shape, durationMs: 999, ...(shape === 'iterations' && { iterations: 2 }) };
  expect(() => shapeOf(wish, 1)).toThrow(expect.objectContaining({ code: 'shape-conflict' }));
});

test('a ramp rises to what is asked in the whole time; a rate needs users for slow pulls', () => {
  const users = shapeOf({ shape: 'ramp', vus: 40, durationMs: 8000 }, 1);
  expect(users).toMatchObject({
    of: 'vus',
    start: 0,
    stages: [{ seconds: 8, target: 40 }],
    vus: 40,
  });
  const rate = shapeOf({ shape: 'ramp', perSecond: 50, vus: 7 }, 1);
  expect(rate).toMatchObject({ of: 'rate', stages: [{ target: 50 }], vus: 7 });
});
