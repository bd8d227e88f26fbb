import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rightTar, tar, tarEntry } from '../../validate/image/cases/fixture.ts';
import { hasRightChecksum, seal } from './header.ts';
import { TarReader } from './read.ts';

/** Everything that a reader says, with the content joined. */
function read(chunks: Iterable<Uint8Array>): { entries: string[]; problems: string[] } {
  const entries: string[] = [];
  const problems: string[] = [];
  let line = '';
  const reader = new TarReader({
    entry: ({ path, type, link, bytes }) => {
      line = `${type} ${path} ${link} ${bytes} `;
    },
    data: (piece) => {
      line += Buffer.from(piece).toString('latin1');
    },
    end: () => entries.push(line),
    problem: (problem) => problems.push(problem),
  });
  for (const chunk of chunks) reader.write(chunk);
  reader.finish();
  return { entries, problems };
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let step = 0; at < bytes.length; step++) {
    const size = sizes[step % sizes.length] as number;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

function pax(records: string, path = 'short'): Buffer {
  const header = tarEntry({ path: 'PaxHeaders/x', flag: 'x', content: records });
  return Buffer.concat([header, tar({ path, content: 'y' })]);
}

describe('a tar archive', () => {
  test('is read the same however it is cut', () => {
    const archive = tar(
      { path: 'a/', flag: '5' },
      { path: 'a/b', content: 'x'.repeat(1_000) },
      { path: 'empty' },
      { path: 'a/l', flag: '2', link: 'b' },
      { path: 'x'.repeat(90), flag: 'L', content: `${'long/'.repeat(40)}name\0` },
      { path: 'cut off', content: 'z' },
    );
    const whole = read([archive]);
    expect(whole).toEqual({
      entries: [
        'directory a/  0 ',
        `file a/b  1000 ${'x'.repeat(1_000)}`,
        'file empty  0 ',
        'symlink a/l b 0 ',
        `file ${'long/'.repeat(40)}name  1 z`,
      ],
      problems: [],
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(sizes, (pieces) => {
        expect(read(cut(archive, pieces))).toEqual(whole);
      }),
    );
  });

  test('of random bytes, or with a byte changed, never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), (bytes) => {
        read([bytes]);
      }),
    );
    const change = fc.record({ at: fc.nat(rightTar.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(rightTar);
        for (const { at, byte } of changes) bytes[at] = byte;
        read([bytes]);
      }),
    );
  });

  test('takes path, link and size from pax headers', () => {
    expect(read([pax('12 path=abc\n')]).entries).toEqual(['file abc  1 y']);
    expect(read([pax('15 linkpath=abc\n'.replace('15', '16'))]).entries).toEqual([
      'file short abc 1 y',
    ]);
    expect(read([pax('9 size=0\n')])).toEqual({
      entries: ['file short  0 '],
      problems: ['malformed'],
    });
  });

  test.each([
    ['no length', 'path=abc\n'],
    ['a length past the end', '99 path=abc\n'],
    ['a length of zero', '0 path=abc\n'],
    ['no line feed', '11 path=abc'],
    ['a size that is no number', '10 size=-1\n'],
    ['a time that is no number', '11 mtime=x\n'],
    ['an owner that is no number', '9 uid=x\n'],
    ['a path with a zero byte', '12 path=a\0b\n'],
  ])('is malformed with a pax record of %s', (_, records) => {
    expect(read([pax(records)]).problems).toEqual(['malformed']);
  });

  test('keeps what the header says where a pax record has no value', () => {
    expect(read([pax('8 size=\n8 path=\n')])).toEqual({
      entries: ['file short  1 y'],
      problems: [],
    });
  });

  test('of the time before ustar has folders by their slash', () => {
    const old = (path: string) => {
      const entry = tarEntry({ path, flag: '\0' });
      seal(entry.subarray(0, 512).fill(0, 257, 265));
      return entry;
    };
    const archive = Buffer.concat([old('a/'), old('a/b'), Buffer.alloc(1_024)]);
    expect(read([archive]).entries).toEqual(['directory a/  0 ', 'file a/b  0 ']);
  });

  test.each([
    ['cut off in a header', rightTar.subarray(0, 700), 'truncated'],
    [
      'cut off in content',
      tarEntry({ path: 'a', content: Buffer.alloc(700) }).subarray(0, 1_100),
      'truncated',
    ],
    ['cut off in padding', rightTar.subarray(0, 1_100), 'unpadded'],
    ['without end blocks', tarEntry({ path: 'a' }), 'unended'],
    [
      'without padding and end blocks',
      tarEntry({ path: 'a', content: Buffer.from('hello') }).subarray(0, 517),
      'unpadded',
    ],
    ['with one end block', Buffer.concat([tarEntry({ path: 'a' }), Buffer.alloc(512)]), 'unended'],
    [
      'without the entry that its last header describes',
      tar({ path: 'PaxHeaders/x', flag: 'x', content: '12 path=abc\n' }),
      'truncated',
    ],
    ['with something after its end', Buffer.concat([rightTar, Buffer.alloc(512, 1)]), 'trailing'],
    [
      'whose next header is text',
      Buffer.concat([tarEntry({ path: 'a' }), Buffer.alloc(512, 65)]),
      'malformed',
    ],
  ])('%s is a problem', (_, bytes, problem) => {
    expect(read([bytes]).problems).toEqual([problem]);
  });

  test('has no path that is longer than any file system takes', () => {
    const record = (chars: number) => pax(`${chars + 12} path=${'a'.repeat(chars)}\n`);
    expect(read([record(32_767)]).problems).toEqual([]);
    expect(read([record(32_768)]).problems).toEqual(['malformed']);
  });

  test('may say large sizes in base 256', () => {
    const header = Buffer.from(tarEntry({ path: 'a' }).subarray(0, 512));
    header.fill(0, 124, 136);
    header[124] = 0x80;
    header.writeUIntBE(10 * 2 ** 30, 130, 6);
    seal(header);
    expect(hasRightChecksum(header)).toBe(true);
    expect(read([header]).problems).toEqual(['truncated']);
    header.fill(0xff, 125, 136);
    expect(read([seal(header)]).problems).toEqual(['malformed']);
  });
});

describe('content that is skipped', () => {
  test('lies where the entries say, whatever the headers between them', () => {
    const file = fc.record({
      path: fc.stringMatching(/^[a-z]{1,9}$/),
      content: fc.uint8Array({ maxLength: 1_600 }),
      isLong: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(file, { maxLength: 6 }), (files) => {
        const archive = tar(
          ...files.flatMap(({ path, content, isLong }) => [
            ...(isLong ? [{ path: 'long', flag: 'L', content: `${path}\0` }] : []),
            { path: isLong ? 'short' : path, content },
          ]),
        );
        const found: [string, Buffer][] = [];
        const reader = new TarReader({
          entry: ({ path, offset, bytes }) => {
            found.push([path, archive.subarray(offset, offset + bytes)]);
          },
          problem: (problem) => found.push([problem, archive]),
        });
        for (let at = 0; at < archive.length && !reader.isEnding; at += 512 + reader.skip()) {
          reader.write(archive.subarray(at, at + 512));
        }
        expect(reader.isEnding).toBe(true);
        expect(found).toEqual(files.map(({ path, content }) => [path, Buffer.from(content)]));
      }),
    );
  });
});
