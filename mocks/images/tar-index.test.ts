import { closeSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seal } from '../../src/formats/tar/header.ts';
import { type TarEntry, writeTar } from '../../src/formats/tar/write.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { fileOf, root } from '../../test/lib/image-files.ts';
import { noBytes } from '../call.ts';
import { indexTar } from './tar-index.ts';

describe('tars', () => {
  const name = fc
    .array(fc.stringMatching(/^[a-z0-9._-]{1,8}$/), { minLength: 1, maxLength: 4 })
    .filter((parts) => !parts.some((part) => /^\.+$/.test(part)))
    .map((parts) => parts.join('/'));
  const entry = fc.record({
    name,
    content: fc.uint8Array({ maxLength: 1500 }),
    mode: fc.constant(0o644),
  });
  const entries = fc.uniqueArray(entry, { selector: (it) => it.name, minLength: 1, maxLength: 6 });

  function indexOf(path: string) {
    const fd = openSync(path, 'r');
    try {
      return indexTar(fd, readFileSync(path).length, 'test.tar');
    } finally {
      closeSync(fd);
    }
  }

  test('every file is found where it lies; cut short anywhere it is refused', () => {
    const path = join(root, 'property.tar');
    fc.assert(
      fc.property(
        entries,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list: TarEntry[], share) => {
          const tar = writeTar(list, 1);
          writeFileSync(path, tar);
          const { files } = indexOf(path);
          for (const { name: file, content } of list) {
            const { offset = 0, size = -1 } = files.get(file) ?? {};
            expect(Buffer.from(tar.subarray(offset, offset + size)).equals(content)).toBe(true);
          }
          truncateSync(path, Math.floor(share * (tar.length - 1024)));
          expect(() => indexOf(path)).toThrow(UserError);
        },
      ),
    );
  });

  test('any bytes are read or refused, never worse', () => {
    const path = join(root, 'noise.tar');
    const sound = writeTar([{ name: 'a', mode: 0o644, content: Buffer.alloc(700) }], 1);
    const at = fc.nat(sound.length - 1);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(at, fc.nat(255)), { maxLength: 4 }),
        fc.boolean(),
        (changes, isSealed) => {
          const bytes = Buffer.from(sound);
          for (const [where, byte] of changes) bytes[where] = byte;
          if (isSealed) seal(bytes.subarray(0, 512));
          writeFileSync(path, bytes);
          try {
            indexOf(path);
          } catch (error) {
            expect(error).toBeInstanceOf(UserError);
          }
        },
      ),
    );
  });

  test.each(['../evil', '/etc/passwd', 'a/../../evil'])('the name %s is refused', (evil) => {
    const path = fileOf(writeTar([{ name: evil, mode: 0o644, content: noBytes }], 1));
    expect(() => indexOf(path)).toThrow(expect.objectContaining({ code: 'images-unsafe' }));
  });

  test('long names of pax and GNU, and sizes of pax, hold for the next entry alone', () => {
    const long = `${'x'.repeat(60)}/${'y'.repeat(80)}`;
    const typed = (type: string, name: string, content: Uint8Array) => {
      const tar = Buffer.from(writeTar([{ name, mode: 0o644, content }], 1)).subarray(0, -1024);
      tar.write(type, 156);
      seal(tar.subarray(0, 512));
      return tar;
    };
    const record = (text: string) => `${text.length + 5} ${text}\n`;
    const pax = record(`path=${long}1`.padEnd(150, 'z'));
    const path = fileOf(
      Buffer.concat([
        typed('x', 'pax', Buffer.from(pax)),
        typed('0', 'short1', Buffer.from('one')),
        typed('L', 'gnu', Buffer.from(`${long}2\0`)),
        typed('0', 'short2', Buffer.from('two')),
        typed('0', 'short3', Buffer.from('three')),
        Buffer.alloc(1024),
      ]),
    );
    const sizes = [...indexOf(path).files].map(([file, { size }]) => [file, size]);
    expect(sizes).toEqual([
      [`${long}1`.padEnd(145, 'z'), 3],
      [`${long}2`, 3],
      ['short3', 5],
    ]);
  });

  const entryOf = (type: string, name: string, content = '') => {
    const tar = Buffer.from(
      writeTar([{ name, mode: 0o644, content: Buffer.from(content) }], 1),
    ).subarray(0, -1024);
    tar.write(type, 156);
    seal(tar.subarray(0, 512));
    return tar;
  };
  const end = Buffer.alloc(1024);

  test.each([
    ['in the old way of GNU', entryOf('S', 'a', 'x')],
    [
      'by pax records',
      Buffer.concat([entryOf('x', 'p', '22 GNU.sparse.major=1\n'), entryOf('0', 'a')]),
    ],
    ['continued from another volume', entryOf('M', 'a', 'x')],
  ])('a file that is sparse %s is refused', (_, bytes) => {
    const path = fileOf(Buffer.concat([bytes, end]));
    expect(() => indexOf(path)).toThrow(expect.objectContaining({ code: 'images-damaged' }));
  });

  test('pax records that are none are refused', () => {
    const path = fileOf(Buffer.concat([entryOf('x', 'p', 'path=abc\n'), entryOf('0', 'a'), end]));
    expect(() => indexOf(path)).toThrow(expect.objectContaining({ code: 'images-damaged' }));
  });

  test('a link has no content, whatever size it tells; a block of zeros is the end', () => {
    const link = entryOf('1', 'link', 'x').subarray(0, 512);
    link.write('b', 157);
    seal(link);
    const path = fileOf(
      Buffer.concat([entryOf('0', 'b', 'yy'), link, end.subarray(512), entryOf('0', 'c')]),
    );
    const names = indexOf(path);
    expect([...names.files]).toEqual([['b', { offset: 512, size: 2 }]]);
    expect(names.follow('link')).toBe('b');
  });

  test('a name with a slash at its end is a folder, as old writers wrote them', () => {
    const path = fileOf(Buffer.concat([entryOf('0', 'b/', 'yy'), entryOf('0', 'c'), end]));
    expect([...indexOf(path).files.keys()]).toEqual(['c']);
  });
});
