// Headers written are read as they were meant; what is no header is none.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeName,
  fields,
  hasRightChecksum,
  linkOfHeader,
  octalOf,
  pathOfHeader,
  readHeader,
  readNumber,
  seal,
} from './header.ts';
import { tarHeader } from './write.ts';

const name = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 100 })
  .filter((text) => !text.includes('\0') && Buffer.byteLength(text) <= 100);
const size = fc.integer({ min: 0, max: 8 ** 11 - 1 });

describe('a header', () => {
  test('says what was written into it', () => {
    fc.assert(
      fc.property(name, size, (path, bytes) => {
        const header = tarHeader(path, 0o644, bytes, 1);
        const flag = path.endsWith('/') ? '5' : '0';
        expect(readHeader(header)).toEqual({ flag, bytes });
        expect(pathOfHeader(header)).toBe(path);
        expect(linkOfHeader(header)).toBe('');
      }),
    );
  });

  test('with any one byte changed is none, but for how its checksum is written', () => {
    const header = tarHeader('etc/hello', 0o644, 5, 1);
    const [from, length] = fields.checksum;
    const at = fc.nat(header.length - 1).filter((it) => it < from || it >= from + length);
    fc.assert(
      fc.property(at, fc.integer({ min: 1, max: 255 }), (where, change) => {
        const changed = Buffer.from(header);
        changed[where] = ((changed[where] ?? 0) + change) % 256;
        // By signed characters, too: a byte of 128 more is 128 less.
        expect(hasRightChecksum(changed)).toBe(false);
        expect(hasRightChecksum(seal(changed))).toBe(true);
      }),
    );
  });

  test('may have its checksum of signed characters', () => {
    const header = tarHeader('h\u00e9llo', 0o644, 5, 1);
    const [at, length] = fields.checksum;
    const signed = header.reduce((sum, byte, where) => {
      if (where >= at && where < at + length) return sum;
      return sum + (byte > 127 ? byte - 256 : byte);
    }, length * 0x20);
    header.write(`${signed.toString(8).padStart(6, '0')}\0 `, at);
    expect(hasRightChecksum(header)).toBe(true);
  });

  test('puts the prefix before the name, but for the formats that have none', () => {
    const header = tarHeader('name', 0o644, 0, 1);
    header.write('some/folder', fields.prefix[0]);
    expect(pathOfHeader(header)).toBe('some/folder/name');
    header.write('ustar  \0', fields.magic[0]);
    expect(pathOfHeader(header)).toBe('name');
  });

  test('of names that are no UTF-8 keeps them apart', () => {
    const names = [0xe4, 0xe5].map((byte) => {
      const header = tarHeader('x', 0o644, 0, 1);
      header[0] = byte;
      return pathOfHeader(header);
    });
    expect(new Set(names).size).toBe(2);
  });

  test.each([
    ['mode', 'zzzzzzz', 'the mode in a header is no number'],
    ['owner', '0x1', 'the user ID in a header is no number'],
    ['group', '8', 'the group ID in a header is no number'],
    ['modified', '-1', 'the time in a header is no number'],
  ] as const)('with %s %s is none', (field, text, why) => {
    const header = tarHeader('name', 0o644, 0, 1);
    header.write(text, fields[field][0]);
    expect(readHeader(seal(header))).toBe(why);
  });

  test('may leave numbers out, and have a time before 1970', () => {
    const header = tarHeader('name', 0o644, 0, 1);
    for (const field of ['mode', 'owner', 'group'] as const) {
      header.fill(0x20, fields[field][0], fields[field][0] + fields[field][1]);
    }
    header.fill(0xff, fields.modified[0], fields.modified[0] + fields.modified[1]);
    expect(readHeader(seal(header))).toEqual({ flag: '0', bytes: 0 });
  });

  test('may have something behind the end of a number', () => {
    const header = tarHeader('name', 0o644, 0, 1);
    header.write('644\0 9', fields.mode[0]);
    expect(readHeader(seal(header))).toEqual({ flag: '0', bytes: 0 });
  });

  test('of fewer bytes than a block is none', () => {
    expect(hasRightChecksum(tarHeader('x', 0o644, 0, 1).subarray(0, 511))).toBe(false);
  });
});

describe('a number', () => {
  test('in octal is read as it was written, blanks around it or not', () => {
    const blanks = fc.integer({ min: 0, max: 3 }).map((count) => ' '.repeat(count));
    fc.assert(
      fc.property(size, blanks, blanks, (value, before, after) => {
        expect(readNumber(Buffer.from(octalOf(value, 12)))).toBe(value);
        expect(readNumber(Buffer.from(`${before}${value.toString(8)}${after}`))).toBe(value);
      }),
    );
  });

  test('in base 256 is read up to what a double holds, and no further', () => {
    const value = fc.bigInt({ min: 0n, max: 2n ** 88n - 1n });
    fc.assert(
      fc.property(fc.oneof(value, fc.bigInt({ min: 0n, max: 2n ** 54n })), (number) => {
        const field = Buffer.from(`80${number.toString(16).padStart(22, '0')}`, 'hex');
        const isSafe = number <= BigInt(Number.MAX_SAFE_INTEGER);
        expect(readNumber(field)).toBe(isSafe ? Number(number) : undefined);
      }),
    );
  });

  test.each(['8', '-1', '0x1', '1 1', '1e1', '\u00ff\u00ff'])('is not %j', (text) => {
    expect(readNumber(Buffer.from(text, 'latin1'))).toBe(undefined);
  });

  test('that is not there is zero', () => {
    expect([readNumber(Buffer.alloc(12)), readNumber(Buffer.from('   '))]).toEqual([0, 0]);
  });

  test('of any bytes is none, or whole and not negative', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), (field) => {
        const value = readNumber(field) ?? 0;
        expect(Number.isInteger(value) && value >= 0).toBe(true);
      }),
    );
  });
});

describe('names that are no UTF-8', () => {
  test('stay apart from each other and from all that are', () => {
    const bytes = fc.uint8Array({ maxLength: 6 });
    const odd = fc.tuple(fc.constant(Uint8Array.of(0xe9)), bytes).map((it) => Buffer.concat(it));
    const even = fc.string({ unit: 'binary', maxLength: 6 }).map((it) => Buffer.from(it));
    fc.assert(
      fc.property(fc.oneof(bytes, odd), fc.oneof(odd, even), (a, b) => {
        expect(decodeName(a) === decodeName(b)).toBe(Buffer.compare(a, b) === 0);
      }),
    );
    expect(decodeName(Uint8Array.of(0xe9))).not.toBe('\u00e9');
  });
});
