import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unifiedDiff } from './unified-diff.ts';

/** Applies a diff as its reader does. */
function patched(before: string, diff: string): string {
  const old = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const out: string[] = [];
  let at = 0;
  const lines = diff.split('\n').slice(2);
  for (const [index, line] of lines.entries()) {
    const hunk = /^@@ -(\d+),(\d+) /.exec(line);
    if (hunk !== null) {
      const start = Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1);
      out.push(...old.slice(at, start));
      at = start;
      continue;
    }
    const text = line.slice(1) + (lines[index + 1]?.startsWith('\\') ? '' : '\n');
    if (line.startsWith('-') || line.startsWith(' ')) expect(old[at++]).toBe(text);
    if (line.startsWith('+') || line.startsWith(' ')) out.push(text);
  }
  return [...out, ...old.slice(at)].join('');
}

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', '', 'd\r'), { maxLength: 30 })
  .chain((lines) => fc.constantFrom(lines.join('\n'), `${lines.join('\n')}\n`));

test('what a diff says makes the one text of the other', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = unifiedDiff('x', before, after);
      expect(diff === '').toBe(before === after);
      if (diff !== '') expect(patched(before, diff)).toBe(after);
    }),
  );
});

test('shows three lines around a change, and no more', () => {
  const lines = Array.from({ length: 20 }, (_, at) => `line ${at}`);
  const diff = unifiedDiff('x', lines.join('\n'), lines.with(10, 'other').join('\n'));
  expect(diff.split('\n').slice(2)).toEqual([
    '@@ -8,7 +8,7 @@',
    ' line 7',
    ' line 8',
    ' line 9',
    '-line 10',
    '+other',
    ' line 11',
    ' line 12',
    ' line 13',
    '',
  ]);
});

test('shows a very large change as a replacement, in little time', () => {
  const lines = (word: string) => Array.from({ length: 20_000 }, (_, at) => `${word} ${at}`);
  const [before, after] = [lines('old').join('\n'), `${lines('new').join('\n')}\n`];
  expect(patched(before, unifiedDiff('x', before, after))).toBe(after);
});
