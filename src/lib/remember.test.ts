import { expect, test } from 'vitest';
import { keep, remember, rememberByObject } from './remember.ts';

/** Counts how often the work was done. */
function counted<K>(memory: (work: (key: K) => string, countMax?: number) => (key: K) => string) {
  let times = 0;
  const ask = memory((key) => `${String(key)} ${++times}`, 2);
  return { ask, times: () => times };
}

test('the same text is worked out once', () => {
  const { ask, times } = counted<string>(remember);
  expect(ask('a')).toBe(ask('a'));
  expect(times()).toBe(1);
  ask('b');
  expect(times()).toBe(2);
});

test('objects are told apart, however alike', () => {
  const { ask, times } = counted<object>(rememberByObject);
  const one = {};
  expect(ask(one)).toBe(ask(one));
  expect(ask({})).not.toBe(ask(one));
  expect(times()).toBe(2);
});

test('a full memory starts anew, and forgets nothing to change an entry', () => {
  const known = new Map<string, number>();
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['a', 3],
  ] as const) {
    keep(known, key, value, 2);
  }
  expect([...known]).toEqual([
    ['a', 3],
    ['b', 2],
  ]);
  keep(known, 'c', 4, 2);
  expect([...known]).toEqual([['c', 4]]);
});
