import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChallenges } from './challenge.ts';

const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,10}$/);
const text = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,20}$/);
const token68 = fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,12}={0,2}$/);
const quote = (value: string) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`;

/** Plain objects, so that what has no prototype compares as what it holds. */
function read(value: string) {
  return parseChallenges(value).map(({ scheme, token68: one, params }) => ({
    scheme,
    ...(one === undefined ? {} : { token68: one }),
    params: { ...params },
  }));
}

const params = fc.uniqueArray(fc.tuple(token, text), {
  selector: ([name]) => name.toLowerCase(),
  minLength: 1,
  maxLength: 4,
});
const challenge = fc.oneof(
  token.map((scheme) => ({ written: scheme, read: { scheme: scheme.toLowerCase(), params: {} } })),
  fc.tuple(token, token68).map(([scheme, one]) => ({
    written: `${scheme} ${one}`,
    read: { scheme: scheme.toLowerCase(), token68: one, params: {} },
  })),
  fc.tuple(token, params, fc.constantFrom(',', ', ', ' ,\t')).map(([scheme, list, comma]) => ({
    written: `${scheme} ${list.map(([name, value]) => `${name}=${quote(value)}`).join(comma)}`,
    read: {
      scheme: scheme.toLowerCase(),
      params: Object.fromEntries(list.map(([name, value]) => [name.toLowerCase(), value])),
    },
  })),
);

describe('parseChallenges', () => {
  test('reads back every list of challenges that the grammar can write', () => {
    fc.assert(
      fc.property(
        fc.array(challenge, { maxLength: 4 }),
        fc.constantFrom(', ', ','),
        (list, comma) => {
          expect(read(list.map(({ written }) => written).join(comma))).toEqual(
            list.map((one) => one.read),
          );
        },
      ),
    );
  });

  test('never throws', () => {
    const pieces = fc.array(
      fc.constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'realm', 'x', '\t', ';', 'é', '/'),
    );
    fc.assert(fc.property(fc.string(), (value) => void parseChallenges(value)));
    fc.assert(fc.property(pieces, (list) => void parseChallenges(list.join(''))));
  });

  test('a token server as registries name it', () => {
    const value =
      'Bearer realm="https://auth.example/token",service="reg.example",' +
      'scope="repository:a/b:pull,push repository:c:pull",error="invalid_token"';
    expect(read(value)).toEqual([
      {
        scheme: 'bearer',
        params: {
          realm: 'https://auth.example/token',
          service: 'reg.example',
          scope: 'repository:a/b:pull,push repository:c:pull',
          error: 'invalid_token',
        },
      },
    ]);
  });

  test.each([
    ['', []],
    [' , ,', []],
    ['BASIC Realm="x"', [{ scheme: 'basic', params: { realm: 'x' } }]],
    [
      'Negotiate, Basic realm="a, b=\\"c\\"", Bearer realm="d"',
      [
        { scheme: 'negotiate', params: {} },
        { scheme: 'basic', params: { realm: 'a, b="c"' } },
        { scheme: 'bearer', params: { realm: 'd' } },
      ],
    ],
    [
      'Negotiate YWJj==,Bearer realm=x',
      [
        { scheme: 'negotiate', token68: 'YWJj==', params: {} },
        { scheme: 'bearer', params: { realm: 'x' } },
      ],
    ],
    // Sloppy, yet seen: blanks around "=", no quotes, no comma, a comma too many, a quote missing.
    [
      'Bearer  realm = "x" , service = y',
      [{ scheme: 'bearer', params: { realm: 'x', service: 'y' } }],
    ],
    ['Bearer realm=https://a/b?c=d', [{ scheme: 'bearer', params: { realm: 'https://a/b?c=d' } }]],
    ['Bearer realm="x" service="y"', [{ scheme: 'bearer', params: { realm: 'x', service: 'y' } }]],
    [
      'Bearer ,realm="x",,service="y",',
      [{ scheme: 'bearer', params: { realm: 'x', service: 'y' } }],
    ],
    ['Bearer realm="x', [{ scheme: 'bearer', params: { realm: 'x' } }]],
    ['Bearer realm="x\\', [{ scheme: 'bearer', params: { realm: 'x' } }]],
    ['Bearer realm="x\\"y\\', [{ scheme: 'bearer', params: { realm: 'x"y' } }]],
    ['Bearer realm="a",realm="b"', [{ scheme: 'bearer', params: { realm: 'b' } }]],
    ['="x, y", Bearer realm="z"', [{ scheme: 'bearer', params: { realm: 'z' } }]],
    ['realm="x, y", Bearer realm="z"', [{ scheme: 'bearer', params: { realm: 'z' } }]],
  ])('%j', (value, expected) => {
    expect(read(value)).toEqual(expected);
  });

  test('names of object members are ordinary names', () => {
    const [bearer] = parseChallenges('Bearer __proto__="x", realm="y"');
    expect(bearer?.params.constructor).toBeUndefined();
    expect(Object.entries(bearer?.params ?? {})).toEqual([
      ['__proto__', 'x'],
      ['realm', 'y'],
    ]);
  });

  test('what is too long is cut, not refused', () => {
    const value = `Bearer realm="x", filler="${'y'.repeat(100_000)}", service="z"`;
    expect(parseChallenges(value)[0]?.params).toMatchObject({ realm: 'x' });
  });
});
