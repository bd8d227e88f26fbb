import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostFolders } from './folders.ts';
import { type HostEntry, readHostsFile } from './hosts-toml.ts';

function entriesOf(text: string): readonly HostEntry[] {
  const read = readHostsFile(text, '/certs.d/registry.example');
  if (!('entries' in read)) throw new Error(read.why);
  return read.entries;
}

const hostsOf = (text: string) => entriesOf(text).map(({ origin }) => origin?.host ?? '');

describe('the order', () => {
  test('is that of the file, the server last', () => {
    const text = 'server = "https://own"\n[host."http://b:1"]\n[host."https://a"]\n';
    expect(hostsOf(text)).toEqual(['b:1', 'a', 'own']);
  });

  test('a table of headers begins no host, unless another came between', () => {
    const once = '[host."http://a"]\n[host."http://a".header]\nx = "1"\n[host."http://b"]\n';
    expect(hostsOf(once)).toEqual(['a', 'b', '']);
    const again = '[host."http://a"]\n[host."http://b"]\n[host."http://a".header]\nx = "1"\n';
    expect(hostsOf(again)).toEqual(['a', 'b', 'a', '']);
  });

  test('what is no table of its own is not asked', () => {
    expect(hostsOf('host."http://a".capabilities = ["pull"]\n')).toEqual(['']);
    expect(hostsOf('host = { "http://a" = {} }\n')).toEqual(['']);
  });

  test('as containerd 1.6 has it: each once, and not without any', () => {
    const text = '[host."http://a"]\n[host."http://b"]\n[host."http://a".header]\nx = "1"\n';
    expect(readHostsFile(text, '/f', true)).toMatchObject({
      entries: [{ origin: { host: 'a' } }, { origin: { host: 'b' } }, {}],
    });
    expect(readHostsFile('server = "h"\n', '/f', true)).toMatchObject({ line: 1 });
  });

  test('nothing at all leaves the registry itself', () => {
    expect(hostsOf('')).toEqual(['']);
    expect(hostsOf('skip_verify = true\n')).toEqual(['']);
  });
});

describe('a host', () => {
  const one = (url: string, more = '') => entriesOf(`[host.${JSON.stringify(url)}]\n${more}`)[0];

  test.each([
    ['https://h', '', 'https://h', '/v2'],
    ['h:5000', '', 'https://h:5000', '/v2'],
    ['http://h/v2', '', 'http://h', '/v2'],
    ['https://h/hub', '', 'https://h', '/hub/v2'],
    ['https://h/hub/v2', '', 'https://h', '/hub/v2'],
    ['https://h/v2/hub', '', 'https://h', '/v2/hub/v2'],
    ['https://h/v2/hub', 'override_path = true', 'https://h', '/v2/hub'],
    ['https://h', 'override_path = true', 'https://h', ''],
    ['https://h/', '', 'https://h', '/v2'],
    ['https://h/', 'override_path = true', 'https://h', ''],
    ['https://h/a/../b/', '', 'https://h', '/b/v2'],
    ['https://user@h:1/a?b#c', '', 'https://h:1', '/a/v2'],
  ])('%s %s is asked at %s, below %s', (url, more, base, path) => {
    const { scheme, host } =
      new URL(base).protocol === 'http:'
        ? { scheme: 'http', host: base.slice(7) }
        : { scheme: 'https', host: base.slice(8) };
    expect(one(url, more)?.origin).toEqual({ scheme, host, path });
  });

  test('capabilities', () => {
    expect(one('h', 'capabilities = ["pull"]')).toMatchObject({ pulls: true, resolves: false });
    expect(one('h', 'capabilities = ["Resolve", "push"]')).toMatchObject({
      pulls: false,
      resolves: true,
    });
    expect(entriesOf('capabilities = ["pull"]')[0]).toMatchObject({ pulls: true, resolves: true });
    expect(one('h', 'capabilities = []')).toMatchObject({ pulls: true, resolves: true });
  });

  test('certificates, with paths from the folder on', () => {
    const text = 'ca = "ca.crt"\nclient = [["c.cert", "/k"], ["../c", "d"]]\nskip_verify = false';
    expect(one('h', text)).toMatchObject({
      ca: { paths: ['/certs.d/registry.example/ca.crt'], line: 2 },
      client: {
        pairs: [
          ['/certs.d/registry.example/c.cert', '/k'],
          ['/certs.d/c', '/certs.d/registry.example/d'],
        ],
        line: 3,
      },
      skipVerify: { value: false, line: 4 },
    });
    expect(one('h', 'client = "both.pem"')?.client?.pairs[0]).toEqual([
      '/certs.d/registry.example/both.pem',
      '/certs.d/registry.example/both.pem',
    ]);
  });

  test('header lines', () => {
    expect(one('h', 'header = { x-a = "1", x-b = ["2", "3"] }')?.headers).toEqual([
      ['x-a', '1'],
      ['x-b', '2'],
      ['x-b', '3'],
    ]);
  });
});

describe('what containerd does not decode', () => {
  test.each([
    ['server = "https://h"\n[host."h"]\ncapabilities = ["pull", "fly"]\n', 3],
    ['server = 7\n', 1],
    ['[host."h"]\nca = 7\n', 2],
    ['[host."h"]\nclient = ["a", ["b"]]\n', 2],
    ['[host."h"]\nclient = [["a", "b", "c"]]\n', 2],
    ['[host."h"]\nskip_verify = "yes"\n', 2],
    ['[host."h"]\ndial_timeout = "5"\n', 2],
    ['[host."h".header]\nx = 7\n', 2],
    ['[host."http://"]\n', 1],
    ['\n\nhost = 7\n', 3],
    ['a = \n', 1],
  ])('%j is told by its line', (text, line) => {
    expect(readHostsFile(text, '/f')).toMatchObject({ line, why: expect.any(String) });
  });

  test('any text is read', () => {
    const word = fc.constantFrom(
      'server',
      'host',
      '[',
      ']',
      '"',
      '=',
      '.',
      '\n',
      'h',
      '{',
      '}',
      "'",
    );
    fc.assert(
      fc.property(
        fc.array(word).map((words) => words.join('')),
        (text) => {
          expect(readHostsFile(text, '/f')).toBeTypeOf('object');
        },
      ),
    );
  });
});

describe('folders', () => {
  test.each([
    ['docker.io', ['docker.io', '_default']],
    ['h:5000', ['h_5000_', 'h:5000', '_default']],
    ['[::1]:5000', ['[::1]_5000_', '[::1]:5000', '_default']],
  ])('of %s', (registry, names) => {
    expect(hostFolders('/r/', registry)).toEqual(names.map((name) => `/r/${name}`));
  });

  test('of any host and port: without a colon in the first, as it is in the next', () => {
    const host = fc.stringMatching(/^[a-z0-9]+(\.[a-z0-9]+)*$/);
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65535 }), (name, port) => {
        const [first, second, last] = hostFolders('/r', `${name}:${port}`);
        expect(first).toBe(`/r/${name}_${port}_`);
        expect(second).toBe(`/r/${name}:${port}`);
        expect(last).toBe('/r/_default');
      }),
    );
  });
});
