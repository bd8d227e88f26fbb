import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeQueryComponent,
  formatUri,
  hostOf,
  originOf,
  parseQuery,
  parseUri,
  pathAt,
  resolveUri,
  withoutUserinfo,
} from './uri.ts';

const segment = fc.oneof(
  fc.constantFrom('', '.', '..', '...', 'a', 'a.', '.a', 'sha256%3Aabc', ';x=1', 'a:b', '@', '%41'),
  fc.stringMatching(/^[A-Za-z0-9._~!$&()*+,;=:@-]{0,6}$/),
);
const path = fc.array(segment, { minLength: 1, maxLength: 6 }).map((list) => list.join('/'));
const query = fc.stringMatching(/^[A-Za-z0-9._~!$&()*+,;=:@/?%-]{0,10}$/);
const host = fc.constantFrom('a', 'registry.example', '127.0.0.1', '[::1]', 'x-y.z');
const port = fc.constantFrom('', ':5000', ':1', ':65535');
const scheme = fc.constantFrom('http', 'https');
const origin = fc.tuple(scheme, host, port).map(([s, h, p]) => `${s}://${h}${p}`);
const tail = fc
  .tuple(fc.option(query, { nil: undefined }), fc.option(query, { nil: undefined }))
  .map(([q, f]) => (q === undefined ? '' : `?${q}`) + (f === undefined ? '' : `#${f}`));
/** Path and query of a URL, in forms on which RFC 3986 and WHATWG agree. */
const url = fc.tuple(origin, path, tail).map(([o, p, t]) => `${o}/${p}${t}`);
/** Without dot segments: an empty reference keeps those of its base (RFC 3986 5.2.2). */
const base = url.map((text) => new URL(text).href);
const relative = fc.oneof(
  // Not starting with "//": what follows would be a host, of which there are better ones below.
  fc.tuple(path, tail).map(([p, t]) => p.replace(/^\/+/, '/') + t),
  fc.tuple(path, tail).map(([p, t]) => `/${p.replace(/^\/+/, '')}${t}`),
  tail,
  url,
  url.map((text) => text.slice(text.indexOf('//'))),
);

describe('parseUri', () => {
  const parts = fc.record({
    scheme: fc.constantFrom('http', 'https', 'a+b-c.d1'),
    authority: fc.option(
      fc
        .tuple(fc.constantFrom('', 'u:p@', '@'), host, fc.constantFrom('', ':', ':80'))
        .map((list) => list.join('')),
      { nil: undefined },
    ),
    path: path.map((text) => `/${text.replace(/^\/+/, '')}`),
    query: fc.option(query, { nil: undefined }),
    fragment: fc.option(query, { nil: undefined }),
  });

  test('reads back the parts that formatUri joins', () => {
    fc.assert(
      fc.property(parts, (uri) => {
        expect(parseUri(formatUri(uri))).toEqual(uri);
      }),
    );
  });

  test('what it accepts it can spell again, and it never throws', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc.array(fc.constantFrom('a', ':', '/', '//', '?', '#', '@', '[', ']', '%', '.', '1', 'ü')),
    );
    fc.assert(
      fc.property(anything, (given) => {
        const text = Array.isArray(given) ? given.join('') : given;
        const uri = parseUri(text);
        if (uri !== undefined) {
          expect(formatUri(uri).toLowerCase()).toBe(text.toLowerCase());
        }
      }),
    );
  });

  test.each([
    'http://a b/',
    'http://a/b c',
    'http://a/\nb',
    'http://a\\b/',
    'http://a/\\b',
    'http://a<b/',
    'http://ä/',
    'http://a:x/',
    'http://a:65536/',
    'http://a:-1/',
    'http://[::1/',
    'http://::1/',
    'http://u@a@b/',
    '1a:b',
    ':a',
    'a b:c',
    `http://a/${'b'.repeat(40_000)}`,
  ])('refuses %j', (text) => {
    expect(parseUri(text)).toBeUndefined();
    expect(resolveUri('http://a/', text)).toBeUndefined();
    // An origin is of no use for what cannot be asked, but it must be the one of its host.
    expect(['', 'http://a:80']).toContain(originOf(text));
  });
});

