import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineColumns, lineFinder, placeText } from './line-columns.ts';

test('an offset is so far behind the start of its line', () => {
  const text = fc.array(fc.constantFrom('a', '\n', '\r\n', '\u00e9'), { maxLength: 30 });
  fc.assert(
    fc.property(
      text.map((parts) => parts.join('')),
      fc.array(fc.nat(30)),
      (it, offsets) => {
        const ascending = offsets.filter((at) => at <= it.length).sort((a, b) => a - b);
        const wanted = ascending.map((at) => {
          const lines = it.slice(0, at).split('\n');
          return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
        });
        expect(lineColumns(it, ascending)).toEqual(wanted);
        expect(ascending.map(lineFinder(it))).toEqual(wanted.map(({ line }) => line));
      },
    ),
  );
});

test('a place is written as line and column', () => {
  expect(placeText('a\nbc', 3)).toBe('2:2');
});
