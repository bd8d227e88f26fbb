// How a view is laid out: never wider or higher than the terminal, whatever stands in it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellsOf, painter } from '../../reports/text-layout.ts';
import type { View } from '../run/view.ts';
import { plain } from './terminal.ts';
import { rowsOf, type Screen } from './view-rows.ts';

const view: View = {
  title: 'load: registry.example/team/app:1 as podman, 20 users',
  place: { share: 0.4, words: '12 s of 30 s, 18 s left' },
  rows: [
    { label: 'pulls', text: '48/s, 307 ended, 5 under way', values: [0, 1, 2, 4, 8] },
    { label: 'failed', text: '7: redirect-denied at edge 5, dns 2', tone: 'bad' },
  ],
  line: 'a line',
};
const screen: Screen = { columns: 80, rows: 24, unicode: true, paint: painter(false) };
const laid = (change: Partial<Screen> = {}, shown = view) =>
  rowsOf(shown, { ...screen, ...change }, plain);

test('has a row for what, one for how far, one for each figure', () => {
  const rows = laid();
  expect(rows).toHaveLength(4);
  expect(rows[0]).toContain('team/app:1');
  expect(rows[1]).toMatch(/█+.?░+ {2}12 s of 30 s, 18 s left/);
  expect(rows[2]).toMatch(/pulls +48\/s.* ▁▂▃▅█$/);
  expect(rows[3]).toContain('redirect-denied at edge 5');
});

test('where the locale is not of UTF-8 all of it is ASCII', () => {
  const rows = laid({ unicode: false }, { ...view, title: 'load: näher – 名前…' });
  expect(rows.join('')).toMatch(/^[\x20-\x7e]*$/);
  expect(rows[1]).toMatch(/\[#+\.+\]/);
  expect(rows[2]).toMatch(/[_.=+*#@-]{5}$/);
});

test('colours are those of the terminal, or none', () => {
  expect(laid().join('')).not.toContain('\u001b');
  expect(laid({ paint: painter(true) }).join('')).toContain('\u001b[31m7: redirect');
});

test('a bar is full at the end and empty at the beginning', () => {
  const barOf = (share: number, unicode: boolean) => {
    const [, row = ''] = laid({ unicode }, { ...view, place: { share, words: 'w' } });
    return row.replace(/ {2}w$/, '');
  };
  for (const unicode of [true, false]) {
    const cells = cellsOf(barOf(0.5, unicode));
    for (const share of [-1, 0, 0.01, 0.333, 0.999, 1, 7]) {
      expect(cellsOf(barOf(share, unicode))).toBe(cells);
    }
    expect(barOf(1, unicode)).not.toMatch(/[░.]/);
    expect(barOf(0, unicode)).not.toMatch(/[█#]/);
  }
});

test('property: no row is as wide as the terminal, nothing in one acts, and there are no more than fit', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constant('名前'.repeat(40)),
    fc.constant('\u001b[2J\u0007\u202e👩‍👩‍👧 x\ny'),
  );
  const row = fc.record({
    label: fc.constantFrom('pulls', 'a-very-long-label'),
    text,
    tone: fc.constantFrom(undefined, 'bad' as const),
    values: fc.option(fc.array(fc.double({ min: 0, noNaN: true }), { maxLength: 20 }), {
      nil: undefined,
    }),
  });
  const place = fc.record({
    share: fc.option(fc.double({ noNaN: true }), { nil: undefined }),
    words: text,
  });
  fc.assert(
    fc.property(
      fc.record({ title: text, place, rows: fc.array(row, { maxLength: 6 }), line: text }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 60 }),
      fc.boolean(),
      (shown, columns, rows, unicode) => {
        const all = rowsOf(shown, { columns, rows, unicode, paint: painter(false) }, plain);
        expect(all.length).toBeGreaterThan(0);
        expect(all.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
        const widest = Math.max(1, columns - 3);
        expect(all.filter((one) => cellsOf(one) > widest || /\p{Cc}/u.test(one))).toEqual([]);
      },
    ),
  );
});
