import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextLink, parseLink } from './link.ts';

const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,10}$/);
const text = fc.stringMatching(/^[\t\x20-\x7e]{0,20}$/);
const quote = (value: string) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
const read = (value: string) =>
  parseLink(value).map(({ uri, params }) => ({ uri, params: { ...params } }));

const link = fc.record({
  uri: fc.stringMatching(/^[\x21-\x3d\x3f-\x7e]{0,20}$/),
  params: fc
    .uniqueArray(fc.tuple(token, text), { selector: ([name]) => name.toLowerCase(), maxLength: 3 })
    .map((list) => list.map(([name, value]) => [name.toLowerCase(), value] as const)),
});

describe('parseLink', () => {
  test('reads back every list of links that the grammar can write', () => {
    fc.assert(
      fc.property(fc.array(link, { maxLength: 4 }), fc.constantFrom('', ' '), (list, gap) => {
        const written = list.map(({ uri, params }) =>
          [`<${uri}>`, ...params.map(([name, value]) => `${name}=${quote(value)}`)].join(
            `${gap};${gap}`,
          ),
        );
        expect(read(written.join(`${gap},${gap}`))).toEqual(
          list.map(({ uri, params }) => ({ uri, params: Object.fromEntries(params) })),
        );
      }),
    );
  });

  test('never throws', () => {
    const pieces = fc.array(
      fc.constantFrom('<', '>', ';', ',', '"', '\\', '=', 'rel', 'next', ' '),
    );
    fc.assert(fc.property(fc.string(), (value) => void parseLink(value)));
    fc.assert(fc.property(pieces, (list) => void parseLink(list.join(''))));
  });

  test.each([
    ['', []],
    ['</a?x=1,2;3>;REL=next', [{ uri: '/a?x=1,2;3', params: { rel: 'next' } }]],
    ['<a> ; rel = "x" ; rel="y"', [{ uri: 'a', params: { rel: 'x' } }]],
    ['<a>; flag; t="b, <c>"', [{ uri: 'a', params: { flag: '', t: 'b, <c>' } }]],
    ['nonsense, "a, <b>", <c>', [{ uri: 'c', params: {} }]],
    [
      '<a>; rel="x" rubbish, <b>',
      [
        { uri: 'a', params: { rel: 'x', rubbish: '' } },
        { uri: 'b', params: {} },
      ],
    ],
    ['<a', []],
  ])('%j', (value, expected) => {
    expect(read(value)).toEqual(expected);
  });
});

describe('nextLink', () => {
  test.each([
    ['</v2/_catalog?last=b&n=2>; rel="next"', '/v2/_catalog?last=b&n=2'],
    ['<a>; rel="prev", <b>; rel="first NEXT", <c>; rel=next', 'b'],
    ['<a>; title="rel=next"', undefined],
    ['<a>; rel="nextish"', undefined],
    ['<a>', undefined],
    ['', undefined],
  ])('%j', (value, uri) => {
    expect(nextLink(value)).toBe(uri);
  });
});
