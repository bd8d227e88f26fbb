import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { proxyRules } from './proxy-rules.ts';

const proxies = { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://s:2' };
const isProxied = (url: string, noProxy = '') =>
  proxyRules({ ...proxies, NO_PROXY: noProxy })(new URL(url)) !== undefined;

describe('the variables', () => {
  test('by scheme, upper case before lower case, empty ones not at all', () => {
    const rules = proxyRules({ ...proxies, http_proxy: 'http://other:3' });
    expect(rules(new URL('http://h'))).toMatchObject({ host: 'p', port: 1 });
    expect(rules(new URL('https://h'))).toMatchObject({ host: 's', port: 2 });
    const lower = proxyRules({ HTTPS_PROXY: '', https_proxy: 'http://other:3' });
    expect(lower(new URL('https://h'))).toMatchObject({ host: 'other' });
    expect(lower(new URL('http://h'))).toBeUndefined();
    expect(proxyRules({ ALL_PROXY: 'http://p:1' })(new URL('http://h'))).toBeUndefined();
  });

  test.each([
    ['10.0.0.1:3128', { scheme: 'http', host: '10.0.0.1', port: 3128 }],
    ['proxy:3128', { scheme: 'http', host: 'proxy', port: 3128 }],
    ['proxy', { scheme: 'http', host: 'proxy', port: 80 }],
    ['https://proxy', { scheme: 'https', host: 'proxy', port: 443 }],
    ['socks5://proxy', { scheme: 'socks5', host: 'proxy', port: 1080 }],
    ['socks5h://proxy:99', { scheme: 'socks5', host: 'proxy', port: 99 }],
    ['http://[::1]:8/', { host: '::1', port: 8 }],
    ['http://user:p%40ss@proxy:8', { host: 'proxy', username: 'user', password: 'p@ss' }],
    ['http://%zz:%zz@proxy:8', { host: 'proxy' }],
  ])('%s', (text, parts) => {
    expect(proxyRules({ HTTP_PROXY: text })(new URL('http://h'))).toMatchObject(parts);
  });

  test('what is no proxy counts as none', () => {
    for (const text of [' ', 'http://a b', '::::']) {
      expect(proxyRules({ HTTP_PROXY: text })(new URL('http://h')), text).toBeUndefined();
    }
  });
});

describe('this machine is never asked for by a proxy', () => {
  test.each([
    'http://localhost/',
    'https://localhost:5000/',
    'http://127.0.0.1/',
    'http://127.9.9.9:1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
  ])('%s', (url) => expect(isProxied(url)).toBe(false));

  test.each(['http://sub.localhost/', 'http://128.0.0.1/', 'http://10.0.0.1/', 'http://[::2]/'])(
    'but %s is',
    (url) => expect(isProxied(url)).toBe(true),
  );
});

/** The cases of Go's own tests of these rules are among them. */
describe('NO_PROXY', () => {
  test.each([
    ['*', 'http://anything/', false],
    ['foo, * ', 'http://anything/', false],
    ['foo.com', 'http://foo.com/', false],
    ['foo.com', 'http://FOO.com/', false],
    ['FOO.com', 'http://foo.com/', false],
    ['foo.com', 'http://a.b.foo.com/', false],
    ['foo.com', 'http://barfoo.com/', true],
    ['foo.com', 'http://foo.com.org/', true],
    ['.foo.com', 'http://foo.com/', true],
    ['.foo.com', 'http://a.foo.com/', false],
    ['*.foo.com', 'http://foo.com/', true],
    ['*.foo.com', 'http://a.foo.com/', false],
    ['foo*.com', 'http://foobar.com/', true],
    ['foo.com:80', 'http://foo.com/', false],
    ['foo.com:443', 'https://foo.com/', false],
    ['foo.com:443', 'http://foo.com/', true],
    ['foo.com:5000', 'http://foo.com:5000/', false],
    [':80', 'http://foo.com/', true],
    [' , bar.com , foo.com', 'http://foo.com/', false],
    ['bar.com foo.com', 'http://foo.com/', true],
    ['10.0.0.0/8', 'http://10.1.2.3/', false],
    ['10.0.0.0/8', 'http://11.1.2.3/', true],
    ['10.0.0.0/33', 'http://10.0.0.0/', true],
    ['10.1.2.3', 'http://10.1.2.3:5000/', false],
    ['10.1.2.3:5000', 'http://10.1.2.3:5000/', false],
    ['10.1.2.3:80', 'http://10.1.2.3:5000/', true],
    ['10.1.2', 'http://10.1.2.3/', true],
    ['2001:db8::/32', 'http://[2001:db8::9]/', false],
    ['2001:db8::1', 'http://[2001:db8::1]:5000/', false],
    ['[2001:db8::1]:5000', 'http://[2001:db8::1]:5000/', false],
    ['[2001:db8::1]:80', 'http://[2001:db8::1]:5000/', true],
    ['1.2.3.4', 'http://[::ffff:1.2.3.4]/', false],
    ['.1', 'http://10.0.0.1/', true],
    ['foo.com/', 'http://foo.com/', true],
    ['bücher.example', 'http://xn--bcher-kva.example/', false],
  ])('%s, %s: proxied %s', (noProxy, url, proxied) => {
    expect(isProxied(url, noProxy)).toBe(proxied);
  });

  test('any text is read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(typeof isProxied('http://foo.com/', text)).toBe('boolean');
      }),
    );
  });
});
