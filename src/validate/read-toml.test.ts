import { expect, test } from 'vitest';
import { readToml, tomlVersion } from './read-toml.ts';

const rulesOf = (text: string) => readToml(text).problems.map(({ rule }) => rule.id);

test.each([
  ['a = { b = 1, }', [tomlVersion.id]],
  ['a = { b = 1,\t }', [tomlVersion.id]],
  ['a = { b = [1,] }', []],
  ['a = { b = "1," }', []],
  ['a = [{ b = 1 },\n]', []],
])('%j', (text, rules) => {
  expect(rulesOf(text)).toEqual(rules);
});

// What stands before each brace is not searched from the beginning: that took a quarter of a minute.
test('as many tables in braces as a file may have', () => {
  expect(rulesOf(`a = [${'{ }, '.repeat(50_000)}]`)).toEqual([]);
});
