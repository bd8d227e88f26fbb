// The reader of RFC 3339 against V8's own writer, and against what is none.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDateTime, parseDateTime } from './rfc3339.ts';

describe('date-times', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2026-11-21T13:00:00.5Z', Date.UTC(2026, 10, 21, 13, 0, 0, 500)],
    ['2026-11-21t13:00:00.1239z', Date.UTC(2026, 10, 21, 13, 0, 0, 123)],
    ['2026-11-21T13:00:00.123456789+01:00', Date.UTC(2026, 10, 21, 12, 0, 0, 123)],
    ['2026-11-21T00:30:00-05:30', Date.UTC(2026, 10, 21, 6)],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['1600-02-29T00:00:00Z', Date.UTC(1600, 1, 29)],
  ])('%s', (text, ms) => {
    expect(parseDateTime(text)).toBe(ms);
  });

  test.each([
    ...['', '2026-11-21', '2026-11-21T13:00:00', '2026-11-21T13:00Z', '2026-11-21 13:00:00Z'],
    ...['2026-11-21T13:00:00+0100', '2026-11-21T24:00:00Z', '2026-11-21T13:60:00Z'],
    ...['2026-02-29T00:00:00Z', '2026-11-21T13:00:61Z', '2026-11-21T13:00:00.Z', '1'],
    ...['2026-11-21T13:00:00Z\n', ' 2026-11-21T13:00:00Z', '+002026-11-21T13:00:00Z', 'soon 12'],
  ])('%j is none', (text) => {
    expect(parseDateTime(text)).toBeUndefined();
    expect(isDateTime(text)).toBe(false);
  });

  test('what is written is read', () => {
    const range = { min: new Date(Date.UTC(0, 0, 1)), max: new Date(Date.UTC(9999, 11, 31)) };
    const offset = fc.record({ sign: fc.constantFrom(1, -1), minutes: fc.nat(23 * 60 + 59) });
    fc.assert(
      fc.property(fc.date({ ...range, noInvalidDate: true }), offset, (date, { sign, minutes }) => {
        expect(parseDateTime(date.toISOString())).toBe(date.getTime());
        const two = (value: number) => String(value).padStart(2, '0');
        const zone = `${sign > 0 ? '+' : '-'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
        const there = date.toISOString().replace('Z', zone);
        expect(parseDateTime(there)).toBe(date.getTime() - sign * minutes * 60_000);
      }),
    );
  });

  test('any text is a moment or none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = parseDateTime(text);
        expect(ms === undefined || Number.isInteger(ms)).toBe(true);
      }),
    );
  });
});
