import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meantName, nearestName } from './nearest.ts';

const names = ['location', 'insecure', 'blocked', 'mirror'];

test.each([
  ['locaton', 'location'],
  ['Insecure', 'insecure'],
  ['blcoked', 'blocked'],
  ['mirrors', 'mirror'],
])('%s was meant to be %s', (written, name) => {
  expect(nearestName(written, names)).toBe(name);
  expect(meantName(written, names)).toBe(name);
});

test('what is far from every name was not meant to be one', () => {
  expect(meantName('timeout', names)).toBeUndefined();
  expect(meantName('x', [])).toBeUndefined();
  expect(nearestName('x', [])).toBeUndefined();
});

test('a name is nearest to itself', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,20}$/), { minLength: 1 }), (known) => {
      for (const name of known) expect(nearestName(name, known)).toBe(name);
    }),
  );
});

test('long names cost no more than short ones', () => {
  expect(meantName('a'.repeat(1_000_000), ['a'])).toBeUndefined();
});
