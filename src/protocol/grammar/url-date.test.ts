// Dates in signed URLs of AWS and Google, and of Azure.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSasDate, parseStamp } from './url-date.ts';

const range = { min: new Date(Date.UTC(1970, 0, 1)), max: new Date(Date.UTC(9999, 11, 31)) };
const moments = fc.date({ ...range, noInvalidDate: true });

test('what is written is read', () => {
  fc.assert(
    fc.property(moments, (date) => {
      const whole = Math.floor(date.getTime() / 1000) * 1000;
      const iso = date.toISOString();
      expect(parseStamp(iso.replaceAll(/\.\d+|[-:]/g, ''))).toBe(whole);
      expect(parseSasDate(iso)).toBe(date.getTime());
      expect(parseSasDate(iso.replace(/\.\d+/, ''))).toBe(whole);
    }),
  );
});

test.each([
  ['2026-01-31', Date.UTC(2026, 0, 31)],
  ['2026-01-31T23:59Z', Date.UTC(2026, 0, 31, 23, 59)],
  ['2026-01-31T23:59+01:00', Date.UTC(2026, 0, 31, 22, 59)],
  ['2026-01-31T23:59:59.1234567Z', Date.UTC(2026, 0, 31, 23, 59, 59, 123)],
])('Azure writes %s', (text, ms) => {
  expect(parseSasDate(text)).toBe(ms);
});

test.each([
  ...['', '2026', '2026-02-30', '2026-01-31T23Z', '2026-01-31T23:59', '20261331T000000Z'],
  ...['20260131T000000', '20260131T250000Z', '2026-01-31T23:59:59', 'tomorrow 1', 'x2026-01-31'],
])('%j is no date of a signed URL', (text) => {
  expect(parseStamp(text)).toBeUndefined();
  expect(parseSasDate(text)).toBeUndefined();
});

test('any text is a moment or none', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const ms of [parseStamp(text), parseSasDate(text)]) {
        expect(ms === undefined || Number.isInteger(ms)).toBe(true);
      }
    }),
  );
});
