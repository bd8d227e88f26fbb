import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ConfigDocument, readJson, readToml, readTomlFile } from './config-file.ts';
import { thisHost } from './host-view.ts';

function lineOf(read: ConfigDocument, ...steps: (string | number)[]): number {
  if (read.state !== 'read') throw new Error(read.state);
  return read.lineOf(...steps);
}

test('lines in TOML', () => {
  const read = readToml(
    'a = 1\n\n[host."http://h:1"]\n  ca = "x"\n\n[[mirror]]\nb = [\n 1,\n 2]\n',
  );
  expect(lineOf(read, 'a')).toBe(1);
  expect(lineOf(read, 'host', 'http://h:1')).toBe(3);
  expect(lineOf(read, 'host', 'http://h:1', 'ca')).toBe(4);
  expect(lineOf(read, 'host', 'http://h:1', 'absent')).toBe(3);
  expect(lineOf(read, 'mirror', 0, 'b', 1)).toBe(9);
  expect(lineOf(read, 'nothing')).toBe(1);
});

test('lines in JSON', () => {
  const read = readJson('{\n "a/b": {\n  "c": ["x",\n "y"]}}');
  expect(lineOf(read, 'a/b')).toBe(2);
  expect(lineOf(read, 'a/b', 'c', 1)).toBe(4);
  expect(lineOf(read, 'a/b', 'c', 2)).toBe(3);
  expect(lineOf(read, 'nothing', 'c')).toBe(1);
  expect(lineOf(readJson('{"a": {},\n"a": {\n"b": 1}}'), 'a', 'b')).toBe(3);
});

describe('what cannot be read', () => {
  test.each([
    [readToml('a = 1\nb = '), 2, /^is not TOML/],
    [readToml('[a]\n[a]\n'), 2, /^is not TOML/],
    [readToml(`a${'.a'.repeat(5000)} = 1`), 1, /too deep/],
    [readToml(`[a${'.a'.repeat(5000)}]`), 1, /too deep/],
    [readJson('{\n\n"a" 1}'), 3, /^is not JSON/],
    [readJson(''), 1, /^is not JSON/],
    [readJson('[]'), 1, /object/],
  ])('%#', (read, line, why) => {
    expect(read).toMatchObject({ state: 'invalid', line, why: expect.stringMatching(why) });
  });

  test('is told apart, below the root of the host', async () => {
    const root = mkdtempSync(join(tmpdir(), 'pullproof-config-'));
    writeFileSync(join(root, 'there'), 'a = 1');
    const host = thisHost(root);
    expect(await readTomlFile(host, '/there')).toMatchObject({ state: 'read', value: { a: 1 } });
    expect(await readTomlFile(host, '/absent')).toMatchObject({ state: 'absent' });
    expect(await readTomlFile(host, '/there/below')).toMatchObject({ state: 'absent' });
    expect(await readTomlFile(host, '/')).toMatchObject({ state: 'unreadable' });
    expect(await readTomlFile(thisHost(), '/dev/zero')).toMatchObject({ state: 'unreadable' });
  });
});
