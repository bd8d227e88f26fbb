import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meantName, misspeltName, nearestName } from './nearest.ts';

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

test.each([
  ['url', 'urls'],
  ['Usr', 'User'],
  ['ENVS', 'Env'],
  ['dtaa', 'data'],
  ['hostnme', 'Hostname'],
])('%s is %s, misspelt', (written, name) => {
  expect(misspeltName(written, ['urls', 'User', 'Env', 'data', 'os', 'Hostname'])).toBe(name);
});

test.each(['date', 'uris', 'osx', 'id', 'env2x'])('%s is none of these, misspelt', (written) => {
  expect(misspeltName(written, ['urls', 'data', 'Env', 'size'])).toBeUndefined();
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
