import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostileText } from '../test/lib/sample-results.ts';
import { oneLine, visible } from './untrusted.ts';

const acted = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe('visible', () => {
  test('spells out what a terminal would act upon', () => {
    expect(visible('\x1b[31mred\x07\x9b2J')).toBe('\\x1b[31mred\\x07\\x9b2J');
    expect(visible('a\u202eb\ud800')).toBe('a\\u{202e}b\\u{d800}');
  });

  test('keeps lines and ordinary text of any language', () => {
    expect(visible('a\r\nb\n\tc')).toBe('a\nb\n\tc');
    expect(visible('Grüße, 世界 🎉')).toBe('Grüße, 世界 🎉');
  });

  test('leaves nothing to act upon but line feeds and tabs, in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text).replace(/[\n\t]/g, '')).not.toMatch(acted);
      }),
    );
  });
});

describe('oneLine', () => {
  test('is one line of bounded length, in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (text, max) => {
        const shown = oneLine(text, max);
        expect(shown).not.toMatch(acted);
        // The longest spelling of one code unit is `\u{10fff}`-like: nine characters.
        expect(shown.length).toBeLessThanOrEqual(max * 9 + 1);
      }),
    );
  });

  test('says that it was cut', () => {
    expect(oneLine('abcdef', 3)).toBe('abc…');
    expect(oneLine(` ${hostileText} `)).not.toContain('\n');
  });
});
