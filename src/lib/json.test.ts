import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asArray, asInteger, asObject, asString, parseJson } from './json.ts';

const longBlank = ' '.repeat(140_000);

describe('parseJson', () => {
  test('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(parseJson(JSON.stringify(value)))).toBe(JSON.stringify(value));
      }),
    );
  });

  test('never throws, and tells null from not JSON', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseJson(text)));
    expect(parseJson('null')).toBeNull();
    expect(parseJson('')).toBeUndefined();
    expect(parseJson('{"a":1')).toBeUndefined();
  });

  test('refuses long texts that nest too deeply, however they are cut', () => {
    for (const opening of ['[', '{"a":']) {
      expect(parseJson(longBlank + opening.repeat(4_000_000 / opening.length))).toBeUndefined();
    }
    const closed = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(parseJson(closed)).toBeUndefined();
  });

  test('brackets in strings and siblings are not nesting', () => {
    const text = JSON.stringify({
      brackets: '['.repeat(200_000),
      quotes: `${'"['.repeat(10_000)}\\`,
      siblings: Array.from({ length: 5_000 }, () => [{}]),
    });
    expect(asArray(asObject(parseJson(text))?.siblings)).toHaveLength(5_000);
  });
});

describe('narrowing', () => {
  const samples = [undefined, null, true, 1, 1.5, -1, 2 ** 53, Number.NaN, '', 'x', [], [1], {}];

  test.each([
    ['object', asObject, [{}]],
    ['array', asArray, [[], [1]]],
    ['string', asString, ['', 'x']],
    ['integer', asInteger, [1, -1]],
  ] as const)('%s takes its own kind only', (_, narrow, taken) => {
    expect(samples.map((sample) => narrow(sample)).filter((v) => v !== undefined)).toEqual(taken);
  });
});
