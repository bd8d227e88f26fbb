import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { excerptOf } from './excerpt.ts';
import { validateDocument } from './index.ts';

/** What the carets stand below. */
function marked(text: string, offset: number): string | undefined {
  const excerpt = excerptOf(text, offset);
  return excerpt?.text.slice(excerpt.column - 1, excerpt.column - 1 + excerpt.length);
}

describe('an excerpt', () => {
  test.each([
    ['{\n  "size": -12\n}', '-12', '-12'],
    ['{"digest": "sha256:\\"x", "b": 1}', '"sha256', '"sha256:\\"x"'],
    ['{"a": [1, 2]}', '[', '['],
    ['{"a": true}', 'true', 'true'],
    ['a:\n  - off # x', 'off', 'off'],
    ['{"a": "never closed', '"never', '"never closed'],
  ])('of %j marks the token', (text, at, token) => {
    expect(marked(text, text.indexOf(at))).toBe(token);
  });

  test('is the line, and nothing of its neighbours', () => {
    const excerpt = excerptOf('one\r\n\ttwo\r\nthree', 6);
    expect(excerpt).toEqual({
      text: ' two',
      column: 2,
      length: 3,
      cut: { before: false, after: false },
    });
  });

  test.each([
    ['curly quotes', '[\u201ch.test\u201d]', '[\u201ch.test\u201d]'],
    ['other scripts', '{"\u4f60\u597d": "\u0645\u0631\u062d\u0628\u0627"}', undefined],
    ['emoji', '{"a": "\u{1f600}"}', undefined],
    ['no direction marks', 'a\u202eb\u2066c', 'a·b·c'],
    ['nothing that is not seen', 'a\u200bb\u00adc\u00a0d\u3164e\ufeff', 'a·b·c·d·e·'],
    ['no half pairs', 'a\ud83d b', 'a· b'],
    ['no controls', 'a\u0007\u001b[31m', 'a··[31m'],
    ['nothing of private use', 'a\ue000\u{f0000}', 'a···'],
  ])('shows %s', (_, text, shown) => {
    expect(excerptOf(text, 0)?.text).toBe(shown ?? text);
  });

  test('never cuts a pair in two', () => {
    for (const at of [0, 1, 2, 3, 201, 202, 203]) {
      const excerpt = excerptOf('\u{1f600}'.repeat(300), at * 2 + 1);
      expect(excerpt?.text).toMatch(/^(?:\u{1f600})+$/u);
    }
  });

  test('of an empty line, or of nothing, is none', () => {
    expect(excerptOf('', 0)).toBeUndefined();
    expect(excerptOf('a\n\nb', 2)).toBeUndefined();
  });

  test('of a long line is cut around the place', () => {
    const text = `{"a":"${'x'.repeat(5_000_000)}","size":-1,"b":"${'y'.repeat(5_000_000)}"}`;
    const excerpt = excerptOf(text, text.indexOf('-1'));
    expect(excerpt?.cut).toEqual({ before: true, after: true });
    expect(excerpt?.text.length).toBeLessThanOrEqual(100);
    expect(marked(text, text.indexOf('-1'))).toBe('-1');
  });

  test('of any text is short, on one line, harmless, and marks what is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.nat(400), (text, at) => {
        const offset = Math.min(at, text.length);
        const excerpt = excerptOf(text, offset);
        if (excerpt === undefined) return;
        expect(excerpt.text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(excerpt.text.length).toBeLessThanOrEqual(100);
        expect(excerpt.column).toBeGreaterThan(0);
        expect(excerpt.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('a secret', () => {
  const secret = 'hunter22';
  const shown = (text: string, path = 'x.json') =>
    JSON.stringify(validateDocument(Buffer.from(text), { path }).findings);

  test.each([
    ['of an auth file', `{"auths":{"h:1":{"auth":"${secret}*"}}}`],
    ['of an auth file that is no JSON', `{"auths":{"h:1":{"auth":"${secret}"}},}`],
    ['of a token reply', `{"token":"${secret}","expires_in":-1}`],
    ['of a token reply that is no JSON', `{"token":"${secret}"`],
    ['of a file that nobody knows', `{"private":"${secret}"}`],
    ['in a URL', `{"digest":"x","size":-1,"urls":["https://me:${secret}@h/x"],"mediaType":"a/b"}`],
    [
      'in a URL that is none',
      `{"digest":"x","size":1,"urls":["https://me:${secret}@h h/x"],"mediaType":"a/b"}`,
    ],
    [
      'in a long URL',
      `{"urls":["https://me:${secret}${'x'.repeat(150)}@h/x"],"digest":"x","size":-1}`,
    ],
  ])('%s is not shown', (_, text) => {
    const found = shown(text);
    expect(found).not.toBe('[]');
    expect(found).not.toContain(secret);
  });

  test('in the name of a registry is not shown', () => {
    const text = `[[registry]]\nlocation = "me:${secret}@h/"\nblockd = true\n`;
    expect(shown(text, 'registries.conf')).not.toContain(secret);
  });

  test('is no digest', () => {
    const name = `h/app:1@sha256:${'0'.repeat(64)}`;
    expect(excerptOf(`"${name}"`, 0)?.text).toBe(`"${name}"`);
  });
});
