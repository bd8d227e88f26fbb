// Texts of untrusted documents in messages: what can be read is, what deceives is not.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quote } from './rule.ts';

describe('a quoted value', () => {
  test.each([
    '\u4f60\u597d',
    'caf\u00e9',
    '\u043a\u043b\u044e\u0447',
    '\u201cx\u201d',
    '\u{1f600}',
  ])('shows what can be read: %s', (text) => expect(quote(text)).toBe(`"${text}"`));

  test.each([
    ['a letter of another script in a word', 'op\u0435n', '"op\\u0435n"'],
    [
      'a word of letters that look like Latin ones',
      '\u0441\u0435\u0430',
      '"\\u0441\\u0435\\u0430"',
    ],
    ['full-width letters', '\uff41', '"\\uff41"'],
    ['direction marks', 'a\u202eb', '"a\\u202eb"'],
    ['blanks that are not the common one', 'a\u00a0b', '"a\\u00a0b"'],
    ['half pairs', '\ud83d', '"\\ud83d"'],
  ])('spells out %s', (_, text, shown) => expect(quote(text)).toBe(shown));

  test('is short, well-formed, and nothing that a terminal acts upon', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const shown = quote(text);
        expect(shown.length).toBeLessThanOrEqual(80);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