describe('resolveUri', () => {
  test('agrees with WHATWG where the two standards agree', () => {
    fc.assert(
      fc.property(base, relative, (from, to) => {
        fc.pre(!isKnownDifference(from) && !isKnownDifference(to));
        fc.pre(URL.canParse(to, from));
        const resolved = resolveUri(from, to);
        // A path of WHATWG is never empty; otherwise the texts are equal.
        expect(resolved?.replace(/^(https?:\/\/[^/?#]*)(?=[?#]|$)/, '$1/')).toBe(
          new URL(to, from).href,
        );
      }),
      { numRuns: 500 },
    );
  });

  /** What WHATWG does and RFC 3986 does not; see the table below. */
  function isKnownDifference(url: string): boolean {
    return (
      /^(?!https?:\/\/)[^/?#]*:/.test(url) || // a colon in the first segment of a relative path
      /%2e/i.test(url) ||
      /:(80|443)\b/.test(url)
    );
  }

  test.each([
    // reference, RFC 3986 (ours), WHATWG
    ['empty host', '///a', 'http:///a', 'http://a/'],
    ['default port', 'http://a:80/b', 'http://a:80/b', 'http://a/b'],
    ['host in capitals', 'http://A/b', 'http://A/b', 'http://a/b'],
    ['encoded dots', '/a/%2e%2e/b', 'http://h/a/%2e%2e/b', 'http://h/b'],
    ['no // after the scheme', 'http:x', 'http:x', 'http://h/p/x'],
    ['number as address', 'http://0x7f.1/', 'http://0x7f.1/', 'http://127.0.0.1/'],
    ['slash left out', 'http://a', 'http://a', 'http://a/'],
    ['empty userinfo', 'http://@a/', 'http://@a/', 'http://a/'],
    ['backslash', '/a\\b', undefined, 'http://h/a/b'],
    ['blank', '/a b', undefined, 'http://h/a%20b'],
    ['line break', '/a\nb', undefined, 'http://h/ab'],
    ['name outside ASCII', 'http://ä/', undefined, 'http://xn--4ca/'],
  ])('known difference: %s', (_, reference, ours, whatwg) => {
    expect(resolveUri('http://h/p/q', reference)).toBe(ours);
    expect(new URL(reference, 'http://h/p/q').href).toBe(whatwg);
  });

  test('known difference: an empty reference does not clean the path of its base', () => {
    expect(resolveUri('http://h/a/../b', '?x')).toBe('http://h/a/../b?x');
    expect(new URL('?x', 'http://h/a/../b').href).toBe('http://h/b?x');
  });

  // RFC 3986 section 5.4, with its base URI: normal and abnormal examples.
  test.each([
    ['g:h', 'g:h'],
    ['g', 'http://a/b/c/g'],
    ['./g', 'http://a/b/c/g'],
    ['g/', 'http://a/b/c/g/'],
    ['/g', 'http://a/g'],
    ['//g', 'http://g'],
    ['?y', 'http://a/b/c/d;p?y'],
    ['g?y', 'http://a/b/c/g?y'],
    ['#s', 'http://a/b/c/d;p?q#s'],
    ['g#s', 'http://a/b/c/g#s'],
    ['g?y#s', 'http://a/b/c/g?y#s'],
    [';x', 'http://a/b/c/;x'],
    ['g;x?y#s', 'http://a/b/c/g;x?y#s'],
    ['', 'http://a/b/c/d;p?q'],
    ['.', 'http://a/b/c/'],
    ['./', 'http://a/b/c/'],
    ['..', 'http://a/b/'],
    ['../g', 'http://a/b/g'],
    ['../..', 'http://a/'],
    ['../../g', 'http://a/g'],
    ['../../../g', 'http://a/g'],
    ['/./g', 'http://a/g'],
    ['/../g', 'http://a/g'],
    ['g.', 'http://a/b/c/g.'],
    ['..g', 'http://a/b/c/..g'],
    ['./../g', 'http://a/b/g'],
    ['g/./h', 'http://a/b/c/g/h'],
    ['g/../h', 'http://a/b/c/h'],
    ['g;x=1/../y', 'http://a/b/c/y'],
    ['g?y/../x', 'http://a/b/c/g?y/../x'],
    ['g#s/../x', 'http://a/b/c/g#s/../x'],
    ['http:g', 'http:g'],
  ])('%j', (reference, target) => {
    expect(resolveUri('http://a/b/c/d;p?q', reference)).toBe(target);
  });

  test('a base must be absolute when it is needed, and may have no path', () => {
    expect(resolveUri('/a', 'b')).toBeUndefined();
    expect(resolveUri('/a', 'HTTP://b/../c')).toBe('http://b/c');
    expect(resolveUri('http://a?x', 'b')).toBe('http://a/b');
  });

  test('signed queries come through byte for byte', () => {
    const signed = '/x?se=2024-01-01T00%3a00%3A00Z&sig=a%2Fb+c%3D&p={a|b}';
    expect(resolveUri('https://h/', signed)).toBe(`https://h${signed}`);
  });
});

describe('origins', () => {
  test('agree with WHATWG', () => {
    fc.assert(
      fc.property(url, (text) => {
        const { protocol, hostname, port: number } = new URL(text);
        const filled = number || (protocol === 'http:' ? '80' : '443');
        expect(originOf(text)).toBe(`${protocol}//${hostname}:${filled}`);
        expect(hostOf(text)).toBe(/^https?:\/\/([^/?#]*)/.exec(text)?.[1]);
        expect(originOf(text)).toBe(originOf(text.toUpperCase()));
      }),
    );
  });

  test.each([
    ['HTTP://U:P@A.B:080/c', 'http://a.b:80', 'a.b'],
    ['http://A:443/', 'http://a:443', 'a:443'],
    ['https://A:443/', 'https://a:443', 'a'],
    ['https://a', 'https://a:443', 'a'],
    ['https://a:', 'https://a:443', 'a'],
    ['http://[::1]:5000/', 'http://[::1]:5000', '[::1]:5000'],
    ['http://a@b@c/', '', ''],
    ['http://a?@b', 'http://a:80', 'a'],
    ['http://a#@b', 'http://a:80', 'a'],
    ['http:///a', '', ''],
    ['http:a', '', ''],
    ['ftp://a/', '', ''],
    ['constructor://a/', '', ''],
    ['//a/', '', ''],
    ['http://a\\@b/', '', ''],
    ['http://a b/', '', ''],
    [' http://a/', '', ''],
    ['http://a:65536/', '', ''],
    [`http://${'a'.repeat(40_000)}/`, '', ''],
    ['/a', '', ''],
  ])('%s', (url, expectedOrigin, expectedHost) => {
    expect(originOf(url)).toBe(expectedOrigin);
    expect(hostOf(url)).toBe(expectedHost);
  });

  test('differ by scheme, host and port; nothing equals the unreadable', () => {
    expect(originOf('http://a/x')).toBe(originOf('http://A:80/y'));
    expect(originOf('http://a/')).not.toBe(originOf('https://a/'));
    expect(originOf('http://a/')).not.toBe(originOf('http://b.a/'));
    expect(originOf('http://a/')).not.toBe(originOf('http://a:81/'));
    expect(originOf('x')).toBe('');
  });

  test.each([
    ['http://a', 'HTTP://A:80/v2/x?n=1#f', '/v2/x?n=1'],
    ['http://a:80', 'http://u@a?n=1', '/?n=1'],
    ['https://a:443', 'https://A', '/'],
    ['http://[::1]:5000', 'http://[::1]:5000/x', '/x'],
    ['http://a', 'https://a/x', undefined],
    ['http://a', 'http://a:81/x', undefined],
    ['http://a', 'http://a.b/x', undefined],
    ['http://a', '/x', undefined],
  ])('%s has of %s the path %s', (registry, url, path) => {
    expect(pathAt(registry, url)).toBe(path);
  });

  test('are right for many hosts in turn', () => {
    for (const round of [1, 2]) {
      for (let n = 0; n < 600; n++) {
        expect(originOf(`http://h${n}/${round}`)).toBe(`http://h${n}:80`);
      }
    }
  });
});

describe('withoutUserinfo', () => {
  test.each([
    ['https://u:p@a/b@c', 'https://a/b@c'],
    ['https://u@v:p@a?x@y', 'https://a?x@y'],
    ['//u:p@a', '//a'],
    ['http://a b:c@d\\e/', 'http://d\\e/'],
    ['https://a/b', 'https://a/b'],
    ['u:p@a', 'u:p@a'],
    ['', ''],
  ])('%s', (url, shown) => {
    expect(withoutUserinfo(url)).toBe(shown);
  });
});

describe('queries', () => {
  test('are encoded as URLSearchParams does but for what Go does otherwise', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // Go leaves "~" and encodes "*"; URLSearchParams does the contrary.
        const whatwg = new URLSearchParams([['', text]]).toString().slice(1);
        expect(encodeQueryComponent(text)).toBe(
          whatwg.replaceAll('%7E', '~').replaceAll('*', '%2A'),
        );
      }),
    );
  });

  test.each([
    ['repository:a/b:pull,push', 'repository%3Aa%2Fb%3Apull%2Cpush'],
    ["a b+c!'()*~-_.", 'a+b%2Bc%21%27%28%29%2A~-_.'],
    ['é€😀', '%C3%A9%E2%82%AC%F0%9F%98%80'],
    ['\ud800x\udc00', '%EF%BF%BDx%EF%BF%BD'],
    ['', ''],
  ])('%j', (text, encoded) => {
    expect(encodeQueryComponent(text)).toBe(encoded);
  });

  test('are read back', () => {
    const names = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.string({ unit: 'grapheme' }))), (pairs) => {
        const written = pairs.map((pair) => pair.map(encodeQueryComponent).join('=')).join('&');
        expect(parseQuery(written)).toEqual(pairs);
        expect(parseQuery(written)).toEqual([...new URLSearchParams(written)]);
      }),
    );
  });

  test('in sloppy forms too', () => {
    expect(parseQuery('&a&&b=c=d&=e&%zz=%')).toEqual([
      ['a', ''],
      ['b', 'c=d'],
      ['', 'e'],
      ['%zz', '%'],
    ]);
    expect(parseQuery('a&'.repeat(5_000))).toHaveLength(1_000);
  });
});
