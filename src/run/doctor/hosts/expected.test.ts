import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../lib/user-error.ts';
import { readExpected, readList } from './expected.ts';

const told = (text: string) =>
  readList(text, 'f').map(
    ({ host, port, written, isDenied }) =>
      `${isDenied ? '!' : ''}${host}${port === undefined ? '' : `:${port}`} ${written}`,
  );

describe('a list', () => {
  test('has a host a line, comments and addresses of pages', () => {
    const text =
      '# ours\nquay.io\n\n*.Quay.io # all of them\nhttps://a.example/v2/\nhttp://b:8080\n[::1]:5000\n';
    expect(told(text)).toEqual([
      'quay.io f:2',
      '*.quay.io f:4',
      'a.example:443 f:5',
      'b:8080 f:6',
      '[::1]:5000 f:7',
    ]);
  });

  test('has addresses of IPv6 as the hosts of a pull have them', () => {
    expect(told('[2001:DB8:0:0::1]:5000\n')).toEqual(['[2001:db8::1]:5000 f:1']);
  });

  test('is the CSV that doctor writes', () => {
    const text = 'host,port,reason\nquay.io,443,registry of the image\n"a.example",5000,"x, y"\n';
    expect(told(text)).toEqual(['quay.io:443 f:2', 'a.example:5000 f:3']);
  });

  test('is that CSV as a spreadsheet saves it', () => {
    const text = '"host","port","reason"\r\n"quay.io","443","registry"\r\n';
    expect(told(text)).toEqual(['quay.io:443 f:2']);
  });

  test('is a workflow with harden-runner, folded, literal or on one line', () => {
    const text = `
jobs:
  a:
    steps:
      - uses: step-security/harden-runner@v2
        with:
          egress-policy: block
          allowed-endpoints: >
            github.com:443
            *.docker.io:443 quay.io

      - uses: step-security/harden-runner@v2
        with:
          allowed-endpoints: |-
            ghcr.io:443 # blobs
            \${{ vars.MORE }}
      - with: { x: 1 }
        run: echo not.a.host
      - with:
          allowed-endpoints: "a.example:443, b.example:80"
`;
    expect(told(text)).toEqual([
      'github.com:443 f:9',
      '*.docker.io:443 f:10',
      'quay.io f:10',
      'ghcr.io:443 f:15',
      'a.example:443 f:20',
      'b.example:80 f:20',
    ]);
  });

  test('of any form may begin with a byte order mark', () => {
    for (const text of [
      'quay.io:443\n',
      'host,port\nquay.io,443\n',
      'allowed-endpoints: quay.io:443\n',
      '{"network":{"allowedDomains":["quay.io:443"]}}',
    ]) {
      expect(readList(`\uFEFF${text}`, 'f')).toMatchObject([{ host: 'quay.io', port: 443 }]);
    }
  });

  test('is a configuration of fence, with what it denies', () => {
    const text = `{
  // ours
  "network": {
    "allowedDomains": ["*.example.com",
      "quay.io"],
    "deniedDomains": ["evil.example.com"],
  }
}`;
    expect(told(text)).toEqual(['*.example.com f:4', 'quay.io f:5', '!evil.example.com f:6']);
  });

  test.each([
    'a b c',
    'quay.io\n\n<html>',
    '{"a": 1}',
    '{ no json',
    'host,port\n!,1',
    'a:0',
    'a:99999',
    '10.0.0.0/8\n',
    '[fd00::]/8\n',
  ])('%j is refused, by file and line', (text) => {
    expect(() => readList(text, 'f')).toThrow(UserError);
  });

  test('whatever it holds is read or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        try {
          for (const { host } of readList(text, 'f')) expect(host).toMatch(/^[\w.*[\]:-]+$/);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});

describe('a file that names no host', () => {
  test.each([
    '',
    '# none yet\n',
    'host,port,reason\n',
    'allowed-endpoints: >\n',
    '{"network":{"allowedDomains":[]}}',
  ])('%j is refused: it would fail no run', async (text) => {
    const dir = mkdtempSync(join(tmpdir(), 'pullproof-expected-'));
    try {
      const file = join(dir, 'hosts');
      writeFileSync(file, text);
      await expect(readExpected([file])).rejects.toThrow('names no host');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('words', () => {
  test('are hosts, or files where they are there', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pullproof-expected-'));
    try {
      const file = join(dir, 'hosts.txt');
      writeFileSync(file, 'cdn.example\n');
      const found = await readExpected(['quay.io', file]);
      expect(found.map(({ host, written }) => [host, written])).toEqual([
        ['quay.io', '--expect-host'],
        ['cdn.example', `${file}:1`],
      ]);
      await expect(readExpected([dir])).rejects.toThrow('folder');
      await expect(readExpected([join(dir, 'absent.txt')])).rejects.toThrow('no such file');
      for (const absent of ['hosts.txt', 'Hosts.CSV', 'fence.json', 'ci.yml']) {
        await expect(readExpected([absent]), absent).rejects.toThrow('no such file');
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

test('a device without end is no list', async () => {
  await expect(readExpected(['/dev/zero'])).rejects.toMatchObject({ exitCode: 2 });
});
