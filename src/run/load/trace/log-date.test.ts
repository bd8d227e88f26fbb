// Dates of access logs, and what is none.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLogDate } from './log-date.ts';

test.each([
  ['21/Nov/2026:13:00:00 +0000', Date.UTC(2026, 10, 21, 13)],
  ['21/Nov/2026:13:00:00 +0130', Date.UTC(2026, 10, 21, 11, 30)],
  ['01/Jan/2026:00:00:00 -0800', Date.UTC(2026, 0, 1, 8)],
])('%s', (text, ms) => {
  expect(parseLogDate(text)).toBe(ms);
});

test.each([
  ...['', '21/nov/2026:13:00:00 +0000', '21/Nov/2026:13:00:00', '31/Nov/2026:13:00:00 +0000'],
  ...['21/Nvo/2026:13:00:00 +0000', '21/Nov/2026:25:00:00 +0000', '1/Nov/2026:13:00:00 +0000'],
  ...['21/Nov/2026:13:00:00 +2400', '21/Nov/2026:13:00:00 +0060', '21 Nov 2026 13:00:00 +0000'],
])('%j is none', (text) => {
  expect(parseLogDate(text)).toBeUndefined();
});

test('any text is a moment or none', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const ms = parseLogDate(text);
      expect(ms === undefined || Number.isInteger(ms)).toBe(true);
    }),
  );
});
