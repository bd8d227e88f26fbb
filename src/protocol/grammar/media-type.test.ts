import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMediaType, kindOfMediaType, mediaTypes, parseContentType } from './media-type.ts';

const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}$/);
const text = fc.stringMatching(/^[\t\x20-\x7e]{0,20}$/);
const quote = (value: string) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`;

describe('media types', () => {
  test('each of ours fits the grammar', () => {
    expect(Object.values(mediaTypes).filter((type) => !isMediaType(type))).toEqual([]);
  });

  test.each([
    ['text/plain', true],
    ['application/x', true],
    [`a/${'b'.repeat(127)}`, true],
    [`a/${'b'.repeat(128)}`, false],
    ['', false],
    ['text', false],
    ['text/', false],
    ['/plain', false],
    ['a/b/c', false],
    ['a/.b', false],
    ['text/plain; charset=utf-8', false],
    ['text/plain\n', false],
    ['*/*', false],
  ])('%j: %s', (type, isValid) => {
    expect(isMediaType(type)).toBe(isValid);
  });

  test('kinds', () => {
    expect(kindOfMediaType(mediaTypes.ociIndex)).toBe('index');
    expect(kindOfMediaType(mediaTypes.dockerManifestList)).toBe('index');
    expect(kindOfMediaType(mediaTypes.ociManifest)).toBe('manifest');
    expect(kindOfMediaType(mediaTypes.dockerManifest)).toBe('manifest');
    expect(kindOfMediaType(mediaTypes.schema1)).toBe('schema1');
    expect(kindOfMediaType(mediaTypes.schema1Signed)).toBe('schema1');
    expect(kindOfMediaType(mediaTypes.ociConfig)).toBeUndefined();
    expect(kindOfMediaType('constructor')).toBeUndefined();
  });
});

describe('parseContentType', () => {
  test('reads back what the grammar can write', () => {
    const parameters = fc.uniqueArray(fc.tuple(token, text), {
      selector: ([name]) => name.toLowerCase(),
      maxLength: 5,
    });
    fc.assert(
      fc.property(token, token, parameters, fc.constantFrom('', ' ', '\t '), (a, b, list, gap) => {
        const written = list
          .map(([name, value]) => `${gap};${gap}${name}=${quote(value)}`)
          .join('');
        const read = parseContentType(`${a}/${b}${written}`);
        expect(read?.type).toBe(`${a}/${b}`.toLowerCase());
        const expected = list.map(([name, value]) => [name.toLowerCase(), value]);
        expect(Object.entries(read?.parameters ?? {})).toEqual(expect.arrayContaining(expected));
      }),
    );
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.string(), (value) => void parseContentType(value)));
    fc.assert(fc.property(fc.string(), (value) => void parseContentType(`a/b;${value}`)));
  });

  test.each([
    ['text/html', 'text/html', {}],
    [' Text/HTML ;Charset="utf-8" ', 'text/html', { charset: 'utf-8' }],
    ['a/b; q=1; Q=2', 'a/b', { q: '1' }],
    ['a/b;', 'a/b', {}],
    ['a/b;; ;c=d;', 'a/b', { c: 'd' }],
    ['a/b;c="x;y, \\"z\\\\"', 'a/b', { c: 'x;y, "z\\' }],
    ['a/b;c=""', 'a/b', { c: '' }],
  ])('%j', (value, type, parameters) => {
    const read = parseContentType(value);
    expect(read?.type).toBe(type);
    expect({ ...read?.parameters }).toEqual(parameters);
  });

  test.each([
    '',
    'text',
    'text/',
    '/html',
    'a /b',
    'a/b c',
    'a/b, a/b',
    'a/b;c',
    'a/b;c=',
    'a/b;c =d',
    'a/b;c="d',
    'a/b;c="d"e',
    'a/b;c=d/e',
    `a/b;c=${'d'.repeat(5_000)}`,
  ])('refuses %j', (value) => {
    expect(parseContentType(value)).toBeUndefined();
  });
});
