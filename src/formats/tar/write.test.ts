import { describe, expect, test } from 'vitest';
import { tarHeader, writeTar } from './write.ts';

describe('writeTar', () => {
  test('writes headers whose checksum is right, content in whole blocks, two blocks of end', () => {
    const content = Buffer.from('hello');
    const tar = Buffer.from(writeTar([{ name: 'etc/hello', mode: 0o644, content }], 1));
    expect(tar.length).toBe(4 * 512);
    expect(tar.toString('latin1', 0, 9)).toBe('etc/hello');
    expect(Number.parseInt(tar.toString('latin1', 124, 135), 8)).toBe(content.length);
    const told = Number.parseInt(tar.toString('latin1', 148, 154), 8);
    const blanked = Buffer.from(tar.subarray(0, 512)).fill(' ', 148, 156);
    expect(told).toBe(blanked.reduce((sum, byte) => sum + byte, 0));
    expect(tar.subarray(512, 517)).toEqual(content);
    expect(tar.subarray(1024).every((byte) => byte === 0)).toBe(true);
  });

  test('refuses names that do not fit', () => {
    const entry = { name: 'a'.repeat(101), mode: 0o644, content: Buffer.alloc(0) };
    expect(() => writeTar([entry], 1)).toThrow(RangeError);
  });

  test('refuses numbers that do not fit', () => {
    expect(() => tarHeader('a', 0o644, 8 ** 11, 1)).toThrow(RangeError);
    expect(() => tarHeader('a', 0o644, -1, 1)).toThrow(RangeError);
    expect(() => tarHeader('a', 0o644, 8 ** 11 - 1, 1)).not.toThrow();
  });
});
