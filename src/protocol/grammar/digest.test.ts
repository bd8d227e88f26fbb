import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRegisteredDigest, isWellFormedDigest, parseDigest } from './digest.ts';

const hex64 = '6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b';

const component = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const algorithm = fc
  .tuple(component, fc.array(fc.tuple(fc.constantFrom('+', '.', '_', '-'), component)))
  .map(([first, others]) => first + others.map(([dot, name]) => dot + name).join(''))
  .filter((text) => text.length <= 100);
const encoded = fc.stringMatching(/^[a-zA-Z0-9=_-]{1,128}$/);

describe('parseDigest', () => {
  test('splits whatever the generic grammar allows', () => {
    fc.assert(
      fc.property(algorithm, encoded, (name, value) => {
        expect(parseDigest(`${name}:${value}`)).toEqual({ algorithm: name, encoded: value });
      }),
    );
  });

  test('what it returns spells the text it was given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9+._:-]{0,20}$/)), (text) => {
        const digest = parseDigest(text);
        expect(digest && `${digest.algorithm}:${digest.encoded}`).toBe(digest && text);
      }),
    );
  });

  test.each([
    '',
    ':',
    'sha256',
    'sha256:',
    `:${hex64}`,
    `SHA256:${hex64}`,
    `sha256::${hex64}`,
    `sha256+:${hex64}`,
    `+sha256:${hex64}`,
    `sha256++b64:${hex64}`,
    `sha256:${hex64}\n`,
    `sha256:${hex64}/..`,
    ` sha256:${hex64}`,
    `sha256:${'a'.repeat(600)}`,
  ])('refuses %j', (text) => {
    expect(parseDigest(text)).toBeUndefined();
    expect(isWellFormedDigest(text)).toBe(false);
  });
});

describe('well-formed digests', () => {
  test.each([
    [`sha256:${hex64}`, true, true],
    [`sha512:${hex64}${hex64}`, true, true],
    [`blake3:${hex64}`, true, true],
    ['multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8', true, false],
    ['sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564', true, false],
    [`constructor:${hex64}`, true, false],
    [`sha256:${hex64.slice(1)}`, false, false],
    [`sha256:${hex64}0`, false, false],
    [`sha256:${hex64.toUpperCase()}`, false, false],
    [`sha256:${hex64.slice(1)}g`, false, false],
    [`sha512:${hex64}`, false, false],
    [`blake3:${hex64}00`, false, false],
  ])('%s: well formed %s, registered %s', (text, isWellFormed, isRegistered) => {
    expect(isWellFormedDigest(text)).toBe(isWellFormed);
    expect(isRegisteredDigest(text)).toBe(isRegistered);
  });
});
