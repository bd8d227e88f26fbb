import { describe, expect, test } from 'vitest';
import { hostsOf, originAs, type PlaceOptions, placesOf } from './places.ts';

/** `host name` of each. */
const places = (options: PlaceOptions) =>
  placesOf(options).map(({ host, name }) => (name === undefined ? host : `${host} ${name}`));

describe('where the servers listen', () => {
  test.each<[PlaceOptions, string[]]>([
    [{}, ['127.0.0.1', '127.0.0.2']],
    [{ cdnPlace: 'port' }, ['127.0.0.1', '127.0.0.1']],
    [{ cdnPlace: 'relative' }, ['127.0.0.1']],
    [{ host: '127.0.0.9' }, ['127.0.0.9', '127.0.0.2']],
    [{ host: '192.0.2.7' }, ['192.0.2.7', '192.0.2.7']],
    [{ host: '[2001:db8::7]' }, ['2001:db8::7', '2001:db8::7']],
    [{ host: '192.0.2.7', cdnHost: '192.0.2.8' }, ['192.0.2.7', '192.0.2.8']],
    [{ host: '0.0.0.0', name: 'mock.example' }, ['0.0.0.0 mock.example', '0.0.0.0 mock.example']],
    // The port of the name is the registry's.
    [{ host: '::', name: '[2001:db8::1]:80' }, [':: [2001:db8::1]:80', ':: [2001:db8::1]']],
    [
      { host: '0.0.0.0', name: 'a', cdnName: 'b:81', cdnPlace: 'port' },
      ['0.0.0.0 a', '0.0.0.0 b:81'],
    ],
    [{ cdnName: 'cdn.example' }, ['127.0.0.1', '127.0.0.2 cdn.example']],
    [{ name: 'localhost' }, ['127.0.0.1 localhost', '127.0.0.2']],
  ])('%j: %j', (options, expected) => {
    expect(places(options)).toEqual(expected);
  });

  test.each<[PlaceOptions, string]>([
    [{ host: '0.0.0.0' }, 'address-unnamed'],
    [{ host: '::' }, 'address-unnamed'],
    [{ host: '0:0:0:0:0:0:0:0' }, 'address-unnamed'],
    [{ cdnHost: '0.0.0.0' }, 'address-unnamed'],
    [{ host: '::ffff:0.0.0.0' }, 'address-unnamed'],
    [{ host: '0.0.0.0', name: '0.0.0.0' }, 'address-unnamed'],
    [{ host: '::', name: '[::]:80' }, 'address-unnamed'],
    [{ cdnName: '0.0.0.0:5001' }, 'address-unnamed'],
    [{ host: 'mock.example' }, 'address-invalid'],
    [{ host: '127.0.0.1:5000' }, 'address-invalid'],
    [{ host: '256.0.0.1' }, 'address-invalid'],
    [{ host: 'fe80::1%eth0' }, 'address-invalid'],
    [{ host: '' }, 'address-invalid'],
    [{ cdnHost: 'cdn' }, 'address-invalid'],
    [{ name: 'http://mock.example' }, 'name-invalid'],
    [{ name: 'a/b' }, 'name-invalid'],
    [{ cdnName: 'a:b' }, 'name-invalid'],
  ])('%j is refused', (options, code) => {
    let refused: unknown;
    try {
      placesOf(options);
    } catch (error) {
      refused = error;
    }
    expect(refused).toMatchObject({ code, exitCode: 2 });
  });
});

test('origins are as clients call them', () => {
  expect(originAs('http://0.0.0.0:5000', undefined)).toBe('http://0.0.0.0:5000');
  expect(originAs('http://0.0.0.0:5000', 'a.example')).toBe('http://a.example:5000');
  expect(originAs('https://[::]:5000', '[2001:db8::1]')).toBe('https://[2001:db8::1]:5000');
  expect(originAs('https://[::]:5000', 'a:443')).toBe('https://a:443');
});

test('certificates name what clients call, never the address that stands for all', () => {
  const named = placesOf({ host: '::', name: '[2001:db8::1]:443', cdnName: 'cdn.example' });
  expect(hostsOf(named)).toEqual(['2001:db8::1', 'cdn.example', 'localhost']);
  expect(hostsOf(placesOf({}))).toEqual(['127.0.0.1', '127.0.0.2', 'localhost']);
});
