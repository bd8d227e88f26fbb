import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEnvironmentFile, readUnit, readVariable, readWords } from './unit-text.ts';

describe('words', () => {
  /** Those of systemd.exec(5) are among them. */
  test.each([
    [
      '"VAR1=word1 word2" VAR2=word3 "VAR3=$word 5 6"',
      ['VAR1=word1 word2', 'VAR2=word3', 'VAR3=$word 5 6'],
    ],
    ['A=b  C=d', ['A=b', 'C=d']],
    ['A="b c" D', ['A=b c', 'D']],
    ['\'A=b "c"\'', ['A=b "c"']],
    ['A=\\x41\\u00e4\\101\\s\\\\', ['A=AäA \\']],
    ['A=""', ['A=']],
    ['""', ['']],
    ['', []],
    ['A=b "C=d', ['A=b']],
    ['A=b C=\\q D=e', ['A=b']],
    ['A=b C=\\', ['A=b']],
  ])('%s', (text, words) => expect(readWords(text)).toEqual(words));

  const value = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));

  test('what is quoted comes out as it went in', () => {
    const quoted = fc.array(value).map((values) => ({
      values,
      text: values
        .map((one) => `"${one.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`)
        .join(' '),
    }));
    fc.assert(
      fc.property(quoted, ({ values, text }) => {
        expect(readWords(text)).toEqual(values);
      }),
    );
  });

  test('any text has words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(Array.isArray(readWords(text))).toBe(true);
      }),
    );
  });
});

test.each([
  ['A=b=c', ['A', 'b=c']],
  ['a_1=', ['a_1', '']],
  ['1=a', undefined],
  ['A', undefined],
  ['A B=c', undefined],
])('the variable %j', (word, expected) => expect(readVariable(word)).toEqual(expected));

describe('a unit', () => {
  test('has assignments, with the line where each begins', () => {
    const text = '# no\n[Unit]\nA=1\n[Service]\n; no\n  B = 2 \\\n# no\n  3\n\nno\nC=\n';
    expect(readUnit(text)).toEqual([
      { section: 'Unit', key: 'A', value: '1', line: 3 },
      { section: 'Service', key: 'B', value: '2  3', line: 6 },
      { section: 'Service', key: 'C', value: '', line: 11 },
    ]);
  });

  test('any text is one', () => {
    const piece = fc.constantFrom('[', ']', 'a', '=', '\n', '\\', '#', ' ', '"');
    fc.assert(
      fc.property(
        fc.array(piece).map((all) => all.join('')),
        (text) => {
          expect(Array.isArray(readUnit(text))).toBe(true);
        },
      ),
    );
  });
});

describe('a file of variables', () => {
  test.each([
    [
      'A=b c  \nD="e f"  \n',
      [
        ['A', 'b c', 1],
        ['D', 'e f', 2],
      ],
    ],
    ['# A=1\n;B=2\nC=\'d "e" \\n\'\n', [['C', 'd "e" \\n', 3]]],
    [
      'A="b\nc"\nD=e\\\nf\nG=1',
      [
        ['A', 'b\nc', 1],
        ['D', 'ef', 3],
        ['G', '1', 5],
      ],
    ],
    ['A="b \\" \\$ \\x"\n', [['A', 'b " $ \\x', 1]]],
    ['A=b\\ c\\ \n', [['A', 'b c ', 1]]],
    ['export A=b\nC=d', [['C', 'd', 2]]],
    [
      'A=\nB=',
      [
        ['A', '', 1],
        ['B', '', 2],
      ],
    ],
  ])('%j', (text, expected) => {
    expect(readEnvironmentFile(text).map(({ name, value, line }) => [name, value, line])).toEqual(
      expected,
    );
  });

  test('values in quotes come out as they went in', () => {
    const value = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes("'"));
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const text = values.map((one, at) => `V${at}='${one}'\n`).join('');
        expect(readEnvironmentFile(text).map((it) => it.value)).toEqual(values);
      }),
    );
  });
});
