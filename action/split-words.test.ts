import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quotedWord } from '../src/lib/shell-word.ts';
import { splitWords } from './split-words.ts';

describe('words', () => {
  test.each([
    ['', []],
    [' \n\t ', []],
    ['a  b\nc\r\nd', ['a', 'b', 'c', 'd']],
    [`'a b' "c d" e\\ f`, ['a b', 'c d', 'e f']],
    [`a'b'"c"d ''`, ['abcd', '']],
    ['"a \\" \\\\ \\$x \\n" \'\\\'', ['a " \\ $x \\n', '\\']],
    ['--slo \\\n  "pull.p95<2s"', ['--slo', 'pull.p95<2s']],
    ['a\\\r\nb', ['ab']],
  ])('%j', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  test('are what is written, whatever a shell would do with it', () => {
    const text = '"$(id)" `id`; touch x | y && z > w * ~ $HOME #no';
    const words = [
      '$(id)',
      '`id`;',
      'touch',
      'x',
      '|',
      'y',
      '&&',
      'z',
      '>',
      'w',
      '*',
      '~',
      '$HOME',
    ];
    expect(splitWords(text)).toEqual([...words, '#no']);
  });

  test('quoted for a shell come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        expect(splitWords(words.map(quotedWord).join(' \n'))).toEqual(words);
      }),
    );
  });

  test('are those of bash, where it does nothing but split', () => {
    const texts = [`a 'b c' "d e"f\\ g`, `"\\"\\\\\\x" 'it'\\''s'`, `--a='b c' \\\n d ""`];
    for (const text of texts) {
      const script = `printf '%s\\0' ${text}`;
      const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
      expect(splitWords(text)).toEqual(stdout.split('\0').slice(0, -1));
    }
  });

  test.each(["'a", '"a', 'a\\', '"a\\"', 'x'.repeat(70_000)])('%.10j is refused', (text) => {
    expect(() => splitWords(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
